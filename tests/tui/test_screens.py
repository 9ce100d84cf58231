"""What the person sees, at three sizes: pictures of the screens fed with hand-made events."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.tui import events as story
from tests.tui.conftest import PlayedServices, settled, wizard

SIZES = [(80, 24), (120, 40), (200, 60)]
STORIES: dict[str, tuple[Callable[[], PlayedServices], tuple[str, ...]]] = {
    "setup": (lambda: PlayedServices(target_known=False), ()),
    "walk": (lambda: PlayedServices(story.midway(), hangs=True), ()),
    "consent": (lambda: PlayedServices([*story.midway(), story.CONSENT]), ()),
    "verdict": (lambda: PlayedServices(story.failing()), ()),
    "help": (lambda: PlayedServices(story.midway(), hangs=True), ("question_mark",)),
}
MORE: dict[str, tuple[Callable[[], PlayedServices], tuple[str, ...]]] = {
    "clean": (lambda: PlayedServices(story.clean()), ()),
    "blind": (lambda: PlayedServices(story.blind()), ()),
    "by-hand": (lambda: PlayedServices([*story.midway(), story.BY_HAND]), ()),
    "choose": (lambda: PlayedServices(target_known=False), ("escape", "down", "down", "enter")),
    "details": (lambda: PlayedServices(story.failing()), ("escape", "k", "k", "k", "k", "enter")),
    "trouble": (lambda: PlayedServices(trouble="No usable credentials: run aws sso login --profile shop-prod"), ()),
}

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


@pytest.mark.parametrize("name", MORE)
def test_screen_in_the_smallest_terminal(snap_compare: SnapCompare, name: str) -> None:
    services, keys = MORE[name]
    app: App[int] = wizard(services())
    assert snap_compare(app, terminal_size=(80, 24), run_before=lambda pilot: _play(pilot, keys))


def test_screen_in_the_light_theme(snap_compare: SnapCompare) -> None:
    app = wizard(PlayedServices(story.failing()))
    app.theme = "wizard-light"
    assert snap_compare(app, terminal_size=(120, 40), run_before=lambda pilot: _play(pilot, ()))
