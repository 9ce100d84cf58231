"""One run after another of the engine, outside every screen: events in, snapshots out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.model.aws import AwsError
from wizard.model.case import Case, Symptom, Target
from wizard.model.events import CaseOpened, Event
from wizard.model.status import Reason
from wizard.model.tree import Node, Tree
from wizard.ui.again import Begin
from wizard.ui.tui.services import Account, Ask, Keeper, Services, Trouble, Walker, in_thread
from wizard.ui.tui.state import Looks, Phase, Walk, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

# Many events in one go make one snapshot; seconds.
_GATHER_S = 0.02


class Session:
    """Holds the tree, the events and the phase. `changed` gets a new snapshot soon after anything happened."""

    def __init__(
        self, services: Services, ask: Ask, changed: Callable[[Walk], None], remark: Callable[[str], None]
    ) -> None:
        self._services, self._ask, self._changed, self._remark = services, ask, changed, remark
        self._events: list[Event] = []
        self._phase, self._trouble = Phase.LOADING, ""
        self._reason: Reason | None = None
        self._waiting = False
        self._loading = asyncio.Lock()
        self._walker: Walker | None = None
        self._gate: asyncio.Future[bool] | None = None
        self._keeper: Keeper | None = None
        self.tree: Tree | None = None
        # Step by step: each step waits for the person before it is looked at.
        self.stepping = services.settings.step
        # By probe: what it looks at in its own words, and what it may ask of AWS.
        self.looks: dict[str, Looks] = {}
        self.account = Account(services.settings.profile, services.settings.region)
        self.target: Target | None = services.settings.target
        self.symptom: Symptom = services.settings.symptom

    @property
    def events(self) -> Sequence[Event]:
        """What has happened in this walk."""
        return self._events

    @property
    def opened(self) -> bool:
        """Whether there is a case to go on with."""
        return any(isinstance(event, CaseOpened) for event in self._events)

    def walk(self) -> Walk:
        """The snapshot of this moment."""
        walk = fold(self.tree, self._events, self._phase, self._trouble)
        return replace(walk, stepping=self.stepping, paused=self._gate is not None, reason=self._reason)

    async def load(self) -> Tree:
        """The tree and what its probes look at, read once, in a thread.

        Raises:
            Trouble: the tree file cannot be used.
        """
        async with self._loading:
            if self.tree is not None:
                return self.tree
            tree, self.looks = await in_thread(self._read)
            self.tree = tree
            return tree

    def _read(self) -> tuple[Tree, dict[str, Looks]]:
        tree = self._services.load_tree()
        probes = {"path.trace"} | {node.probe for node in tree.nodes.values() if node.probe}
        services = self._services
        return tree, {probe: Looks(services.looks_at(probe), tuple(services.asks(probe))) for probe in sorted(probes)}

    async def run(self, begin: Begin | None = None) -> None:
        """Walks the tree, and tells. Trouble ends the run as a line in the snapshot.

        Without a beginning it is a new case of the target, with nothing known.
        """
        before, self._keeper = self._keeper, None
        self._events, self._walker, self._gate = [], None, None
        self._enter(Phase.LOADING)
        try:
            await self._run(begin or Begin())
            if begin is not None and begin.same and before is not None:
                before.forget()  # the same case, now in a file of its own
        except (Trouble, AwsError, ValueError) as error:
            self._enter(Phase.FAILED, str(error), getattr(error, "reason", None))

    async def _run(self, begin: Begin) -> None:
        services, events = self._services, self._events
        if begin.case:
            self.target = begin.case.target
        if self.target is None:
            raise Trouble("There is nothing to look at yet: Esc leads to the choice of an API.")
        target = replace(self.target, region=self.target.region or self.account.region)
        account = replace(self.account, region=target.region)
        tree = await self.load()
        case = begin.case or services.settings.case(target, self.symptom)

        def emit(event: Event) -> None:
            keeper(event)
            self._add(events, event)

        def open_all() -> tuple[Keeper, Walker, Case]:
            aws = services.connect(account)
            opened = services.opened(case, aws)
            walker = services.walker(tree, aws, emit, self._ask, self._wait)
            return services.keeper(self._remark), walker, opened

        keeper, walker, opened = await in_thread(open_all)
        self._keeper, self._walker = keeper, walker
        self._enter(Phase.WALKING)
        outcome = None
        try:
            outcome = (await walker.run(opened, begin.known)).outcome
        finally:
            keeper.close(outcome)
        self._enter(Phase.DONE)

    async def _wait(self, node: Node) -> bool:
        """Holds the walk at a step until the person goes on; False leaves the step out."""
        if not self.stepping:
            return True
        gate: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._gate = gate
        self._soon()
        try:
            return await gate
        finally:
            if self._gate is gate:
                self._gate = None
            self._soon()

    def go_on(self) -> bool:
        """Looks at the step that waits; False when none does."""
        return self._open(True)

    def step_by_step(self, on: bool) -> None:
        """From here on each step waits for the person, or none does."""
        self.stepping = on
        if not on:
            self._open(True)
        self._soon()

    def skip(self) -> bool:
        """Goes on without the step that waits or the check that is waited for; False when there is neither."""
        if self._open(False):
            return True
        return self._phase is Phase.WALKING and self._walker is not None and self._walker.skip()

    def _open(self, look: bool) -> bool:
        waits = self._gate is not None and not self._gate.done()
        if self._gate is not None and waits:
            self._gate.set_result(look)
        return waits

    def crashed(self, error: BaseException) -> None:
        """A defect of the tool ended the run; what is known stays."""
        what = f"The tool itself failed ({type(error).__name__}: {error})."
        self._enter(Phase.FAILED, f"{what} What is known so far stays; r tries again.")

    def _add(self, events: list[Event], event: Event) -> None:
        """An event of the engine; those that a run which was given up still sends go to its own list."""
        events.append(event)
        self._soon()

    def _enter(self, phase: Phase, trouble: str = "", reason: Reason | None = None) -> None:
        self._phase, self._trouble, self._reason = phase, trouble, reason
        self._soon()

    def _soon(self) -> None:
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(_GATHER_S, self._tell)

    def _tell(self) -> None:
        self._waiting = False
        self._changed(self.walk())
