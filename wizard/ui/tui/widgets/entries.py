"""The rows of a form: a value that is picked from a list, and one that is typed or pasted."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.widgets import Input, Static

from wizard.model.text import Segment, safe
from wizard.ui.tui import keys
from wizard.ui.tui.paint import inline


class Field(Static, can_focus=True):
    """One row: a name and what is chosen; Enter opens its list."""

    BINDINGS = [keys.as_shown(keys.DETAILS, "open", "Choose")]

    class Opened(Message):
        """The person wants to change this field."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, name: str) -> None:
        super().__init__(id=name, markup=False, classes="field")
        self._field = name

    def show(self, title: str, value: Segment) -> None:
        """Show this value."""
        self.update(inline((f"{title:<9} ", "dim"), value, (" ▾", "dim")))

    def action_open(self) -> None:
        """Ask for the list."""
        self.post_message(self.Opened(self._field))

    def on_click(self) -> None:
        """A click opens, too."""
        self.action_open()


class Typed(Input):
    """A text field that shows nothing a terminal might obey: what is pasted loses such characters."""

    def validate_value(self, value: str) -> str:
        """Without control, bidi and invisible characters."""
        return value if value.isprintable() else "".join(char for char in value if safe(char) == char)


class Entry(Typed):
    """A text field whose Enter starts the walk; what has more than one line is a log."""

    BINDINGS = [keys.as_shown(keys.DETAILS, "submit", "Start"), keys.LEAVE]

    @dataclass
    class Log(Message):
        """A text of several lines was pasted."""

        text: str

    @dataclass
    class Astray(Message):
        """Something else than a number was pasted where only a number can stand."""

        text: str

    def _on_paste(self, event: events.Paste) -> None:
        message: Message | None = None
        if is_log(event.text):
            message = self.Log(event.text)
        elif self.type == "integer" and event.text.strip() and not event.text.strip().isdigit():
            message = self.Astray(event.text.strip())
        if message:
            event.stop()
            event.prevent_default()
            self.post_message(message)


class Filter(Typed):
    """A text field that filters what stands beside it."""

    BINDINGS = [
        keys.as_shown(keys.DETAILS, "submit", "Keep the filter"),
        keys.as_shown(keys.BACK, "screen.back", "Clear it"),
        keys.LEAVE,
    ]


def is_log(text: str) -> bool:
    """Whether a pasted text is more than an address: several lines that are no curl command."""
    return len(text.strip().splitlines()) > 1 and not text.lstrip().startswith("curl ")
