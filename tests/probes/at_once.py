"""Questions that a probe asks together, one after the other: where the answers are there already, threads only cost."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest


class Thread:
    """As much of threading.Thread as probes._together needs; whoever starts it does its work."""

    def __init__(self, *, target: Callable[..., None], args: tuple[Any, ...], daemon: bool) -> None:
        self._target, self._args = target, args

    def start(self) -> None:
        self._target(*self._args)

    def join(self) -> None:
        return


@pytest.fixture(autouse=True)
def _no_threads_of_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes._together.threading", SimpleNamespace(Thread=Thread))
