"""What the log of the authorizer's function says of runs that failed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from probes._functions import configuration, log_group, region_of
from probes._logs import Event, newest, text_of, time_of
from probes._together import attempt
from probes.authorizer._authorizer import CALLS, running
from probes.lambda_fn.log import PATTERN
from wizard.logs import clean, match
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

# An event that nobody would log but for a run that failed.
_ERROR = re.compile(
    r"^\[ERROR\] |Task timed out after|Runtime exited|Status: (?:error|timeout)|\"errorType\":"
    r"|Traceback \(most recent call last\)|Uncaught Exception|Unhandled Promise Rejection|\bpanic: |\bInvoke Error\b"
)
# How an authorizer says no on purpose: an error with exactly this text.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
_NO = re.compile(
    r"^\[ERROR\] \w*(?:Exception|Error): Unauthorized\s*$|\"errorMessage\":\s*\"Unauthorized\"", re.MULTILINE
)
_TIMED_OUT = re.compile(r"Task timed out after|Status: timeout")
_LINES, _LONGEST = 20, 600


class Log(Probe):
    """Looks for failing runs among the error lines of the authorizer's function; a plain Unauthorized is none."""

    title = "Log of the authorizer's function"
    hop = "authorizer"
    api_types = frozenset({"rest"})
    calls = CALLS | {"logs:FilterLogEvents", "lambda:GetFunctionConfiguration", "cloudwatch:GetMetricData"}
    needs = ("authorizer",)
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when runs failed, PASS when the log shows none that did."""
        guard = running(aws, case)
        function, facts = guard.function, guard.facts()
        if function is None:
            return self.skipped(f"Authorizer {guard.name} calls no Lambda function.", **facts)
        settings = attempt(lambda: configuration(aws, case, function))
        if isinstance(settings, NotFound):
            return self.skipped(f"{function.name} does not exist, so it has no log.", **facts, exists=False)
        group, shared = log_group(settings, function)
        facts["log_group"] = group
        try:
            events, capped = newest(aws, case, group, PATTERN, region_of(function, case), counted=False)
        except NotFound:
            return self.unknown(
                Reason.NO_DATA, f"There is no log group {group}.", "a log of the authorizer's function", **facts
            )
        if shared:
            events = [event for event in events if f"{function.name}[" in str(event.get("logStreamName") or "")]
        bad = [event for event in sorted(events, key=time_of, reverse=True) if _failed(text_of(event))]
        facts |= {"capped": capped, "refused": sum(bool(_NO.search(text_of(event))) for event in events)}
        if not bad:
            return self.passed(f"{group} shows no run that failed in this time window.", **facts, error_lines=0)
        found = match(map(text_of, bad), case.signatures, "function-log")
        ran_out = sum(bool(_TIMED_OUT.search(text_of(event))) for event in bad)
        first = clean(text_of(bad[0])).text.partition("\n")[0].strip()[:160]
        return self.failed(
            f"{group} shows runs that failed ({len(bad)} lines), the newest: {first}",
            **facts,
            error_lines=len(bad),
            timed_out=ran_out,
            crashed=len(bad) - ran_out,
            newest=datetime.fromtimestamp(time_of(bad[0]) / 1000, UTC),
            lines=[_line(event) for event in bad[:_LINES]],
            known=[item.cause for item in found],
        )


def _failed(text: str) -> bool:
    return bool(_ERROR.search(text[: 4 * _LONGEST])) and not _NO.search(text)


def _line(event: Event) -> dict[str, Any]:
    line = clean(text_of(event))
    at = datetime.fromtimestamp(time_of(event) / 1000, UTC)
    return {"at": at, "request_id": line.request_id, "text": line.text[:_LONGEST]}
