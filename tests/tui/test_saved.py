"""Cases on the disk: saved as they go, listed newest first, taken up again; a broken file is one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tui import events as story
from tests.tui.trees import TREE
from wizard.model import events as ev
from wizard.model.status import Outcome
from wizard.ui.tui.saved import Saving, recent, taken_up
from wizard.ui.tui.services import Trouble


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def save(events: list[ev.Event], outcome: Outcome | None) -> Saving:
    remarks: list[str] = []
    saving = Saving(remarks.append)
    for event in events:
        saving(event)
    saving.close(outcome)
    assert remarks == []
    return saving


def test_a_walk_that_was_broken_off_and_one_that_ended() -> None:
    save(story.midway(), None)
    (broken,) = recent()
    assert broken.label == "GET /orders/42"
    assert "broken off · a1b2c3d4e5 · prod · us-east-1" in broken.detail
    case = taken_up(broken.id, TREE)
    assert [type(event) for event in case.events] == [type(event) for event in story.midway()]
    ended = save(story.failing(), Outcome.FAULT)
    assert sorted("fault" in case.detail for case in recent()) == [False, True]
    ended.forget()
    ended.forget()
    assert [case.id for case in recent()] == [broken.id]


def test_a_file_that_cannot_be_read_is_one_line(state: Path) -> None:
    save(story.midway(), None)
    (case,) = recent()
    Path(case.id).write_text('{"schema": 1, "tool": "apigw-wizard", "version": "0"}\nnonsense\n', encoding="utf-8")
    with pytest.raises(Trouble, match=r"The case cannot be taken up: .*:2: "):
        taken_up(case.id, TREE)
    os.unlink(case.id)
    with pytest.raises(Trouble):
        taken_up(case.id, TREE)
