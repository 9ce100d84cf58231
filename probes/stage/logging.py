"""Whether the stage writes logs at all."""

from __future__ import annotations

from typing import Any

from probes._gateway import STAGE_CALLS
from probes._gateway import stage as stage_of
from probes._together import together
from probes.stage._execution_log import log_group
from probes.stage._settings import enable_command, enable_commands, logging_level, method_setting
from wizard.model.aws import Aws, AwsError, Denied
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


class StageLogging(Probe):
    """The account's role for CloudWatch Logs, and the stage's logging settings for this method."""

    title = "Logging of the stage"
    hop = "stage"
    api_types = frozenset({"rest", "websocket"})
    calls = STAGE_CALLS | {"apigateway:GetAccount"}
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """WARN when nothing can be or is being logged."""
        trace = case.traced
        answers = together(
            {
                "account": lambda: aws.call("apigateway", "GetAccount"),
                "stage": lambda: stage_of(aws, case),
            }
        )
        account, stage = answers["account"], answers["stage"]
        facts: dict[str, Any] = {
            "log_group": log_group(trace),
            "enable_command": enable_command(trace, case.target.region),
        }
        if not isinstance(stage, AwsError):
            setting = method_setting(stage, trace)
            facts |= {
                "level": logging_level(setting),
                "data_trace": bool(setting.get("dataTraceEnabled")),
                "metrics": bool(setting.get("metricsEnabled")),
                "access_log": (stage.get("accessLogSettings") or {}).get("destinationArn"),
            }
        if not isinstance(account, AwsError):
            facts |= {
                "role_arn": account.get("cloudwatchRoleArn") or None,
                "role_missing": not account.get("cloudwatchRoleArn"),
            }
        facts["enable_commands"] = enable_commands(
            trace,
            case.target.region,
            setting=None if isinstance(stage, AwsError) else method_setting(stage, trace),
            role_missing=bool(facts.get("role_missing")),
        )
        return self._judged(account, stage, facts)

    def _judged(self, account: Any, stage: Any, facts: dict[str, Any]) -> Evidence:
        if facts.get("role_missing"):
            return self.warned(
                "API Gateway has no CloudWatch Logs role in this account and Region: no stage can write a log.",
                **facts,
            )
        error = next((answer for answer in (stage, account) if isinstance(answer, AwsError)), None)
        if error is not None:
            return self.unknown(
                error.reason,
                f"The logging settings could not be read: {error}",
                error.action if isinstance(error, Denied) else None,
                **facts,
            )
        if facts["level"] == "OFF":
            return self.warned("Execution logging is off for this method.", **facts)
        bodies = ", with bodies" if facts["data_trace"] else ", without bodies"
        return self.passed(f"Execution logging is on ({facts['level']}{bodies}).", **facts)
