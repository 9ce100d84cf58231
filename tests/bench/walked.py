"""Megabytes that the app holds after a full walk on a running sandbox (its line as JSON in the first argument)."""

import asyncio
import json
import sys
from typing import Any

import psutil

from tests.grid.arena import settings_for
from wizard.ui.tui.app import WizardApp
from wizard.ui.tui.live import LiveServices
from wizard.ui.tui.screens.verdict import VerdictScreen


async def walk(line: dict[str, Any]) -> None:
    """Walk to the verdict screen and print the resident memory."""
    app = WizardApp(LiveServices(settings_for(line, allow_invoke=True)))
    async with app.run_test(size=(120, 40)) as pilot:
        while not isinstance(app.screen, VerdictScreen):
            await pilot.pause(0.05)
        await pilot.pause()
        print(psutil.Process().memory_info().rss / 2**20, flush=True)
        await pilot.press("q")


if __name__ == "__main__":
    asyncio.run(walk(json.loads(sys.argv[1])))
