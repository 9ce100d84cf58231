"""What the keys do."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from itertools import pairwise

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, OptionList

from tests.tui import events as story
from tests.tui.conftest import PlayedServices, settled, wizard
from wizard.model.aws import Aws, NoCredentials
from wizard.model.status import Outcome
from wizard.ui.tui import keys
from wizard.ui.tui.app import INTERRUPTED, WizardApp
from wizard.ui.tui.live import LiveServices
from wizard.ui.tui.screens.choose import Choose
from wizard.ui.tui.screens.dialogs import ByHand, Consent
from wizard.ui.tui.screens.pages import Page
from wizard.ui.tui.screens.setup import SetupScreen
from wizard.ui.tui.screens.trouble import TroubleScreen
from wizard.ui.tui.screens.verdict import VerdictScreen
from wizard.ui.tui.screens.walk import WalkScreen
from wizard.ui.tui.state import Phase
from wizard.ui.tui.widgets.fixes import Fixes

MOVES = ("j", "k", "backspace")


def running(services: PlayedServices, size: tuple[int, int] = (80, 24)) -> AbstractAsyncContextManager[Pilot[int]]:
    return wizard(services).run_test(size=size, notifications=True)


async def press(pilot: Pilot[int], *names: str) -> WizardApp:
    """Presses keys, each after the last has had its effect; typing and moving step after step come in one go."""
    await settled(pilot)
    for name, following in pairwise((*names, "")):
        await pilot.press(name)
        typing = isinstance(pilot.app.focused, Input) and len(name) == len(following) == 1
        if not typing and (name != following or name not in MOVES):
            await settled(pilot)
    assert isinstance(pilot.app, WizardApp)
    return pilot.app


def notes(app: WizardApp) -> list[str]:
    return [note.message for note in app._notifications]


MOMENTS = {
    "setup": (PlayedServices(target_known=False), ("escape",)),
    "list": (PlayedServices(target_known=False), ("escape", "down", "enter", "escape")),
    "walk": (PlayedServices(story.midway(), hangs=True), ()),
    "consent": (PlayedServices([*story.midway(), story.CONSENT]), ()),
    "by-hand": (PlayedServices([*story.midway(), story.BY_HAND]), ()),
    "help": (PlayedServices(story.midway(), hangs=True), ("question_mark",)),
    "verdict": (PlayedServices(story.failing()), ()),
    "trouble": (PlayedServices(trouble="No credentials."), ()),
}


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+c", INTERRUPTED)])
@pytest.mark.parametrize("moment", MOMENTS)
async def test_quit_at_any_time(moment: str, key: str, code: int) -> None:
    services, before = MOMENTS[moment]
    async with running(services) as pilot:
        app = await press(pilot, *before)
        await pilot.press(key)
        await pilot.pause()
    assert app.return_value == code


async def test_quitting_cancels_the_walk() -> None:
    services = PlayedServices(story.midway(), hangs=True)
    async with running(services) as pilot:
        await press(pilot)
        await pilot.press("q")
    assert services.cancelled


async def test_ctrl_c_leaves_even_a_text_field() -> None:
    async with running(PlayedServices(target_known=False)) as pilot:
        app = await press(pilot)
        assert isinstance(app.focused, Input)
        await pilot.press("ctrl+c")
    assert app.return_value == INTERRUPTED


@pytest.mark.parametrize(("key", "answer"), [("y", "yes"), ("n", "no"), ("enter", "no"), ("escape", "no"), ("s", "no")])
async def test_consent(key: str, answer: str) -> None:
    services = PlayedServices([*story.midway(), story.CONSENT])
    async with running(services) as pilot:
        app = await press(pilot)
        assert isinstance(app.screen, Consent)
        assert app.focused is app.screen.query_one("#no", Button)
        await press(pilot, key)
    assert services.answers == [answer]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("y",), "yes"),
        (("n",), "no"),
        (("u",), "unsure"),
        (("enter",), "unsure"),
        (("s",), "unsure"),
        (("left", "enter"), "no"),
    ],
)
async def test_question_by_hand(keys: Sequence[str], answer: str) -> None:
    services = PlayedServices([*story.midway(), story.BY_HAND])
    async with running(services) as pilot:
        app = await press(pilot)
        assert isinstance(app.screen, ByHand)
        await press(pilot, *keys)
    assert services.answers == [answer]


async def test_the_walk_runs_by_itself_to_the_verdict_and_back() -> None:
    async with running(PlayedServices(story.failing())) as pilot:
        app = await press(pilot)
        assert isinstance(app.screen, VerdictScreen)
        assert app.screen.result.outcome is Outcome.FAULT
        await press(pilot, "escape")
        assert isinstance(app.screen, WalkScreen)
        await press(pilot, "c")
        assert isinstance(app.screen, VerdictScreen)


async def test_who_looks_around_is_not_interrupted_by_the_verdict() -> None:
    services = PlayedServices([*story.midway(), story.CONSENT, *story.failing()[len(story.midway()) :]])
    async with running(services) as pilot:
        app = await press(pilot, "s")
        assert isinstance(app.screen, VerdictScreen)
    services = PlayedServices(story.midway(), hangs=True)
    async with running(services) as pilot:
        app = await press(pilot, "k")
        walk = app.screen
        assert isinstance(walk, WalkScreen)
        assert not walk.follows
        assert walk.selected == walk.walk.now - 1
        await press(pilot, "c")
        assert walk.selected == walk.walk.now


async def test_fix_tabs_and_copy() -> None:
    async with running(PlayedServices(story.failing())) as pilot:
        app = await press(pilot)
        fixes = app.screen.query_one(Fixes)
        kinds = [fixes.active]
        for key in ("right", "l", "right", "right", "left"):
            await press(pilot, key)
            kinds.append(fixes.active)
        assert kinds == ["cli", "sam", "terraform", "console", "cli", "console"]
        await press(pilot, "right", "y")
        assert app.clipboard.startswith("aws lambda add-permission --function-name shop-orders --qualifier live")
        assert story.SOURCE_ARN in app.clipboard


async def test_copy_takes_the_id_of_a_focused_cause() -> None:
    async with running(PlayedServices(story.failing()), (120, 40)) as pilot:
        app = await press(pilot)
        app.screen.query_one("#causes", OptionList).focus()
        await press(pilot, "y")
        assert app.clipboard == "lambda-permission-missing"


async def test_copy_on_the_walk_takes_the_cli_line_of_the_step() -> None:
    async with running(PlayedServices(story.midway(), hangs=True)) as pilot:
        app = await press(pilot, *["k"] * 7, "y")
        assert app.clipboard == (
            "aws apigateway get-export /dev/stdout --rest-api-id a1b2c3d4e5 --stage-name prod --export-type oas30 "
            "--region us-east-1"
        )


async def test_skip_ends_the_wait_for_a_check() -> None:
    services = PlayedServices(story.midway(), hangs=True)
    async with running(services) as pilot:
        app = await press(pilot)
        assert isinstance(app.screen, WalkScreen)
        await press(pilot, "s")
        assert "Skipped: May API Gateway invoke the function?" in notes(app)
        assert isinstance(app.screen, VerdictScreen)
        await press(pilot, "escape")
        shown = {key: binding.description for key, (_, binding, _, _) in app.screen.active_bindings.items()}
        assert shown["c"] == "Verdict"
        assert not {"s", "p"} & shown.keys()


async def test_run_again_from_the_verdict() -> None:
    services = PlayedServices(story.failing())
    async with running(services) as pilot:
        app = await press(pilot, "r")
        assert services.runs == 2
        assert isinstance(app.screen, VerdictScreen)
        assert len(app.screen_stack) == 2


async def test_run_again_while_a_question_stands() -> None:
    services = PlayedServices([*story.midway(), story.CONSENT])
    async with running(services) as pilot:
        app = await press(pilot)
        app.rerun()
        await press(pilot)
        assert services.runs == 2
        assert isinstance(app.screen, Consent)
        assert services.answers == []


async def test_export_and_a_failure_that_keeps_the_case() -> None:
    services = PlayedServices(story.failing())
    async with running(services) as pilot:
        app = await press(pilot, "e", "down", "enter")
        assert "Saved, redacted: /tmp/report.txt" in notes(app)
        assert services.formats_saved == ["markdown"]
        services.save_trouble = "The report could not be saved: No space left on device. The case is still here."
        await press(pilot, "e", "enter")
        assert services.save_trouble in notes(app)
        assert isinstance(app.screen, VerdictScreen)


async def test_details_show_every_fact() -> None:
    async with running(PlayedServices(story.failing())) as pilot:
        app = await press(pilot, "escape", "slash", *"resource", "enter")
        assert app.focused is None
        await press(pilot, "escape", "enter")
        assert isinstance(app.screen, Page)
        await press(pilot, "escape")
        assert isinstance(app.screen, WalkScreen)


async def test_filter_of_the_trail() -> None:
    async with running(PlayedServices(story.midway(), hangs=True), (120, 40)) as pilot:
        app = await press(pilot, "slash", *"log", "enter")
        walk = app.screen
        assert isinstance(walk, WalkScreen)
        trail = walk.query_one("#trail", OptionList)
        shown = [walk.walk.steps[int(option.id)].node.id for option in trail.options if option.id]
        assert shown == ["stage-logging", "execution-log", "function-log"]
        await press(pilot, "j")
        assert walk.step
        assert walk.step.node.id == "execution-log"
        await press(pilot, "escape")
        assert len([option for option in trail.options if option.id]) == len(walk.walk.steps)


async def test_picking_a_target_from_lists() -> None:
    services = PlayedServices(story.failing(), target_known=False)
    async with running(services) as pilot:
        app = await press(pilot, "escape", "enter", *"prod", "enter")
        setup = app.screen
        assert isinstance(setup, SetupScreen)
        assert setup.form.profile == "shop-prod"
        await press(pilot, "enter", *"us-", "enter")
        assert setup.form.region == "us-east-1"
        await press(pilot, "enter", *"shop-117", "down", "enter")
        assert setup.form.api == ("api1170", "api1170")
        await press(pilot, "enter", "enter", "enter", *"id", "enter")
        assert (setup.form.stage, setup.form.method) == ("prod", "GET /orders/{id}")
        await press(pilot, "enter")
        assert setup.trouble == "Type a request that failed: /orders/42"
        await press(pilot, *"/orders/{x}", "enter")
        assert setup.trouble == "/orders/{x} is not the path of a request: it looks like /orders/42"
        await press(pilot, *["backspace"] * 3, *"7?a=b", "tab", *"502", "enter")
        assert services.runs == 1
        target = app.session.target
        assert target
        assert (target.api_id, target.stage, target.method, target.path) == ("api1170", "prod", "GET", "/orders/7")
        assert app.session.symptom.status == 502
        assert app.session.account.profile == "shop-prod"


async def test_pasting_an_address() -> None:
    services = PlayedServices(story.failing(), target_known=False)
    async with running(services) as pilot:
        app = await press(pilot)
        address = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders?x=1"
        app.screen.query_one("#url", Input).value = f"POST {address}"
        await press(pilot, "enter")
        target = app.session.target
        assert target
        assert (target.method, target.path, target.region) == ("POST", "/orders", "eu-west-1")


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("", "", "Paste the address that fails"),
        ("https://", "", ""),
        ("https://api.example.com/x", "5x", "5x is no HTTP status"),
    ],
)
async def test_what_cannot_start_says_why(url: str, status: str, words: str) -> None:
    async with running(PlayedServices(target_known=False)) as pilot:
        app = await press(pilot)
        setup = app.screen
        assert isinstance(setup, SetupScreen)
        setup.query_one("#url", Input).value = url
        setup.query_one("#status", Input).value = status
        await press(pilot, "enter")
        assert len(app.screen_stack) == 1
        assert setup.trouble
        assert words in setup.trouble


async def test_trouble_in_a_list_is_a_line_and_the_list_can_be_left() -> None:
    line = "The SSO session has run out: aws sso login --profile shop-prod"
    async with running(PlayedServices(target_known=False, trouble=line)) as pilot:
        app = await press(pilot, "escape", "down", "down", "enter")
        assert isinstance(app.screen, Choose)
        assert line in app.export_screenshot().replace("&#160;", " ")
        await press(pilot, "escape")
        assert isinstance(app.screen, SetupScreen)


async def test_broken_tree_is_told_before_anything_is_asked() -> None:
    line = "The decision tree cannot be used: mine.yaml:12: no such node"
    async with running(PlayedServices(target_known=False, tree_trouble=line)) as pilot:
        setup = (await press(pilot)).screen
        assert isinstance(setup, SetupScreen)
        assert setup.trouble == line


async def test_trouble_at_the_start_leads_back_to_the_set_up() -> None:
    async with running(PlayedServices(trouble="No usable credentials.")) as pilot:
        app = await press(pilot)
        assert app.walk.phase is Phase.FAILED
        await press(pilot, "escape")
        assert isinstance(app.screen, SetupScreen)
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, WalkScreen)


async def test_nobody_to_ask_as_is_one_line_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(connection: Aws) -> str:
        raise NoCredentials("no AWS credentials found; run: aws configure")

    monkeypatch.setattr("wizard.aws.session.identity", refuse)
    services = PlayedServices(story.failing())
    services.settings = replace(services.settings, target=replace(story.TARGET, account=None))
    services.opened = LiveServices(services.settings).opened  # type: ignore[method-assign]  # the real one
    async with running(services) as pilot:
        app = await press(pilot, "c", "c")
        assert services.runs == 0
        assert app.walk.trouble == "no AWS credentials found; run: aws configure"
        assert isinstance(app.screen, WalkScreen)
        assert "There is no verdict: nothing could be looked at." in notes(app)


async def test_a_defect_of_the_tool_is_a_line_and_not_the_end() -> None:
    services = PlayedServices([*story.midway(), story.CONSENT])
    services.defect = True
    async with running(services) as pilot:
        app = await press(pilot)
        assert app.walk.phase is Phase.FAILED
        assert "The tool itself failed (ZeroDivisionError" in app.walk.trouble
        assert isinstance(app.screen, TroubleScreen)
        services.defect = False
        await press(pilot, "r")
        assert app.screen.__class__ is Consent


async def test_the_room_is_measured_again_below_another_screen() -> None:
    async with running(PlayedServices(story.failing())) as pilot:
        app = await press(pilot)
        assert app.screen.has_class("-narrow")
        await pilot.resize_terminal(120, 40)
        await press(pilot)
        assert app.screen.has_class("-medium")
        await press(pilot, "escape")
        assert app.screen.has_class("-medium")
        await press(pilot, "c")
        assert app.screen.has_class("-medium")


def test_every_binding_has_an_id() -> None:
    def bindings() -> Iterator[object]:
        for screen in (WizardApp, SetupScreen, WalkScreen, VerdictScreen, Consent, ByHand, Choose, Page, Fixes):
            yield from screen.__dict__.get("BINDINGS", [])

    assert all(getattr(binding, "id", None) for binding in bindings())
    assert keys.QUIT.id == "wizard.quit"


async def test_keys_can_be_rebound_by_id() -> None:
    app = wizard(PlayedServices(story.midway(), hangs=True))
    app.set_keymap({"wizard.quit": "x"})
    async with app.run_test() as pilot:
        await press(pilot, "q")
        assert app.is_running
        await pilot.press("x")
    assert app.return_value == 0


async def test_the_verdict_begins_at_its_first_line() -> None:
    async with running(PlayedServices(story.blind())) as pilot:
        app = await press(pilot)
        page = app.screen.query_one("#verdict")
        assert page.max_scroll_y > 0
        assert page.scroll_y == 0
        await press(pilot, "j", "j")
        assert page.scroll_y == 2


async def test_quitting_waits_for_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    services, never = PlayedServices(story.failing()), threading.Event()
    monkeypatch.setattr(services, "connect", lambda account: never.wait())
    async with running(services) as pilot:
        await pilot.pause()
        await pilot.press("q")
        await pilot.pause()
        assert not never.is_set()
    assert pilot.app.return_value == 0
    never.set()
