"""Time and amounts on a number of columns: values by column, round labels, durations in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard.model.text import Line
from wizard.report.words import clock, day

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Distances between labels that people read easily, in seconds.
_ROUND = (_MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR,
          12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 28 * _DAY, 364 * _DAY)  # fmt: skip
_LABEL = 9  # columns between the beginnings of two labels, at least


@dataclass(frozen=True, slots=True)
class Axis:
    """Columns as time: `columns` of them, each `step_s` seconds, the first one from `start` on."""

    start: datetime
    step_s: float
    columns: int

    def column(self, at: datetime) -> int:
        """The column of a moment; below 0 or beyond the last one when it is outside."""
        return math.floor((at - self.start).total_seconds() / self.step_s + 1e-6)

    def inside(self, at: datetime) -> bool:
        """Whether the moment is on the axis."""
        return 0 <= self.column(at) < self.columns


def resample(
    values: Sequence[float | None], columns: int, join: Callable[[Sequence[float]], float]
) -> list[float | None]:
    """One value a column: neighbours are joined or one value goes over several columns; None where nothing is known.

    A value stands in the columns that its time has on an axis of as many columns. `join` must not depend on how many
    values it joins (a mean, a maximum), as that differs by one between columns.
    """
    count = len(values)
    out: list[float | None] = []
    for column in range(columns if count else 0):
        end = -(-(column + 1) * count // columns)
        first = min(-(-column * count // columns), end - 1)
        known = [value for value in values[first:end] if value is not None]
        out.append(join(known) if known else None)
    return out


def mean(values: Sequence[float]) -> float:
    """The mean of at least one value."""
    return sum(values) / len(values)


def ruler(axis: Axis) -> list[Line]:
    """A line with marks at round times and their labels below; days are named where they begin, all in UTC."""
    marks = ["─"] * axis.columns
    labels = [" "] * axis.columns
    free = 0
    for column, text in _labels(axis):
        if column >= free and column + len(text) <= axis.columns:
            marks[column] = "┴"
            labels[column : column + len(text)] = text
            free = column + len(text) + 2
    return [(("".join(marks), "dim"),), (("".join(labels), "dim"),)]


def _labels(axis: Axis) -> list[tuple[int, str]]:
    step = next((s for s in _ROUND if s / axis.step_s >= _LABEL), _ROUND[-1])
    first = math.ceil(axis.start.timestamp() / step) * step
    last = axis.start.timestamp() + axis.columns * axis.step_s
    moments = [datetime.fromtimestamp(first + i * step, UTC) for i in range(int(max(last - first, 0) // step) + 1)]
    return [
        (axis.column(at), day(at) if step >= _DAY or (at.hour, at.minute) == (0, 0) else clock(at)) for at in moments
    ]
