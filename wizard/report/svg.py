"""The request path as a picture: one hop below the other, the failing one framed; readable at the width of a phone."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from wizard.model.path import Hop, Path
from wizard.model.text import shorten, wrap
from wizard.report.colours import variables
from wizard.report.marks import side_trips, spine, style
from wizard.report.markup import Markup, joined, tag

WIDTH = 360
_X, _INDENT, _TEXT = 26, 26, 24  # of the first dot; of a side trip; from a dot to its text
_LABEL_LINE, _NOTE_LINE, _GAP = 19, 16, 18
_LABEL_COLUMNS, _NOTE_COLUMNS = 31, 40
_LABEL_LINES, _NOTE_LINES = 2, 3
_STATES = {"pass": "ok", "warn": "warning", "fail": "fails", "unknown": "no answer", "skipped": "nothing to check",
           "blocked": "not reached", "pending": "not looked at"}  # fmt: skip
# Signs inside the dots, drawn as lines so that they need no font.
_SIGNS = {
    "pass": "M-4.5 .5 L-1.2 3.6 L4.6 -3.2",
    "warn": "M0 -5 V1.2 M0 4 V4.6",
    "fail": "M-4 -4 L4 4 M4 -4 L-4 4",
    "unknown": "M-2.8 -2.4 A2.9 2.9 0 1 1 0 1 V2 M0 4.4 V4.9",
}


@dataclass(frozen=True, slots=True)
class _Row:
    hop: Hop
    depth: int
    label: list[str]
    note: list[str]
    y: float
    failing: bool

    @property
    def height(self) -> float:
        said = len(self.label) * _LABEL_LINE + len(self.note) * _NOTE_LINE
        return said + (_NOTE_LINE + 6 if self.failing else 0)

    @property
    def x(self) -> float:
        return _X + self.depth * _INDENT

    @property
    def dot(self) -> float:
        return self.y + 11 + (_NOTE_LINE if self.failing else 0)


def render(path: Path) -> str:
    """A file of its own."""
    drawn = picture(
        path, f"<style>\n{variables()}{rules()}svg{{background:var(--card)}}\n</style>", standing_alone=True
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawn}\n'


def picture(path: Path, style_: str = "", standing_alone: bool = False) -> Markup:
    """The svg element; its description tells the same in words."""
    rows = _rows(path)
    height = (rows[-1].y + rows[-1].height if rows else 0) + 14
    size: dict[str, str | float] = {"xmlns": "http://www.w3.org/2000/svg", "width": WIDTH, "height": height}
    return tag(
        "svg",
        tag("title", "The request path", id="path-title"),
        tag("desc", words(path), id="path-words"),
        Markup(style_),
        *_links(rows),
        *(_drawn(row) for row in rows),
        class_="path",
        viewBox=f"0 0 {WIDTH} {height:.0f}",
        role="img",
        aria_labelledby="path-title path-words",
        **(size if standing_alone else {}),
    )


def rules() -> str:
    """The style rules of the picture."""
    return files("wizard.report").joinpath("path.css").read_text(encoding="utf-8")


def words(path: Path) -> str:
    """The picture in words, hop by hop."""
    return " ".join(f"{_named(hop)}: {state(hop)}{_noted(hop)}." for hop, _ in _ordered(path)) or "No path is known."


def state(hop: Hop) -> str:
    """How a hop stands, in a word or two."""
    return _STATES[style(hop)]


def _named(hop: Hop) -> str:
    return shorten(hop.label or hop.id, 80)


def _noted(hop: Hop) -> str:
    return f" ({shorten(hop.note.rstrip('.'), 160)})" if hop.note and style(hop) in ("fail", "warn", "unknown") else ""


def _ordered(path: Path) -> list[tuple[Hop, int]]:
    """Every hop with its depth: side trips right behind their hop, hops that nothing leads to at the end."""
    way: list[tuple[Hop, int]] = []
    for hop in spine(path):
        way.append((hop, 0))
        way += [(stop, 1) for trip in side_trips(path, hop) for stop in trip]
    drawn = {hop.id for hop, _ in way}
    return way + [(hop, 0) for hop in path.hops if hop.id not in drawn]


def _rows(path: Path) -> list[_Row]:
    rows: list[_Row] = []
    y = 10.0
    for hop, depth in _ordered(path):
        failing = hop.id == path.failing
        narrower = 3 * depth
        label = _cut(hop.label or hop.id, _LABEL_COLUMNS - narrower, _LABEL_LINES)
        quiet = style(hop) in ("blocked", "skipped", "pending") and not failing
        note = _cut(hop.note, _NOTE_COLUMNS - narrower, _NOTE_LINES) if hop.note and not quiet else []
        rows.append(_Row(hop, depth, label, note, y, failing))
        y += rows[-1].height + _GAP
    return rows


def _cut(text: str, columns: int, most: int) -> list[str]:
    found = wrap(shorten(text, columns * (most + 1)), columns)
    return found if len(found) <= most else [*found[: most - 1], shorten(f"{found[most - 1]}…", columns)]


def _links(rows: list[_Row]) -> list[Markup]:
    """A line from each hop to the next of the spine, broken behind the failing one; an elbow to each side trip."""
    out: list[Markup] = []
    last: _Row | None = None
    beyond = False
    for row in rows:
        if row.depth and last:
            out.append(tag("path", class_="side", d=f"M{last.x} {last.dot} V{row.dot} H{row.x}"))
        elif last:
            kind = "link broken" if beyond else "link"
            out.append(tag("path", class_=kind, d=f"M{last.x} {last.dot} V{row.dot}"))
        last = last if row.depth and last else row
        beyond = beyond or row.failing
    return out


def _drawn(row: _Row) -> Markup:
    look = style(row.hop)
    x, y = row.x + _TEXT, row.y + 16.0
    parts: list[Markup] = []
    if row.failing:
        parts += [tag("rect", x=4, y=row.y - 6, width=WIDTH - 8, height=row.height + 10, rx=8, class_="frame")]
        parts += [tag("text", "FAILS HERE", x=x, y=y - 2, class_="here")]
        y += _NOTE_LINE
    for line in row.label:
        parts.append(tag("text", line, x=x, y=y, class_="label"))
        y += _LABEL_LINE
    for line in row.note:
        parts.append(tag("text", line, x=x, y=y - 2, class_="note"))
        y += _NOTE_LINE
    sign = tag("path", d=_SIGNS[look], class_="sign") if look in _SIGNS else Markup()
    radius = 10 if look in _SIGNS else 6
    parts.append(tag("g", tag("circle", r=radius), sign, class_="dot", transform=f"translate({row.x} {row.dot})"))
    return tag("g", joined(*parts), class_=f"hop {look}")
