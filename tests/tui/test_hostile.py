"""Names, logs and answers that mean harm, on every screen: shown as what they are, never obeyed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui import events as story
from tests.tui.conftest import PlayedServices, settled
from tests.tui.test_keys import press, running
from wizard.model import events as ev
from wizard.model.path import Hop
from wizard.model.status import Reason
from wizard.ui.tui.app import WizardApp
from wizard.ui.tui.screens.choose import Choose
from wizard.ui.tui.screens.evidence import EvidenceScreen
from wizard.ui.tui.screens.hop import HopScreen
from wizard.ui.tui.screens.pages import Page
from wizard.ui.tui.screens.setup import SetupScreen
from wizard.ui.tui.screens.trouble import TroubleScreen
from wizard.ui.tui.screens.verdict import VerdictScreen
from wizard.ui.tui.screens.walk import WalkScreen
from wizard.ui.tui.services import Account, Choice, Named

MIX = (
    "EVIL[bold red]x[/] [@click=app.quit]y[/] \x1b[31mred\x1b[0m\x1b]52;c;aGk=\x07 <script>alert(1)</script> "
    "\u202edlrow\u202c \u200b\u2066 שלום 🎉👩‍👩‍👧 \x00\r\n../../etc/passwd $(rm -rf ~) %s {x} {{y}}"
)
# Wider than any screen here, so that it has to be cut or wrapped everywhere.
WIDE = MIX + "L" * 300 + MIX
LONG = "L" * 10_000 + MIX


@dataclass
class Hostile(PlayedServices):
    """Every list and every word from outside is the evil text."""

    evil: str = MIX

    def choices(self, kind: str, account: Account, api: str | None) -> Sequence[Choice]:
        return [Named(self.evil, self.evil, self.evil)] * 3

    def recent(self) -> Sequence[Choice]:
        return [Named(self.evil, self.evil, self.evil)]


def spoilt(evil: str) -> list[ev.Event]:
    """The failing walk with the evil text in everything that comes from outside."""
    out: list[ev.Event] = []
    for event in story.failing():
        if isinstance(event, ev.CaseOpened | ev.PathTraced):
            event = replace(event, case=_case(event.case, evil))
        elif isinstance(event, ev.HopDiscovered):
            hop = event.hop
            event = replace(event, hop=Hop(hop.id, hop.kind, evil, evil, note=evil))
        elif isinstance(event, ev.ProbeFinished):
            event = ev.ProbeFinished(_evidence(event.evidence, evil))
        elif isinstance(event, ev.HopMarked):
            event = replace(event, note=evil)
        elif isinstance(event, ev.BranchTaken):
            event = replace(event, says=evil)
        out.append(event)
    return out


def _case(case: Any, evil: str) -> Any:
    target = replace(case.target, api_id=evil, stage=evil, path=f"/{evil}", region=evil, url=evil)
    names = {"api_name": evil, "stage": evil, "resource_path": evil, "stage_variables": {evil: evil}}
    trace = case.trace and replace(case.trace, **names)
    return replace(case, target=target, symptom=replace(case.symptom, message=evil, request_id=evil), trace=trace)


def _evidence(item: Any, evil: str) -> Any:
    calls = tuple(replace(call, params={"name": evil}, error=evil) for call in item.calls)
    facts = {evil: evil, "list": [evil, {"a": evil}], **item.facts}
    return replace(item, summary=evil, needs=evil, detail=f"{evil}\n{evil}", facts=facts, calls=calls)


def harmless(pilot: Pilot[int]) -> None:
    """Nothing on the screen can move the cursor, reorder text, or be clicked for an action of the evil text."""
    app = pilot.app
    for strip in app.screen._compositor.render_strips(app.size):
        for piece in strip:
            assert piece.text.isprintable() or not _unsafe(piece.text), (app.screen, piece.text)
            action = str(piece.style.meta.get("@click", "")) if piece.style else ""
            assert action != "app.quit" or piece.text.strip() in ("q", "^c", "Quit"), (app.screen, piece.text)
    assert app.is_running


def _unsafe(text: str) -> list[str]:
    return [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]


@pytest.mark.parametrize(("evil", "size"), [(MIX, (80, 24)), (WIDE, (200, 60))], ids=["mix", "wide"])
async def test_every_screen(evil: str, size: tuple[int, int]) -> None:
    consent = replace(story.CONSENT, title=evil, text=evil, command=evil)
    by_hand = replace(story.BY_HAND, title=evil, text=evil, command=evil)
    services = Hostile([*spoilt(evil)[:-2], consent, by_hand, *spoilt(evil)[-2:]], target_known=False, evil=evil)
    async with running(services, size) as pilot:
        app = await press(pilot)
        setup = app.screen
        assert isinstance(setup, SetupScreen)
        setup.query_one("#url", Input).post_message(events.Paste(f"{evil}\n{evil}\n{evil}"))
        await settled(pilot)
        harmless(pilot)
        setup.query_one("#url", Input).value = evil
        await press(pilot, "enter")
        harmless(pilot)
        await press(pilot, "escape", "enter")
        assert isinstance(app.screen, Choose)
        harmless(pilot)
        await press(pilot, "enter", "up", "up", "enter")
        harmless(pilot)
        await press(pilot, "escape")
        setup.query_one("#url", Input).value = story.TARGET.url or ""
        setup.query_one("#url", Input).focus()
        await press(pilot, "enter")
        for key in ("n", "u"):
            harmless(pilot)
            await press(pilot, key)
        assert isinstance(app.screen, VerdictScreen)
        await _tour(pilot, app)


async def _tour(pilot: Pilot[int], app: WizardApp) -> None:
    for keys, screen in (
        (("tab", "j", "y"), VerdictScreen),
        (("enter",), EvidenceScreen),
        (("escape", "e"), Choose),
        (("escape", "g"), Choose),
        (("enter", "f"), HopScreen),
        (("right", "right", "y", "o"), HopScreen),
        (("escape", "escape", "f"), WalkScreen),
        (("k", "k", "y"), WalkScreen),
        (("slash", "a", "escape", "right"), WalkScreen),
        (("escape", *["k"] * 12, "enter"), Page),
        (("escape",), WalkScreen),
    ):
        await press(pilot, *keys)
        assert isinstance(app.screen, screen), keys
        harmless(pilot)


async def test_names_of_10_kb() -> None:
    """Where they are listed, where they are wrapped, and in the palette."""
    async with running(Hostile(spoilt(LONG), target_known=False, evil=LONG)) as pilot:
        app = await press(pilot, "escape", "enter")
        assert isinstance(app.screen, Choose)
        harmless(pilot)
        await press(pilot, "enter")
        harmless(pilot)
        setup = app.screen
        setup.query_one("#url", Input).value = story.TARGET.url or ""
        setup.query_one("#url", Input).focus()
        await press(pilot, "enter")
        assert isinstance(app.screen, VerdictScreen)
        harmless(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, WalkScreen)
        harmless(pilot)
        await press(pilot, "ctrl+p", *"hop")
        await pilot.pause(0.3)
        harmless(pilot)


@pytest.mark.parametrize("evil", [MIX, LONG], ids=["mix", "10kB"])
async def test_trouble_and_remarks(evil: str) -> None:
    async with running(Hostile(trouble=evil, reason=Reason.EXPIRED, evil=evil)) as pilot:
        app = await press(pilot)
        assert isinstance(app.screen, TroubleScreen)
        harmless(pilot)
        app.tell(evil, error=True)
        await settled(pilot)
        harmless(pilot)


async def test_the_palette() -> None:
    async with running(Hostile(spoilt(MIX), evil=MIX)) as pilot:
        await press(pilot, "ctrl+p", *"hop")
        await pilot.pause(0.3)
        harmless(pilot)
