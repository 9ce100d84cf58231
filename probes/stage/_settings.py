"""A stage's logging settings as they apply to one method."""

from __future__ import annotations

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
    return (
        f"aws apigateway update-stage --rest-api-id {trace.api_id} --stage-name {trace.stage} "
        f"--patch-operations 'op=replace,path=/*/*/logging/loglevel,value=INFO'{where}"
    )


def _key(key: str) -> str:
    return key.replace("~1", "/").strip("/")
