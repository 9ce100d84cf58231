"""The walk through the tree: trace, then hop by hop, node by node, branch by branch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from wizard.engine.path import PathGraph
from wizard.engine.runner import BY_HAND, Runner
from wizard.model import events as ev
from wizard.model.aws import Aws
from wizard.model.case import Case, Target, case_facts
from wizard.model.fill import fill, placeholders
from wizard.model.json import Json
from wizard.model.path import Hop, Link
from wizard.model.probe import Evidence
from wizard.model.status import Level, Proof, Reason, Status
from wizard.model.trace import Trace
from wizard.model.tree import Branch, Node, Tree, TreeHop
from wizard.model.verdict import Verdict, verdict

TRACE = "path.trace"
# A probe asks a handful of questions of at most 10 s each; one that takes longer is given up, not waited for.
DEADLINE_S = 60.0
# A question that nobody can settle is UNKNOWN; yes means "as it should be".
_ANSWERS = {"yes": Status.PASS, "no": Status.FAIL}


class Engine:
    """One case from its first event to its verdict.

    `emit` must return at once; `ask` may take as long as a person does. `gate` is awaited at each step, before it is
    looked at: its answer False leaves that check out. `deadline_s` (seconds) bounds one check, None does not; unless
    `eager`, nothing is asked before its step is there.
    """

    def __init__(
        self,
        tree: Tree,
        aws: Aws,
        emit: Callable[[ev.Event], None],
        ask: Callable[[ev.Question], Awaitable[str]],
        *,
        workers: int = 8,
        deadline_s: float | None = DEADLINE_S,
        eager: bool = True,
        gate: Callable[[Node], Awaitable[bool]] | None = None,
    ) -> None:
        self._tree, self._aws, self._tell, self._ask = tree, aws, emit, ask
        self._workers, self._deadline_s, self._eager, self._gate = workers, deadline_s, eager, gate
        self._log: list[ev.Event] = []
        self._case_facts: dict[str, Any] = {}
        self._scope_nodes: dict[str, Any] = {}
        self._found: list[str] = []
        self._answers: dict[str, str] = {}
        self._runner: Runner | None = None
        self._waits_for: str | None = None
        self._off_path: dict[str, TreeHop] = {}

    def skip(self) -> bool:
        """Waits no longer for the check of the current step: it becomes UNKNOWN and the walk goes on.

        False when the walk waits for none. Call it in the thread of the event loop.
        """
        return self._runner is not None and self._waits_for is not None and self._runner.skip(self._waits_for)

    async def run(self, case: Case, known: Iterable[Evidence] = ()) -> Verdict:
        """Walks the tree for this case. When cancelled, Concluded(complete=False) and CaseClosed are still emitted.

        `known` is evidence of an earlier walk of the same case: it counts as it stands, its probes run no more.
        """
        begun = perf_counter()
        self._answers = dict(case.answers)
        case = replace(case, signatures=self._tree.signatures)
        self._emit(ev.CaseOpened(case, datetime.now(UTC)))
        runner = self._runner = Runner(self._aws, self._emit, self._asked, self._workers, self._deadline_s)
        runner.preload(known)
        complete = False
        try:
            await self._walk(runner, case)
            complete = True
        finally:
            await runner.close()
            self._emit(ev.Concluded(complete))
            self._emit(ev.CaseClosed(round((perf_counter() - begun) * 1000, 1)))
        return verdict(self._tree, self._log)

    async def _walk(self, runner: Runner, case: Case) -> None:
        self._waits_for = TRACE
        evidence = await runner.evidence(TRACE, case, lambda _: True)
        graph = PathGraph.from_facts(evidence.facts)
        for hop, link in graph.in_order():
            self._emit(ev.HopDiscovered(hop, link))
        trace = evidence.facts.get("trace")
        if not isinstance(trace, dict):
            return
        case = replace(
            case, trace=Trace.from_facts(trace), target=_completed(case.target, evidence.facts.get("target"))
        )
        self._emit(ev.PathTraced(case))
        self._case_facts = dict(case_facts(case))
        stations = self._tree.stations(graph.__contains__)
        asks = [(hop.id, node) for hop in stations for node in hop.asks]
        nodes = [self._tree.nodes[node] for _, node in asks]
        self._off_path = {hop.id: hop for hop in self._tree.hops if hop.id not in graph}
        if self._eager:
            runner.start([node.probe for node in nodes if node.probe], case, self._asked_about(graph))
        for hop_id, node_id in asks:
            await self._visit(runner, case, graph, hop_id, node_id)

    async def _visit(self, runner: Runner, case: Case, graph: PathGraph, hop_id: str, node_id: str) -> None:
        """One node and whatever it leads to; lint has made sure that no node leads back to itself."""
        next_id: str | None = node_id
        while next_id:
            node = self._tree.nodes[next_id]
            next_id = None
            if node.only_if and not node.only_if.holds(self._scope()):
                continue
            self._waits_for = node.probe
            self._emit(ev.NodeEntered(node.id, hop_id))
            wanted = self._gate is None or await self._gate(node)
            if node.probe and not wanted:
                evidence = runner.leave_out(node.probe)
            elif node.probe:
                evidence = await runner.evidence(node.probe, case, self._asked_about(graph))
            else:
                evidence = await self._by_hand(node, hop_id, case, wanted)
            self._scope_nodes[node.id] = {
                "status": evidence.status.value,
                "facts": evidence.facts,
                "reason": evidence.reason.value if evidence.reason else None,
            }
            next_id = self._branch(node, hop_id, evidence)

    def _branch(self, node: Node, hop_id: str, evidence: Evidence) -> str | None:
        scope = self._scope(evidence, self._answers.get(node.id))
        taken = next(((i, b) for i, b in enumerate(node.branches) if b.when.holds(scope)), None)
        index, branch = taken if taken else (None, None)
        self._emit(ev.BranchTaken(node.id, index, evidence.status, branch.says or "" if branch else ""))
        causes = list(_causes(branch, evidence)) if branch and evidence.status is not Status.SKIPPED else []
        for cause_id, proof in causes:
            self._find(cause_id, proof, evidence, node, hop_id)
        if not causes or (branch and branch.marks):
            status = branch.marks if branch and branch.marks else evidence.status
            self._emit(ev.HopMarked(hop_id, status, branch.says or "" if branch else ""))
        return branch.ask if branch else None

    def _find(self, cause_id: str, proof: Proof, evidence: Evidence, node: Node, hop_id: str) -> None:
        cause = self._tree.causes.get(cause_id)
        if cause is None:
            return
        self._found.append(cause_id)
        self._emit(ev.Found(cause_id, proof, evidence.id, node.id))
        if proof is not Proof.HINTED:
            self._show(cause.hop, hop_id)
            self._emit(
                ev.HopMarked(cause.hop, Status.WARN if cause.level is Level.WARNING else Status.FAIL, cause.title)
            )

    def _show(self, hop_id: str, found_at: str) -> None:
        """A hop that the path lacks becomes a side trip, now that something is found there: of the hop that it stands
        beside, or else of the one where it was found.
        """
        hop = self._off_path.get(hop_id)
        place = (hop.beside or found_at) if hop else None
        if hop and place and place not in self._off_path:
            del self._off_path[hop_id]
            self._emit(ev.HopDiscovered(Hop(hop.id, hop.id, hop.title), Link(place, hop.id, "side")))

    def _asked_about(self, graph: PathGraph) -> Callable[[str], bool]:
        beside = {hop.id for hop in self._tree.stations(graph.__contains__)}
        return lambda hop: hop in graph or hop in beside

    async def _by_hand(self, node: Node, hop_id: str, case: Case, wanted: bool = True) -> Evidence:
        known = [event.evidence for event in self._log if isinstance(event, ev.ProbeFinished)]
        values = placeholders(case, known) | placeholders(case)
        how = fill(node.how or "", values)
        question = ev.Question(
            node.id, "manual", node.title, fill(node.question or "", values), command=how, default="unsure"
        )
        answer = await self._asked(question) if wanted else question.default
        self._answers[node.id] = answer
        status = _ANSWERS.get(answer, Status.UNKNOWN)
        reason = Reason.NO_DATA if status is Status.UNKNOWN else None
        evidence = Evidence(
            f"{BY_HAND}{node.id}",
            hop_id,
            status,
            f"{node.title} Answered: {answer}.",
            {"answer": answer},
            reason,
            needs=how if reason else None,
            id=f"m-{node.id}",
            started=datetime.now(UTC),
        )
        self._emit(ev.ProbeFinished(evidence))
        return evidence

    async def _asked(self, question: ev.Question) -> str:
        known = self._answers.get(question.id)
        if known is not None:
            return known
        self._emit(ev.Asked(question))
        answer = await self._ask(question)
        self._emit(ev.Answered(question.id, answer))
        return answer

    def _scope(self, evidence: Evidence | None = None, answer: str | None = None) -> dict[str, Any]:
        scope: dict[str, Any] = {**self._case_facts, "nodes": self._scope_nodes, "found": self._found, "answer": answer}
        if evidence:
            scope |= {
                "status": evidence.status.value,
                "facts": evidence.facts,
                "reason": evidence.reason.value if evidence.reason else None,
            }
        return scope

    def _emit(self, event: ev.Event) -> None:
        self._log.append(event)
        self._tell(event)


def _causes(branch: Branch, evidence: Evidence) -> Iterable[tuple[str, Proof]]:
    if branch.cause:
        yield branch.cause, branch.proof
    if branch.causes_from:
        listed = evidence.facts.get(branch.causes_from.removeprefix("facts."))
        for item in listed if isinstance(listed, list) else []:
            if isinstance(item, dict) and isinstance(item.get("cause"), str):
                yield str(item["cause"]), _proof(item.get("proof"))


def _proof(value: Json) -> Proof:
    return Proof(value) if isinstance(value, str) and value in set(Proof) else Proof.HINTED


def _completed(target: Target, facts: Json) -> Target:
    """The target with what the trace found out filled in."""
    names = ("api_type", "api_id", "stage", "method", "path", "region", "account")
    known = {name: facts[name] for name in names if isinstance(facts.get(name), str)} if isinstance(facts, dict) else {}
    return replace(target, **known)  # type: ignore[arg-type]  # names and types are those of Target
