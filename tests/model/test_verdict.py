from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from wizard.model import events as ev
from wizard.model.case import Case, Symptom, Target, Window
from wizard.model.path import Hop, Link
from wizard.model.probe import Evidence
from wizard.model.status import Confidence, Level, Outcome, Proof, Reason, Status, worst
from wizard.model.trace import Trace
from wizard.model.tree import Branch, Cause, Fix, Node, Tree, TreeHop
from wizard.model.verdict import Verdict, confidence, verdict
from wizard.tree.condition import Holds

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CASE = Case(Target(api_id="abc", stage="prod"), Symptom(), Window(NOW, NOW), trace=Trace(api_id="abc"))


def cause(cause_id: str, hop: str = "stage", status: tuple[int, ...] = (500,), **other: Any) -> Cause:
    values: dict[str, Any] = {
        "seen_in": ("url", "test-invoke"),
        "level": Level.FAULT,
        "fix": (Fix("cli", "mend {stage} {nothing}"),),
    }
    return Cause(
        cause_id, "GW0001", hop, cause_id, "why", ("rest",), {"rest": status}, verify=None, docs=(), **(values | other)
    )


CAUSES = {
    c.id: c
    for c in (
        cause("a"),
        cause("b", hop="function", status=(502,)),
        cause("general", hop="function", status=(502,)),
        cause("special", hop="function", status=(502,), refines=("general",)),
        cause("blocker", level=Level.WARNING),
        cause("console-only", seen_in=("test-invoke",)),
    )
}
TREE = Tree((TreeHop("stage", "Stage", ()), TreeHop("function", "Function", ())), {}, CAUSES)


def fold(*events: ev.Event, case: Case = CASE) -> Verdict:
    return verdict(TREE, [ev.CaseOpened(case, NOW), *events, ev.Concluded()])


def found(cause_id: str, proof: Proof = Proof.PROVEN, evidence: str = "e1") -> ev.Found:
    return ev.Found(cause_id, proof, evidence, "node")


def saw(status: Status = Status.FAIL, probe: str = "p", **facts: Any) -> ev.ProbeFinished:
    reason = Reason.DENIED if status is Status.UNKNOWN else None
    return ev.ProbeFinished(
        Evidence(probe, "stage", status, "s", facts, reason, needs="x:Y" if reason else None, id="e1")
    )


@pytest.mark.parametrize(
    ("proof", "fits", "known", "expected"),
    [
        (Proof.PROVEN, True, True, Confidence.CONFIRMED),
        (Proof.PROVEN, True, False, Confidence.LIKELY),  # nobody has said what the client saw
        (Proof.PROVEN, False, True, Confidence.LIKELY),
        (Proof.SUGGESTED, True, True, Confidence.LIKELY),
        (Proof.SUGGESTED, False, True, Confidence.POSSIBLE),
        (Proof.SUGGESTED, True, False, Confidence.POSSIBLE),
        (Proof.HINTED, True, True, Confidence.POSSIBLE),  # an inferred text alone never rises above this
    ],
)
def test_confidence(proof: Proof, fits: bool, known: bool, expected: Confidence) -> None:
    assert confidence(proof, fits, known) is expected


def test_nothing_found_and_all_looked_at_is_clean() -> None:
    assert fold(saw(Status.PASS)).outcome is Outcome.CLEAN


def test_unknown_is_never_clean_and_says_what_is_missing() -> None:
    result = fold(saw(Status.UNKNOWN))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert [(n.probe, n.needs) for n in result.not_checked] == [("p", "x:Y")]


def test_a_finding_outweighs_what_could_not_be_checked() -> None:
    assert fold(saw(), saw(Status.UNKNOWN, "q"), found("a")).outcome is Outcome.FAULT


def test_a_possible_alone_is_no_verdict() -> None:
    result = fold(saw(), found("a", Proof.HINTED))
    assert (result.outcome, result.failing_hop) == (Outcome.INCONCLUSIVE, None)


def test_a_stopped_walk_is_inconclusive() -> None:
    result = verdict(TREE, [ev.CaseOpened(CASE, NOW), ev.Concluded(complete=False)])
    assert result.outcome is Outcome.INCONCLUSIVE


def test_what_the_client_saw_orders_the_findings() -> None:
    case = replace(CASE, symptom=Symptom(status=502))
    result = fold(saw(), found("a"), found("b"), case=case)
    assert [(f.cause.id, f.explains_symptom, f.confidence) for f in result.findings] == [
        ("b", True, Confidence.CONFIRMED),
        ("a", False, Confidence.LIKELY),
    ]
    assert result.failing_hop == "function"


def test_the_symptom_may_come_from_the_log() -> None:
    result = fold(saw(client_statuses=[502, 200, "junk"]), found("a"), found("b"))
    assert result.statuses == (502,)
    assert result.findings[0].cause.id == "b"


def test_a_reported_status_outweighs_the_log() -> None:
    case = replace(CASE, symptom=Symptom(status=500))
    assert fold(saw(client_statuses=[502]), found("a"), found("b"), case=case).findings[0].cause.id == "a"


def test_the_special_hides_the_general() -> None:
    assert [f.cause.id for f in fold(saw(), found("general"), found("special", evidence="e2")).findings] == ["special"]


