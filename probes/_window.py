"""When requests failed, told from the stage's metrics: the one question that every probe which wants to know asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from probes._metrics import Metrics, stage_metrics, step_s
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case, Window

# Metrics come late, and a request is counted when it ends: what is read reaches this far beyond them.
_LATE = timedelta(minutes=5)
# From this share of failing requests on, or of failing periods where there are enough of them, the errors are steady.
_STEADY, _ENOUGH = 0.9, 5


@dataclass(frozen=True, slots=True)
class Errors:
    """The 5xx answers of the window, period by period.

    `of` is "method" where the stage measures its methods one by one, else "stage". `onset` and `end` bound the
    failing periods, None without any. `from_start` tells that the first period with traffic was failing already.
    `share` is errors / requests between onset and end, 0 to 1.
    """

    of: str
    step_s: int
    count: Mapping[datetime, float]
    errors: Mapping[datetime, float]
    onset: datetime | None = None
    end: datetime | None = None
    from_start: bool = False
    share: float = 0.0
    pattern: str = "none"

    @property
    def total(self) -> int:
        """All 5xx answers of the window."""
        return round(sum(self.errors.values()))

    @property
    def requests(self) -> int:
        """All requests of the window."""
        return round(sum(self.count.values()))


def errors(aws: Aws, case: Case) -> Errors:
    """The failing periods of the case's window.

    Raises:
        AwsError: CloudWatch gave no answer.
    """
    return of_metrics(stage_metrics(aws, case), case)


def of_metrics(measured: Metrics, case: Case) -> Errors:
    """The failing periods in these metrics: the method's own where there are any."""
    own = bool(measured.series.get("method_series_count"))
    prefix = "method_series" if own else "series"
    count = measured.series.get(f"{prefix}_count") or {}
    failed = measured.series.get(f"{prefix}_errors") or {}
    step = step_s(case)
    failing = sorted(at for at, number in failed.items() if number > 0)
    of = "method" if own else "stage"
    if not failing:
        return Errors(of, step, count, failed)
    busy = sorted(at for at, number in count.items() if number > 0)
    within = [at for at in busy if failing[0] <= at <= failing[-1]]
    share = min(1.0, sum(failed.values()) / (sum(count[at] for at in within) or 1.0))
    constant = len(within) >= _ENOUGH and len(failing) >= _STEADY * len(within)
    return Errors(
        of,
        step,
        count,
        failed,
        onset=failing[0],
        end=failing[-1] + timedelta(seconds=step),
        from_start=not busy or failing[0] <= busy[0],
        share=round(share, 3),
        pattern="steady" if share >= _STEADY or constant else "sporadic",
    )


def narrowed(aws: Aws, case: Case) -> Window | None:
    """The part of the window in which requests failed, with a margin; None when metrics cannot narrow it.

    Errors seen in the console's test are in no metric of the stage.
    """
    if case.symptom.seen_in != "url" or case.symptom.request_id:
        return None
    try:
        seen = errors(aws, case)
    except AwsError:
        return None
    return around(seen, case)


def around(seen: Errors, case: Case) -> Window | None:
    """The window that these errors leave of the case's, None when they leave all of it."""
    if seen.onset is None or seen.end is None:
        return None
    longest = timedelta(milliseconds=case.traced.integration.timeout_ms if case.traced.integration else 0)
    start = max(case.window.start, seen.onset - longest - timedelta(seconds=seen.step_s))
    end = min(case.window.end, seen.end + _LATE)
    if case.window.end - end < 2 * _LATE:  # what failed just now is not counted yet
        end = case.window.end
    return None if (start, end) == (case.window.start, case.window.end) else Window(start, end)


def series(seen: Mapping[str, Mapping[datetime, float]], step: int, start: datetime, end: datetime) -> dict[str, Any]:
    """{start, step_s, <name>: [value or None, ...]}: one entry for every period that touches the time between."""
    first = floor(start, step)
    number = max(1, -(-int((end - first).total_seconds()) // step))
    at = [first + timedelta(seconds=step * n) for n in range(number)]
    return {
        "start": first,
        "step_s": step,
        **{name: [_number(known.get(moment)) for moment in at] for name, known in seen.items()},
    }


def began(before: Metrics, step: int, seen: Errors, first: datetime) -> datetime | None:
    """When errors that were there at the start of the window began, from a history that begins at `first`.

    None when they were there all the time.
    """
    failed, count = before.series.get("series_errors") or {}, before.series.get("series_count") or {}
    earlier = sorted((at for at in count if seen.onset and at <= seen.onset), reverse=True)
    run = list(takewhile(lambda at: failed.get(at, 0) > 0, earlier))
    if not run:
        return seen.onset
    always = len(run) == len(earlier) and run[-1] <= first + timedelta(seconds=2 * step)
    return None if always else run[-1]


def floor(moment: datetime, step: int) -> datetime:
    """The start of the period that a time lies in; periods start at multiples of their length."""
    return datetime.fromtimestamp(int(moment.timestamp()) // step * step, UTC)


def _number(value: float | None) -> float | int | None:
    return None if value is None else int(value) if value == int(value) else round(value, 1)
