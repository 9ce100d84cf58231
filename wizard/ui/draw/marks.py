"""A hop as a label."""

from __future__ import annotations

from wizard.model.path import Hop
from wizard.model.text import shorten
from wizard.report.marks import GLYPH, style


def label(hop: Hop, width: int) -> str:
    """Glyph and name of a hop in at most `width` columns."""
    return f"{GLYPH[style(hop)]} {shorten(hop.label or hop.id, max(width - 2, 1))}"
