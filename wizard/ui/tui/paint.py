"""Plain words, glyphs and styles made into Textual content. Nothing that comes from outside is ever read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from textual.content import Content

from wizard.model.case import Case
from wizard.model.status import Status
from wizard.model.text import Line, Segment, cells, safe, shorten
from wizard.report.marks import GLYPH
from wizard.report.page import line, paragraph
from wizard.ui.tui.theme import STYLES

NOW = "▸"
_CALM = ("pass", "pending", "skipped")


def content(lines: Iterable[Line]) -> Content:
    """Styled lines, already safe, as one block."""
    parts: list[str | tuple[str, str]] = []
    for number, row in enumerate(lines):
        parts += ["\n"] if number else []
        parts += [(text, STYLES.get(style, "")) for text, style in row]
    return Content.assemble(*parts)


def inline(*parts: Segment | str) -> Content:
    """Words of one line; each is made safe."""
    return content([line(*parts)])


def field(name: str, text: str, width: int, look: str = "", remark: str = "") -> list[Line]:
    """A named value whose further lines hang below its first one."""
    rows = paragraph(text, width - 2, look=look, lead=(f"{name:<10}", "dim"))
    return [*rows, *(paragraph(remark, width, 10, "dim") if remark else [])]


def cut(rows: list[Line], most: int) -> list[Line]:
    """The first lines of a paragraph, an ellipsis where something was left out."""
    return rows if len(rows) <= most else [*rows[: most - 1], (*rows[most - 1], (" …", "dim"))]


def calm(lines: Iterable[Line]) -> list[Line]:
    """A drawn path in which the frames of what does not fail step back, so that the eye finds what does."""
    return [
        tuple(piece for segment in row for piece in (_quiet(*segment) if segment[1] in _CALM else (segment,)))
        for row in lines
    ]


def _quiet(text: str, look: str) -> Iterable[Segment]:
    for is_frame, run in groupby(text, key=lambda char: "\u2500" <= char <= "\u257f"):
        piece = "".join(run)
        if is_frame:
            yield piece, "edge"
        else:
            sign, name = piece[:2], piece[2:]
            rest = "" if look == "pass" else look
            yield from ((sign, look), (name, rest)) if GLYPH[look] in sign else ((piece, rest),)


def glyph(status: Status | None, blocked: bool = False) -> Segment:
    """The sign of a status; a dot for what lies ahead."""
    word = "blocked" if blocked else status.value if status else "pending"
    return GLYPH[word], word


def spread(left: Sequence[Segment], right: Sequence[Segment], width: int) -> Line:
    """One line of `width` columns: `left` is shortened so that `right` always fits."""
    tail = sum(cells(safe(text)) for text, _ in right)
    room = max(width - tail - 1, 0)
    kept: list[Segment] = []
    for text, style in left:
        piece = shorten(text, room)
        kept.append((piece, style))
        room -= cells(piece)
    return line(*kept, (" " * (room + 1), ""), *right)


def case_label(case: Case) -> list[Segment]:
    """What is looked at, for a headline: method and path first, the ids after."""
    target, trace = case.target, case.trace
    path = (trace.resource_path if trace else None) or target.path
    where = [
        trace.api_name if trace and trace.api_name else target.api_id or target.host,
        trace.stage if trace and trace.stage else target.stage,
        target.region,
    ]
    rest = "".join(f" · {part}" for part in where if part)
    return [(f"{target.method} {path}", "strong"), (rest, "dim")]


def seconds(ms: float) -> str:
    """A duration as people say it: 41 ms, 1.2 s."""
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"
