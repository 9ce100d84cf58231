"""How a hop looks: glyph and style, and the order in which hops stand."""

from __future__ import annotations

from wizard.model.path import Hop, Path
from wizard.model.status import Status

GLYPH = {"pass": "●", "warn": "◆", "fail": "✖", "unknown": "?", "skipped": "○", "blocked": "◌", "pending": "·"}


def style(hop: Hop) -> str:
    """The style word of a hop: its status, "blocked" when no request gets there, "pending" when nobody has looked."""
    if hop.blocked and hop.status not in (Status.FAIL, Status.WARN):
        return "blocked"
    return hop.status.value if hop.status else "pending"


def spine(path: Path) -> list[Hop]:
    """The main way of the request, from the client on."""
    led_to = {link.target for link in path.links}
    root = next((hop for hop in path.hops if hop.id not in led_to), None)
    return _follow(path, root)


def side_trips(path: Path, hop: Hop) -> list[list[Hop]]:
    """The chains that hang under a hop, such as its authorizer."""
    starts = [path.hop(link.target) for link in path.links if link.source == hop.id and link.kind == "side"]
    return [_follow(path, start) for start in starts if start]


def _follow(path: Path, hop: Hop | None) -> list[Hop]:
    way: list[Hop] = []
    while hop is not None and hop not in way:
        way.append(hop)
        here = hop.id
        following = next((link.target for link in path.links if link.source == here and link.kind == "next"), None)
        hop = path.hop(following) if following else None
    return way
