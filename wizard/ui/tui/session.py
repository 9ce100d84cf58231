"""One run after another of the engine, outside every screen: events in, snapshots out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from wizard.model.aws import AwsError
from wizard.model.case import Symptom, Target
from wizard.model.events import Event
from wizard.model.tree import Tree
from wizard.ui.tui.services import Account, Ask, Services, Trouble, Walker, in_thread
from wizard.ui.tui.state import Looks, Phase, Walk, fold

# Many events in one go make one snapshot; seconds.
_GATHER_S = 0.02


class Session:
    """Holds the tree, the events and the phase. `changed` gets a new snapshot soon after anything happened."""

    def __init__(self, services: Services, ask: Ask, changed: Callable[[Walk], None]) -> None:
        self._services, self._ask, self._changed = services, ask, changed
        self._events: list[Event] = []
        self._phase, self._trouble = Phase.LOADING, ""
        self._waiting = False
        self._loading = asyncio.Lock()
        self._walker: Walker | None = None
        self.tree: Tree | None = None
        # By probe: what it looks at in its own words, and what it may ask of AWS.
        self.looks: dict[str, Looks] = {}
        self.account = Account(services.settings.profile, services.settings.region)
        self.target: Target | None = services.settings.target
        self.symptom: Symptom = services.settings.symptom

    def walk(self) -> Walk:
        """The snapshot of this moment."""
        return fold(self.tree, self._events, self._phase, self._trouble)

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

    async def run(self) -> None:
        """Walks the tree for the target, and tells. Trouble ends the run as a line in the snapshot."""
        self._events, self._walker = [], None
        self._enter(Phase.LOADING)
        try:
            await self._run()
        except (Trouble, AwsError, ValueError) as error:
            self._enter(Phase.FAILED, str(error))

    async def _run(self) -> None:
        services, events = self._services, self._events
        if self.target is None:
            raise Trouble("There is nothing to look at yet: Esc leads to the choice of an API.")
        target = replace(self.target, region=self.target.region or self.account.region)
        account = replace(self.account, region=target.region)
        tree = await self.load()
        aws = await in_thread(lambda: services.connect(account))
        walker = await in_thread(lambda: services.walker(tree, aws, lambda event: self._add(events, event), self._ask))
        self._walker = walker
        case = services.settings.case(target, self.symptom)
        opened = await in_thread(lambda: services.opened(case, aws))
        self._enter(Phase.WALKING)
        await walker.run(opened)
        self._enter(Phase.DONE)

    def skip(self) -> bool:
        """Goes on without the check that the walk waits for; False when it waits for none."""
        return self._phase is Phase.WALKING and self._walker is not None and self._walker.skip()

    def crashed(self, error: BaseException) -> None:
        """A defect of the tool ended the run; what is known stays."""
        what = f"The tool itself failed ({type(error).__name__}: {error})."
        self._enter(Phase.FAILED, f"{what} What is known so far stays; r tries again.")

    def _add(self, events: list[Event], event: Event) -> None:
        """An event of the engine; those that a run which was given up still sends go to its own list."""
        events.append(event)
        self._soon()

    def _enter(self, phase: Phase, trouble: str = "") -> None:
        self._phase, self._trouble = phase, trouble
        self._soon()

    def _soon(self) -> None:
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(_GATHER_S, self._tell)

    def _tell(self) -> None:
        self._waiting = False
        self._changed(self.walk())
