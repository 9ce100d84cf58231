"""The path as boxes from left to right, in as many rows as the width asks for; side trips hang under their hop."""

from __future__ import annotations

from wizard.model.path import Hop, Path
from wizard.model.text import Line, cells
from wizard.report.marks import side_trips, spine, style
from wizard.ui.draw.canvas import Canvas
from wizard.ui.draw.marks import label

_INDENT = 4
_TURN = 3  # columns kept at the right for the line that turns into the next row
_LONGEST = 36  # columns of a label
# Horizontal, vertical, the four corners.
_ROUND, _DASHED, _HEAVY = tuple("─│╭╮╰╯"), tuple("┄┆╭╮╰╯"), tuple("━┃┏┓┗┛")


def boxes(path: Path, width: int, at: str = "") -> list[Line]:
    """Boxes joined by arrows; the failing hop has a heavy frame, hops that no request reaches have dashed ones.

    The hop `at` is marked.
    """
    sheet = Canvas()
    top = 0
    rows = _rows(path, width)
    beyond = False
    for number, row in enumerate(rows):
        x = _INDENT if number else 0
        hanging: list[tuple[int, list[Hop]]] = []
        if number:
            _arrive(sheet, top, beyond)
        for place, hop in enumerate(row):
            if place:
                sheet.put(x, top + 1, "┄┄┄▶" if beyond else "───▶", "blocked" if beyond else "dim")
                x += 4
            trips = side_trips(path, hop)
            end = _box(sheet, x, top, hop, width, hop.id == path.failing, bool(trips), hop.id == at)
            hanging += [(x + 4, trip) for trip in trips]
            x = end
            beyond = beyond or hop.id == path.failing
        bottom = top + 3
        right = x
        for column, trip in hanging:
            right = max(right, _hang(sheet, column, bottom, trip, width - _TURN, at))
            bottom += 1
        if number + 1 < len(rows):
            _turn(sheet, x, top + 1, right + 1, bottom, beyond)
        top = bottom + 1
    return sheet.lines()


def _rows(path: Path, width: int) -> list[list[Hop]]:
    rows: list[list[Hop]] = []
    used = 0
    for hop in spine(path):
        wide = cells(_name(hop, width)) + 4
        if not rows or used + 4 + wide > width - _TURN:
            used = (_INDENT if rows else 0) + wide
            rows.append([hop])
        else:
            used += 4 + wide
            rows[-1].append(hop)
    return rows


def _name(hop: Hop, width: int) -> str:
    return label(hop, min(_LONGEST, width - _INDENT - _TURN - 4))


def _box(sheet: Canvas, x: int, y: int, hop: Hop, width: int, failing: bool, trips: bool, marked: bool) -> int:
    """Draws one box and returns the column behind it."""
    look, name = style(hop), _name(hop, width)
    inner = cells(name) + 2
    flat, side, nw, ne, sw, se = _HEAVY if failing else _DASHED if look == "blocked" else _ROUND
    if failing:
        look = "fail"
    floor = flat * 3 + ("┯" if failing else "┬") + flat * (inner - 4) if trips else flat * inner
    sheet.put(x, y, nw + flat * inner + ne, look)
    sheet.put(x, y + 1, f"{side} ", look)
    sheet.put(x + 2, y + 1, name, "here" if marked else look)
    sheet.put(x + 2 + cells(name), y + 1, f" {side}", look)
    sheet.put(x, y + 2, sw + floor + se, look)
    return x + inner + 2


def _hang(sheet: Canvas, x: int, y: int, trip: list[Hop], limit: int, at: str) -> int:
    """Draws a side trip below its hop and returns the column behind it."""
    lead = "╰─▶ "
    for hop in trip:
        room = limit - x - len(lead)
        if room < 4:
            break
        name = label(hop, room)
        sheet.put(x, y, lead, "dim")
        sheet.put(x + len(lead), y, name, "here" if hop.id == at else style(hop))
        x += len(lead) + cells(name)
        lead = " ─▶ "
    return x


def _turn(sheet: Canvas, x: int, y: int, right: int, bottom: int, beyond: bool) -> None:
    """The line from the end of a row down and back to the left."""
    flat, look = ("┄", "blocked") if beyond else ("─", "dim")
    sheet.put(x, y, flat * (right - x) + "╮", look)
    for row in range(y + 1, bottom):
        sheet.put(right, row, "┆" if beyond else "│", look)
    sheet.put(1, bottom, "╭" + flat * (right - 2) + "╯", look)


def _arrive(sheet: Canvas, top: int, beyond: bool) -> None:
    look = "blocked" if beyond else "dim"
    sheet.put(1, top, "┆" if beyond else "│", look)
    sheet.put(1, top + 1, "╰┄▶" if beyond else "╰─▶", look)
