"""A wizard whose services are played by lists of events; no clock, no animation, no blinking."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from textual.pilot import Pilot
from textual.widgets import Footer, Input

from tests.tui import events as story
from tests.tui.trees import TITLES, TREE
from wizard.model.aws import Aws
from wizard.model.case import Case, Symptom, Target
from wizard.model.events import Answered, Asked, Event, NodeEntered, Question
from wizard.model.probe import Evidence
from wizard.model.status import Outcome, Reason
from wizard.model.target_url import parse_target
from wizard.model.tree import Tree
from wizard.model.verdict import Verdict, verdict
from wizard.ui.clues import clues
from wizard.ui.settings import Settings
from wizard.ui.tui.app import WizardApp
from wizard.ui.tui.services import THREAD, Account, Ask, Choice, Emit, Gate, Named, Told, Trouble, Walker
from wizard.ui.tui.state import Phase

# Longer than the session gathers events; seconds.
SETTLE_S = 0.03


class NoAws:
    """Nobody is asked anything."""


@dataclass(frozen=True)
class PlayedWalker:
    """Runs `walk`; `end` is what a skip does, None when there is nothing to skip."""

    walk: Callable[[Case, Iterable[Evidence]], Awaitable[Verdict]]
    end: Callable[[], None] | None

    async def run(self, case: Case, known: Iterable[Evidence] = ()) -> Verdict:
        return await self.walk(case, known)

    def skip(self) -> bool:
        if self.end:
            self.end()
        return self.end is not None


@dataclass
class PlayedKeeper:
    """Notes what it is given."""

    events: list[Event] = field(default_factory=list)
    outcome: Outcome | None = None
    forgotten: bool = False
    closed: bool = False

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def close(self, outcome: Outcome | None = None) -> None:
        self.closed, self.outcome = True, outcome

    def forget(self) -> None:
        self.forgotten = True


@dataclass
class PlayedServices:
    """Plays `script`, in a further run the next of `scripts`; a question in it is put to the person.

    `hangs` stops before the end, as a slow account would.
    """

    script: Sequence[Event | Question] = ()
    target_known: bool = True
    hangs: bool = False
    trouble: str = ""
    tree_trouble: str = ""
    save_trouble: str = ""
    answers: list[str] = field(default_factory=list)
    saved: list[Verdict] = field(default_factory=list)
    formats_saved: list[str] = field(default_factory=list)
    scripts: Sequence[Sequence[Event | Question]] = ()
    begun: list[tuple[Case, tuple[Evidence, ...]]] = field(default_factory=list)
    kept: list[PlayedKeeper] = field(default_factory=list)
    cases: Sequence[Event] = ()
    reason: Reason | None = None
    runs: int = 0
    cancelled: bool = False
    defect: bool = False

    def __post_init__(self) -> None:
        target = story.TARGET if self.target_known else None
        symptom = Symptom(status=500) if self.target_known else Symptom()
        self.settings = Settings(connect=lambda profile, region, endpoint_url: NoAws(), target=target, symptom=symptom)  # type: ignore[arg-type]

    def load_tree(self) -> Tree:
        if self.tree_trouble:
            raise Trouble(self.tree_trouble)
        return TREE

    def connect(self, account: Account) -> Aws:
        if self.trouble:
            raise Trouble(self.trouble, self.reason)
        return NoAws()  # type: ignore[return-value]

    def opened(self, case: Case, aws: Aws) -> Case:
        return case

    def keeper(self, remark: Callable[[str], None]) -> PlayedKeeper:
        self.kept.append(PlayedKeeper())
        return self.kept[-1]

    def walker(self, tree: Tree, aws: Aws, emit: Emit, ask: Ask, gate: Gate) -> Walker:
        skipped = asyncio.Event()

        async def walk(case: Case, known: Iterable[Evidence]) -> Verdict:
            script = (self.script, *self.scripts)[min(self.runs, len(self.scripts))]
            self.runs += 1
            self.begun.append((case, tuple(known)))
            if self.defect:
                raise ZeroDivisionError("division by zero")
            log: list[Event] = []
            for item in script:
                if isinstance(item, Question):
                    emit(Asked(item))
                    self.answers.append(await ask(item))
                    emit(Answered(item.id, self.answers[-1]))
                else:
                    log.append(item)
                    emit(item)
                    if isinstance(item, NodeEntered):
                        await gate(tree.nodes[item.node])
            if self.hangs:
                try:
                    await skipped.wait()
                finally:
                    self.cancelled = True
            return verdict(tree, log)

        return PlayedWalker(walk, skipped.set if self.hangs else None)

    def looks_at(self, probe: str) -> str:
        return TITLES.get(probe, "")

    def asks(self, probe: str) -> Sequence[str]:
        return ["aws lambda get-policy"] if probe == "lambda_fn.permission" else []

    def choices(self, kind: str, account: Account, api: str | None) -> Sequence[Choice]:
        if self.trouble and kind in ("api", "stage", "method"):
            raise Trouble(self.trouble)
        names = {
            "profile": ["default", "shop-prod", "shop-test"],
            "region": ["eu-west-1", "us-east-1"],
            "stage": ["prod", "test"],
            "method": ["GET /orders", "POST /orders", "GET /orders/{id}"],
        }
        if kind == "api":
            return [Named(f"api{number:04}", f"shop-{number}") for number in range(1, 1201)]
        return [Named(name) for name in names[kind]]

    def target(self, url: str, method: str) -> Target:
        try:
            return parse_target(url, method)
        except ValueError as error:
            raise Trouble(str(error)) from error

    def read_log(self, text: str) -> Told:
        return Told(len(text.splitlines()), clues(text), ("API Gateway is not allowed to invoke the function",))

    def recent(self) -> Sequence[Choice]:
        about = "a1b2c3d4e5 · prod · us-east-1 · broken off · 04 Mar 06:06"
        return [Named("case-1", about, "GET /orders/42")] if self.cases else []

    def take_up(self, file: str, tree: Tree) -> tuple[Sequence[Event], str]:
        return self.cases, ""

    def formats(self) -> Sequence[Choice]:
        return [Named("text", "for a terminal"), Named("markdown", "for a ticket"), Named("json", "for a program")]

    def save(self, verdict: Verdict, tree: Tree, format: str) -> str:
        self.formats_saved.append(format)
        if self.save_trouble:
            raise Trouble(self.save_trouble)
        self.saved.append(verdict)
        return "/tmp/report.txt"


def wizard(services: PlayedServices) -> WizardApp:
    """The app with everything behind it played; nothing moves or blinks."""
    app = WizardApp(services)
    app.animation_level = "none"
    return app


async def settled(pilot: Pilot[int]) -> None:
    """Waits until threads, the gathering of events and the layout have come to rest."""
    app = pilot.app
    assert isinstance(app, WizardApp)
    seen: object = None
    for _ in range(100):
        for entry in app.screen.query(Input):
            entry.cursor_blink = False
        await pilot.pause(SETTLE_S)
        now = (app.walk, app.screen, len(app.screen_stack), threads())
        starting = app.walk.phase is Phase.LOADING and any(
            worker.group == "walk" and worker.is_running for worker in app.workers
        )
        footed = not app.screen.query(Footer) or bool(app.screen.query("FooterKey"))
        if now == seen and now[-1] == 0 and footed and not starting:
            return
        seen = now
    raise AssertionError("the screen does not come to rest")


def threads() -> int:
    """How many of the wizard's threads are at work."""
    return sum(thread.name.startswith(THREAD) for thread in threading.enumerate())
