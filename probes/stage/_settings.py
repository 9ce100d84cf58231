"""A stage's logging settings as they apply to one method."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from wizard.model.trace import Trace


def method_setting(stage: Mapping[str, Any], trace: Trace) -> dict[str, Any]:
    """The method's own settings laid over those of */*; empty when nothing is set.

    https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html (methodSettings)
    """
    settings = {
        _key(key): value for key, value in (stage.get("methodSettings") or {}).items() if isinstance(value, Mapping)
    }
    own = settings.get(f"{(trace.resource_path or '').strip('/')}/{trace.method_key}") or {}
    return {**settings.get("*/*", {}), **own}


def logging_level(setting: Mapping[str, Any]) -> str:
    """INFO, ERROR or OFF."""
    return str(setting.get("loggingLevel") or "OFF").upper()


def enable_command(trace: Trace, region: str | None) -> str:
    """The AWS CLI line that turns execution logging at INFO on for the whole stage."""
    where = f" --region {region}" if region else ""
    if trace.api_type != "rest":
        return (
            f"aws apigatewayv2 update-stage --api-id {trace.api_id} --stage-name {shlex.quote(str(trace.stage))} "
            f"--default-route-settings LoggingLevel=INFO,DataTraceEnabled=true{where}"
        )
    return (
        f"aws apigateway update-stage --rest-api-id {trace.api_id} --stage-name {trace.stage} "
        f"--patch-operations 'op=replace,path=/*/*/logging/loglevel,value=INFO'{where}"
    )


def enable_commands(
    trace: Trace, region: str | None, *, setting: Mapping[str, Any] | None = None, role_missing: bool = False
) -> list[str]:
    """The AWS CLI lines that make the stage write everything worth reading: role, level INFO, data tracing.

    `setting` is what applies now; what is on already is left out. Data tracing writes headers and bodies to the log:
    switch it off again afterwards.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    where = f" --region {region}" if region else ""
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},'
        '"Action":"sts:AssumeRole"}]}'
    )
    lines = (
        [
            f"aws iam create-role --role-name apigateway-logs --assume-role-policy-document '{trust}'",
            "aws iam attach-role-policy --role-name apigateway-logs --policy-arn "
            "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
            "aws apigateway update-account --patch-operations op=replace,path=/cloudwatchRoleArn,value="
            f'"$(aws iam get-role --role-name apigateway-logs --query Role.Arn --output text)"{where}',
        ]
        if role_missing
        else []
    )
    if logging_level(setting or {}) != "INFO":
        lines.append(enable_command(trace, region))
    if trace.api_type != "rest":  # one command sets both
        traced = logging_level(setting or {}) != "INFO" or (setting or {}).get("dataTraceEnabled")
        return lines if traced else [*lines, enable_command(trace, region)]
    if not (setting or {}).get("dataTraceEnabled"):
        lines.append(
            f"aws apigateway update-stage --rest-api-id {trace.api_id} --stage-name {trace.stage} "
            f"--patch-operations 'op=replace,path=/*/*/logging/dataTrace,value=true'{where}"
        )
    return lines


def _key(key: str) -> str:
    return key.replace("~1", "/").strip("/")
