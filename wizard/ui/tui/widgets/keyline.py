"""The line of keys at the foot of a screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class KeyLine(Footer):
    """Textual's footer, made anew only when other keys are to be shown.

    Textual makes it anew whenever a screen comes up or the focus moves, and styles each key three times while doing so:
    that was the larger part of what a change of screens costs.
    """

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._shown: tuple[tuple[str, str, bool], ...] | None = None

    def compose(self) -> ComposeResult:
        """The keys, as wide from the start as they will stay."""
        for key in super().compose():
            if isinstance(key, FooterKey):
                key.set_reactive(FooterKey.compact, self.compact)
            yield key

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Nothing to do while the same keys are shown."""
        if self.is_attached and screen is self.screen and screen.app.app_focus:
            active = screen.active_bindings.values()
            wanted = tuple((self.app.get_key_display(b), b.description, on) for _, b, on, _ in active if b.show)
            if wanted == self._shown:
                return
            self._shown = wanted
        super().bindings_changed(screen)
