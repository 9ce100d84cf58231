"""One hop of the path: its resource, settings, evidence and console page; left and right lead to its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from wizard.model.path import Hop, Path
from wizard.model.text import Line
from wizard.ui.console import console_url
from wizard.ui.tui import keys
from wizard.ui.tui.hop_view import hop_page
from wizard.ui.tui.state import Walk
from wizard.ui.tui.widgets.keyline import KeyLine
from wizard.ui.tui.widgets.parts import Flow, Headline, PathView
from wizard.ui.tui.widgets.sized import Following

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp


class HopScreen(Following):
    """Follows the walk while that goes on."""

    BINDINGS = [
        keys.as_shown(keys.LEFT, "left", "Before"),
        keys.as_shown(keys.RIGHT, "right", "Next"),
        keys.FACTS,
        keys.as_shown(keys.COPY, "copy", "Copy id"),
        keys.LINK,
        keys.JUMP,
        keys.as_shown(keys.BACK, "back", "Back"),
        keys.as_hidden(keys.DETAILS, "back"),
        keys.as_hidden(keys.EXPORT, "export"),
        *keys.MOVE,
    ]
    AUTO_FOCUS = ""

    def __init__(self, hop: str) -> None:
        super().__init__()
        self.hop, self.unfolded, self.walk = hop, False, Walk()

    def compose(self) -> ComposeResult:
        """The path above with this hop marked, its page below."""
        yield Headline(id="headline")
        yield PathView(0.3, id="path")
        with VerticalScroll(id="hop", can_focus=False):
            yield Flow(self._lines)
        yield KeyLine()

    def on_mount(self) -> None:
        """Show what is known."""
        self.query_one(PathView).can_focus = False
        self.walk = self.wizard.walk
        self._redraw()

    @property
    def wizard(self) -> WizardApp:
        """The app this screen belongs to."""
        return cast("WizardApp", self.app)

    @property
    def _path(self) -> Path:
        return self.walk.verdict.path if self.walk.verdict else Path()

    @property
    def _shown(self) -> Hop | None:
        return self._path.hop(self.hop)

    def show(self, walk: Walk) -> None:
        """Show this snapshot."""
        self.walk = walk
        if self.is_mounted:
            self._redraw()

    def _redraw(self) -> None:
        self.query_one(Headline).show_pair(self.wizard.label(), [("hop", "dim")])
        self.query_one(PathView).show_path(self._path, at=self.hop)
        self.query_one("#hop Flow", Flow).show(self._lines)

    def _lines(self, width: int) -> list[Line]:
        hop = self._shown
        tree = self.wizard.session.tree
        title = tree.hop_title(self.hop) if tree else ""
        return hop_page(hop, self.walk, title, width, self.unfolded) if hop else []

    def turn_to(self, hop: str) -> None:
        """Show another hop, from its top."""
        self.hop = hop
        self._redraw()
        self.query_one("#hop", VerticalScroll).scroll_home(animate=False)

    def _turn(self, by: int) -> None:
        ids = [hop.id for hop in self._path.hops]
        if self.hop in ids:
            self.turn_to(ids[(ids.index(self.hop) + by) % len(ids)])

    def action_left(self) -> None:
        """The hop before."""
        self._turn(-1)

    def action_right(self) -> None:
        """The next hop."""
        self._turn(1)

    def action_facts(self) -> None:
        """Fold the facts, or unfold them."""
        self.unfolded = not self.unfolded
        self._redraw()

    def action_copy(self) -> None:
        """The id of the resource."""
        hop = self._shown
        self.wizard.copy((hop.resource or hop.label) if hop else "")

    def action_link(self) -> None:
        """The address of its console page."""
        hop, result = self._shown, self.walk.verdict
        self.wizard.copy(console_url(hop, result.case) if hop and result else "")

    def action_jump(self) -> None:
        """Another hop by name."""
        self.wizard.jump()

    def action_export(self) -> None:
        """What is known so far, as a file."""
        self.wizard.export()

    def action_back(self) -> None:
        """Back to where one came from."""
        self.dismiss(None)

    def action_down(self) -> None:
        """Read on."""
        self.query_one("#hop", VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """Read back."""
        self.query_one("#hop", VerticalScroll).scroll_up(animate=False)

    def action_page_down(self) -> None:
        """A page on."""
        self.query_one("#hop", VerticalScroll).scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """A page back."""
        self.query_one("#hop", VerticalScroll).scroll_page_up(animate=False)
