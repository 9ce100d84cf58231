"""When it failed and what was changed, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wizard.model.text import Line, cells, shorten
from wizard.report.evidence import Change, Counts, Errors
from wizard.report.page import paragraph
from wizard.report.reading import against, last_before, person
from wizard.report.words import amount, clock, day, stamp
from wizard.ui.draw.scale import Axis, ruler
from wizard.ui.draw.spark import spark

_MARGIN = 10  # columns for the names of the rows
_NUMBERED = 9
_BESIDE = 60  # columns from which on text stands beside its time


def when(counts: Counts, onset: datetime | None, width: int) -> list[Line]:
    """Requests and 5xx answers over time, the onset marked below."""
    axis = _axis(counts, width)
    return [
        _row("requests", counts.count, axis, ""),
        _row("5xx", counts.errors, axis, "fail"),
        *_behind(ruler(axis)),
        *_onset(onset, axis),
    ]


def timeline(errors: Errors | None, changes: Sequence[Change], width: int, most: int) -> list[Line]:
    """The changes as dots below the errors, then the newest `most` of them as a list, joined by numbers.

    The last change before the errors began is highlighted.
    """
    out: list[Line] = []
    vague_s = errors.precise_to_s if errors else 0.0
    suspect = last_before(changes, vague_s)
    if errors:
        counts = errors.around(errors.onset, suspect.at if suspect else None)
        axis = _axis(counts, width)
        out += [_row("5xx", counts.errors, axis, "fail"), *_dots(changes, axis)]
        out += [*_behind(ruler(axis)), *_onset(errors.onset, axis), ()]
    for number, change in enumerate(changes[:most], 1):
        out += _listed(number, change, change is suspect, vague_s, width)
    if len(changes) > most:
        out.append(((f"   and {len(changes) - most} older", "dim"),))
    return out


def _axis(counts: Counts, width: int) -> Axis:
    columns = max(width - _MARGIN - 8, 1)
    return Axis(counts.span.start, counts.span.step_s * len(counts.errors) / columns, columns)


def _row(name: str, values: Sequence[float | None], axis: Axis, look: str) -> Line:
    """A row of bars between its name and its sum."""
    known = [value for value in values if value is not None]
    total = sum(known)
    tail = f"  {shorten(amount(total), 6) if known else '–'}"
    return ((f"{name:<{_MARGIN}}", "dim"), *spark(values, axis.columns, look), (tail, look if total else ""))


def _behind(lines: Sequence[Line]) -> list[Line]:
    return [((" " * _MARGIN, ""), *line) for line in lines]


def _onset(onset: datetime | None, axis: Axis) -> list[Line]:
    """An arrow at the onset, its time beside it."""
    if onset is None:
        return []
    text = f"since {day(onset)} {clock(onset)} UTC"
    if axis.column(onset) < 0:
        return [((" " * (_MARGIN - 1), ""), ("◀ ", "fail"), (text, "strong"))]
    column = min(axis.column(onset), axis.columns - 1)
    left = column + 2 + len(text) > axis.columns and _MARGIN + column > len(text)
    if left:
        return [((" " * (_MARGIN + column - len(text) - 1), ""), (text, "strong"), (" ▲", "fail"))]
    return [((" " * (_MARGIN + column), ""), ("▲ ", "fail"), (text, "strong"))]


def _dots(changes: Sequence[Change], axis: Axis) -> list[Line]:
    """A dot where something changed and its number below; a plus stands for several, an arrow for older ones."""
    marks: dict[int, str] = {}
    for number, change in enumerate(changes, 1):
        if axis.inside(change.at):
            column = axis.column(change.at)
            marks[column] = "+" if column in marks or number > _NUMBERED else str(number)
    older = any(axis.column(change.at) < 0 for change in changes)
    dots = "".join("●" if column in marks else " " for column in range(axis.columns))
    names = "".join(marks.get(column, " ") for column in range(axis.columns))
    lead = f"{'changes':<{_MARGIN - 1}}"
    return [
        ((lead, "dim"), ("◀" if older else " ", "dim"), (dots, "warn")),
        ((" " * _MARGIN, ""), (names, "dim")),
    ]


def _listed(number: int, change: Change, suspect: bool, vague_s: float, width: int) -> list[Line]:
    lead = f" {number if number <= _NUMBERED else '·'} {stamp(change.at)}  "
    by = f" by {person(change.who)}" if change.who else ""
    what = f"{change.what or 'something changed'}{by}"
    look = "strong" if suspect else ""
    if width < _BESIDE:
        rows = [((lead, "dim"),), *paragraph(what, width, 3, look)]
    else:
        rows = paragraph(what, width, look=look, lead=(lead, "dim"))
    placed, look = against(change, suspect, vague_s), "warn" if suspect else "dim"
    if placed and sum(cells(text) for text, _ in rows[-1]) + 3 + len(placed) <= width:
        return [*rows[:-1], (*rows[-1], (f" · {placed}", look))]
    return [*rows, *(paragraph(placed, width, len(lead) if width >= _BESIDE else 3, look) if placed else [])]
