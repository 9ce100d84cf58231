"""Megabytes that the app holds after a full walk on a running sandbox (its line as JSON in the first argument)."""

import asyncio
import json
import sys
from typing import Any

import psutil

from wizard.model.aws import Aws
from wizard.model.case import Symptom, Target
from wizard.ui.settings import Settings
from wizard.ui.tui.app import WizardApp
from wizard.ui.tui.screens.verdict import VerdictScreen
from wizard.ui.tui.services import LiveServices


def settings(line: dict[str, Any]) -> Settings:
    """The case of the sandbox, consent given so that every probe runs."""

    def door(profile: str | None, region: str | None, endpoint_url: str | None) -> Aws:
        from wizard.aws.session import connect

        return connect(
            None,
            region,
            line["endpoint_url"],
            access_key_id=line["access_key_id"],
            secret_access_key=line["secret_access_key"],
        )

    target = Target(**{name: line[name] for name in ("api_id", "stage", "method", "path", "region", "account", "url")})
    return Settings(
        connect=door,
        target=target,
        symptom=Symptom(**(line["symptom"] or {})),
        region=line["region"],
        allow_invoke=True,
    )


async def walk(line: dict[str, Any]) -> None:
    """Walk to the verdict screen and print the resident memory."""
    app = WizardApp(LiveServices(settings(line)))
    async with app.run_test(size=(120, 40)) as pilot:
        while not isinstance(app.screen, VerdictScreen):
            await pilot.pause(0.05)
        await pilot.pause()
        print(psutil.Process().memory_info().rss / 2**20, flush=True)
        await pilot.press("q")


if __name__ == "__main__":
    asyncio.run(walk(json.loads(sys.argv[1])))
