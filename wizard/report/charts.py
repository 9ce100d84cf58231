"""Charts as inline SVG that fit any width: times in percent of it, so that their texts never shrink."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from wizard.report.evidence import Counts, Durations, Errors, Latency, Limit, Values
from wizard.report.markup import Markup, joined, tag
from wizard.report.summary import Moment
from wizard.report.words import amount, clock, day, took

_PLOT, _TOP, _AXIS = 120, 22, 22  # pixels: the plot, the room above it for words, below it for the time
_ROUND_S = (60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_419_200)
_LABELS = 5  # at most so many times below a chart, for the width of a phone
_BESIDE = 4.0  # percent of the width within which changes share a dot
_NEAR = 4  # times the slowest call: limits beyond it would flatten what was measured


def errors_chart(errors: Errors, moments: Sequence[Moment]) -> Markup:
    """Requests and 5xx answers as bars, the onset as a line, changes as numbered dots below."""
    counts = errors.around(errors.onset, *(moment.at for moment in moments if moment.kind == "suspect"))
    top = max((value or 0.0 for values in (counts.count, counts.errors) for value in values), default=0.0) or 1.0
    length = (counts.end - counts.span.start).total_seconds()
    dots, lane = _change_dots(counts, moments, length)
    onset = _share(counts, errors.onset, length) if errors.onset else None
    marks = []
    if onset is not None and 0 <= onset <= 100:
        marks = [
            tag("line", x1=f"{onset:.2f}%", x2=f"{onset:.2f}%", y1=_TOP - 6, y2=_TOP + _PLOT, class_="onset"),
            _words(onset, 13, f"errors begin {clock(errors.onset or counts.end)}", "onset-words"),
        ]
    label = (
        f"Bars over time from {_moment(counts.span.start)} to {_moment(counts.end)} UTC: "
        f"{amount(sum(v for v in counts.count if v))} requests, {amount(counts.total)} of them answered with a 5xx"
    )
    return _chart(
        label,
        _TOP + _PLOT + lane + _AXIS,
        *_bars(counts.count, top, "requests"),
        *_bars(counts.errors, top, "errors"),
        _axis(),
        _words(100, _TOP + 10, f"{amount(top)} a period at most", "scale") if onset is None or onset < 45 else Markup(),
        *marks,
        *dots,
        *_times(counts.span.start, length, _TOP + _PLOT + lane),
    )


def latency_chart(durations: Durations, latency: Latency) -> Markup:
    """The slowest call, p99 and p50 of each period against the timeouts that are near."""
    slowest = max((value for value in (*latency.max, *latency.p99, *latency.p50) if value), default=0.0) or 1.0
    near = [limit for limit in durations.limits if limit.ms <= slowest * _NEAR]
    top = max([slowest, *(limit.ms for limit in near)]) * 1.12
    length = latency.span.step_s * len(latency.max)
    far = [limit for limit in durations.limits if limit not in near]
    label = (
        f"Bars over time: the slowest call took {took(slowest)}. "
        + "".join(f"{limit.who} waits {took(limit.ms)}. " for limit in durations.limits)
    ).strip()
    return _chart(
        label,
        _TOP + _PLOT + _AXIS,
        *_bars(latency.max, top, "slowest"),
        *_bars(latency.p99, top, "p99"),
        *_bars(latency.p50, top, "p50"),
        _axis(),
        *(part for limit in _apart(near) for part in _limit(limit, top)),
        _words(100, 13, "beyond the chart: " + ", ".join(f"{f.who} {took(f.ms)}" for f in far), "scale")
        if far
        else Markup(),
        *_times(latency.span.start, length, _TOP + _PLOT),
    )


def _chart(label: str, height: float, *parts: Markup) -> Markup:
    return tag("svg", joined(*parts), class_="chart", width="100%", height=height, role="img", aria_label=label)


def _bars(values: Values, top: float, look: str) -> list[Markup]:
    step = 100 / max(len(values), 1)
    return [
        tag(
            "rect",
            x=f"{index * step:.2f}%",
            y=_TOP + _PLOT * (1 - min(value / top, 1.0)),
            width=f"{step * 0.86:.2f}%",
            height=max(_PLOT * min(value / top, 1.0), 1.5),
            class_=look,
        )
        for index, value in enumerate(values)
        if value
    ]


def _axis() -> Markup:
    return tag("line", x1="0", x2="100%", y1=_TOP + _PLOT, y2=_TOP + _PLOT, class_="axis")


def _limit(limit: Limit, top: float) -> list[Markup]:
    y = _TOP + _PLOT * (1 - limit.ms / top)
    words = f"{limit.who} gives up after {took(limit.ms)}"
    return [tag("line", x1="0", x2="100%", y1=y, y2=y, class_="limit"), _words(0, y - 5, words, "limit-words")]


def _apart(limits: Sequence[Limit]) -> list[Limit]:
    """One of several limits that are equally long, so that their words do not lie on each other."""
    return list({limit.ms: limit for limit in reversed(limits)}.values())


def _change_dots(counts: Counts, moments: Sequence[Moment], length: float) -> tuple[list[Markup], float]:
    """Numbered dots for the changes inside the chart, in a lane below it; close ones share a dot."""
    groups: list[tuple[float, list[int]]] = []
    for moment in moments:
        at = _share(counts, moment.at, length)
        if moment.number is None or not 0 <= at <= 100:
            continue
        if groups and at - groups[-1][0] < _BESIDE:
            groups[-1][1].append(moment.number)
        else:
            groups.append((at, [moment.number]))
    return [part for at, numbers in groups for part in _dot(at, numbers)], 32.0 if groups else 0.0


def _dot(at: float, numbers: list[int]) -> list[Markup]:
    place, y = f"{min(max(at, 3), 97):.2f}%", _TOP + _PLOT + 18
    words = f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 1 else str(numbers[0])
    return [
        tag("circle", cx=place, cy=y, r=13 if len(numbers) > 1 else 9, class_="change"),
        tag("text", words, x=place, y=y + 4, text_anchor="middle", class_="change-number"),
    ]


def _share(counts: Counts, at: datetime, length: float) -> float:
    return (at - counts.span.start).total_seconds() / length * 100


def _times(start: datetime, length: float, y: float) -> list[Markup]:
    """Round times below the chart."""
    step = next((size for size in _ROUND_S if length / size <= _LABELS), _ROUND_S[-1])
    first = -(-start.timestamp() // step) * step
    count = min(int((start.timestamp() + length - first) // step) + 1, 2 * _LABELS)
    out = []
    for index in range(max(count, 0)):
        at = datetime.fromtimestamp(first, UTC) + timedelta(seconds=step * index)
        place = (at - start).total_seconds() / length * 100
        out.append(
            _words(place, y + 16, day(at) if step >= 86_400 or (at.hour, at.minute) == (0, 0) else clock(at), "time")
        )
    return out


def _words(place: float, y: float, words: str, look: str) -> Markup:
    """A text at a share of the width; one near the right end stands to the left of its place."""
    anchor = "start" if place < 8 else "end" if place > 65 else "middle" if look == "time" else "start"
    return tag("text", words, x=f"{place:.2f}%", y=y, text_anchor=anchor, class_=look)


def _moment(at: datetime) -> str:
    return f"{day(at)} {clock(at)}"
