"""The full-screen wizard: wires keys, screens and the session, and does no work itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from textual.app import App, SystemCommand
from textual.markup import escape
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from wizard.model.case import Symptom, Target
from wizard.model.events import Question
from wizard.model.status import Confidence
from wizard.model.text import Segment, safe, shorten
from wizard.model.verdict import Finding, Verdict, failing_cause
from wizard.ui.again import Begin, last_question, mended, reanswered, resumed, retried
from wizard.ui.config import ConfigError
from wizard.ui.options import close
from wizard.ui.settings import Settings
from wizard.ui.tui import keys
from wizard.ui.tui.form import Form
from wizard.ui.tui.paint import case_label, glyph
from wizard.ui.tui.screens.choose import Choose
from wizard.ui.tui.screens.dialogs import ByHand, Consent
from wizard.ui.tui.screens.pages import Page, help_text
from wizard.ui.tui.screens.setup import SetupScreen
from wizard.ui.tui.screens.walk import WalkScreen
from wizard.ui.tui.services import Choice, Named, Services, Trouble, in_thread
from wizard.ui.tui.session import Session
from wizard.ui.tui.state import Looks, Phase, Step, Walk
from wizard.ui.tui.theme import DARK, THEMES
from wizard.ui.tui.trouble_view import trouble_of
from wizard.ui.tui.widgets.sized import Following

if TYPE_CHECKING:
    from wizard.ui.guided import Request
    from wizard.ui.panes import Pane

INTERRUPTED = 130


class WizardApp(App[int]):
    """One app, one session, one walk screen; the verdict and the dialogs above it, a set-up below or above."""

    TITLE = "apigw-wizard"
    CSS_PATH = "app.tcss"
    BINDINGS = keys.APP

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        settings = services.settings
        self.form = Form(
            profile=settings.profile,
            region=settings.region,
            seen_in=settings.symptom.seen_in,
            status=str(settings.symptom.status or ""),
        ).with_target(settings.target)
        self.session = Session(services, self.ask, self._changed, self.tell)
        self.walk = Walk()
        self._verdict_due = self._trouble_due = False
        # What the person says is fixed, the verdict it stood in, and when that was said.
        self._mended: tuple[Finding, Verdict] | None = None
        self._since: datetime | None = None
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = THEMES.get(settings.theme, DARK).name
        if settings.still:
            self.animation_level = "none"
        self.set_keymap({f"wizard.{name}": wanted for name, wanted in settings.keys.items()})

    def get_default_screen(self) -> Screen[None]:
        """The walk when it is known what to look at, else the set-up."""
        return WalkScreen() if self.services.settings.target else SetupScreen(self.form)

    def on_mount(self) -> None:
        """Everything heavy waits for the first frame."""
        self.call_after_refresh(self.rerun if self.services.settings.target else self._warm)

    def _warm(self) -> None:
        self.run_worker(self._load(), group="load")

    async def _load(self) -> None:
        try:
            await self.session.load()
        except Trouble as trouble:
            if isinstance(self.screen, SetupScreen):
                self.screen.say(str(trouble))

    def begin(self, form: Form, target: Target, symptom: Symptom) -> None:
        """From the set-up into the walk."""
        self.form = form
        self.session.target, self.session.symptom, self.session.account = target, symptom, form.account
        if not any(isinstance(screen, WalkScreen) for screen in self.screen_stack):
            self.push_screen(WalkScreen())
        self.rerun()

    def rerun(self) -> None:
        """Walk from the start, with nothing remembered."""
        self._mended = None
        self._run(None)

    def _run(self, begin: Begin | None, stay_at: str = "") -> None:
        while not isinstance(self.screen, WalkScreen):
            self.pop_screen()
        self.screen.stay_at(stay_at)
        self._verdict_due, self._trouble_due = not stay_at, True
        self.run_worker(self.session.run(begin), group="walk", exclusive=True, exit_on_error=False)

    def retry(self, step: Step) -> None:
        """This one check with fresh answers, this one question anew; everything else stays as it is known."""
        if not self.session.opened:
            self.rerun()
            return
        events, probe = self.session.events, step.node.probe
        self._run(retried(events, probe) if probe else reanswered(events, step.node.id), step.node.id)

    def answer_again(self) -> None:
        """Back to the last question; what follows from its answer follows anew."""
        question = last_question(self.session.events)
        if question is None:
            self.tell("No question has been answered yet.")
        elif question.kind == "manual":
            self._run(reanswered(self.session.events, question.id))
        else:
            self._run(retried(self.session.events, question.id.partition(":")[2]))

    def fixed(self, finding: Finding) -> None:
        """The person has mended a cause: look again at whatever was not in order."""
        if self.walk.verdict:
            self._mended, self._since = (finding, self.walk.verdict), datetime.now(UTC)
            self._run(mended(self.session.events, finding, self._since))

    def fixed_still(self) -> None:
        """The same fix looked at once more, with whatever has been requested since it was made."""
        if self._mended:
            self._run(mended(self.session.events, self._mended[0], datetime.now(UTC), self._since))

    def take_up(self, file: str) -> None:
        """Go on with a saved case."""
        self.run_worker(self._take_up(file), group="load", exclusive=True)

    async def _take_up(self, file: str) -> None:
        try:
            tree = await self.session.load()
            events, remark = await in_thread(lambda: self.services.take_up(file, tree))
        except Trouble as trouble:
            self.tell(str(trouble), error=True)
            return
        begin = resumed(events)
        assert begin.case is not None  # a saved case has one
        self.session.target, self.session.symptom = begin.case.target, begin.case.symptom
        self.session.account = self.form.account
        if not any(isinstance(screen, WalkScreen) for screen in self.screen_stack):
            self.push_screen(WalkScreen())
        self.form = self.form.with_target(begin.case.target)
        self._mended = None
        self._run(begin)
        if remark:
            self.tell(remark)

    def stepwise(self) -> None:
        """Step by step from here on, or on its own again."""
        on = not self.session.stepping
        self.session.step_by_step(on)
        self.tell("Step by step: c looks at the next step." if on else "Goes on by itself.")

    def jump(self) -> None:
        """Pick a hop by name."""
        path = self.walk.verdict.path if self.walk.verdict else None
        if not path or not path.hops:
            self.tell("The path is not known yet.")
            return
        words = {hop.id: hop.note or (hop.status.value if hop.status else "ahead") for hop in path.hops}
        hops = [Named(hop.id, words[hop.id], f"{glyph(hop.status, hop.blocked)[0]} {hop.label}") for hop in path.hops]
        self.push_screen(Choose("Jump to a hop", lambda: hops, path.failing or ""), self._jumped)

    def _jumped(self, choice: Choice | None) -> None:
        if choice:
            self.to_hop(choice.id)

    def to_hop(self, hop: str) -> None:
        """Show this hop: resource, settings, evidence, console page."""
        from wizard.ui.tui.screens.hop import HopScreen  # screens that are not the first one are loaded when wanted

        if isinstance(self.screen, HopScreen):
            self.screen.turn_to(hop)
        else:
            self.push_screen(HopScreen(hop))

    def to_setup(self) -> None:
        """Choose anew; the walk below goes on, and stays if nothing else is chosen."""
        self.push_screen(SetupScreen(self.form))

    def to_step(self, number: int) -> None:
        """Show this step of the walk."""
        while not isinstance(self.screen, WalkScreen):
            self.pop_screen()
        self.screen.go_to(number)

    def to_verdict(self) -> None:
        """Show what the walk amounts to."""
        from wizard.ui.tui.screens.verdict import VerdictScreen

        self._verdict_due = False
        if self.walk.verdict and self.session.tree and not isinstance(self.screen, VerdictScreen):
            self.push_screen(VerdictScreen(self.walk.verdict, self.session.tree, self._mended))

    def to_evidence(self, pane: Pane | None = None) -> None:
        """Show the evidence in pictures, this pane of it first."""
        from wizard.ui.tui.screens.evidence import EvidenceScreen  # not before it is wanted: pictures take their time

        if not isinstance(self.screen, EvidenceScreen):
            self.push_screen(EvidenceScreen(pane))

    def _changed(self, walk: Walk) -> None:
        self.walk = walk
        for screen in self.screen_stack:
            if isinstance(screen, Following):
                screen.show(walk)
        trouble = trouble_of(walk) if self._trouble_due and isinstance(self.screen, WalkScreen) else None
        if trouble:
            from wizard.ui.tui.screens.trouble import TroubleScreen

            self._verdict_due = self._trouble_due = False
            self.push_screen(TroubleScreen(*trouble))
        elif walk.phase is Phase.DONE and self._verdict_due and isinstance(self.screen, WalkScreen):
            if self.screen.follows:
                self.to_verdict()
            else:
                self._verdict_due = False
                self.tell("Done. c shows the verdict.")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A run that ends in a defect of the tool becomes a line, not a crash."""
        if event.state is WorkerState.ERROR and event.worker.group == "walk" and event.worker.error:
            self.session.crashed(event.worker.error)

    async def ask(self, question: Question) -> str:
        """The person's answer; the dialog goes when the run is given up."""
        if question.kind == "consent" and self.services.settings.allows(question.effect):
            return "yes"
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        dialog = Consent(question, self._known()) if question.kind == "consent" else ByHand(question)
        self.push_screen(dialog, lambda given: None if answer.done() else answer.set_result(given or dialog.SKIPPED))
        return await answer

    async def paste(self, request: Request) -> str:
        """What a command printed, in guided mode."""
        from wizard.ui.tui.screens.guided import GuidedScreen

        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def given(text: str | None) -> None:
            if not answer.done():
                answer.set_result(text or "")

        # Asked from outside of the app: the app itself has to put the screen up.
        self.call_later(self.push_screen, GuidedScreen(request), given)
        return await answer

    def _known(self) -> str:
        """The confirmed cause, if there is one by now: then less hangs on a yes."""
        result = self.session.walk().verdict
        finding = failing_cause(result) if result else None
        sure = finding is not None and finding.confidence is Confidence.CONFIRMED
        return f"{finding.cause.title}, confirmed." if finding and sure else ""

    def label(self) -> list[Segment]:
        """What is looked at, for headlines."""
        demo: list[Segment] = [("demo ", "now")] if self.services.settings.demo else []
        if self.walk.verdict:
            return [*demo, *case_label(self.walk.verdict.case)]
        target = self.session.target
        return [*demo, (f"{target.method} {target.path}", "strong")] if target else [("apigw-wizard", "strong")]

    def looks(self, step: Step) -> Looks:
        """What a step's probe looks at."""
        return self.session.looks.get(step.node.probe or "", Looks())

    def tell(self, text: str, error: bool = False) -> None:
        """A short remark in the corner."""
        self.notify(safe(text), severity="error" if error else "information", timeout=6 if error else 4, markup=False)

    def copy(self, text: str) -> None:
        """Into the clipboard of the terminal."""
        if text:
            self.copy_to_clipboard(text)
            self.tell(f"Copied: {shorten(text, 60)}")
        else:
            self.tell("Nothing to copy here.")

    def export(self) -> None:
        """Save what is known so far, in a format to pick."""
        if self.walk.verdict:
            self.push_screen(Choose("Save a redacted report as", self.services.formats), self._picked_format)
        else:
            self.tell("Nothing to save yet.")

    def _picked_format(self, choice: Choice | None) -> None:
        if choice:
            self.run_worker(self._export(choice.id), group="export", exclusive=True)

    async def _export(self, format: str) -> None:
        result, tree = self.walk.verdict, self.session.tree
        if not result or not tree:
            return
        try:
            self.tell(f"Saved, redacted: {await in_thread(lambda: self.services.save(result, tree, format))}")
        except Trouble as trouble:
            self.tell(str(trouble), error=True)

    def action_help(self) -> None:
        """Every key."""
        if not isinstance(self.screen, Page):
            self.push_screen(Page("Keys", help_text))

    async def action_quit(self) -> None:
        """Leave; nothing is waited for."""
        self._leave(0)

    def action_interrupt(self) -> None:
        """Leave as Ctrl+C does."""
        self._leave(INTERRUPTED)

    def _leave(self, code: int) -> None:
        self.workers.cancel_all()
        self.exit(code)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers beside themes and quitting."""
        for command in super().get_system_commands(screen):
            if command.title in ("Theme", "Quit"):
                yield command
        yield SystemCommand("Help", "Every key and sign", self.action_help)
        if self.session.target:
            yield SystemCommand("Run again", "The whole check, with nothing remembered", self.rerun)
            yield SystemCommand("Step by step", "Wait at every step, or not", self.stepwise)
            yield SystemCommand("Another API", "Back to the set-up", self.to_setup)
        if self.walk.verdict:
            yield SystemCommand("Verdict", "What is known so far", self.to_verdict)
            yield SystemCommand("Evidence", "When, durations, log, changes, traces in pictures", self.to_evidence)
            yield SystemCommand("Export", "Save a redacted report", self.export)
            yield SystemCommand("Answer again", "Back to the last question", self.answer_again)
            for hop in self.walk.verdict.path.hops:
                about = "Its resource, settings, evidence"
                yield SystemCommand(_titled("Hop", hop.label), about, partial(self.to_hop, hop.id), discover=False)
        for number, step in enumerate(self.walk.steps):
            title, hop_title = _titled("Step", step.node.title), escape(safe(step.hop_title))
            yield SystemCommand(title, hop_title, partial(self.to_step, number), discover=False)


def _titled(kind: str, name: str) -> str:
    """A title in the palette, which reads markup."""
    return f"{kind}: {escape(shorten(name, 80))}"


def run(settings: Settings) -> int:
    """Runs the wizard full screen; 0 when the person quits, 130 after Ctrl+C.

    Raises:
        ConfigError: a key is given to an action that there is not.
    """
    for action in settings.keys:
        if action not in keys.actions():
            raise ConfigError(f"no action {action!r} to give a key to.{close(action, keys.actions())}")
    from wizard.ui.tui.live import LiveServices

    services = LiveServices(settings)
    app = WizardApp(services)
    if settings.guided:
        from wizard.ui.guided import Guide

        services.guide = Guide(app.paste)
    code = app.run()
    return (app.return_code or 0) if code is None else code
