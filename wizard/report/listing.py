"""Lists of causes, probes and faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from wizard.model.json import Json, to_json
from wizard.model.probe import Probe
from wizard.model.text import Line, cells, safe, shorten
from wizard.model.tree import Tree

_LEAST, _INDENT = 40, 4  # columns


def causes(tree: Tree) -> list[dict[str, Json]]:
    """Every cause of the tree, in the order of codes."""
    return [
        {"id": c.id, "code": c.code, "hop": c.hop, "title": c.title, "api": list(c.api_types)}
        for c in sorted(tree.causes.values(), key=lambda c: c.code)
    ]


def probes(found: Iterable[Probe]) -> list[dict[str, Json]]:
    """Every probe with what it may call."""
    return [
        {
            "id": p.id,
            "hop": p.hop,
            "title": p.title,
            "api": to_json(sorted(p.api_types)),
            "effect": p.effect.value,
            "calls": to_json(sorted(p.calls)),
        }
        for p in found
    ]


def table(rows: Sequence[Mapping[str, Json]], columns: Sequence[str], width: int | None) -> list[Line]:
    """One line an entry, whole when there is no `width`; the last column has a line of its own where room is scarce."""
    texts = [[_cell(row.get(name)) for name in columns] for row in rows]
    widths = [max((cells(text[i]) for text in texts), default=0) for i in range(len(columns) - 1)]
    room = width - sum(widths) - 2 * len(widths) if width else None
    below = room is not None and width is not None and room < _LEAST
    out: list[Line] = []
    for row in texts:
        last = row[-1] if width is None else shorten(row[-1], width - _INDENT if below else room or 0)
        cut = zip(row, widths, strict=False)
        first = [
            (text + " " * (size - cells(text) + 2), "dim" if i else "strong") for i, (text, size) in enumerate(cut)
        ]
        out += [tuple(first), ((" " * _INDENT, ""), (last, ""))] if below else [(*first, (last, ""))]
    return out


def _cell(value: Json) -> str:
    return safe(", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else value)
