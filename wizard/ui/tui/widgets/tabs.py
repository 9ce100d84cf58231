"""Names of panes in a row, one of them marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from wizard.model.text import Line, cells
from wizard.report.page import line
from wizard.ui.tui.widgets.parts import Flow


class Tabs(Flow):
    """A click on a name picks it; names of panes with nothing in them are quiet."""

    @dataclass
    class Picked(Message):
        """A name was clicked."""

        index: int

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._names: Sequence[tuple[str, bool]] = ()

    def show_tabs(self, names: Sequence[tuple[str, bool]], active: int) -> None:
        """Show these names with whether there is anything behind them, and which one is marked."""
        self._names = names
        self.show(lambda _: [_row(names, active)])

    def on_click(self, event: events.Click) -> None:
        """Find the name below the pointer."""
        spot = event.get_content_offset(self)
        column = 0
        for index, (name, _) in enumerate(self._names):
            column += cells(name) + 3
            if spot is not None and spot.x < column:
                self.post_message(self.Picked(index))
                return


def _row(names: Sequence[tuple[str, bool]], active: int) -> Line:
    looks = ["here" if index == active else "" if filled else "dim" for index, (_, filled) in enumerate(names)]
    tabs = [(f" {name} ", look) for (name, _), look in zip(names, looks, strict=True)]
    return line(*(piece for tab in tabs for piece in (tab, (" ", ""))))
