"""Pages to read: the help, and all that one step showed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from wizard.model.text import Line
from wizard.report.page import line, paragraph
from wizard.ui.tui import keys
from wizard.ui.tui.widgets.parts import Build, Flow


class Page(ModalScreen[None]):
    """Something to read, closed with Esc."""

    BINDINGS = [keys.BACK, *keys.MODAL, *keys.MOVE, keys.as_hidden(keys.DETAILS, "back")]

    def __init__(self, title: str, build: Build) -> None:
        super().__init__()
        self._title, self._build = title, build

    def compose(self) -> ComposeResult:
        """The text, with a frame."""
        with VerticalScroll(id="page") as page:
            page.border_title = self._title
            page.border_subtitle = "Esc closes"
            yield Flow(self._build)

    def action_back(self) -> None:
        """Close it."""
        self.dismiss(None)

    def action_down(self) -> None:
        """Read on."""
        self._page.scroll_down(animate=False)

    def action_up(self) -> None:
        """Read back."""
        self._page.scroll_up(animate=False)

    def action_page_down(self) -> None:
        """A page on."""
        self._page.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """A page back."""
        self._page.scroll_page_up(animate=False)

    @property
    def _page(self) -> VerticalScroll:
        return self.query_one("#page", VerticalScroll)


def help_text(width: int) -> list[Line]:
    """Every key, and what the signs mean."""
    lines: list[Line] = []
    for place, rows in keys.HELP_TEXT:
        lines.append(line((place, "strong")))
        for names, words in rows:
            lines += paragraph(words, width, 2, lead=(f"{names:<13} ", "link"))
    lines.append(line(("Signs", "strong")))
    lines += [line((f"  {sign}  ", look), words) for sign, look, words in keys.SIGNS]
    lines.append(line(("Other keys, by --keys or in the configuration", "strong")))
    return lines + paragraph(f"keys: quit=x, fixed=f2 and so on, of {', '.join(keys.actions())}", width, 2, "dim")
