"""What probes say in their facts about when, how long, in which order and since which change, as typed values.

Facts come from logs, metrics and trails, so anything that does not have the agreed shape is left out, never guessed.
Times are UTC.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wizard.model.json import Json
from wizard.model.probe import Evidence

# Which probes carry what; several may hold a part of one request's story.
ERRORS, DURATIONS, CHANGES, TRACES, HEALTH, SUPPORT = (
    "stage.errors",
    "integration.durations",
    "stage.changes",
    "stage.traces",
    "stage.health",
    "gateway_internal.support",
)
STORIES = ("stage.execution_log", "stage.access_log", "lambda_fn.log")
_STATS = ("p50", "p99", "max")
# More than any probe sends; what a broken or hostile answer holds beyond it is not drawn.
_MOST = 2000

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Equal periods: where the first begins and how long each is, in seconds."""

    start: datetime
    step_s: float

    def at(self, index: int) -> datetime:
        """When a period begins."""
        return self.start + timedelta(seconds=self.step_s * index)


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests and 5xx answers by period; None is a period without data. Both are equally long and not empty."""

    span: Span
    count: Values
    errors: Values

    @property
    def total(self) -> float:
        """All 5xx answers."""
        return sum(value for value in self.errors if value)

    @property
    def end(self) -> datetime:
        """When the last period ends."""
        return self.span.at(len(self.errors))


@dataclass(frozen=True, slots=True)
class Errors:
    """When it failed: in the case's window and further back, and which part of it the logs were read for.

    The onset is a period's beginning: the first failure came at most `precise_to_s` seconds later.
    """

    window: Counts
    history: Counts | None
    onset: datetime | None
    precise_to_s: float
    narrowed: tuple[datetime, datetime] | None

    @property
    def total(self) -> float:
        """All 5xx answers that are known of."""
        return max(self.window.total, self.history.total if self.history else 0.0)

    def around(self, *moments: datetime | None) -> Counts:
        """The counts of the window when all these moments are in it, else those that go back furthest."""
        first = min((at for at in moments if at), default=self.window.span.start)
        further = self.history and self.history.span.start < self.window.span.start
        return self.history if self.history and further and first < self.window.span.start else self.window


@dataclass(frozen=True, slots=True)
class Limit:
    """Somebody on the path who stops waiting after `ms` milliseconds, and how long what they wait for took.

    Each time in milliseconds, None where it was not measured.
    """

    who: str
    name: str
    ms: float
    p50: float | None = None
    p99: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles by period, in milliseconds."""

    span: Span
    p50: Values
    p99: Values
    max: Values


@dataclass(frozen=True, slots=True)
class Durations:
    """How long calls took, in milliseconds, and everybody's patience, the least patient first."""

    limits: tuple[Limit, ...]
    first: str | None
    p50: float | None
    p99: float | None
    max: float | None
    latency: Latency | None
    threshold_ms: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """A line of one request's story; `deciding`: it shows why the request failed."""

    at: datetime | None
    source: str
    request_id: str
    text: str
    deciding: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Something that somebody changed; `before_s`: seconds before the errors began, negative after that."""

    at: datetime
    what: str
    who: str
    hop: str
    before_s: float | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a trace, in milliseconds from its beginning; `trouble` is fault, error, throttle or empty."""

    name: str
    hop: str
    start_ms: float
    duration_ms: float
    trouble: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One traced request."""

    id: str
    at: datetime | None
    duration_ms: float | None
    fault_hop: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """An event that AWS itself reports."""

    service: str
    code: str
    status: str
    start: str
    region: str


def errors(evidence: Iterable[Evidence]) -> Errors | None:
    """When it failed; None when nothing tells."""
    facts = _facts(evidence, ERRORS)
    window = _counts(_mapping(facts.get("series")))
    if window is None:
        return None
    narrowed = _mapping(facts.get("narrowed"))
    start, end = moment(narrowed.get("start")), moment(narrowed.get("end"))
    return Errors(
        window,
        _counts(_mapping(facts.get("history"))),
        moment(facts.get("onset")),
        number(facts.get("onset_precision_s")) or window.span.step_s,
        (start, end) if start and end else None,
    )


def durations(evidence: Iterable[Evidence]) -> Durations | None:
    """How long calls took against who waits how long; None when nobody's patience is known."""
    facts = _facts(evidence, DURATIONS)
    limits = tuple(
        Limit(_text(row.get("who")), _text(row.get("name")), ms, *(number(row.get(f"{name}_ms")) for name in _STATS))
        for row in _rows(facts.get("timeouts"))
        if (ms := number(row.get("ms"))) and ms > 0
    )
    if not limits:
        return None
    took = _mapping(facts.get("durations"))
    return Durations(
        limits,
        _text(facts.get("gives_up_first")) or None,
        number(took.get("p50_ms")),
        number(took.get("p99_ms")),
        number(took.get("max_ms")),
        _latency(_mapping(facts.get("latency_series"))),
        number(facts.get("threshold_ms")),
    )


