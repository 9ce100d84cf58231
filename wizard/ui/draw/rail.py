"""The path as a rail: one line a hop, side trips indented, notes at the right; readable from 30 columns on."""

from __future__ import annotations

from wizard.model.path import Hop, Path
from wizard.model.text import Line, cells, shorten
from wizard.report.marks import side_trips, spine, style
from wizard.ui.draw.marks import label


def rail(path: Path, width: int, at: str = "") -> list[Line]:
    """One line a hop with a piece of rail between them; the rail is broken behind the failing hop.

    The hop `at` is marked.
    """
    lines: list[Line] = []
    hops = spine(path)
    beyond = False
    for number, hop in enumerate(hops):
        lines.append(_row(hop, " ", width, at))
        lines += [_row(stop, prefix, width, at) for stop, prefix in _beside(path, hop)]
        beyond = beyond or hop.id == path.failing
        if number + 1 < len(hops):
            lines.append(((" ┊", "blocked") if beyond else (" │", "dim"),))
    return lines


def compact(path: Path, width: int, height: int, at: str = "") -> list[Line]:
    """The rail without pieces between, and only what `height` lines hold: around `at`, else the failing hop."""
    hops = [row for hop in spine(path) for row in ((hop, " "), *_beside(path, hop))]
    if len(hops) <= height:
        return [_row(hop, prefix, width, at) for hop, prefix in hops]
    room = max(height - 2, 1)
    wanted = at if any(hop.id == at for hop, _ in hops) else path.failing
    centre = next((i for i, (hop, _) in enumerate(hops) if hop.id == wanted), 0)
    first = min(max(centre - room // 2, 0), len(hops) - room)
    last = first + room
    if height < 3:
        return [_row(hop, prefix, width, at) for hop, prefix in hops[first:last]][:height]
    # A mark for a single hop or for none would take the place of that hop.
    first, last = (0 if first < 2 else first), (len(hops) if len(hops) - last < 2 else last)
    before, after = _more(first, "before", width), _more(len(hops) - last, "after", width)
    return [*before, *(_row(hop, prefix, width, at) for hop, prefix in hops[first:last]), *after]


def _beside(path: Path, hop: Hop) -> list[tuple[Hop, str]]:
    """The stops of a hop's side trips, each with what stands before it."""
    return [(stop, " │  └─" if place else " ├─") for trip in side_trips(path, hop) for place, stop in enumerate(trip)]


def _more(count: int, where: str, width: int) -> list[Line]:
    return [((shorten(f" ⋮ {count} more {where}", width), "dim"),)] if count else []


def _row(hop: Hop, prefix: str, width: int, at: str) -> Line:
    look = style(hop)
    name = label(hop, width - len(prefix))
    used = len(prefix) + cells(name)
    segments = [
        (prefix, "dim"),
        (name[:1], "here" if hop.id == at else look),
        (name[1:], "here" if hop.id == at else look if look in ("fail", "skipped", "blocked", "pending") else ""),
    ]
    room = width - used - 2
    if hop.note and room >= 8 and look != "blocked":
        note = shorten(hop.note, room)
        segments += [(" " * (width - used - cells(note)), ""), (note, look)]
    return tuple(segments)
