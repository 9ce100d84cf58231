"""One sandbox process for all tests of a file, and one reading of the tree."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

import wizard.tree
from tests.grid.arena import Arena


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def _tree_is_read_once() -> Iterator[None]:
    """To read the tree takes half the time of a walk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wizard.tree, "load", cache(wizard.tree.load))
        yield
