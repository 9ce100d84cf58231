"""Screens that know how much room they have, as classes for the style sheet."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual import events
from textual.geometry import Size
from textual.screen import Screen

from wizard.ui.tui.state import Walk

T = TypeVar("T")

# Columns from which on a screen is called so.
SHORT = 36  # lines
WIDTHS = ((0, "-narrow"), (100, "-medium"), (160, "-wide"))


class Sized(Screen[T], Generic[T]):
    """Carries -narrow, -medium or -wide, and -short; also when it was covered while the terminal changed."""

    def on_compose(self) -> None:
        """The room at the start, known before there is anything in it that would have to be styled anew."""
        self._measure(self.app.size)

    def on_screen_resume(self) -> None:
        """The room may have changed meanwhile."""
        self._measure(self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        """The room has changed."""
        self._measure(event.size)

    def _measure(self, size: Size) -> None:
        self.set_class(size.height < SHORT, "-short")
        fits = [name for least, name in WIDTHS if size.width >= least][-1]
        for _, name in WIDTHS:
            self.set_class(name == fits, name)


class Following(Sized[None]):
    """A screen that shows the walk as it goes on."""

    def show(self, walk: Walk) -> None:
        """Show this snapshot."""
        raise AssertionError(f"{type(self).__name__} shows nothing")
