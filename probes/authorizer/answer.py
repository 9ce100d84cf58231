"""What the authorizer answered, request by request, as the stage's execution log has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from probes._logs import any_of, newest, text_of, time_of
from probes.authorizer._answer import Judged, failures_of, judge
from probes.stage._execution_log import log_group
from wizard.logs import Story, stories
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

PATTERN = any_of(
    (
        "Starting authorizer",
        "Authorizer result body before parsing",
        "Successfully completed authorizer execution",
        "configuration error",
        "Execution failed due to a timeout error",
    )
)
_LINES, _LONGEST = 20, 400


@dataclass(frozen=True, slots=True)
class Asked:
    """One request at the authorizer: what it answered as far as that is logged, and whether the asking failed."""

    story: Story
    judged: Judged | None
    at: datetime | None

    @property
    def failed(self) -> bool:
        """Whether API Gateway got no policy from it."""
        return bool(self.story.failures) and self.story.authorizing


class Answer(Probe):
    """Judges every logged answer of the method's authorizer as API Gateway does; needs data tracing on the stage."""

    title = "Answers of the authorizer"
    hop = "authorizer"
    api_types = frozenset({"rest"})
    calls = frozenset({"logs:FilterLogEvents", "cloudwatch:GetMetricData"})
    needs = ("authorizer",)
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with the newest defect, PASS when every logged answer is one that decides, UNKNOWN without any."""
        guard = case.traced.authorizer
        if guard and guard.type == "COGNITO_USER_POOLS":
            return self.skipped("A Cognito authorizer gives no answer that could be logged.")
        group = log_group(case.traced)
        needs = f"execution logging at INFO with data tracing on stage {case.traced.stage}"
        try:
            events, capped = newest(aws, case, group, PATTERN, counted=False)
        except NotFound:
            return self.unknown(Reason.NO_DATA, f"There is no log group {group}.", needs, log_group=group)
        asked = _asked(case, events)
        facts = _facts(asked) | {"log_group": group, "capped": capped}
        if not asked:
            return self.passed(f"{group} tells of no request that asked the authorizer.", **facts, seen=False)
        worst = next((each for each in asked if each.judged and not each.judged.decides), None)
        if worst and worst.judged and worst.judged.defect != "truncated":
            judged = worst.judged
            return self.failed(_said(judged, asked), **facts, defect=judged.defect, what=judged.what)
        if any(each.failed for each in asked):
            return self.failed(
                f"{facts['failing']} of {len(asked)} logged requests got no policy from the authorizer.", **facts
            )
        return self.passed(f"{len(asked)} logged requests asked the authorizer, and each time it decided.", **facts)


def _asked(case: Case, events: list[dict[str, Any]]) -> list[Asked]:
    """The requests that asked this authorizer, newest first; in the order of their last lines."""
    times: dict[str, int] = {}
    ordered = sorted(events, key=time_of)
    told = stories(text_of(event) for event in ordered)
    for event in ordered:
        text = text_of(event)
        times |= {str(story.request_id): time_of(event) for story in told if f"({story.request_id})" in text}
    guard = case.traced.authorizer
    mine = [
        story
        for story in told
        if story.authorizer and (guard is None or guard.id is None or story.authorizer == guard.id)
    ]
    found = [
        Asked(
            story,
            None if story.decision is None else judge(story.decision),
            datetime.fromtimestamp(times[key] / 1000, UTC) if (key := str(story.request_id)) in times else None,
        )
        for story in mine
    ]
    return list(reversed(found))


def _facts(asked: list[Asked]) -> dict[str, Any]:
    judged = [each.judged for each in asked if each.judged]
    failing = [each for each in asked if each.failed]
    lines = [
        {"request_id": each.story.request_id or "", "text": text[:_LONGEST]}
        for each in failing
        for text in (
            *([f"Authorizer result body before parsing: {each.story.decision}"] if each.story.decision else []),
            *each.story.failures,
        )
    ]
    allowed = [each for each in judged if each.defect is None]
    return {
        "asked": len(asked),
        "failing": len(failing),
        "request_ids": [each.story.request_id for each in failing if each.story.request_id][:_LINES],
        "defects": sorted({str(each.defect) for each in judged if not each.decides}),
        "refused": sum(each.defect == "refused" for each in judged),
        "failures": failures_of(text for each in failing for text in each.story.failures),
        "newest": asked[0].at if asked else None,
        "without_usage_key": sum(not each.usage_key for each in allowed),
        "with_usage_key": sum(each.usage_key for each in allowed),
        "client_statuses": [500] if failing else [],
        "lines": lines[:_LINES],
    }


def _said(judged: Judged, asked: list[Asked]) -> str:
    reasons = {
        "function-error": f"its function failed: {judged.what}",
        "timed-out": f"its function ran out of time: {judged.what}",
        "nothing": "it returned null, no policy",
        "no-object": f"it returned a {judged.what}, no object",
        "unknown-field": f"it returned a field that an authorizer has not: {judged.what}",
        "no-principal": "its answer has no principalId",
        "no-policy": "its answer has no policyDocument with a statement",
        "statement": f"a statement of its policy has no usable {judged.what}",
        "resource-too-long": f"a Resource of its policy is too long ({judged.what})",
        "context": f"its context holds {judged.what}, which is no text, number or boolean",
    }
    number = sum(bool(each.judged and not each.judged.decides) for each in asked)
    return f"{number} of {len(asked)} logged answers of the authorizer are no decision; the newest: " + " ".join(
        reasons[str(judged.defect)].split()
    )
