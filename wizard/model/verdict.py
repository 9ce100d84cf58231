"""The verdict as a fold over events: nothing is decided here that the tree or the evidence has not said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from wizard.model import events as ev
from wizard.model.aws import Call
from wizard.model.case import Case
from wizard.model.fill import fill_fixes
from wizard.model.path import Hop, Link, Path
from wizard.model.probe import Evidence
from wizard.model.status import Confidence, Level, Outcome, Proof, Status, worst
from wizard.model.tree import Cause, Fix, Tree
from wizard.model.unchecked import NotChecked, not_checked


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause, how sure it is, and the evidence for it. `fix` has the case's real ids filled in."""

    cause: Cause
    confidence: Confidence
    explains_symptom: bool
    evidence: tuple[str, ...]
    fix: tuple[Fix, ...]

    @property
    def level(self) -> str:
        """Error, Warning or Info, as the text report prints it."""
        if self.cause.level is Level.WARNING or not self.explains_symptom:
            return "Warning"
        return "Error" if self.confidence is not Confidence.POSSIBLE else "Info"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything the walk has shown so far; findings that explain the symptom come first."""

    case: Case
    outcome: Outcome
    failing_hop: str | None
    findings: tuple[Finding, ...]
    ruled_out: tuple[str, ...]
    not_checked: tuple[NotChecked, ...]
    path: Path
    evidence: tuple[Evidence, ...]
    calls: tuple[Call, ...]
    statuses: tuple[int, ...] = ()
    complete: bool = True
    took_ms: float | None = None


def verdict(tree: Tree, events: Iterable[ev.Event]) -> Verdict:
    """The verdict that these events, in their order, amount to.

    Raises:
        ValueError: no CaseOpened among the events.
    """
    log = list(events)
    case = _last_case(log)
    evidence = _evidence(log)
    statuses = client_statuses(case, evidence)
    findings = _findings(tree, case, log, evidence, statuses)
    failing = next(
        (
            f.cause.hop
            for f in findings
            if f.explains_symptom and f.cause.level is Level.FAULT and f.confidence is not Confidence.POSSIBLE
        ),
        None,
    )
    unchecked = not_checked(tree, case, evidence)
    complete = any(isinstance(e, ev.Concluded) and e.complete for e in log)
    return Verdict(
        case=case,
        outcome=_outcome(case, findings, unchecked, complete and not _unexplained(findings, evidence)),
        failing_hop=failing,
        findings=findings,
        ruled_out=_ruled_out(tree, log, findings),
        not_checked=unchecked,
        path=_path(log, failing),
        evidence=tuple(evidence),
        calls=tuple(call for e in evidence for call in e.calls if call.took_ms > 0),
        statuses=statuses,
        complete=complete,
        took_ms=next((e.took_ms for e in log if isinstance(e, ev.CaseClosed)), None),
    )


def _last_case(log: list[ev.Event]) -> Case:
    cases = [e.case for e in log if isinstance(e, ev.CaseOpened | ev.PathTraced)]
    if not cases:
        raise ValueError("a case begins with CaseOpened")
    return cases[-1]


def _evidence(log: list[ev.Event]) -> list[Evidence]:
    newest = {e.evidence.probe: e.evidence for e in log if isinstance(e, ev.ProbeFinished)}
    return list(newest.values())


def client_statuses(case: Case, evidence: Iterable[Evidence]) -> tuple[int, ...]:
    """The 5xx statuses the client is known to get: the reported one, else those that logs and live answers show.

    A probe that sees what the client got says so in its fact `client_statuses`.
    """
    if case.symptom.status:
        return (case.symptom.status,)
    seen: list[int] = []
    for item in evidence:
        listed = item.facts.get("client_statuses")
        seen += [s for s in listed if isinstance(s, int) and s >= 500] if isinstance(listed, list) else []
    return tuple(dict.fromkeys(seen))


def explains(cause: Cause, case: Case, statuses: tuple[int, ...]) -> bool:
    """Whether a cause can give what the client saw.

    A fault explains an unknown symptom, a warning never explains one.
    """
    if cause.level is Level.WARNING or case.symptom.seen_in not in cause.seen_in:
        return False
    possible = cause.statuses.get(case.target.api_type)
    return not statuses or not possible or bool(set(statuses) & set(possible))


def confidence(proof: Proof, fits: bool, symptom_known: bool) -> Confidence:
    """Confirmed: proven and it fits what the client saw. Likely: one of the two. Possible: no more than consistent."""
    if proof is Proof.PROVEN:
        return Confidence.CONFIRMED if fits and symptom_known else Confidence.LIKELY
    return Confidence.LIKELY if proof is Proof.SUGGESTED and fits and symptom_known else Confidence.POSSIBLE


def _findings(
    tree: Tree, case: Case, log: list[ev.Event], evidence: list[Evidence], statuses: tuple[int, ...]
) -> tuple[Finding, ...]:
    found: dict[str, list[ev.Found]] = {}
    for event in log:
        if isinstance(event, ev.Found):
            found.setdefault(event.cause, []).append(event)
    by_id = {item.id: item for item in evidence}
    findings = []
    for cause_id, hits in found.items():
        cause = tree.causes[cause_id]
        fits, warns = explains(cause, case, statuses), cause.level is Level.WARNING
        proof = max((hit.proof for hit in hits), key=lambda p: p.weight)
        proofs = tuple(dict.fromkeys(hit.evidence for hit in hits))
        # A warning has no symptom to fit.
        sure = confidence(proof, fits or warns, symptom_known=bool(statuses) or warns)
        fixes = fill_fixes(cause, case, [by_id[i] for i in proofs if i in by_id])
        findings.append(Finding(cause, sure, fits, proofs, fixes))
    order = [hop.id for hop in tree.hops]
    settled = set(_rules_out(tree, log))
    kept = [
        f
        for f in findings
        if not _refined(f, findings) and not _only_a_hint(f, found[f.cause.id], findings, settled, evidence)
    ]
    return tuple(sorted(kept, key=lambda f: (not f.explains_symptom, -f.confidence.weight, _place(order, f.cause.hop))))


def _refined(finding: Finding, others: list[Finding]) -> bool:
    """Whether a more special finding makes this one superfluous.

    One piece of evidence that names both speaks of two failures: then both stay.
    """
    return any(
        finding.cause.id in other.cause.refines
        and other.confidence.weight >= finding.confidence.weight
        and (other.explains_symptom or not finding.explains_symptom)
        and not set(finding.evidence) & set(other.evidence)
        for other in others
    )


def _only_a_hint(
    finding: Finding, hits: list[ev.Found], others: list[Finding], settled: set[str], evidence: list[Evidence]
) -> bool:
    """Whether a text that several causes share is all there is, and configuration has decided otherwise."""
    if any(hit.proof is not Proof.HINTED for hit in hits):
        return False
    shown_by = [item for item in evidence if item.id in finding.evidence]
    alike = {other for item in shown_by for other in _alike(item, finding.cause.id)}
    return finding.cause.id in settled or any(
        other.cause.id in alike and other.confidence is not Confidence.POSSIBLE for other in others
    )


def _alike(item: Evidence, cause_id: str) -> list[str]:
    """The causes that the same text cannot tell from this one, as the log reader says in its fact `causes`."""
    listed = item.facts.get("causes")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    also = [entry.get("also") for entry in entries if entry.get("cause") == cause_id]
    return [str(other) for others in also if isinstance(others, list) for other in others]


def _place(order: list[str], hop: str) -> int:
    return order.index(hop) if hop in order else len(order)


def _outcome(case: Case, findings: tuple[Finding, ...], unchecked: tuple[NotChecked, ...], complete: bool) -> Outcome:
    sure = [f for f in findings if f.confidence is not Confidence.POSSIBLE]
    if any(f.cause.level is Level.FAULT and case.symptom.seen_in in f.cause.seen_in for f in sure):
        return Outcome.FAULT
    if sure:
        return Outcome.WARNING
    unexplained = case.symptom.status is not None and case.symptom.status >= 500
    if findings or any(not item.detail for item in unchecked) or unexplained or not complete or case.trace is None:
        return Outcome.INCONCLUSIVE
    return Outcome.CLEAN


def _unexplained(findings: tuple[Finding, ...], evidence: list[Evidence]) -> bool:
    """Whether a check failed and no finding rests on it: something is wrong, nobody knows what."""
    explained = {item for finding in findings for item in finding.evidence}
    return any(item.status is Status.FAIL and item.id not in explained for item in evidence)


def _ruled_out(tree: Tree, log: list[ev.Event], findings: tuple[Finding, ...]) -> tuple[str, ...]:
    found = {f.cause.id for f in findings}
    return tuple(cause for cause in _rules_out(tree, log) if cause not in found)


def _rules_out(tree: Tree, log: list[ev.Event]) -> tuple[str, ...]:
    """What the branches that were taken rule out, less what evidence of another kind proves all the same."""
    proven = {e.cause for e in log if isinstance(e, ev.Found) and e.proof is not Proof.HINTED}
    out: dict[str, None] = {}
    for event in log:
        if isinstance(event, ev.BranchTaken) and event.branch is not None:
            out |= dict.fromkeys(tree.nodes[event.node].branches[event.branch].rules_out or ())
    return tuple(cause for cause in out if cause not in proven)


def _path(log: list[ev.Event], failing: str | None) -> Path:
    hops: dict[str, Hop] = {}
    links: list[Link] = []
    for event in log:
        if isinstance(event, ev.HopDiscovered):
            hops[event.hop.id] = event.hop
            links += [event.link] if event.link else []
        elif isinstance(event, ev.HopMarked) and event.hop in hops:
            hop = hops[event.hop]
            status = worst(event.status, hop.status) if hop.status else event.status
            hops[event.hop] = replace(
                hop, status=status, note=event.note if status is event.status and event.note else hop.note
            )
    reached = (None, Status.SKIPPED, Status.PASS, Status.UNKNOWN)
    for hop_id in _behind(links, failing):
        if hop_id in hops and hops[hop_id].status in reached:
            hops[hop_id] = replace(hops[hop_id], blocked=True)
    return Path(tuple(hops.values()), tuple(links), failing)


def _behind(links: list[Link], failing: str | None) -> set[str]:
    """The hops that no request reaches when this one fails."""
    found: set[str] = set()
    todo = [failing]
    while todo:
        here = todo.pop()
        new = {link.target for link in links if link.source == here} - found
        found |= new
        todo += new
    return found


def failing_cause(result: Verdict) -> Finding | None:
    """The finding that the failing hop is blamed for."""
    return next((f for f in result.findings if f.cause.hop == result.failing_hop and f.explains_symptom), None)
