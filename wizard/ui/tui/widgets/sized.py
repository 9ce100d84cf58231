"""Screens that know how much room they have, as classes for the style sheet."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual import events
from textual.screen import Screen

T = TypeVar("T")

# Columns from which on a screen is called so.
WIDTHS = ((0, "-narrow"), (100, "-medium"), (160, "-wide"))


class Sized(Screen[T], Generic[T]):
    """Carries -narrow, -medium or -wide; also when it was below another screen while the terminal changed."""

    def on_mount(self) -> None:
        """The room at the start."""
        self._measure(self.app.size.width)

    def on_screen_resume(self) -> None:
        """The room may have changed meanwhile."""
        self._measure(self.app.size.width)

    def on_resize(self, event: events.Resize) -> None:
        """The room has changed."""
        self._measure(event.size.width)

    def _measure(self, width: int) -> None:
        fits = [name for least, name in WIDTHS if width >= least][-1]
        for _, name in WIDTHS:
            self.set_class(name == fits, name)
