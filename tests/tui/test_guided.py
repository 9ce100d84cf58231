"""Guided mode full screen: the command, the paste, the words; and a walk without credentials by keyboard alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from tests.tui.conftest import PlayedServices, settled, wizard
from wizard.aws.pasted import Wanted
from wizard.model.case import Symptom, Target
from wizard.model.cli_line import cli_line
from wizard.ui.guided import Guide, Request
from wizard.ui.settings import Settings
from wizard.ui.tui.app import WizardApp
from wizard.ui.tui.live import LiveServices
from wizard.ui.tui.screens.guided import GuidedScreen, Paste
from wizard.ui.tui.screens.verdict import VerdictScreen

SIZES = [(80, 24), (120, 40), (200, 60)]
LINE = cli_line("apigateway", "GetStage", {"restApiId": "a1b2c3d4e5", "stageName": "prod"}, "eu-west-1")
WANTED = Wanted(f"{LINE} --output json", "apigateway get-stage", "get-stage: stageName, deploymentId, description, …")
REQUEST = Request(WANTED, "Which way does the request take?", "The API, its stage and what they call.", 2)
API = json.dumps({"id": "a1b2c3d4e5", "name": "shop"}, indent=4)
HOSTILE = "[red]\x1b[2Jx\u202e" + "y" * 10_000
REQUESTS = {
    "command": REQUEST,
    "refused": replace(
        REQUEST,
        wanted=replace(WANTED, refused="this looks like the output of get-stages; expected get-stage: stageName"),
    ),
    "proven": replace(
        REQUEST, wanted=replace(WANTED, may_be_empty=True, runs=True), found="API Gateway is not allowed to invoke it"
    ),
    "hostile": Request(Wanted(HOSTILE, HOSTILE, HOSTILE, refused=HOSTILE), HOSTILE, HOSTILE, 1, HOSTILE),
}
SnapCompare = Callable[..., bool]


async def shown(pilot: Pilot[int], request: Request) -> asyncio.Task[str]:
    """The request on the screen, as the walk puts it there."""
    app = pilot.app
    assert isinstance(app, WizardApp)
    await settled(pilot)
    task = asyncio.create_task(app.paste(request))
    await pilot.pause()
    for area in app.screen.query(Paste):
        area.cursor_blink = False
    await settled(pilot)
    return task


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", REQUESTS)
def test_screen(snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    async def play(pilot: Pilot[int]) -> None:
        await shown(pilot, REQUESTS[name])

    assert snap_compare(wizard(PlayedServices(hangs=True)), terminal_size=size, run_before=play)


def paste(pilot: Pilot[int], text: str) -> None:
    pilot.app.post_message(events.Paste(text))


@pytest.mark.parametrize(
    ("pastes", "keys", "given"),
    [
        ([API], [], API),
        ([f"$ {LINE}\r\n{API}\r\n$ "], ["ctrl+s"], None),
        ([API[:20], API[20:]], [], API),
        ([], [*"@a", "full_stop", "j", "enter"], "@a.j"),
        ([], ["escape"], "skip"),
        ([], ["enter"], ""),
        ([], ["ctrl+n"], "nothing"),
        ([API[:20]], ["ctrl+e"], "enough"),
        (["no\nJSON\n"], ["enter", "ctrl+s"], "no\nJSON\n\n"),
        (["An error occurred (X) when calling the GetStage operation: z"], [], None),
    ],
)
async def test_what_is_given(pastes: list[str], keys: list[str], given: str | None) -> None:
    async with wizard(PlayedServices(hangs=True)).run_test(size=(80, 24)) as pilot:
        task = await shown(pilot, REQUEST)
        for text in pastes:
            paste(pilot, text)
            await pilot.pause()
        for key in keys:
            await pilot.press(key)
        answer = await asyncio.wait_for(task, 5)
        assert answer.splitlines() == (pastes[0] if given is None else given).splitlines()
        assert not isinstance(pilot.app.screen, GuidedScreen)


async def test_the_command_is_copied_whole() -> None:
    long = replace(REQUEST, wanted=replace(WANTED, command="aws x " + "y" * 9000))
    async with wizard(PlayedServices(hangs=True)).run_test(size=(80, 24)) as pilot:
        await shown(pilot, long)
        await pilot.press("ctrl+y")
        assert pilot.app.clipboard == long.wanted.command


@pytest.mark.usefixtures("_alone")
async def test_support_walks_with_pasted_answers() -> None:
    """From the first command to the verdict, by paste and keys alone; AWS is never asked."""

    def nobody(*_: Any) -> Any:
        raise AssertionError("nobody connects")

    target = Target(api_id="a1b2c3d4e5", stage="prod", path="/orders/42", region="eu-west-1", account="123456789012")
    services = LiveServices(Settings(nobody, target, Symptom(status=500), guided=True))
    app = wizard(services)  # type: ignore[arg-type]  # the real ones
    requests: asyncio.Queue[Request] = asyncio.Queue()

    async def put(request: Request) -> str:
        requests.put_nowait(request)
        return await app.paste(request)

    services.guide = Guide(put)
    commands: list[str] = []
    async with app.run_test(size=(100, 30)) as pilot:

        async def until(there: Callable[[], bool]) -> None:
            async with asyncio.timeout(60):
                while not there():
                    assert not app.walk.trouble
                    await pilot.pause(0.02)

        async def next_command() -> str:
            await until(lambda: not requests.empty())
            request = requests.get_nowait()
            await until(lambda: isinstance(app.screen, GuidedScreen) and app.screen.request is request)
            commands.append(request.wanted.refused + request.wanted.command)
            return request.wanted.command.split()[2]

        answers = {"get-rest-api": ["{}", API], "get-stage": ['{"stageName": "prod"}']}
        while (name := await next_command()) != "get-metric-data":
            left = answers.get(name, [])
            if left:
                paste(pilot, left.pop(0))
            else:
                await pilot.press("escape")
        await pilot.press("ctrl+e")
        await until(lambda: isinstance(app.screen, VerdictScreen))
        await settled(pilot)
        result = app.walk.verdict
        assert result is not None
        assert result.outcome == "inconclusive"
    assert any(command.startswith("id is missing") for command in commands)


@pytest.fixture
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """No home, no configuration, no credentials."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
