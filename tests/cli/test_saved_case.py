"""A check leaves its case behind, also when it was interrupted, and says where in a verbose run."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import BrokenAws, Run
from wizard.model.aws import Unreachable
from wizard.model.status import Outcome
from wizard.report.casefile import read, recent

IDS = ("check", "--api-id", "a1b2c3d4e5", "--stage", "prod")


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("wizard.aws.session.connect", lambda *_, **__: BrokenAws(Unreachable("gone")))


def test_the_case_is_kept(run: Run) -> None:
    result = run(*IDS, "-v")
    (case,) = recent()
    assert case.outcome is Outcome.INCONCLUSIVE
    assert case.target.api_id == "a1b2c3d4e5"
    assert str(case.path) in result.err
    assert read(case.path).evidence[0].probe == "path.trace"


def test_a_quiet_run_says_nothing_of_it(run: Run) -> None:
    assert run(*IDS).err == ""
    assert len(recent()) == 1


def test_ctrl_c_keeps_the_case(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    over, first = threading.Event(), threading.Lock()

    class Silent(BrokenAws):
        def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
            if service != "sts":
                if first.acquire(blocking=False):
                    os.kill(os.getpid(), signal.SIGINT)
                over.wait(30)
            raise self.error

    monkeypatch.setattr("wizard.aws.session.connect", lambda *_, **__: Silent(Unreachable("gone")))
    try:
        assert run(*IDS).code == 130
    finally:
        over.set()
    (case,) = recent()
    assert case.outcome is None
    assert not read(case.path).remark


def test_a_case_that_cannot_be_saved_stops_nothing(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    result = run(*IDS, "-v")
    assert result.code == 5
    assert result.err.count("no longer saved") == 1
