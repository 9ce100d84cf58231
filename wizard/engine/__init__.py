"""Walks the tree, runs probes side by side, marks hops, concludes."""

from __future__ import annotations

from wizard.engine.walk import Engine

__all__ = ["Engine"]
