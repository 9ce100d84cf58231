"""Durations over time as bars against the one who gives up first, and the table of everybody's patience."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from wizard.model.text import Line, cells, plain, safe, shorten
from wizard.report.evidence import Durations, Latency, Limit
from wizard.ui.draw.scale import Axis, resample, ruler, took

_BANDS = (("p50", "█", ""), ("p99", "▓", "dim"), ("max", "░", "dim"))
_ROUND = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0)
_ROOMY, _LEAST_BAR = 50, 8  # columns from which on all percentiles, and a bar, are worth it
_CLOSE = 0.8  # share of a limit from which on a duration is called close


def chart(latency: Latency, threshold_ms: float | None, width: int, height: int) -> list[Line]:
    """Bars of p50, p99 and maximum by period, in `height` rows above the time axis; the threshold is a line across.

    What reaches the threshold is drawn in the style of a failure. A period without data stays empty.
    """
    top = _top(max(_known(latency.max) + _known(latency.p99) + _known(latency.p50), default=0.0), threshold_ms)
    rows = max(height, 3)
    names = {rows: took(top), 0: "0"}
    line = None
    if threshold_ms:
        line = max(round(threshold_ms / top * rows), 1)
        names = {row: name for row, name in names.items() if abs(row - line) > 1 or row == 0} | {
            line: took(threshold_ms)
        }
    edge = max(map(len, names.values())) + 2
    wide = max(width - edge, 1)
    bands = [resample(values, wide, max) for values in (latency.p50, latency.p99, latency.max)]
    columns = [(p50, p99, most) for p50, p99, most in zip(*bands, strict=True)]
    out = []
    for row in range(rows, 0, -1):
        look = "warn" if row == line else "dim"
        label: Line = ((f"{names.get(row, ''):>{edge - 2}} {'┤' if row in names else '│'}", look),)
        out.append(label + _joined([_cell(column, row, top / rows, line, threshold_ms) for column in columns]))
    time = ruler(Axis(latency.span.start, latency.span.step_s * len(latency.max) / wide, wide))
    return [*out, (((f"{'0':>{edge - 2}} └"), "dim"), *time[0]), ((" " * edge, ""), *time[1])]


def legend(durations: Durations, width: int) -> list[Line]:
    """What the bars and the line stand for, with the values of the whole window."""
    values = (durations.p50, durations.p99, durations.max)
    parts: list[Line] = []
    for (name, bar, look), value in zip(_BANDS, values, strict=True):
        parts.append(((f"{bar} ", look), (name if value is None else f"{name} {took(value)}", "")))
    if durations.threshold_ms:
        parts.append((("╌ ", "warn"), (f"limit {took(durations.threshold_ms)}", "")))
    rows = [parts[0]]
    for part in parts[1:]:
        joined = (*rows[-1], ("   ", ""), *part)
        rows = [*rows[:-1], joined] if cells(plain(joined)) <= width else [*rows, part]
    return rows


def patience(durations: Durations, width: int) -> list[Line]:
    """One row for everybody who waits: the limit, how much of it p50, p99 and the maximum use, as numbers and a bar."""
    shown = _BANDS if width >= _ROOMY else _BANDS[-1:]
    names = [_name(limit) for limit in durations.limits]
    fixed = 2 + 10 + 7 * len(shown)
    name_width = min(max(map(cells, names)), max(width - fixed - 17, 12))
    bar = min(width - fixed - name_width - 3, 60)
    header = f"  {'who waits':<{name_width}}  {'at most':>8}" + "".join(f"  {name:>5}" for name, _, _ in shown)
    rows: list[Line] = [((header, "dim"),)]
    least_patient = first_to_go(durations)
    for limit, name in zip(durations.limits, names, strict=True):
        first = limit is least_patient
        clear = shorten(name, name_width)
        padded = clear + " " * (name_width - cells(clear))
        head: Line = (
            ("▸ " if first else "  ", "strong"),
            (padded, "strong" if first else ""),
            (f"  {shorten(took(limit.ms), 8):>8}", ""),
        )
        rows.append((*head, *_shares(limit, len(shown), bar)))
    return rows


def _shares(limit: Limit, shown: int, bar: int) -> Line:
    shares = [None if value is None else value / limit.ms for value in (limit.p50, limit.p99, limit.max)]
    numbers = tuple((f"  {_percent(share):>5}", share_look(share)) for share in shares[-shown:])
    return (*numbers, ("  ", ""), *_bar(shares, bar)) if bar >= _LEAST_BAR else numbers


def first_to_go(durations: Durations) -> Limit:
    """Who gives up first while the backend works; an authorizer has ended by then."""
    waiting = [limit for limit in durations.limits if limit.who != "authorizer"]
    return next((limit for limit in waiting if limit.who == durations.first), (waiting or durations.limits)[0])


def used(limit: Limit) -> float | None:
    """The share of a limit that the slowest of what it waits for took; None when nothing was measured."""
    return None if limit.max is None else limit.max / limit.ms


def share_look(share: float | None) -> str:
    """The style of a share of a limit: fails from all of it on, a warning when it is close."""
    return "" if share is None else "fail" if share >= 1 else "warn" if share >= _CLOSE else ""


def _name(limit: Limit) -> str:
    named = limit.name.lower().startswith(limit.who.lower())
    return safe(limit.name if named else f"{limit.who}: {limit.name}" if limit.name else limit.who)


def _percent(share: float | None) -> str:
    """Rounded down, so that 100 % means that the limit was reached."""
    if share is None:
        return "–"
    return f"{math.floor(share * 100)} %" if share < 10 else ">999%"


def _bar(shares: Sequence[float | None], width: int) -> Line:
    """A limit as a full bar: solid up to p50, lighter to p99, lighter still to the maximum; an arrow beyond it."""
    marks = [min(round((share or 0) * width), width) for share in shares]
    if shares[2] and not any(marks):
        marks[2] = 1
    look = share_look(shares[2])
    parts: list[tuple[str, str]] = []
    used_up = 0
    for mark, (_, char, _) in zip(marks, _BANDS, strict=True):
        parts.append((char * max(mark - used_up, 0), look))
        used_up = max(used_up, mark)
    over = bool(shares[2] and shares[2] > 1)
    return (*parts, ("·" * (width - used_up), "dim"), ("▶" if over else "│", look if shares[2] else "dim"))


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _top(highest: float, threshold: float | None) -> float:
    """A round number of milliseconds above everything that is drawn."""
    wanted = max(highest * 1.02, (threshold or 0.0) * 1.12, 1.0)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(power * step for step in _ROUND if power * step >= wanted or step == _ROUND[-1])


def _cell(
    column: tuple[float | None, float | None, float | None],
    row: int,
    unit: float,
    line: int | None,
    threshold: float | None,
) -> tuple[str, str]:
    over = bool(threshold and max(_known(column), default=0.0) >= threshold)
    bars = [(max(round(value / unit), 1) if value > 0 else 0) if value is not None else 0 for value in column]
    if over and line:
        bars[2] = max(bars[2], line)
    band = next((index for index, size in enumerate(bars) if row <= size), None)
    if row == line:
        return ("━", "fail") if band is not None and over else ("╌", "warn")
    if band is None:
        return " ", ""
    _, char, look = _BANDS[band]
    return char, "fail" if over else look


def _joined(row: Sequence[tuple[str, str]]) -> Line:
    return tuple(("".join(char for char, _ in run), look) for look, run in groupby(row, key=lambda cell: cell[1]))