def story(evidence: Iterable[Evidence]) -> tuple[Told, ...]:
    """The newest failing request in order: the story that spans most sources, and lines of others on the same ids."""
    items = list(evidence)
    told = [_told(_facts(items, probe).get("story")) for probe in STORIES]
    best = max(told, key=lambda lines: (len({line.source for line in lines}), len(lines)))
    ids = {line.request_id for line in best if line.request_id}
    related = (line for lines in told if lines is not best for line in lines if line.request_id in ids)
    everything = list(dict.fromkeys([*best, *related]))
    if len(everything) == len(best) or any(line.at is None for line in everything):
        return best
    return tuple(sorted(everything, key=lambda line: line.at or datetime.max.replace(tzinfo=UTC)))


def changes(evidence: Iterable[Evidence]) -> tuple[Change, ...]:
    """What was changed, newest first."""
    found = [
        Change(
            at,
            _text(row.get("what")),
            _text(row.get("who")),
            _text(row.get("hop")),
            number(row.get("seconds_before_onset")),
        )
        for row in _rows(_facts(evidence, CHANGES).get("changes"))
        if (at := moment(row.get("at")))
    ]
    return tuple(sorted(found, key=lambda change: change.at, reverse=True))


def traces(evidence: Iterable[Evidence]) -> tuple[Trace, ...]:
    """Failing requests as X-Ray saw them."""
    return tuple(
        Trace(
            _text(row.get("id")),
            moment(row.get("at")),
            number(row.get("duration_ms")),
            _text(row.get("fault_hop")),
            tuple(_segments(row.get("segments"))),
        )
        for row in _rows(_facts(evidence, TRACES).get("traces"))
    )


def health(evidence: Iterable[Evidence]) -> tuple[Health, ...]:
    """Open events that AWS reports for the services of the path."""
    return tuple(
        Health(*(_text(row.get(name)) for name in ("service", "code", "status", "start", "region")))
        for row in _rows(_facts(evidence, HEALTH).get("events"))
    )


def support_text(evidence: Iterable[Evidence]) -> str:
    """What to send to AWS Support; empty when no request failed."""
    return _text(_facts(evidence, SUPPORT).get("support_text"))


def moment(value: Json) -> datetime | None:
    """An ISO 8601 time in UTC; one without a zone is UTC. None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def number(value: Json) -> float | None:
    """A finite number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 and math.isfinite(value) else None


def _told(value: Json) -> tuple[Told, ...]:
    return tuple(
        Told(
            moment(row.get("at")),
            _text(row.get("source")),
            _text(row.get("request_id")),
            _text(row.get("text")),
            row.get("deciding") is True,
        )
        for row in _rows(value)
    )


def _segments(value: Json) -> Iterable[Segment]:
    for row in _rows(value):
        start, took = number(row.get("start_ms")), number(row.get("duration_ms"))
        if start is not None and took is not None:
            trouble = next((word for word in ("throttle", "fault", "error") if row.get(word) is True), "")
            yield Segment(_text(row.get("name")), _text(row.get("hop")), start, max(took, 0.0), trouble)


def _counts(series: Mapping[str, Json]) -> Counts | None:
    span, count, failed = _span(series), _values(series.get("count")), _values(series.get("errors"))
    length = max(len(count), len(failed))
    return Counts(span, _padded(count, length), _padded(failed, length)) if span and length else None


def _latency(series: Mapping[str, Json]) -> Latency | None:
    span = _span(series)
    p50, p99, most = (_values(series.get(name)) for name in ("p50", "p99", "max"))
    length = max(len(p50), len(p99), len(most))
    if span is None or not length:
        return None
    return Latency(span, *(_padded(values, length) for values in (p50, p99, most)))


def _span(series: Mapping[str, Json]) -> Span | None:
    start, step = moment(series.get("start")), number(series.get("step_s"))
    if start is None or step is None or not 0 < step <= 31_536_000 or not 1900 < start.year < 9000:
        return None
    return Span(start, step)


def _padded(values: Values, length: int) -> Values:
    return (*values, *[None] * (length - len(values)))


def _values(value: Json) -> Values:
    """Never below zero: no metric that is drawn can be."""
    listed = value[-_MOST:] if isinstance(value, list) else []
    return tuple(None if (n := number(item)) is None else max(n, 0.0) for item in listed)


def _facts(evidence: Iterable[Evidence], probe: str) -> Mapping[str, Json]:
    return next((item.facts for item in evidence if item.probe == probe), {})


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _rows(value: Json) -> list[dict[str, Json]]:
    return [row for row in value[:_MOST] if isinstance(row, dict)] if isinstance(value, list) else []


def _text(value: Json) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
