"""Reading CloudWatch log groups: the newest of what a pattern finds, within caps that are told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from probes._window import narrowed
from wizard.model.aws import Aws, Pages
from wizard.model.case import Case

PAGES, NARROWINGS = 3, 5
Event = dict[str, Any]


def newest(
    aws: Aws, case: Case, group: str, pattern: str, region: str | None = None, *, counted: bool = True
) -> tuple[list[Event], bool]:
    """The events of the case's window that the pattern finds, and whether older ones were left unread.

    The service gives the oldest first. Too much of them narrows the window: to when the stage's metrics count errors,
    then to its newer half, again and again. `counted` tells that the metrics count whatever is looked for.

    Raises:
        AwsError: the log cannot be read; NotFound when there is no such group.
    """
    start, end = case.window.start_ms, case.window.end_ms
    capped = False
    pages = Pages(())
    for number in range(NARROWINGS):
        pages = filtered(aws, group, start, end, pattern, region=region)
        if not pages.truncated:
            return pages.items("events"), capped
        failing = narrowed(aws, case) if number == 0 else None
        if failing:
            start, end, capped = failing.start_ms, failing.end_ms, not counted
        else:
            start, capped = (start + end) // 2, True
    return pages.items("events"), True


def filtered(
    aws: Aws,
    group: str,
    start: int,
    end: int,
    pattern: str = "",
    *,
    limit: int = PAGES,
    region: str | None = None,
    streams: Iterable[str] = (),
) -> Pages:
    """FilterLogEvents between two times in milliseconds.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html

    Raises:
        AwsError: the log cannot be read; NotFound when there is no such group.
    """
    more: dict[str, Any] = {"filterPattern": pattern} if pattern else {}
    if names := list(streams):
        more["logStreamNames"] = names
    return aws.pages(
        "logs", "FilterLogEvents", region=region, limit=limit, logGroupName=group, startTime=start, endTime=end, **more
    )


def any_of(texts: Iterable[str]) -> str:
    """A filter pattern for events that hold any of these texts; what would end the term is left out of them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    terms = (text.replace("\\", "").replace('"', "") for text in texts)
    return " ".join(f'?"{term}"' for term in terms if term)


def time_of(event: Event) -> int:
    """When it was logged, in milliseconds since the epoch."""
    return int(event.get("timestamp") or 0)


def text_of(event: Event) -> str:
    """What was logged; Lambda writes a carriage return where a line ends within an event."""
    return str(event.get("message") or "").replace("\r", "\n").rstrip()
