"""What the stage's execution log says of failing requests to this method."""

from __future__ import annotations

from typing import Any

from probes.stage._execution_log import Failures, failures, log_group, request_ids
from probes.stage._settings import enable_command, logging_level, method_setting
from wizard.logs import Match, clean, match
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason
from wizard.model.tree import Signature

_LINES, _LONGEST = 20, 400


class ExecutionLog(Probe):
    """Reads the newest failing requests to the method and matches the signatures of the tree against their lines."""

    title = "Execution log of the stage"
    hop = "stage"
    calls = frozenset({"logs:FilterLogEvents", "apigateway:GetStage"})
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
            return self._failing(case, seen, group)
        stage = aws.call("apigateway", "GetStage", restApiId=case.traced.api_id, stageName=case.traced.stage)
        setting = method_setting(stage, case.traced)
        facts = {
            "log_group": group,
            "level": logging_level(setting),
            "data_trace": bool(setting.get("dataTraceEnabled")),
            "requests": 0,
            "other_methods": seen.others,
            "capped": seen.capped,
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
            f"{group} shows no failing request to {_where(case)} in this time window.",
            **facts,
        )

    def _not_written(self, case: Case, summary: str, **facts: Any) -> Evidence:
        needs = f"execution logging at INFO on stage {case.traced.stage}"
        return self.unknown(
            Reason.NO_DATA, summary, needs, **facts, enable_command=enable_command(case.traced, case.target.region)
        )

    def _failing(self, case: Case, seen: Failures, group: str) -> Evidence:
        matches = match(seen.lines, _signatures(case), "execution-log")
        newest = seen.stories[0]
        facts: dict[str, Any] = {name: value for found in reversed(matches) for name, value in found.facts.items()}
        facts |= {
            "causes": [found.fact() for found in matches],
            "cause_ids": [found.cause for found in matches],
            "requests": len(seen.stories),
            "request_ids": request_ids(seen.stories),
            "client_statuses": [newest.status] if newest.status else [],
            "lines": _deciding(matches, seen),
            "log_group": group,
            "other_methods": seen.others,
            "capped": seen.capped,
        }
        more = " (the newest ones; there are more)" if seen.capped else ""
        count = f"{len(seen.stories)} request{'s' * (len(seen.stories) > 1)}"
        ending = f" with {newest.status}" if newest.status else ""
        return self.failed(
            f"{count} to {_where(case)} failed{more}, the newest{ending}{_said(facts['lines'])}",
            **facts,
        )


def _where(case: Case) -> str:
    return f"{case.target.method} {case.traced.resource_path}"


def _signatures(case: Case) -> list[Signature]:
    """Payload signatures judge proxy responses; no other integration has to answer in that form."""
    wired = case.traced.integration
    proxy = wired is None or wired.type == "AWS_PROXY"
    return [signature for signature in case.signatures if proxy or signature.payload is None]


def _deciding(matches: list[Match], seen: Failures) -> list[dict[str, str]]:
    """Why the newest request failed, then the lines that the signatures know, then why the others failed."""
    numbers = dict.fromkeys(number for found in matches for number in found.lines if 0 < number <= len(seen.lines))
    known = [clean(seen.lines[number - 1]) for number in numbers]
    newest, *others = [[(story.request_id, text) for text in story.failures] for story in seen.stories]
    told = newest + [(line.request_id, line.text) for line in known] + [line for lines in others for line in lines]
    return [{"request_id": request or "", "text": text[:_LONGEST]} for request, text in dict.fromkeys(told)][:_LINES]


def _said(lines: list[dict[str, str]]) -> str:
    return f": {' '.join(lines[0]['text'].split())[:160]}" if lines else "."
