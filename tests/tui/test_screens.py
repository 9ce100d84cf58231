"""What the person sees, at three sizes: pictures of the screens fed with hand-made events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.tui import events as story
from tests.tui.conftest import PlayedServices, settled, wizard
from tests.tui.events import mended
from wizard.model.status import Reason

SIZES = [(80, 24), (120, 40), (200, 60)]
Story = tuple[Callable[[], PlayedServices], tuple[str, ...]]
NO_LOGIN = "The SSO session of the profile shop-prod has run out."
STORIES: dict[str, Story] = {
    "setup": (lambda: PlayedServices(target_known=False), ()),
    "walk": (lambda: PlayedServices(story.midway(), hangs=True), ()),
    "stepwise": (lambda: stepping(PlayedServices(story.failing())), ("c",)),
    "consent": (lambda: PlayedServices([*story.midway(), story.CONSENT]), ()),
    "by-hand": (lambda: PlayedServices([*story.midway(), story.BY_HAND]), ()),
    "verdict": (lambda: PlayedServices(story.failing()), ()),
    "mended": (lambda: PlayedServices(story.failing(), scripts=[mended()]), ("x",)),
    "clean": (lambda: PlayedServices(story.clean()), ()),
    "blind": (lambda: PlayedServices(story.blind()), ()),
    "hop": (lambda: PlayedServices(story.failing()), ("escape", "right", "enter", "f")),
    "jump": (lambda: PlayedServices(story.failing()), ("g",)),
    "export": (lambda: PlayedServices(story.failing()), ("e",)),
    "choose": (lambda: PlayedServices(target_known=False), ("escape", "down", "down", "enter")),
    "details": (lambda: PlayedServices(story.failing()), ("escape", "k", "k", "k", "k", "enter")),
    "trouble": (lambda: PlayedServices(trouble=NO_LOGIN, reason=Reason.EXPIRED), ()),
    "help": (lambda: PlayedServices(story.midway(), hangs=True), ("question_mark",)),
}


def stepping(services: PlayedServices) -> PlayedServices:
    """The same, waiting for the person at every step."""
    services.settings = replace(services.settings, step=True)
    return services


SnapCompare = Callable[..., bool]


async def _play(pilot: Pilot[int], keys: tuple[str, ...]) -> None:
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", STORIES)
def test_screen(snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    services, keys = STORIES[name]
    app: App[int] = wizard(services())
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: _play(pilot, keys))


@pytest.mark.parametrize("theme", ["light", "contrast"])
@pytest.mark.parametrize("name", ["setup", "walk", "verdict"])
def test_screen_in_other_themes(snap_compare: SnapCompare, name: str, theme: str) -> None:
    services, keys = STORIES[name]
    app = wizard(services())
    app.theme = f"wizard-{theme}"
    assert snap_compare(app, terminal_size=(120, 40), run_before=lambda pilot: _play(pilot, keys))
