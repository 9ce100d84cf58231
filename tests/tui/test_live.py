"""The full-screen wizard as it really runs: the real services against a sandbox, from an empty form to a mended API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Input

from tests.grid.arena import settings_for
from tests.tui.test_stories import shown
from wizard.model.case import Symptom
from wizard.sandbox.process import SandboxProcess
from wizard.ui.tui.app import WizardApp
from wizard.ui.tui.live import LiveServices
from wizard.ui.tui.screens.dialogs import Consent
from wizard.ui.tui.screens.setup import SetupScreen
from wizard.ui.tui.screens.verdict import VerdictScreen

FAULT = "lambda-timeout"
PATIENCE_S = 60.0


@pytest.fixture
def line() -> Iterator[dict[str, Any]]:
    with SandboxProcess([FAULT]) as line:
        yield line


async def test_from_an_empty_form_to_the_cause_and_a_fix_that_nothing_shows(
    line: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """A log in which nothing has been written since is no proof of a fix."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    settings = replace(settings_for(line), target=None, symptom=Symptom())
    app = WizardApp(LiveServices(settings))
    app.animation_level = "none"
    async with app.run_test(size=(80, 24)) as pilot:

        async def until(holds: Callable[[], bool]) -> None:
            async with asyncio.timeout(PATIENCE_S):
                while not holds():
                    assert not app.walk.trouble
                    if isinstance(app.screen, Consent):
                        await pilot.press("n")
                    await pilot.pause(0.02)

        await until(lambda: isinstance(app.screen, SetupScreen) and bool(app.session.looks))
        assert any(looks.asks for looks in app.session.looks.values())
        app.screen.query_one("#url", Input).value = line["url"]
        app.screen.query_one("#status", Input).value = str(line["symptom"]["status"])
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, VerdictScreen))
        first = app.screen
        assert isinstance(first, VerdictScreen)
        assert first.result.findings[0].cause.id == FAULT
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, VerdictScreen) and app.screen is not first)
        await pilot.pause()
        assert "Not seen since, but nothing was requested since either" in shown(pilot)
        assert "Fixed:" not in shown(pilot)
        again = app.screen
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, VerdictScreen) and app.screen is not again)
