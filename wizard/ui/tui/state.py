"""What the screens show: one immutable snapshot, folded from the tree and the events so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wizard.model import events as ev
from wizard.model.probe import Evidence
from wizard.model.status import Outcome, Reason, Status
from wizard.model.tree import Node, Tree
from wizard.model.verdict import Verdict, verdict

# What the engine does before the first node of the tree; shown as the first step.
TRACE = Node(
    "trace",
    "Which way does the request take?",
    "Every further check looks only at what stands on this request's way.",
    probe="path.trace",
)


class Phase(StrEnum):
    """How far the walk is."""

    LOADING = "loading"
    WALKING = "walking"
    DONE = "done"
    FAILED = "failed"


class Place(StrEnum):
    """Where a step is, seen from the walker."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Looks:
    """What a probe looks at, in its own words, and the beginnings of the AWS CLI lines that ask for it."""

    at: str = ""
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the walk and what is known of it.

    `running`: its probe is at work, perhaps ahead of the walker. `found`: it has led to a cause. `because` says why it
    comes where it comes.
    """

    node: Node
    hop: str
    hop_title: str
    place: Place
    status: Status | None = None
    says: str = ""
    evidence: Evidence | None = None
    running: bool = False
    found: bool = False
    because: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """Everything the walk screen shows. `trouble` is one line that says what went wrong, `reason` what kind it is.

    `stepping`: each step waits for the person; `paused`: one is waiting now.
    """

    phase: Phase = Phase.LOADING
    steps: tuple[Step, ...] = ()
    verdict: Verdict | None = None
    running: tuple[str, ...] = ()
    trouble: str = ""
    reason: Reason | None = None
    stepping: bool = False
    paused: bool = False

    @property
    def now(self) -> int:
        """The index of the step the walker is at; once it has ended, of the one that says most.

        That is the one that shows the failing hop, else what was left open where nothing is certain, else the last.
        """
        for index, step in enumerate(self.steps):
            if step.place is Place.NOW:
                return index
        failing = self.verdict.failing_hop if self.verdict and self.phase is Phase.DONE else None
        if failing:
            shows = [i for i, step in enumerate(self.steps) if step.found and step.hop == failing]
            shows += [i for i, step in enumerate(self.steps) if step.found]
            return shows[0] if shows else 0
        if self.verdict and self.phase is Phase.DONE and self.verdict.outcome is Outcome.INCONCLUSIVE:
            unsure = (i for i, step in enumerate(self.steps) if step.status in (Status.UNKNOWN, Status.FAIL))
            return next(unsure, 0)
        return max((i for i, step in enumerate(self.steps) if step.place is Place.DONE), default=0)

    @property
    def done(self) -> int:
        """How many steps are behind."""
        return sum(step.place is Place.DONE for step in self.steps)


def fold(tree: Tree | None, events: Sequence[ev.Event], phase: Phase, trouble: str = "") -> Walk:
    """The snapshot that these events amount to."""
    if tree is None:
        return Walk(phase, trouble=trouble)
    started = {e.probe for e in events if isinstance(e, ev.ProbeStarted)}
    evidence = {e.evidence.probe: e.evidence for e in events if isinstance(e, ev.ProbeFinished)}
    running = tuple(sorted(started - evidence.keys())) if phase is Phase.WALKING else ()
    opened = any(isinstance(e, ev.CaseOpened) for e in events)
    return Walk(
        phase,
        _steps(tree, events, evidence, running, phase),
        verdict(tree, events) if opened else None,
        running,
        trouble,
    )


def _steps(
    tree: Tree, events: Sequence[ev.Event], evidence: dict[str, Evidence], running: tuple[str, ...], phase: Phase
) -> tuple[Step, ...]:
    entered = {e.node: e.hop for e in events if isinstance(e, ev.NodeEntered) and e.node in tree.nodes}
    branches = {e.node: e for e in events if isinstance(e, ev.BranchTaken)}
    found = {e.node for e in events if isinstance(e, ev.Found)}
    on_path = {e.hop.id for e in events if isinstance(e, ev.HopDiscovered)}
    on_path |= {hop.id for hop in tree.stations(on_path.__contains__)}
    order = [(node, hop) for node, hop in _order(tree, list(entered.items())) if not on_path or hop in on_path]
    last = max((i for i, (node, _) in enumerate(order) if node in entered), default=-1)
    over = phase is Phase.DONE
    steps = [_trace_step(evidence.get(TRACE.probe or ""), phase)]
    for index, (node_id, hop) in enumerate(order):
        node, branch = tree.nodes[node_id], branches.get(node_id)
        seen = evidence.get(node.probe) if node.probe else None
        place: Place = Place.DONE
        status: Status | None = None
        if branch:
            status = branch.status
        elif node_id in entered:
            place, status = (Place.DONE, Status.UNKNOWN) if over else (Place.NOW, None)
        elif index < last or over:
            status = Status.SKIPPED
        else:
            place = Place.AHEAD
        steps.append(
            Step(
                node,
                hop,
                tree.hop_title(hop),
                place,
                status,
                branch.says if branch else "",
                seen,
                node.probe in running,
                node_id in found,
                _because(tree, order, index),
            )
        )
    return tuple(steps)


def _trace_step(seen: Evidence | None, phase: Phase) -> Step:
    place = Place.DONE if seen else Place.NOW if phase is Phase.WALKING else Place.AHEAD
    return Step(
        TRACE,
        "client",
        "Request path",
        place,
        seen.status if seen else None,
        "",
        seen,
        phase is Phase.WALKING and not seen,
        because="First of all: which checks apply follows from it.",
    )


def _because(tree: Tree, order: list[tuple[str, str]], index: int) -> str:
    """Why a step comes here: the request comes to its hop, or the step before could not tell."""
    node, hop = order[index]
    before = order[index - 1] if index else ("", "")
    title = tree.hop_title(hop)
    if not any(node in listed.asks for listed in tree.hops):
        asked_by = tree.nodes[before[0]].title if before[0] in tree.nodes else "the step before"
        return f"Asked of you because this was left open: {asked_by}"
    if hop == before[1]:
        return f"Also about {title}."
    return f"Next on the way of the request: {title}."


def _order(tree: Tree, entered: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The nodes of the tree's hops, each question that another node led to right after it."""
    order = [(node, hop.id) for hop in tree.hops for node in hop.asks if node in tree.nodes]
    listed = {node for node, _ in order}
    for index, (node, hop) in enumerate(entered):
        if node not in listed:
            before = entered[index - 1][0] if index else None
            spot = next((i + 1 for i, (other, _) in enumerate(order) if other == before), 0)
            order.insert(spot, (node, hop))
            listed.add(node)
    return order
