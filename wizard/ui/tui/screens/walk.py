"""The walk: the path picture, the trail, the step at hand and the evidence as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Input, OptionList

from wizard.model.path import Path
from wizard.report.page import paragraph
from wizard.ui.tui import keys
from wizard.ui.tui.screens.pages import Page
from wizard.ui.tui.state import Phase, Place, Step, Walk
from wizard.ui.tui.views import command, evidence_list, evidence_page, progress, step_view
from wizard.ui.tui.widgets.entries import Filter
from wizard.ui.tui.widgets.keyline import KeyLine
from wizard.ui.tui.widgets.parts import Flow, Headline, Panel, PathView
from wizard.ui.tui.widgets.sized import Following
from wizard.ui.tui.widgets.trail import Strip, Trail, matches

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp

_WAITING = {
    Phase.FAILED: "The path is not known.",
    Phase.DONE: "The path is not known.",
    Phase.LOADING: "Starting…",
    Phase.WALKING: "Tracing the way of the request…",
}


class WalkScreen(Following):
    """Shows one snapshot of the walk. It follows the walker until the person moves; `continue` follows again."""

    BINDINGS = [
        keys.CONTINUE,
        keys.VERDICT,
        keys.SKIP,
        keys.RETRY,
        keys.as_shown(keys.STEPWISE, "stepwise", "Stepwise"),
        keys.JUMP,
        keys.COPY,
        keys.as_hidden(keys.FACTS, "facts"),
        keys.ANSWER,
        keys.as_hidden(keys.RERUN, "rerun"),
        keys.as_hidden(keys.EXPORT, "export"),
        keys.as_hidden(keys.FILTER, "filter"),
        keys.as_hidden(keys.LEFT, "path"),
        keys.as_hidden(keys.RIGHT, "path"),
        keys.as_hidden(keys.DETAILS, "details"),
        keys.as_hidden(keys.BACK, "back"),
        *keys.MOVE,
    ]
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self.walk = Walk()
        self.selected = 0
        self.follows = True
        self.unfolded = False
        # The step that the person is at while it is looked at again.
        self._held = ""

    def compose(self) -> ComposeResult:
        """Path above, trail and step below, evidence where there is room."""
        yield Headline(id="headline")
        yield Flow(id="trouble")
        yield PathView(0.34, id="path")
        yield Strip(id="strip")
        with Container(id="body"):
            yield Trail(id="trail")
            yield Panel("Step", id="step", focusable=False)
            yield Panel("Evidence", id="evidence", focusable=False)
        yield Filter(id="filter", placeholder="filter the trail: words of a step, hop or check", compact=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """Show what is known already."""
        self.show(self.wizard.walk)

    @property
    def wizard(self) -> WizardApp:
        """The app this screen belongs to."""
        return cast("WizardApp", self.app)

    def show(self, walk: Walk) -> None:
        """Show this snapshot."""
        if walk.phase is Phase.LOADING and self.walk.phase is not Phase.LOADING:
            self.follows = True
        over, self.walk = self._over, walk
        if over is not self._over:
            self.refresh_bindings()
        if self._held:
            self._hold(walk)
        elif self.follows:
            self.selected = walk.now
        if self.is_mounted:
            self._redraw()

    def stay_at(self, node: str) -> None:
        """Keep this step in view while it is looked at again."""
        self._held = node

    def _hold(self, walk: Walk) -> None:
        self.follows = False
        self.selected = next((i for i, s in enumerate(walk.steps) if s.node.id == self._held), self.selected)
        if walk.phase in (Phase.DONE, Phase.FAILED):
            self._held = ""

    def _redraw(self) -> None:
        walk = self.walk
        self.query_one(Headline).show_pair(self.wizard.label(), progress(walk))
        trouble = walk.trouble
        self.query_one("#trouble", Flow).show(
            lambda width: paragraph(trouble, width, lead=("✖ ", "fail")) if trouble else []
        )
        self.query_one(PathView).show_path(walk.verdict.path if walk.verdict else Path(), _WAITING.get(walk.phase, ""))
        self.query_one("#evidence", Panel).show(lambda width: evidence_list(walk, width))
        self._redraw_step()

    def _redraw_step(self) -> None:
        walk = self.walk
        self.query_one(Strip).show_steps(walk, self.selected)
        self.query_one(Trail).show(walk, self.selected, self.query_one("#filter", Input).value)
        if step := self.step:
            looks, facts = self.wizard.looks(step), self.unfolded
            waits = self._waits(step)
            self.query_one("#step", Panel).show(
                lambda width: step_view(step, looks, width, waits=waits, facts=facts), command(step)
            )

    def _waits(self, step: Step) -> bool:
        return self.walk.paused and step.place is Place.NOW

    @property
    def step(self) -> Step | None:
        """The selected step."""
        return self.walk.steps[self.selected] if self.selected < len(self.walk.steps) else None

    def _move(self, by: int) -> None:
        wanted = self.query_one("#filter", Input).value
        kept = [index for index, step in enumerate(self.walk.steps) if matches(step, wanted)]
        further = [i for i in kept if i > self.selected] if by > 0 else [i for i in reversed(kept) if i < self.selected]
        if further:
            self._select(further[0])

    def _select(self, index: int) -> None:
        self.selected, self.follows, self._held = index, False, ""
        self._redraw_step()
        self.query_one("#step", Panel).scroll_home(animate=False)

    def go_to(self, number: int) -> None:
        """Show this step."""
        if 0 <= number < len(self.walk.steps):
            self._select(number)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click on a step."""
        if event.option.id:
            self._select(int(event.option.id))

    def on_input_changed(self, _: Input.Changed) -> None:
        """The filter has changed: go to the first step it leaves."""
        wanted = self.query_one("#filter", Input).value
        kept = [index for index, step in enumerate(self.walk.steps) if matches(step, wanted)]
        if kept and self.selected not in kept:
            self._select(kept[0])
        else:
            self._redraw_step()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """The filter stays, the keys are free again."""
        self.set_focus(None)

    def action_filter(self) -> None:
        """Type to filter the trail."""
        field = self.query_one("#filter", Input)
        field.display = True
        field.focus()

    def action_back(self) -> None:
        """Out of the filter, else back to the set-up."""
        field = self.query_one("#filter", Input)
        if field.display:
            field.value = ""
            field.display = False
            self.set_focus(None)
        else:
            self.wizard.to_setup()

    def action_down(self) -> None:
        """The next step."""
        self._move(1)

    def action_up(self) -> None:
        """The step before."""
        self._move(-1)

    def action_page_down(self) -> None:
        """Read on in the step."""
        self.query_one("#step", Panel).scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Read back in the step."""
        self.query_one("#step", Panel).scroll_page_up(animate=False)

    def on_path_view_opened(self, message: PathView.Opened) -> None:
        """The page of a hop."""
        self.wizard.to_hop(message.hop)

    def action_path(self) -> None:
        """To the path, to pick a hop there: the one of this step is marked."""
        path = self.query_one(PathView)
        path.at = self.step.hop if self.step else ""
        path.focus()

    @property
    def _over(self) -> bool:
        return self.walk.phase in (Phase.DONE, Phase.FAILED) and self.walk.verdict is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """At the end the key that goes on leads to the verdict, and there is nothing left to skip or to wait for."""
        if action == "verdict":
            return self._over
        return not (self._over and action in ("continue", "skip", "stepwise"))

    def action_verdict(self) -> None:
        """To the verdict."""
        self.follows, self._held = True, ""
        self.wizard.to_verdict()

    def action_continue(self) -> None:
        """Looks at the step that waits; before there is a verdict, back to the walker."""
        self.follows, self._held = True, ""
        if self.wizard.session.go_on():
            return
        if self.walk.phase in (Phase.DONE, Phase.FAILED):
            self.wizard.tell("There is no verdict: nothing could be looked at.")
        else:
            self.show(self.walk)
            self.wizard.tell("Still looking; the verdict comes by itself.")

    def action_skip(self) -> None:
        """Go on without the answer that the walk waits for."""
        now = self.walk.steps[self.walk.now] if self.walk.steps else None
        if now and self.wizard.session.skip():
            self.wizard.tell(f"Skipped: {now.node.title}")
        else:
            self.wizard.tell("Nothing to skip: no check is being waited for.")

    def action_retry(self) -> None:
        """This one check with fresh answers, or this one question anew."""
        if self.step is None or (self.step.evidence is None and self.step.status is None):
            self.wizard.tell("This step has not been looked at yet.")
        else:
            self.wizard.retry(self.step)

    def action_answer_again(self) -> None:
        """Back to the last question."""
        self.wizard.answer_again()

    def action_stepwise(self) -> None:
        """Step by step, or on its own again."""
        self.wizard.stepwise()

    def action_jump(self) -> None:
        """A hop by name."""
        self.wizard.jump()

    def action_facts(self) -> None:
        """Fold the facts, or unfold them."""
        self.unfolded = not self.unfolded
        self._redraw_step()

    def action_rerun(self) -> None:
        """The whole check again."""
        self.wizard.rerun()

    def action_copy(self) -> None:
        """The AWS CLI line of the step."""
        self.wizard.copy(command(self.step) if self.step else "")

    def action_export(self) -> None:
        """What is known so far, as a file."""
        self.wizard.export()

    def action_details(self) -> None:
        """The step in pictures where there are any, else all that it showed."""
        from wizard.ui.panes import has, pane_of

        step = self.step
        pane = pane_of(step.node.probe) if step else None
        if pane and self.walk.verdict and has(pane, self.walk.verdict.evidence):
            self.wizard.to_evidence(pane)
        elif step:
            looks, waits = self.wizard.looks(step), self._waits(step)
            self.app.push_screen(Page("Step", lambda width: evidence_page(step, looks, width, waits)))
