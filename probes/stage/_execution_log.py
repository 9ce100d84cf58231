"""Reading a stage's execution log: which requests to this method failed, and their whole stories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from wizard.logs import Story, clean, stories
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.trace import Trace

# What a failing request leaves behind. The statuses are spelt out: a filter pattern matches whole words.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
FAILING = " ".join(
    f'?"{text}"'
    for text in (
        "Execution failed",
        "Lambda execution failed",
        "Lambda invocation failed",
        *(f"Method completed with status: {status}" for status in (500, 501, 502, 503, 504, 505)),
    )
)
PAGES, NARROWINGS = 3, 5
AT_ONCE, ROUNDS, KEPT = 20, 3, 20
_AROUND_MS = 60_000


@dataclass(frozen=True, slots=True)
class Failures:
    """Failing requests to one method, newest first, and all their log lines in order.

    `others` counts failing requests to other methods; `capped` is true when older or further requests were left unread.
    """

    stories: list[Story]
    lines: list[str]
    others: int = 0
    capped: bool = False


def log_group(trace: Trace) -> str:
    """Where API Gateway writes the stage's execution log.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    return f"API-Gateway-Execution-Logs_{trace.api_id}/{trace.stage}"


def of_method(story: Story, trace: Trace, method: str | None = None) -> bool:
    """Whether a request went to the traced method, as far as its log tells; one that does not say counts."""
    if method and story.method and story.method != method.upper():
        return False
    return story.resource_path is None or _serves(
        (trace.resource_path or "").strip("/").split("/"), story.resource_path.strip("/").split("/")
    )


def failures(aws: Aws, case: Case) -> Failures:
    """The newest failing requests to the traced method in the case's window.

    Raises:
        AwsError: the log cannot be read; NotFound when there is no such log group.
    """
    found, capped = _failing_events(aws, case)
    newest_first = sorted(found, key=_time, reverse=True)
    ids = list(dict.fromkeys(identity for event in newest_first if (identity := clean(_text(event)).request_id)))
    if case.symptom.request_id:
        ids = list(dict.fromkeys([case.symptom.request_id.lower(), *ids]))
    ours: dict[str, Story] = {}
    lines: list[str] = []
    others = 0
    asked = list(_portions(ids))[:ROUNDS]
    for number, portion in enumerate(asked, 1):
        events = sorted(_whole(aws, case, portion, found), key=_time)
        told = {story.request_id: story for story in stories(map(_text, events)) if story.failed}
        mine = {i: told[i] for i in portion if i in told and of_method(told[i], case.traced, case.target.method)}
        others += len(told) - len(mine)
        ours |= mine
        lines += [_text(event) for event in events if clean(_text(event)).request_id in mine]
        if len(ours) >= KEPT:
            return Failures(
                list(ours.values()), lines, others, capped or number < len(asked) or len(ids) > AT_ONCE * ROUNDS
            )
    return Failures(list(ours.values()), lines, others, capped or len(ids) > AT_ONCE * ROUNDS)


def _serves(resource: list[str], path: list[str]) -> bool:
    """Whether a logged path is the resource itself or one that it serves."""
    for index, part in enumerate(resource):
        if part.startswith("{") and part.endswith("+}"):
            return len(path) > index
        if index >= len(path) or (part != path[index] and not (part.startswith("{") and part.endswith("}"))):
            return False
    return len(resource) == len(path)


def _failing_events(aws: Aws, case: Case) -> tuple[list[dict[str, Any]], bool]:
    """The lines of failing requests. The service gives the oldest first: too much narrows to the newer half."""
    start, end = case.window.start_ms, case.window.end_ms
    for narrowed in range(NARROWINGS):
        pages = _filter(aws, case.traced, start, end, FAILING, PAGES)
        if not pages.truncated:
            return pages.items("events"), narrowed > 0
        start = (start + end) // 2
    return pages.items("events"), True


def _whole(aws: Aws, case: Case, ids: list[str], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    times = [_time(event) for event in found if clean(_text(event)).request_id in ids]
    longest = _AROUND_MS + (case.traced.integration.timeout_ms if case.traced.integration else 0)
    start = min(times) - longest if times else case.window.start_ms
    end = max(times) + _AROUND_MS if times else case.window.end_ms
    if case.symptom.request_id and case.symptom.request_id.lower() in ids:
        start, end = min(start, case.window.start_ms), max(end, case.window.end_ms)
    events: list[dict[str, Any]] = _filter(aws, case.traced, start, end, " ".join(f'?"{i}"' for i in ids), PAGES).items(
        "events"
    )
    return events


def _filter(aws: Aws, trace: Trace, start: int, end: int, pattern: str, limit: int) -> Any:
    return aws.pages(
        "logs",
        "FilterLogEvents",
        limit=limit,
        logGroupName=log_group(trace),
        startTime=start,
        endTime=end,
        filterPattern=pattern,
    )


def _portions(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _time(event: dict[str, Any]) -> int:
    return int(event.get("timestamp") or 0)


def _text(event: dict[str, Any]) -> str:
    return str(event.get("message") or "")


def request_ids(told: Iterable[Story]) -> list[str]:
    """The ids of these requests."""
    return [story.request_id for story in told if story.request_id]
