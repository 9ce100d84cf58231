"""The request path as a Mermaid flowchart: https://mermaid.js.org/syntax/flowchart.html."""

from __future__ import annotations

import re

from wizard.model.path import Hop, Path
from wizard.model.text import shorten
from wizard.report.marks import GLYPH, style

_LABEL, _NOTE = 60, 90  # columns
# Everything that could end a label or mean something inside it; letters of any script stay.
_MEANS = re.compile(r"[^\w .,/()-]|_")
_CLASSES = (
    ("pass", "fill:#e7f4ec,stroke:#1b6e3c,color:#12301f"),
    ("warn", "fill:#fff3dc,stroke:#8a5300,color:#3d2500"),
    ("fail", "fill:#fdeaea,stroke:#b3261e,color:#410e0b,stroke-width:3px"),
    ("unknown", "fill:#eef0f4,stroke:#5a6478,color:#1c2330,stroke-dasharray:4 3"),
    ("idle", "fill:#ffffff,stroke:#8b93a5,color:#4a5366"),
)
_CLASS = {"skipped": "idle", "blocked": "idle", "pending": "idle"}


def render(path: Path) -> str:
    """The flowchart, top down; hops have numbered ids, so that no name can be read as syntax."""
    ids = {hop.id: f"h{number}" for number, hop in enumerate(path.hops)}
    lines = ["flowchart TD"]
    lines += [f'    {ids[hop.id]}["{_text(hop)}"]:::{_class(hop)}' for hop in path.hops]
    for link in path.links:
        if link.source in ids and link.target in ids:
            arrow = "-.->" if link.kind == "side" or link.source == path.failing else "-->"
            lines.append(f"    {ids[link.source]} {arrow} {ids[link.target]}")
    lines += [f"    classDef {name} {looks}" for name, looks in _CLASSES]
    return "\n".join(lines) + "\n"


def _class(hop: Hop) -> str:
    look = style(hop)
    return _CLASS.get(look, look)


def _text(hop: Hop) -> str:
    label = f"{GLYPH[style(hop)]} {shorten(hop.label or hop.id, _LABEL)}"
    note = shorten(hop.note, _NOTE) if hop.note and not hop.blocked else ""
    return _coded(label) + (f"<br/>{_coded(note)}" if note else "")


def _coded(text: str) -> str:
    """The text with Mermaid's own character codes (#35; is #)."""
    return _MEANS.sub(lambda found: f"#{ord(found[0])};", text)
