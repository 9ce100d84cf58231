"""The request path as a graph for Graphviz: https://graphviz.org/doc/info/lang.html."""

from __future__ import annotations

from wizard.model.path import Hop, Path
from wizard.model.text import shorten
from wizard.report.marks import GLYPH, style

_LABEL, _NOTE = 60, 90  # columns
_LOOKS = {
    "pass": 'color="#1b6e3c", fillcolor="#e7f4ec"',
    "warn": 'color="#8a5300", fillcolor="#fff3dc"',
    "fail": 'color="#b3261e", fillcolor="#fdeaea", penwidth=3',
    "unknown": 'color="#5a6478", fillcolor="#eef0f4", style="rounded,filled,dashed"',
}
_IDLE = 'color="#8b93a5", fillcolor="#ffffff", fontcolor="#4a5366"'


def render(path: Path) -> str:
    """The graph, top down; hops have numbered ids and plain (never HTML-like) labels."""
    ids = {hop.id: f"h{number}" for number, hop in enumerate(path.hops)}
    lines = [
        "digraph path {",
        '    graph [rankdir=TB, fontname="sans-serif"];',
        '    node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=12];',
        '    edge [color="#5a6478"];',
    ]
    for hop in path.hops:
        lines.append(f"    {ids[hop.id]} [label={_quoted(_text(hop))}, {_LOOKS.get(style(hop), _IDLE)}];")
    for link in path.links:
        if link.source in ids and link.target in ids:
            dashed = " [style=dashed]" if link.kind == "side" or link.source == path.failing else ""
            lines.append(f"    {ids[link.source]} -> {ids[link.target]}{dashed};")
    return "\n".join([*lines, "}"]) + "\n"


def _text(hop: Hop) -> list[str]:
    label = f"{GLYPH[style(hop)]} {shorten(hop.label or hop.id, _LABEL)}"
    return [label, shorten(hop.note, _NOTE)] if hop.note and not hop.blocked else [label]


def _quoted(lines: list[str]) -> str:
    """A quoted string; a backslash is doubled, as Graphviz reads \\N, \\G and \\l in labels."""
    escaped = [line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines]
    return '"' + "\\n".join(escaped) + '"'
