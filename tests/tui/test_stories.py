"""Whole walk-throughs with the keyboard alone: look again, answer otherwise, step by step, take up, paste, hops."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events
from textual.widgets import Input

from tests.tui import events as story
from tests.tui.conftest import PlayedServices, settled
from tests.tui.test_keys import notes, press, running
from wizard.model import events as ev
from wizard.model.aws import Expired
from wizard.model.status import Outcome, Reason, Status
from wizard.ui.tui.app import WizardApp
from wizard.ui.tui.screens.choose import Choose
from wizard.ui.tui.screens.dialogs import ByHand
from wizard.ui.tui.screens.hop import HopScreen
from wizard.ui.tui.screens.setup import SetupScreen
from wizard.ui.tui.screens.trouble import TroubleScreen
from wizard.ui.tui.screens.verdict import VerdictScreen
from wizard.ui.tui.screens.walk import WalkScreen
from wizard.ui.tui.state import Phase
from wizard.ui.tui.theme import THEMES

SMALL, MIDDLE, WIDE = (80, 24), (120, 40), (200, 60)
ASKED = [
    *story.midway(),
    *story.visit("lambda-permission", story.EVIDENCE["lambda_fn.permission"])[:1],
    ev.NodeEntered("permission-by-hand", "lambda-permission"),
    story.BY_HAND,
]


def shown(pilot: object) -> str:
    """The text of the whole screen."""
    app = pilot.app  # type: ignore[attr-defined]
    return "\n".join("".join(piece.text for piece in strip) for strip in app.screen._compositor.render_strips(app.size))


@pytest.mark.parametrize("size", [SMALL, MIDDLE, WIDE])
async def test_the_developer_from_the_address_to_the_fix_and_the_proof_that_it_worked(size: tuple[int, int]) -> None:
    services = PlayedServices(story.failing(), target_known=False, scripts=[story.mended()])
    async with running(services, size) as pilot:
        app = await press(pilot)
        app.screen.query_one("#url", Input).value = story.TARGET.url or ""
        await press(pilot, "enter")
        assert isinstance(app.screen, VerdictScreen)
        assert "is not allowed to" in shown(pilot)
        await press(pilot, "y")
        assert app.clipboard.startswith("aws lambda add-permission")
        await press(pilot, "x")
        assert isinstance(app.screen, VerdictScreen)
        text = shown(pilot)
        assert "Fixed: API Gateway is not allowed to invoke the function." in text
        assert "before ✖ The policy of shop-orders:live has no statement" in text
        assert "now    ● A statement of shop-orders:live allows it." in text
        case, known = services.begun[1]
        assert case.symptom.status is None
        looked_at = {item.probe for item in known}
        assert "lambda_fn.settings" in looked_at
        assert not looked_at & {"path.trace", "lambda_fn.permission", "stage.execution_log"}
        assert [keeper.forgotten for keeper in services.kept] == [False, False]
        await press(pilot, "r")
        assert "Fixed:" not in shown(pilot)


async def test_a_fix_that_did_not_help_says_so() -> None:
    async with running(PlayedServices(story.failing()), MIDDLE) as pilot:
        await press(pilot, "x")
        assert "Still there: API Gateway is not allowed to invoke the function." in shown(pilot)


async def test_one_check_with_fresh_answers() -> None:
    services = PlayedServices(story.failing(), scripts=[story.mended()])
    async with running(services) as pilot:
        app = await press(pilot, "escape", "t")
        walk = app.screen
        assert isinstance(walk, WalkScreen)
        assert walk.step
        assert walk.step.node.id == "lambda-permission"
        assert walk.step.status is Status.PASS
        (_, nothing), (_, known) = services.begun
        assert nothing == ()
        assert [keeper.forgotten for keeper in services.kept] == [True, False]
        assert {"lambda_fn.permission"} == set(story.EVIDENCE) - {item.probe for item in known}
        await press(pilot, "c")
        assert isinstance(app.screen, VerdictScreen)
        assert app.screen.result.failing_hop is None


async def test_another_path_makes_everything_new() -> None:
    services = PlayedServices(story.failing())
    async with running(services) as pilot:
        await press(pilot, "escape", *["k"] * 12, "t")
        assert services.begun[1][1] == ()


@pytest.mark.parametrize("key", ["b", "t"])
async def test_back_to_a_question_to_answer_it_otherwise(key: str) -> None:
    answered = [
        *ASKED,
        ev.BranchTaken("permission-by-hand", 1, Status.FAIL),
        *story.failing()[len(story.midway()) :],
    ]
    services = PlayedServices(answered)
    async with running(services) as pilot:
        app = await press(pilot, "n", "escape", "slash", *"hand", "enter", "escape")
        assert services.answers == ["no"]
        walk = app.screen
        assert isinstance(walk, WalkScreen)
        assert walk.step
        assert walk.step.node.id == "permission-by-hand"
        assert "left open" in shown(pilot)
        await press(pilot, key)
        assert isinstance(app.screen, ByHand)
        assert "permission-by-hand" not in services.begun[1][0].answers
        assert len(services.begun[1][1]) == len(story.EVIDENCE)
        await press(pilot, "y")
        assert services.answers == ["no", "yes"]


async def test_there_is_no_question_to_go_back_to() -> None:
    async with running(PlayedServices(story.midway(), hangs=True)) as pilot:
        app = await press(pilot, "b")
        assert "No question has been answered yet." in notes(app)


async def test_step_by_step() -> None:
    services = PlayedServices(story.failing())
    services.settings = replace(services.settings, step=True)
    async with running(services) as pilot:
        app = await press(pilot)
        for node in ("stage-logging", "execution-log"):
            walk = app.walk
            assert walk.paused
            assert walk.steps[walk.now].node.id == node
            assert "c looks, s leaves it out" in shown(pilot)
            await press(pilot, "c")
        await press(pilot, "s")
        assert app.walk.steps[app.walk.now].node.id == "method"
        await press(pilot, "p")
        assert app.walk.phase is Phase.DONE
        assert isinstance(app.screen, VerdictScreen)


async def test_hops_are_reached_from_the_path_and_by_name() -> None:
    async with running(PlayedServices(story.failing()), MIDDLE) as pilot:
        app = await press(pilot, "escape", "right", "enter")
        hop = app.screen
        assert isinstance(hop, HopScreen)
        assert hop.hop == "lambda-permission"
        await press(pilot, "right", "right", "y")
        assert hop.hop == "lambda-function"
        assert app.clipboard == "arn:aws:lambda:us-east-1:123456789012:function:shop-orders:live"
        await press(pilot, "o")
        assert app.clipboard.startswith(
            "https://us-east-1.console.aws.amazon.com/lambda/home?region=us-east-1#/functions/"
        )
        await press(pilot, "g")
        assert isinstance(app.screen, Choose)
        await press(pilot, *"stage", "enter")
        assert app.screen is hop
        assert hop.hop == "stage"
        assert "Execution logging is on at level INFO." in shown(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, WalkScreen)


async def test_facts_are_folded_until_they_are_wanted() -> None:
    async with running(PlayedServices(story.failing()), MIDDLE) as pilot:
        await press(pilot, "escape")
        assert "3 facts; f unfolds" in shown(pilot)
        assert "no-policy" not in shown(pilot)
        await press(pilot, "f")
        assert "no-policy" in shown(pilot)


async def test_a_case_saves_itself_and_is_taken_up_where_it_was_left() -> None:
    services = PlayedServices([*story.midway(), story.CONSENT])
    async with running(services) as pilot:
        await press(pilot)
        await pilot.press("ctrl+c")
    kept = services.kept[0]
    assert kept.closed
    assert kept.outcome is None
    assert [e for e in kept.events if isinstance(e, ev.ProbeFinished)]

    later = PlayedServices(story.failing(), target_known=False, cases=kept.events)
    async with running(later) as pilot:
        app = await press(pilot, "escape", "up", "enter")
        assert isinstance(app.screen, Choose)
        assert "GET /orders/42" in shown(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, VerdictScreen)
        case, known = later.begun[0]
        assert case.target == story.TARGET
        assert case.symptom.status == 500
        assert {item.probe for item in known} == {
            e.evidence.probe for e in kept.events if isinstance(e, ev.ProbeFinished)
        }
        assert later.kept[0].outcome is Outcome.FAULT


LOG = """2026-03-04T05:06:07 (8fe5a4b6-0000-4000-8000-1234567890ab) Starting execution for request
2026-03-04T05:06:07 (8fe5a4b6-0000-4000-8000-1234567890ab) HTTP Method: GET, Resource Path: /orders/42
2026-03-04T05:06:07 (8fe5a4b6-0000-4000-8000-1234567890ab) Execution failed due to configuration error: Invalid permi
2026-03-04T05:06:07 (8fe5a4b6-0000-4000-8000-1234567890ab) Method completed with status: 500
group API-Gateway-Execution-Logs_a1b2c3d4e5/prod"""


async def test_a_whole_log_pasted_fills_the_form() -> None:
    services = PlayedServices(story.failing(), target_known=False)
    async with running(services) as pilot:
        app = await press(pilot)
        app.focused.post_message(events.Paste(LOG))  # type: ignore[union-attr]
        await settled(pilot)
        text = shown(pilot)
        assert "5 lines of log: API a1b2c3d4e5, stage prod, GET /orders/42, status 500" in text
        assert "points to API Gateway is not allowed to invoke the function" in text
        await press(pilot, "enter")
        assert isinstance(app.screen, VerdictScreen)
        case, _ = services.begun[0]
        assert (case.target.api_id, case.target.stage, case.target.path) == ("a1b2c3d4e5", "prod", "/orders/42")
        assert case.symptom.request_id == "8fe5a4b6-0000-4000-8000-1234567890ab"
        assert case.symptom.status == 500


async def test_an_address_pasted_where_the_status_stands_is_the_address() -> None:
    async with running(PlayedServices(target_known=False)) as pilot:
        app = await press(pilot)
        app.screen.query_one("#status", Input).focus()
        app.screen.query_one("#status", Input).post_message(events.Paste(story.TARGET.url or ""))
        await settled(pilot)
        assert app.screen.query_one("#url", Input).value == story.TARGET.url
        assert app.screen.query_one("#status", Input).value == ""
        assert app.focused is app.screen.query_one("#url")
        app.screen.query_one("#status", Input).post_message(events.Paste("504"))
        await settled(pilot)
        assert app.screen.query_one("#status", Input).value == "504"


async def test_a_request_id_pasted_still_wants_its_api() -> None:
    services = PlayedServices(story.failing(), target_known=False)
    async with running(services) as pilot:
        app = await press(pilot)
        app.focused.post_message(events.Paste("8fe5a4b6-0000-4000-8000-1234567890ab"))  # type: ignore[union-attr]
        await press(pilot, "enter")
        setup = app.screen
        assert isinstance(setup, SetupScreen)
        assert setup.trouble == "Now pick the API of that request."
        assert setup.form.symptom().request_id == "8fe5a4b6-0000-4000-8000-1234567890ab"


@pytest.mark.parametrize(
    ("reason", "words", "copied"),
    [
        (Reason.EXPIRED, "Sign in again in another terminal", "aws sso login"),
        (Reason.OFFLINE, "Is there a network?", ""),
        (Reason.DENIED, "Ask for the policy", "apigw-wizard permissions"),
        (None, "Press r to try again", ""),
    ],
)
async def test_trouble_is_a_screen_that_says_what_to_do_and_tries_again(
    reason: Reason | None, words: str, copied: str
) -> None:
    services = PlayedServices(story.failing(), trouble="It did not work.", reason=reason)
    async with running(services) as pilot:
        app = await press(pilot)
        assert isinstance(app.screen, TroubleScreen)
        assert words in shown(pilot)
        await press(pilot, "y")
        assert app.clipboard == copied
        services.trouble = ""
        await press(pilot, "r")
        assert isinstance(app.screen, VerdictScreen)


async def test_a_walk_that_was_refused_everything_is_trouble_and_no_verdict() -> None:
    refused = story.seen(
        "path.trace", "client", Status.UNKNOWN, "Not allowed: apigateway:GET.", reason=Reason.DENIED, needs="x:Y"
    )
    services = PlayedServices([ev.CaseOpened(story.CASE, story.WHEN), ev.ProbeFinished(refused), *story.CLOSING])
    async with running(services) as pilot:
        app = await press(pilot)
        assert isinstance(app.screen, TroubleScreen)
        assert "These credentials may not look at anything" in shown(pilot)
        await press(pilot, "c", "c")
        assert isinstance(app.screen, VerdictScreen)


async def test_the_profile_is_named_in_the_sign_in() -> None:
    services = PlayedServices(trouble=str(Expired("The SSO session has run out.")), reason=Reason.EXPIRED)
    services.settings = replace(services.settings, profile="shop-prod")
    async with running(services) as pilot:
        app = await press(pilot, "y")
        assert app.clipboard == "aws sso login --profile shop-prod"


@pytest.mark.parametrize("name", THEMES)
async def test_themes_stillness_and_keys_come_from_the_settings(name: str) -> None:
    services = PlayedServices(story.failing())
    services.settings = replace(services.settings, theme=name, still=True, keys={"quit": "f10", "fixed": "F"})
    app = WizardApp(services)
    assert app.animation_level == "none"
    async with app.run_test() as pilot:
        await press(pilot, "q", "F")
        assert app.theme == f"wizard-{name}"
        assert services.runs == 2
        await pilot.press("f10")
    assert app.return_value == 0


async def test_the_palette_knows_every_hop_and_step() -> None:
    async with running(PlayedServices(story.failing())) as pilot:
        app = await press(pilot)
        commands = {command.title: command.callback for command in app.get_system_commands(app.screen)}
        commands["Hop: shop-orders:live"]()
        await settled(pilot)
        assert isinstance(app.screen, HopScreen)
        commands["Step: Are all stage variables there?"]()
        await settled(pilot)
        assert isinstance(app.screen, WalkScreen)
        assert app.screen.step
        assert app.screen.step.node.id == "stage-variables"


async def test_the_terminal_may_change_its_size_at_any_time() -> None:
    async with running(PlayedServices(story.failing()), WIDE) as pilot:
        app = await press(pilot)
        for width, height in (SMALL, (40, 12), (20, 5), WIDE, MIDDLE):
            await pilot.resize_terminal(width, height)
            await settled(pilot)
            assert app.is_running
        await press(pilot, "escape", "g", "enter")
        for width, height in ((30, 8), WIDE):
            await pilot.resize_terminal(width, height)
            await settled(pilot)
        assert isinstance(app.screen, HopScreen)


def test_a_proof_is_one_key_away() -> None:
    """Every screen of a walk has a key that leads to the evidence behind what it says."""
    ways = {WalkScreen: "details", VerdictScreen: "details", HopScreen: "facts"}
    for screen, action in ways.items():
        assert action in {getattr(binding, "action", "") for binding in screen.BINDINGS}
