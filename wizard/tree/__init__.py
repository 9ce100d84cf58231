"""The decision tree: YAML to Tree with line numbers, lint, and the one evaluator of `when:`."""

from __future__ import annotations

from wizard.tree.load import TreeError, default_path, lint, load

__all__ = ["TreeError", "default_path", "lint", "load"]
