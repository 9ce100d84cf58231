"""What the stage's access log lacks to tell the causes of a 5xx apart, and how to put that in."""

from __future__ import annotations

from typing import Any

from probes._gateway import STAGE_CALLS, stage
from probes.stage._access_format import Format, enable_commands
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


class AccessFormat(Probe):
    """The access log's format against the variables that name the cause: all that an HTTP API ever writes."""

    title = "Format of the access log"
    hop = "stage"
    calls = STAGE_CALLS
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """PASS always: an API without a log works. `log_commands` turn on what is lacking."""
        settings = stage(aws, case).get("accessLogSettings") or {}
        destination, text = str(settings.get("destinationArn") or ""), str(settings.get("format") or "")
        lacking = Format(text).missing(case.traced.api_type)
        facts: dict[str, Any] = {"destination": destination or None, "format": text or None}
        if destination and not lacking:
            return self.passed("The access log holds everything that tells causes apart.", **facts)
        commands = enable_commands(case.target, destination or None, text)
        facts |= {"missing_variables": lacking, "enable_commands": commands, "log_commands": " && ".join(commands)}
        names = ", ".join(f"$context.{name}" for name in lacking)
        if not destination:
            return self.passed(f"Stage {case.traced.stage} writes no access log; the evidence turns it on.", **facts)
        return self.passed(f"The access log leaves out {names}; the evidence puts them in.", **facts)