def test_a_weak_special_does_not_hide_a_sure_general() -> None:
    result = fold(saw(client_statuses=[502]), found("general"), found("special", Proof.HINTED))
    assert {f.cause.id for f in result.findings} == {"general", "special"}


def test_a_warning_is_no_fault_and_explains_nothing() -> None:
    result = fold(saw(), found("blocker"))
    assert (result.outcome, result.failing_hop) == (Outcome.WARNING, None)
    assert result.findings[0].explains_symptom is False


def test_what_fails_only_in_the_console_is_a_warning_unless_that_is_the_complaint() -> None:
    assert fold(saw(), found("console-only")).outcome is Outcome.WARNING
    case = replace(CASE, symptom=Symptom(status=500, seen_in="test-invoke"))
    result = fold(saw(), found("console-only"), case=case)
    assert (result.outcome, result.failing_hop) == (Outcome.FAULT, "stage")


def test_the_same_cause_twice_adds_up() -> None:
    case = replace(CASE, symptom=Symptom(status=500))
    result = fold(saw(), found("a", Proof.HINTED, "e7"), found("a", Proof.PROVEN), case=case)
    assert [(f.confidence, f.evidence) for f in result.findings] == [(Confidence.CONFIRMED, ("e7", "e1"))]


def test_fixes_carry_real_ids_and_show_what_is_not_known() -> None:
    assert fold(saw(), found("a")).findings[0].fix[0].text == "mend prod <nothing>"
    assert fold(saw(nothing="thing"), found("a")).findings[0].fix[0].text == "mend prod thing"


def test_hops_behind_the_failing_one_are_blocked() -> None:
    links = {
        "stage": Link("client", "stage"),
        "authorizer": Link("client", "authorizer", "side"),
        "function": Link("stage", "function"),
    }
    hops = [ev.HopDiscovered(Hop(i, i, i), links.get(i)) for i in ("client", "stage", "authorizer", "function")]
    result = fold(
        *hops,
        saw(),
        ev.HopMarked("stage", Status.PASS),
        found("a"),
        ev.HopMarked("stage", Status.FAIL, "A"),
        ev.HopMarked("function", Status.UNKNOWN),
    )
    assert [(h.id, h.status, h.blocked) for h in result.path.hops] == [
        ("client", None, False),
        ("stage", Status.FAIL, False),
        ("authorizer", None, False),  # a side trip from the client does not go through the stage
        ("function", Status.UNKNOWN, True),
    ]
    assert result.path.failing == "stage"


def test_worst() -> None:
    assert worst() is Status.SKIPPED
    assert worst(Status.PASS, Status.UNKNOWN) is Status.UNKNOWN
    assert worst(Status.UNKNOWN, Status.WARN, Status.FAIL) is Status.FAIL


def test_a_hint_is_dropped_where_configuration_decides() -> None:
    node = Node(
        "look",
        "t",
        "w",
        probe="p",
        branches=(Branch(Holds("status", "pass"), rules_out=("a",)), Branch(Holds("status", "fail"))),
    )
    tree = replace(TREE, nodes={"look": node})

    def causes(*events: ev.Event) -> set[str]:
        shown = saw(causes=[{"cause": "a", "proof": "hinted", "also": ["b"]}])
        return {f.cause.id for f in verdict(tree, [ev.CaseOpened(CASE, NOW), shown, *events]).findings}

    hint = found("a", Proof.HINTED)
    assert causes(hint) == {"a"}
    assert causes(hint, found("b")) == {"b"}  # the same text, and b is proven
    assert causes(hint, ev.BranchTaken("look", 0, Status.PASS)) == set()  # the setting is right
    assert causes(found("a"), ev.BranchTaken("look", 0, Status.PASS)) == {"a"}  # proof outweighs it


def test_one_log_that_names_both_the_special_and_the_general_saw_two_failures() -> None:
    both = fold(saw(), found("general", evidence="e1"), found("special", evidence="e1"))
    assert {f.cause.id for f in both.findings} == {"general", "special"}
    apart = fold(saw(), found("general", evidence="e1"), found("special", evidence="e2"))
    assert [f.cause.id for f in apart.findings] == ["special"]


def test_a_failure_that_nobody_can_name_is_not_clean() -> None:
    assert fold(saw(Status.FAIL)).outcome is Outcome.INCONCLUSIVE


def test_what_a_check_had_to_leave_out_is_said_too() -> None:
    result = fold(saw(Status.PASS, partial=[{"what": "the API itself", "reason": "denied", "needs": "apigateway:GET"}]))
    assert [(n.reason, n.summary, n.needs) for n in result.not_checked] == [
        (Reason.DENIED, "the API itself could not be read.", "apigateway:GET")
    ]
    assert result.outcome is Outcome.INCONCLUSIVE


def test_what_only_gives_context_leaves_nothing_open() -> None:
    node = Node("look", "t", "w", probe="p", context=True)
    for tree, outcome in ((replace(TREE, nodes={"look": node}), Outcome.CLEAN), (TREE, Outcome.INCONCLUSIVE)):
        result = verdict(tree, [ev.CaseOpened(CASE, NOW), saw(Status.UNKNOWN), ev.Concluded()])
        assert (result.outcome, [n.probe for n in result.not_checked]) == (outcome, ["p"])
