"""Ctrl+C while AWS keeps silent: the command ends at once and keeps what is known."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.conftest import BrokenAws, Run
from wizard.model.aws import Unreachable


@pytest.fixture
def silence() -> Iterator[threading.Event]:
    """Set at the end of the test, so that no thread waits for ever."""
    over = threading.Event()
    yield over
    over.set()


@pytest.mark.parametrize("moment", ["sts", "apigateway"])
def test_ctrl_c(run: Run, monkeypatch: pytest.MonkeyPatch, silence: threading.Event, moment: str) -> None:
    first = threading.Lock()  # several threads ask at once; one key press is enough

    class Silent(BrokenAws):
        def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
            if service == moment:
                if first.acquire(blocking=False):
                    ident = threading.main_thread().ident
                    assert ident
                    signal.pthread_kill(ident, signal.SIGINT)  # as the terminal's key does
                silence.wait(30)
            return {"Account": "111122223333"}

    monkeypatch.setattr("wizard.aws.session.connect", lambda *_, **__: Silent(Unreachable("gone")))
    result = run("check", "--api-id", "a1b2c3d4e5", "--stage", "prod", "--output", "json")
    assert result.code == 130
    assert "interrupted" in result.err
    assert not silence.is_set()
    if moment == "apigateway":
        found = json.loads(result.out)
        assert (found["outcome"], found["complete"], found["target"]["account"]) == (
            "inconclusive",
            False,
            "111122223333",
        )
