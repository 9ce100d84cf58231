"""Sizes that API Gateway does not let pass: bodies, headers, the ARN of what is called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from probes._together import attempt
from probes.stage._execution_log import Failures, failures
from probes.stage._refusals import Refusals, refused
from wizard.logs import Story
from wizard.model.arn import partition_of
from wizard.model.aws import Aws, AwsError, Denied, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
BODY_BYTES, ARN_BYTES = 10 * 1024 * 1024, 1_600
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
_TOLD_BY = {413: "payload", 414: "uri", 431: "headers"}
_LENGTH = re.compile(r"(?i)\bContent-Length=(\d{1,15})\b")
_ANSWERED = "Endpoint response headers:"
_MB = 1024 * 1024


class Sizes(Probe):
    """The sizes of this request and of the backend's answers against quotas that nobody can raise."""

    title = "Sizes"
    hop = "quota"
    api_types = frozenset({"rest"})
    calls = frozenset({"apigateway:GetStage", "logs:FilterLogEvents", "cloudwatch:GetMetricData"})
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with what is too large, PASS when nothing that is known is."""
        arn = _arn_bytes(case)
        asked = case.symptom.status in _TOLD_BY
        seen = refused(aws, case, _TOLD_BY) if asked else Refusals()
        log = attempt(lambda: failures(aws, case)) if _http(case) else None
        largest = max(_lengths(log.stories), default=None) if isinstance(log, Failures) else None
        gaps = [*seen.gaps, *([log] if isinstance(log, AwsError) and not isinstance(log, NotFound) else [])]
        facts: dict[str, Any] = {
            "arn_bytes": arn,
            "arn_too_long": arn is not None and arn > ARN_BYTES,
            "response_bytes": largest,
            "response_too_large": largest is not None and largest > BODY_BYTES,
            "refused": seen.count,
            "refused_for": _TOLD_BY.get(next(iter(seen.statuses), 0)),
            "passed_on": seen.passed_on,
            "response_types": seen.types,
            "request_ids": seen.request_ids,
            "partial": [
                {"what": "requests refused for their size", "reason": e.reason, "needs": _needs(e)} for e in gaps[:1]
            ],
        }
        if facts["arn_too_long"]:
            return self.failed(f"The ARN of this request has {arn} bytes; authorization takes {ARN_BYTES}.", **facts)
        if largest is not None and largest > BODY_BYTES:
            return self.failed(f"The backend's answer has {largest / _MB:.1f} MB; 10 MB pass.", **facts)
        if seen.count:
            many = f"{seen.count} request{'s' * (seen.count > 1)}"
            return self.failed(f"API Gateway refused {many} to this method with {seen.statuses[0]}.", **facts)
        if asked and seen.passed_on:
            return self.passed(f"The {case.symptom.status} came from the integration, not from API Gateway.", **facts)
        return self.passed("Nothing that is known of this request is too large.", **facts)


def _arn_bytes(case: Case) -> int | None:
    """How long the ARN of the call is, for a method with authorization; None where nobody looks at it."""
    target, trace = case.target, case.traced
    if trace.authorization == "NONE" and trace.authorizer is None:
        return None
    head = f"arn:{partition_of(target.region)}:execute-api:{target.region}:{target.account or '0' * 12}:{trace.api_id}"
    return len(f"{head}/{trace.stage}/{target.method}{target.path}".encode())


def _http(case: Case) -> bool:
    """Whether the backend can answer with more than 10 MB: Lambda's own limit is lower."""
    wired = case.traced.integration
    return wired is not None and wired.type in ("HTTP", "HTTP_PROXY")


def _lengths(stories: Iterable[Story]) -> list[int]:
    """What the backend said of the length of its answers to failing requests, in bytes."""
    lines = (line.text for story in stories for line in story.lines if line.text.startswith(_ANSWERED))
    return [int(found[1]) for text in lines if (found := _LENGTH.search(text))]


def _needs(error: AwsError) -> str | None:
    return error.action if isinstance(error, Denied) else None
