"""A small sheet of characters to draw on, read off as lines of segments."""

from __future__ import annotations

from itertools import groupby

from wizard.model.text import Line, cells


class Canvas:
    """Rows of cells; a wide character fills its cell and empties the one behind it. Coordinates count from 0."""

    def __init__(self) -> None:
        self._rows: list[dict[int, tuple[str, str]]] = []

    def put(self, x: int, y: int, text: str, look: str) -> None:
        """Write safe text from column x on in row y, over whatever stands there."""
        while len(self._rows) <= y:
            self._rows.append({})
        row = self._rows[y]
        for char in text:
            width = cells(char)
            if width == 0 and x - 1 in row:
                row[x - 1] = (row[x - 1][0] + char, row[x - 1][1])
                continue
            row[x] = (char, look)
            if width == 2:
                row[x + 1] = ("", look)
            x += width

    def lines(self) -> list[Line]:
        """Every row, blanks filled in, neighbours of the same style joined."""
        return [_line(row) for row in self._rows]


def _line(row: dict[int, tuple[str, str]]) -> Line:
    filled = [row.get(x, (" ", "")) for x in range(max(row, default=-1) + 1)]
    return tuple(("".join(char for char, _ in run), look) for look, run in groupby(filled, key=lambda cell: cell[1]))
