"""Questions that do not depend on each other are under way at the same time."""

from __future__ import annotations

import threading

import pytest

from probes import _together
from probes._together import together
from wizard.model.aws import NotFound


@pytest.fixture(autouse=True)
def _real_threads(monkeypatch: pytest.MonkeyPatch, _no_threads_of_probes: None) -> None:
    monkeypatch.setattr(_together, "threading", threading)


def test_all_are_asked_at_once() -> None:
    barrier = threading.Barrier(3, timeout=5)  # passes only when all three are under way at once
    answers = together(dict.fromkeys("abc", barrier.wait))
    assert sorted(answers.values()) == [0, 1, 2]


def test_an_error_stands_where_the_answer_would_and_hides_no_other() -> None:
    gone = NotFound("gone")

    def ask() -> None:
        raise gone

    assert together({"gone": ask, "there": lambda: 1}) == {"gone": gone, "there": 1}


def test_a_crash_goes_up() -> None:
    with pytest.raises(ZeroDivisionError):
        together({"there": lambda: 1, "broken": lambda: 1 // 0})
