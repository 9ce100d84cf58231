"""Work that is done once: the keys at the foot of a screen, the lines of a panel."""

from __future__ import annotations

from collections.abc import Sequence

from tests.tui import events as story
from tests.tui.conftest import PlayedServices, settled
from tests.tui.test_keys import press, running
from wizard.model.text import Line
from wizard.ui.tui.widgets.parts import Panel


async def test_the_keys_are_made_anew_only_when_others_are_to_be_shown() -> None:
    async with running(PlayedServices(story.failing())) as pilot:
        app = await press(pilot)
        made = list(app.screen.query("FooterKey"))
        assert made
        assert not any(key.has_class("-compact") for key in made)
        await press(pilot, "g", "escape")
        assert list(app.screen.query("FooterKey")) == made
        app.set_keymap({"wizard.copy": "z"})
        await settled(pilot)
        assert [getattr(key, "key_display", "") for key in app.screen.query("FooterKey")].count("z") == 1


async def test_lines_are_built_once_for_each_width_and_again_when_there_are_others() -> None:
    widths: list[int] = []

    def build(text: str, width: int) -> Sequence[Line]:
        widths.append(width)
        return [((text, ""),)]

    async with running(PlayedServices(story.midway(), hangs=True), (120, 40)) as pilot:
        app = await press(pilot)
        panel = app.screen.query_one("#step", Panel)
        for text in ("first words", "second words"):
            widths.clear()
            panel.show(lambda width, text=text: build(text, width))  # type: ignore[misc]
            await settled(pilot)
            assert widths
            assert len(widths) == len(set(widths))
            assert text in app.export_screenshot().replace("&#160;", " ")
