"""What AWS Support needs to look further: ids, times and places of failing requests, as a text to send."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from probes._gateway import STAGE_CALLS
from probes._metrics import period_s
from probes._together import together
from probes.stage._execution_log import Failures, failures
from probes.stage._told import CALLS
from wizard.logs import Story
from wizard.model.aws import Aws, AwsError, Denied, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

_EXTENDED = re.compile(r"Extended Request Id: (\S{8,64})")
_TRACE = re.compile(r"Root=(1-[0-9a-f]{8}-[0-9a-f]{24})")
_INTERNAL = re.compile(r"(?i)due to an internal error|InternalFailure")
_LISTED, _LONGEST, _APIS = 10, 300, 100


class Support(Probe):
    """Failing requests with all their ids, whether the log speaks of an internal error, and which other APIs fail."""

    title = "For AWS Support"
    hop = "gateway-internal"
    calls = CALLS | STAGE_CALLS
    docs = (
        "https://docs.aws.amazon.com/awssupport/latest/user/case-management.html",
        "https://repost.aws/knowledge-center/api-gateway-find-5xx-errors-cloudwatch",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """WARN with the text when requests failed, SKIPPED when none is known."""
        questions: dict[str, Any] = {"others": lambda: _failing_apis(aws, case)}
        if case.traced.api_type != "http":  # which writes no execution log
            questions["log"] = lambda: failures(aws, case)
        answers = together(questions)
        log, others = answers.get("log"), answers["others"]
        stories = log.stories if isinstance(log, Failures) else []
        reported = (case.symptom.status or 0) >= 500
        lost = [a for a in answers.values() if isinstance(a, AwsError) and not isinstance(a, NotFound)]
        if not stories and not reported:
            if isinstance(log, AwsError) and not isinstance(log, NotFound):
                raise log
            return self.skipped("No failing request is known that AWS could look into.")
        others = [] if isinstance(others, AwsError) else others
        internal = any(_INTERNAL.search(text) for story in stories for text in story.failures)
        internal = internal or bool(_INTERNAL.search(case.symptom.error_type or ""))
        facts: dict[str, Any] = {
            "internal": internal,
            "other_apis": len(others),
            "other_api_names": others[:_LISTED],
            "request_ids": [story.request_id for story in stories[:_LISTED] if story.request_id],
            "support_text": text(case, log if isinstance(log, Failures) else Failures([], []), others),
            "partial": [
                {"what": "a part of what AWS Support needs", "reason": e.reason, "needs": _needs(e)} for e in lost[:1]
            ],
        }
        if not facts["request_ids"] and not case.symptom.request_id:
            told = "Requests failed, but none of their ids is known: AWS Support cannot look them up without."
            needs = "the id of a failing request (x-amzn-RequestId)"
            return replace(self.unknown(Reason.NO_DATA, told, needs, **facts), detail=facts["support_text"])
        ready = self.warned("What AWS Support asks for is put together: ids, times, places, what was seen.", **facts)
        return replace(ready, detail=facts["support_text"])


def text(case: Case, seen: Failures, others: Iterable[str]) -> str:
    """The text of a support case: what, where, when, which requests, what was looked at."""
    trace, target, symptom, window = case.traced, case.target, case.symptom, case.window
    wired = trace.integration
    client = ", ".join(filter(None, (str(symptom.status or ""), symptom.error_type, symptom.message)))
    lines = [
        f"Requests to an API Gateway {trace.api_type.upper()} API fail; its settings and logs do not show why.",
        "",
        f"Account: {target.account or 'unknown'}   Region: {target.region or 'unknown'}",
        f"API id: {trace.api_id}   stage: {trace.stage}   endpoint: {trace.endpoint_type or 'unknown'}"
        f"   deployment: {trace.deployment_id or 'unknown'}",
        f"Method: {target.method} {trace.resource_path or target.path}",
        f"Integration: {wired.type} {wired.uri}, up to {wired.timeout_ms} ms" if wired else "Integration: unknown",
        f"Looked at: {_utc(window.start)} to {_utc(window.end)} UTC",
        f"Clients saw: {client or 'not reported'}",
    ]
    if symptom.request_id:
        lines.append(f"Reported by the client: request id: {symptom.request_id}")
    listed = [line for story in seen.stories[:_LISTED] for line in _request(story, seen)]
    lines += ["", "Failing requests, newest first:", *listed] if listed else []
    failing = list(others)
    if failing:
        lines += ["", f"Other APIs of the account with 5xx answers in this time: {', '.join(failing[:_LISTED])}"]
    return "\n".join(lines)


def _request(story: Story, seen: Failures) -> Iterable[str]:
    told = "\n".join(line.text for line in story.lines)
    at = seen.times.get(story.request_id or "")
    ids = [f"request id: {story.request_id}"] if story.request_id else []
    ids += [f"extended request id: {found[1]}" for found in [_EXTENDED.search(told)] if found]
    ids += [f"X-Ray trace: {found[1]}" for found in [_TRACE.search(told)] if found]
    when = f"{_utc(datetime.fromtimestamp(at / 1000, UTC))} UTC, " if at else ""
    yield f"- {when}status {story.status or 'unknown'}, {', '.join(ids)}"
    yield from (f"    {failure[:_LONGEST]}" for failure in story.failures[:2])


def _failing_apis(aws: Aws, case: Case) -> list[str]:
    """Names of the account's other REST APIs that answered with a 5xx in the window.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html

    Raises:
        AwsError: CloudWatch gave no answer.
    """
    search = f"SEARCH('{{AWS/ApiGateway,ApiName}} MetricName=\"5XXError\"', 'Sum', {period_s(case)})"
    pages = aws.pages(
        "cloudwatch",
        "GetMetricData",
        MetricDataQueries=[{"Id": "apis", "Expression": search, "Label": "${PROP('Dim.ApiName')}", "ReturnData": True}],
        StartTime=case.window.start,
        EndTime=case.window.end,
    )
    found = [
        str(item.get("Label"))
        for item in pages.items("MetricDataResults")
        if str(item.get("Id")).startswith("apis") and sum(item.get("Values") or []) > 0
    ]
    return sorted({name for name in found if name != case.traced.api_name})[:_APIS]


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _needs(error: AwsError) -> str | None:
    return error.action if isinstance(error, Denied) else None
