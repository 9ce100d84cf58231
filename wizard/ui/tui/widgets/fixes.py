"""The fix of a cause, one tab for each form it comes in."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events

from wizard.model.text import Line, cells, safe_lines
from wizard.model.tree import Fix
from wizard.report.page import line
from wizard.ui.tui import keys
from wizard.ui.tui.verdict_view import fix_text
from wizard.ui.tui.widgets.parts import Panel

NAMES = {
    "cli": "CLI",
    "sam": "SAM",
    "cloudformation": "CloudFormation",
    "terraform": "Terraform",
    "console": "Console",
    "code": "Code",
}


class Fixes(Panel):
    """Left and right change the form; `copies` is the text of the one that shows."""

    BINDINGS = [keys.LEFT, keys.RIGHT]

    def __init__(self, *, id: str) -> None:
        super().__init__("Fix", id=id)
        self._fixes: Sequence[Fix] = ()
        self._active = 0

    @property
    def active(self) -> str:
        """The kind that shows."""
        return self._fixes[self._active].kind if self._fixes else ""

    def show_fixes(self, fixes: Sequence[Fix]) -> None:
        """Show these fixes, in the same form as before where there is one."""
        kind = self.active
        self._fixes = fixes
        self._turn_to(next((number for number, fix in enumerate(fixes) if fix.kind == kind), 0))

    def action_left(self) -> None:
        """The form before."""
        self._turn_to(self._active - 1)

    def action_right(self) -> None:
        """The next form."""
        self._turn_to(self._active + 1)

    def on_click(self, event: events.Click) -> None:
        """A click on a name."""
        spot = event.get_content_offset(self)
        if spot is None or spot.y + self.scroll_offset.y:
            return
        column = 0
        for number, fix in enumerate(self._fixes):
            column += cells(_name(fix)) + 3
            if spot.x < column:
                self._turn_to(number)
                return

    def _turn_to(self, number: int) -> None:
        fixes = self._fixes
        self._active = number % len(fixes) if fixes else 0
        # What is pasted into a shell must be what is read here.
        copies = "\n".join(safe_lines(fixes[self._active].text)) if fixes else ""
        self.show(self._lines, copies)
        self.scroll_home(animate=False)

    def _lines(self, width: int) -> list[Line]:
        if not self._fixes:
            return [line(("No fix is written down for this cause.", "dim"))]
        tabs = [
            (f" {_name(fix)} ", "here" if number == self._active else "dim") for number, fix in enumerate(self._fixes)
        ]
        spaced = [piece for tab in tabs for piece in (tab, (" ", ""))]
        return [line(*spaced), (), *fix_text(self._fixes[self._active], width)]


def _name(fix: Fix) -> str:
    return NAMES.get(fix.kind, fix.kind)
