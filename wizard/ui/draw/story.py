"""One request's story: its log lines in order across gateway and function, the deciding ones marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from wizard.model.text import Line, safe, shorten
from wizard.report.evidence import Told
from wizard.report.page import paragraph
from wizard.report.words import day

MARK = "▶ "  # stands before what decides
_AROUND = 1  # lines before a deciding one that a short story keeps
_SHORT, _LONG = 8, 20  # characters of an id that are enough to tell two apart; longer ids are folded
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z\s+")


def story(lines: Sequence[Told], width: int, most: int = 4) -> list[Line]:
    """Every line: time, source, text in at most `most` rows; above them the whole ids that they only begin."""
    ids = _ids(lines)
    out = [row for id, name in ids.items() for row in paragraph(f"{name} {id}", width, 2, "dim")]
    if when := next((line.at for line in lines if line.at), None):
        out.append(((f"  {day(when)} {when.year}, UTC", "dim"),))
    source = _source_width(lines)
    return [*out, *(row for line in lines for row in _told(line, ids, width, source, most * (1 + line.deciding)))]


def short_story(lines: Sequence[Told], width: int, most: int) -> list[Line]:
    """The first line, the deciding ones with what came right before them, and the last; what is left out is counted."""
    ids, source = _ids(lines), _source_width(lines)
    out = [row for id, name in list(ids.items())[:1] for row in paragraph(f"{name} {id}", width, 2, "dim")]
    before = -1
    for index in _kept(lines, most):
        if index - before > 1:
            out.append(((f"  ⋮ {index - before - 1} more", "dim"),))
        out += _told(lines[index], ids, width, source, 2 + lines[index].deciding)
        before = index
    left = len(lines) - 1 - before
    return [*out, ((f"  ⋮ {left} more", "dim"),)] if left > 0 else out


def _kept(lines: Sequence[Told], most: int) -> list[int]:
    deciding = [index for index, line in enumerate(lines) if line.deciding]
    wanted = [*deciding, 0, len(lines) - 1, *(i - n for i in deciding for n in range(1, _AROUND + 1))]
    unique = dict.fromkeys(index for index in wanted if 0 <= index < len(lines))
    return sorted(list(unique)[:most])


def _told(line: Told, ids: Collection[str], width: int, source: int, most: int) -> list[Line]:
    mark, look = (MARK, "fail") if line.deciding else ("  ", "")
    clock = f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03d}" if line.at else " " * 12
    name = f"{safe(line.source)[:source]:<{source}}"
    indent = len(mark) + len(clock) + source + 2
    head: Line = ((mark, look), (clock, "dim"), (" ", ""), (name, "title" if line.source == "function" else "code"))
    beside = width >= indent + 24
    indent = indent if beside else 4
    room = max(width - indent, 20)
    # Only what is drawn is worth wrapping: a line may be very long.
    rows = [row[-1][0] for row in paragraph(_folded(line, ids)[: room * (most + 1)], room)]
    if len(rows) > most:
        rows = [*rows[: most - 1], shorten(f"{rows[most - 1].rstrip('…')}…", room)]
    texts: list[Line] = [((" " * indent, ""), (row, look)) for row in rows]
    return [(*head, (" ", ""), texts[0][1]), *texts[1:]] if beside else [head, *texts]


def _folded(line: Told, ids: Collection[str]) -> str:
    """The text without what stands beside or above it: its time, and the ids, of which the beginning is enough."""
    text = line.text.removeprefix(f"({line.request_id})").lstrip()
    text = _TIME.sub("", text, 1) if line.at else text
    for id in ids:
        if len(id) > _LONG:
            text = text.replace(id, f"{id[:_SHORT]}…")
    return text.strip() or "(empty line)"


def _ids(lines: Sequence[Told]) -> dict[str, str]:
    """Every request id with whose it is, in the order in which they appear."""
    ids: dict[str, str] = {}
    for line in lines:
        if line.request_id:
            ids.setdefault(line.request_id, "function request" if line.source == "function" else "request")
    return ids


def _source_width(lines: Sequence[Told]) -> int:
    return min(max((len(line.source) for line in lines), default=0), 8)
