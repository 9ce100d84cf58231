"""Draws the pictures of this folder from real runs against the sandbox: `make screenshots`.

Every picture is written as SVG. The PNG beside it needs a headless Chromium (or Chrome) on the PATH and a monospaced
font that has the box characters; without a browser the SVG files are written all the same, and that is said. The ids
in the pictures are those of that run's sandbox.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from wizard.aws.session import connect
from wizard.engine.catalog import find_probe
from wizard.model.aws import Aws
from wizard.model.case import Case, Symptom, Target
from wizard.model.probe import Evidence, Probe
from wizard.sandbox.process import SandboxProcess
from wizard.ui.headless import check
from wizard.ui.settings import Connect, Settings
from wizard.ui.terminal import save_report
from wizard.ui.tui.app import WizardApp
from wizard.ui.tui.live import LiveServices
from wizard.ui.tui.screens.dialogs import Consent
from wizard.ui.tui.screens.setup import SetupScreen
from wizard.ui.tui.screens.verdict import VerdictScreen

HERE = Path(__file__).parent
SIZE = (120, 40)
REPORT_SIZE = (1180, 1240)
FAULT = "lambda-permission-missing"
# How long a run may take before drawing gives up; seconds.
PATIENCE_S = 60.0
LOOK_S, SETTLE_S = 0.02, 0.3
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# The step at which the picture of the walk is taken.
MIDWAY = "lambda_fn.permission"

# An address in AWS's own form, so that the set-up shows what people paste.
EXAMPLE = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/orders/42"
_FONTS = re.compile(r"@font-face \{.*?\n    \}\n", re.DOTALL)
# Milliseconds since 1970, as the AWS CLI lines of log queries carry them.
_TIME = re.compile(r"\b1\d{12}\b")
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


@asynccontextmanager
async def wizard(settings: Settings) -> AsyncIterator[tuple[WizardApp, Pilot[int]]]:
    """The real app on a screen that is only drawn; nothing moves or blinks in it."""
    app = WizardApp(LiveServices(settings))
    app.animation_level = "none"
    async with app.run_test(size=SIZE) as pilot:
        yield app, pilot


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Waits until something holds on the screen, then for the layout.

    Raises:
        TimeoutError: it did not within PATIENCE_S.
    """
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await pilot.pause(LOOK_S)
    await pilot.pause(SETTLE_S)


def held(probe_id: str) -> threading.Event:
    """Makes a probe wait until the event is set, as it would for a slow answer: the walk can be drawn in its middle."""
    kind, go = type(find_probe(probe_id)), threading.Event()
    run = kind.run

    def waits(self: Probe, case: Case, aws: Aws) -> Evidence:
        go.wait(PATIENCE_S)
        return run(self, case, aws)

    kind.run = waits  # type: ignore[method-assign]  # for the life of this script
    return go


def door(line: dict[str, Any]) -> Connect:
    """The way to the sandbox that printed this line."""
    keys = {name: line[name] for name in ("access_key_id", "secret_access_key")}

    def to_sandbox(profile: str | None, region: str | None, endpoint_url: str | None) -> Aws:
        return connect(None, region or line["region"], line["endpoint_url"], **keys)

    return to_sandbox


def known(line: dict[str, Any]) -> Settings:
    """A wizard that was started on the sandbox's API."""
    place = {name: line[name] for name in ("api_id", "stage", "method", "path", "region", "account", "url")}
    return Settings(connect=door(line), target=Target(**place), symptom=Symptom(**line["symptom"]), demo=line)


async def pictures(line: dict[str, Any]) -> AsyncIterator[Path]:
    """The screens in the order in which people meet them."""
    async with wizard(Settings(connect=door(line))) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, SetupScreen))
        for entry in app.screen.query(Input):
            entry.cursor_blink = False
        app.screen.query_one("#url", Input).value = EXAMPLE
        app.screen.query_one("#status", Input).value = str(line["symptom"]["status"])
        app.screen.query_one("#start").focus()
        await until(pilot, lambda: app.screen.query_one("#start").has_focus)
        yield draw(app, "setup")
    go = held(MIDWAY)
    async with wizard(known(line)) as (app, pilot):
        await until(pilot, lambda: app.walk.running == (MIDWAY,) and app.walk.steps[app.walk.now].running)
        yield draw(app, "walk")
        go.set()
        await until(pilot, lambda: isinstance(app.screen, Consent))
        yield draw(app, "consent")
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, Consent) and app.screen.question.id.endswith("request"))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, VerdictScreen))
        yield draw(app, "verdict")


def draw(app: WizardApp, name: str) -> Path:
    """Writes the SVG of what the app shows now: no fonts from the network, no time of day."""
    text = _TIME.sub("1767225600000", _FONTS.sub("", app.export_screenshot(title="apigw-wizard")))
    file = HERE / f"{name}.svg"
    file.write_text(text, encoding="utf-8")
    return file


def report(settings: Settings, folder: Path) -> Path:
    """The report of the same check as people attach it to a ticket: HTML, redacted."""
    file = folder / "report.html"
    save_report(check(settings, lambda *_: None), "html", str(file))
    return file


def browser() -> str | None:
    """A browser that can draw without a screen."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def size_of(svg: Path) -> tuple[int, int]:
    """Width and height that the SVG asks for, in pixels."""
    size = _SIZE.search(svg.read_text(encoding="utf-8"))
    assert size, f"{svg} has no size"
    width, height = (int(float(number) + 0.5) for number in size.groups())
    return width, height


def to_png(program: str, page: Path, size: tuple[int, int]) -> Path:
    """What a browser shows of an SVG or a page, as PNG in this folder.

    Raises:
        RuntimeError: the browser wrote none.
    """
    width, height = size
    png = HERE / f"{page.stem}.png"
    before = png.stat().st_mtime_ns if png.exists() else 0
    with tempfile.TemporaryDirectory() as profile:
        words = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        words += [f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--screenshot={png}", page.as_uri()]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if not png.exists() or png.stat().st_mtime_ns == before:
        raise RuntimeError(f"{program} drew no {png.name}: {done.stderr.strip()[-300:]}")
    return png


async def main() -> None:
    """Draws everything."""
    program = browser()
    with tempfile.TemporaryDirectory() as nobodys, SandboxProcess([FAULT]) as line:
        # Neither are the cases of whoever draws shown, nor do these runs stand among them.
        os.environ |= {"XDG_STATE_HOME": nobodys, "XDG_CONFIG_HOME": nobodys}
        async for svg in pictures(line):
            print(svg.relative_to(HERE.parent))
            if program:
                print(to_png(program, svg, size_of(svg)).relative_to(HERE.parent))
        if program:
            with tempfile.TemporaryDirectory() as folder:
                page = await asyncio.to_thread(report, known(line), Path(folder))
                print(to_png(program, page, REPORT_SIZE).relative_to(HERE.parent))
    if not program:
        print(f"No PNG was drawn: none of {', '.join(BROWSERS)} is on the PATH. Only the SVG is new.", file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main())
