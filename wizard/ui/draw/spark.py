"""A row of little bars: one value a column, a gap where nothing is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from wizard.model.text import Line
from wizard.ui.draw.scale import mean, resample

_ZERO, _BARS = "▁", "▂▃▄▅▆▇█"
GAP = " "


def spark(
    values: Sequence[float | None],
    width: int,
    look: str = "",
    join: Callable[[Sequence[float]], float] = mean,
) -> Line:
    """The values as bars from nothing to the highest one on `width` columns.

    A zero is a thin dim line, anything above it at least two eighths high in `look`, an unknown value a gap.
    Values that do not fit side by side are joined; the mean keeps the height a number for one period.
    """
    shown = resample(values, width, join)
    highest = max((value for value in shown if value is not None), default=0.0)
    cells = [_cell(value, highest, look) for value in shown]
    return tuple(("".join(char for char, _ in run), style) for style, run in groupby(cells, key=lambda cell: cell[1]))


def _cell(value: float | None, highest: float, look: str) -> tuple[str, str]:
    if value is None:
        return GAP, ""
    if value <= 0 or highest <= 0:
        return _ZERO, "dim"
    return _BARS[min(round(value / highest * (len(_BARS) - 1)), len(_BARS) - 1)], look
