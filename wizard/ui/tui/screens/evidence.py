"""The evidence in pictures: when it failed, durations, the log of a failing request, changes, traces."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container

from wizard.model.probe import Evidence
from wizard.model.text import Line
from wizard.ui import panes
from wizard.ui.draw import story
from wizard.ui.panes import Pane
from wizard.ui.tui import keys
from wizard.ui.tui.screens.pages import Page
from wizard.ui.tui.state import Step, Walk
from wizard.ui.tui.views import command, evidence_page
from wizard.ui.tui.widgets.keyline import KeyLine
from wizard.ui.tui.widgets.parts import Headline, Panel
from wizard.ui.tui.widgets.sized import Following
from wizard.ui.tui.widgets.tabs import Tabs

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp

_AROUND = 6  # lines of the screen that are not the pane


class EvidenceScreen(Following):
    """One pane at a time, the log beside it where there is room. It follows the walk while that goes on."""

    BINDINGS = [
        keys.as_shown(keys.BACK, "back", "Back"),
        keys.as_shown(keys.LEFT, "left", "Before"),
        keys.as_shown(keys.RIGHT, "right", "Next"),
        keys.as_shown(keys.DETAILS, "details", "All facts"),
        keys.COPY,
        keys.EXPORT,
        keys.as_hidden(keys.RERUN, "rerun"),
        keys.as_hidden(keys.NEXT, "right"),
        *keys.MOVE,
    ]
    AUTO_FOCUS = ""

    def __init__(self, pane: Pane | None = None) -> None:
        super().__init__()
        self._wanted = pane
        self.walk = Walk()

    def compose(self) -> ComposeResult:
        """The names of the panes above, one of them below, the log beside it."""
        yield Headline(id="headline")
        yield Tabs(id="tabs")
        with Container(id="panes"):
            yield Panel("", id="pane", focusable=False)
            yield Panel(panes.LOG.title, id="beside", focusable=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Show what is known."""
        self.walk = self.wizard.walk
        self._redraw()
        self.call_after_refresh(self._to_what_decides)

    @property
    def wizard(self) -> WizardApp:
        """The app this screen belongs to."""
        return cast("WizardApp", self.app)

    @property
    def pane(self) -> Pane:
        """The pane that shows: the one that was asked for, else the first one with something in it."""
        return self._wanted or next((pane for pane in panes.PANES if panes.has(pane, self._seen)), panes.WHEN)

    @property
    def _seen(self) -> tuple[Evidence, ...]:
        return self.walk.verdict.evidence if self.walk.verdict else ()

    def show(self, walk: Walk) -> None:
        """Show this snapshot."""
        self.walk = walk
        if self.is_mounted:
            self._redraw()

    def _redraw(self) -> None:
        pane, seen = self.pane, self._seen
        self.query_one(Headline).show_pair(self.wizard.label(), [("evidence", "dim")])
        names = [(item.title, panes.has(item, seen)) for item in panes.PANES]
        self.query_one(Tabs).show_tabs(names, panes.PANES.index(pane))
        alone = pane is panes.LOG or not panes.has(panes.LOG, seen)
        self.query_one("#panes", Container).set_class(alone, "-alone")
        self._fill(self.query_one("#pane", Panel), pane)
        self._fill(self.query_one("#beside", Panel), panes.LOG)

    def _fill(self, panel: Panel, pane: Pane) -> None:
        panel.border_title = pane.title
        panel.show(lambda width: self._lines(pane, width))

    def _lines(self, pane: Pane, width: int) -> list[Line]:
        return panes.draw(pane, self._seen, width, self.app.size.height - _AROUND)

    def _turn(self, by: int) -> None:
        self.turn_to(panes.PANES[(panes.PANES.index(self.pane) + by) % len(panes.PANES)])

    def turn_to(self, pane: Pane) -> None:
        """Show another pane, from its top; the log from where it decides."""
        self._wanted = pane
        self._redraw()
        self.query_one("#pane", Panel).scroll_home(animate=False)
        self.call_after_refresh(self._to_what_decides)

    def _to_what_decides(self) -> None:
        panel = self.query_one("#pane", Panel)
        lines = self._lines(self.pane, panel.scrollable_content_region.width)
        deciding = next((number for number, line in enumerate(lines) if line and line[0][0] == story.MARK), 0)
        panel.scroll_to(y=max(deciding - panel.size.height // 2, 0), animate=False)

    def on_tabs_picked(self, event: Tabs.Picked) -> None:
        """A click on a name."""
        self.turn_to(panes.PANES[event.index])

    def action_left(self) -> None:
        """The pane before."""
        self._turn(-1)

    def action_right(self) -> None:
        """The next pane."""
        self._turn(1)

    def _step(self) -> Step | None:
        """The first step whose probe filled the pane."""
        asked = [step for step in self.walk.steps if step.evidence]
        return next((step for probe in self.pane.probes for step in asked if step.node.probe == probe), None)

    def action_details(self) -> None:
        """All that the probe of this pane showed."""
        if step := self._step():
            looks = self.wizard.looks(step)
            self.app.push_screen(Page("Step", lambda width: evidence_page(step, looks, width)))
        else:
            self.wizard.tell("Nothing has been looked at for this yet.")

    def action_copy(self) -> None:
        """The AWS CLI line behind this pane."""
        step = self._step()
        self.wizard.copy(command(step) if step else "")

    def action_rerun(self) -> None:
        """The whole check again."""
        self.wizard.rerun()

    def action_export(self) -> None:
        """The report as a file."""
        self.wizard.export()

    def action_back(self) -> None:
        """Back to where it was opened."""
        self.dismiss(None)

    def action_down(self) -> None:
        """Read on."""
        self.query_one("#pane", Panel).scroll_down(animate=False)

    def action_up(self) -> None:
        """Read back."""
        self.query_one("#pane", Panel).scroll_up(animate=False)

    def action_page_down(self) -> None:
        """A page on."""
        self.query_one("#pane", Panel).scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """A page back."""
        self.query_one("#pane", Panel).scroll_page_up(animate=False)
