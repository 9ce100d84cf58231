"""What the stage's execution log says of failing requests to this method."""

from __future__ import annotations

from typing import Any

from probes._gateway import STAGE_CALLS
from probes._gateway import stage as stage_of
from probes.stage._execution_log import failures, log_group
from probes.stage._settings import enable_command, enable_commands, logging_level, method_setting
from probes.stage._told import CALLS, facts_of, reported_fact, summary, where
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason


class ExecutionLog(Probe):
    """Reads the newest failing requests to the method and matches the signatures of the tree against their lines."""

    title = "Execution log of the stage"
    hop = "stage"
    api_types = frozenset({"rest", "websocket"})
    calls = CALLS | STAGE_CALLS
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with what the lines show, PASS when a log that is written shows no failing request."""
        group = log_group(case.traced)
        try:
            seen = failures(aws, case)
        except NotFound:
            return self._not_written(
                case, f"There is no log group {group}, so nothing was ever logged for this stage.", log_group=group
            )
        if seen.stories:
            facts = facts_of(case, seen, group)
            return self.failed(summary(case, seen, facts), **facts)
        stage = stage_of(aws, case)
        setting = method_setting(stage, case.traced)
        facts = {
            "log_group": group,
            "level": logging_level(setting),
            "data_trace": bool(setting.get("dataTraceEnabled")),
            "requests": 0,
            "other_methods": seen.others,
            "capped": seen.capped,
            **reported_fact(case, seen),
        }
        if facts["level"] == "OFF":
            return self._not_written(
                case, f"Execution logging is off on stage {case.traced.stage}, so its log tells nothing.", **facts
            )
        if seen.capped:
            return self.unknown(
                Reason.NO_DATA,
                f"{group} holds more failing requests than could be read, none of those read went to this method.",
                "a shorter time window (--since)",
                **facts,
            )
        return self.passed(
            f"{group} shows no failing request to {where(case)} in this time window.",
            **facts,
        )

    def _not_written(self, case: Case, told: str, **facts: Any) -> Evidence:
        needs = f"execution logging at INFO on stage {case.traced.stage}"
        facts["enable_command"] = enable_command(case.traced, case.target.region)
        facts["enable_commands"] = enable_commands(case.traced, case.target.region)
        return self.unknown(Reason.NO_DATA, told, needs, **facts)
