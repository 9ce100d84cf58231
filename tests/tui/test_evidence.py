"""The evidence screen: its panes at three sizes, how it is reached, what its keys do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.tui import events as story
from tests.tui.conftest import PlayedServices, settled, wizard
from tests.tui.test_keys import notes, press, running
from tests.ui.draw import facts
from tests.ui.draw.test_evidence import poisoned
from wizard.model import events as ev
from wizard.model.probe import Evidence
from wizard.model.text import plain
from wizard.ui import panes
from wizard.ui.tui.screens.evidence import EvidenceScreen
from wizard.ui.tui.screens.pages import Page
from wizard.ui.tui.screens.verdict import VerdictScreen
from wizard.ui.tui.widgets.parts import Panel
from wizard.ui.tui.widgets.tabs import Tabs

SIZES = [(80, 24), (120, 40), (200, 60)]


def failing(*more: Evidence) -> list[ev.Event]:
    """The failing walk, its evidence replaced by one with pictures in it."""
    drawn = {item.probe: item for item in more or facts.ALL}
    known = {probe: item for probe, item in drawn.items() if probe in story.EVIDENCE}
    events: list[ev.Event] = []
    for event in story.failing():
        if isinstance(event, ev.ProbeFinished):
            mine = known.get(event.evidence.probe)
            event = ev.ProbeFinished(replace(mine, calls=event.evidence.calls)) if mine else event
        if isinstance(event, ev.Concluded):
            events += [ev.ProbeFinished(item) for probe, item in drawn.items() if probe not in known]
        events.append(event)
    return events


async def _play(pilot: Pilot[int], keys: tuple[str, ...]) -> None:
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("pane", panes.PANES, ids=lambda pane: pane.id)
def test_pane(snap_compare: Callable[..., bool], pane: panes.Pane, size: tuple[int, int]) -> None:
    app: App[int] = wizard(PlayedServices(failing()))
    keys = ("enter", *["right"] * panes.PANES.index(pane))
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: _play(pilot, keys))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_from_the_verdict_and_back(size: tuple[int, int]) -> None:
    async with running(PlayedServices(failing()), size) as pilot:
        app = await press(pilot, "enter")
        assert isinstance(app.screen, EvidenceScreen)
        assert app.screen.pane is panes.WHEN
        await press(pilot, "escape")
        assert isinstance(app.screen, VerdictScreen)


async def test_a_step_with_a_picture_leads_to_its_pane() -> None:
    async with running(PlayedServices(failing())) as pilot:
        app = await press(pilot, "escape", *["k"] * 30, "j", "j", "enter")
        assert isinstance(app.screen, EvidenceScreen)
        assert app.screen.pane is panes.LOG
        await press(pilot, "escape", "j", "enter")
        assert isinstance(app.screen, Page)


async def test_a_step_without_a_picture_leads_to_its_facts() -> None:
    async with running(PlayedServices(story.failing())) as pilot:
        app = await press(pilot, "escape", *["k"] * 30, "j", "j", "enter")
        assert isinstance(app.screen, Page)


async def test_the_palette_leads_there() -> None:
    async with running(PlayedServices(failing())) as pilot:
        app = await press(pilot)
        commands = {command.title: command.callback for command in app.get_system_commands(app.screen)}
        commands["Evidence"]()
        await settled(pilot)
        assert isinstance(app.screen, EvidenceScreen)
        commands["Evidence"]()
        await settled(pilot)
        assert sum(isinstance(screen, EvidenceScreen) for screen in app.screen_stack) == 1


@pytest.mark.parametrize("keys", [("right", "left"), ("l", "h"), ("tab", "left")])
async def test_keys_turn_the_panes(keys: tuple[str, str]) -> None:
    async with running(PlayedServices(failing())) as pilot:
        app = await press(pilot, "enter")
        screen = app.screen
        assert isinstance(screen, EvidenceScreen)
        for pane in (*panes.PANES[1:], panes.WHEN):
            await press(pilot, keys[0])
            assert screen.pane is pane
        await press(pilot, keys[1])
        assert screen.pane is panes.PANES[-1]


async def test_a_click_on_a_name() -> None:
    async with running(PlayedServices(failing())) as pilot:
        app = await press(pilot, "enter")
        await pilot.click(Tabs, offset=(20, 0))
        await settled(pilot)
        assert isinstance(app.screen, EvidenceScreen)
        assert app.screen.pane is panes.LOG


async def test_the_log_opens_where_it_decides() -> None:
    async with running(PlayedServices(failing())) as pilot:
        app = await press(pilot, "enter", "right", "right")
        panel = app.screen.query_one("#pane", Panel)
        assert panel.scroll_y > 0
        rows = [plain(row) for row in panes.draw(panes.LOG, facts.ALL, panel.size.width, 18)]
        first = next(number for number, row in enumerate(rows) if row.startswith("▶"))
        assert panel.scroll_y < first < panel.scroll_y + panel.size.height
        await press(pilot, *["k"] * 40)
        assert panel.scroll_y == 0
        await press(pilot, "pagedown")
        assert panel.scroll_y > 0


async def test_enter_shows_all_facts_and_y_copies_the_command() -> None:
    async with running(PlayedServices(failing())) as pilot:
        app = await press(pilot, "enter", "right", "y")
        assert any("aws cloudwatch get-metric-data" in note for note in notes(app))
        await press(pilot, "enter")
        assert isinstance(app.screen, Page)
        await press(pilot, "escape", "e", "enter")
        assert isinstance(app.screen, EvidenceScreen)
        assert any("Saved" in note for note in notes(app))


async def test_before_anything_is_known() -> None:
    async with running(PlayedServices([], hangs=True)) as pilot:
        app = await press(pilot)
        app.to_evidence()
        await press(pilot, "y", "enter")
        assert isinstance(app.screen, EvidenceScreen)
        assert any("Nothing to copy" in note for note in notes(app))
        assert any("Nothing has been looked at" in note for note in notes(app))


async def test_evidence_that_comes_while_it_is_open_is_shown() -> None:
    async with running(PlayedServices(story.midway(), hangs=True)) as pilot:
        app = await press(pilot)
        app.to_evidence()
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, EvidenceScreen)
        assert not panes.has(panes.TRACES, screen.walk.verdict.evidence if screen.walk.verdict else ())
        app.session._add(app.session._events, ev.ProbeFinished(facts.TRACES))
        await settled(pilot)
        assert screen.walk.verdict
        assert panes.has(panes.TRACES, screen.walk.verdict.evidence)
        assert screen.pane is panes.TRACES


async def test_run_again_from_the_evidence() -> None:
    services = PlayedServices(failing())
    async with running(services) as pilot:
        app = await press(pilot, "enter", "r")
        assert services.runs == 2
        assert isinstance(app.screen, VerdictScreen)


@pytest.mark.parametrize("evil", ["\x1b[31mred", "[bold]x[/]", "a\u202eb", "\x00"])
async def test_hostile_facts(evil: str) -> None:
    items = [replace(item, summary=evil, facts=poisoned(dict(item.facts), evil)) for item in facts.ALL]
    async with running(PlayedServices(failing(*items))) as pilot:
        app = await press(pilot, "enter", *["right"] * 5)
        assert isinstance(app.screen, EvidenceScreen)
        shown = "".join(segment.text for row in app.screen._compositor.render_strips() for segment in row)
        assert shown.isprintable()
