"""The regression oracle for HTTP APIs: the healthy shop is clean, every fault is named first, at its hop.

An HTTP API has no execution log, so two things that a REST API would show are not there to be read: what the function
returned, and which function a request reached before the integration named another one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import combinations

import pytest

from tests.grid.arena import Arena
from tests.sandbox.httpshown import assert_http_shown
from wizard.sandbox.faults import all_faults

FAULTS = {fault.id: fault for fault in all_faults() if fault.api_type == "http"}
PLAIN = sorted(fault.id for fault in FAULTS.values() if fault.id == f"{fault.cause}.http")
# The log says that the response is misshapen, nothing says how: the cause that stands for all of them is named.
MISSHAPEN = "lambda-response-malformed"
SHAPES = {"lambda-response-bad-headers", "lambda-response-bad-statuscode", "lambda-response-body-not-string"}
# The service shows no snapshot of an HTTP API: a change after the deployment makes this cause possible, no more.
UNDEPLOYED = "stage-not-redeployed"
# After these the integration leads elsewhere, or nowhere; nothing tells which function was behind it before.
ELSEWHERE = {
    "integration-uri-function-not-found",
    "lambda-permission-source-arn-region",
    "lambda-permission-stage-variable",
    "stage-variable-missing",
    UNDEPLOYED,
}
# The function's own answer is judged for the newest failing request only.
NEWEST_ONLY = {"lambda-returned-5xx"}
PAIRS, SEED = 12, 20261120


def named(fault_id: str) -> str:
    """The cause that can be told of a fault."""
    cause = FAULTS[fault_id].cause
    return MISSHAPEN if cause in SHAPES else cause


def pairs() -> list[tuple[str, str]]:
    """Pairs of faults on different hops that leave each other's traces to be found, the same ones in every run."""
    lasting = [each for each in PLAIN if FAULTS[each].cause not in ELSEWHERE | NEWEST_ONLY]
    possible = [(a, b) for a, b in combinations(lasting, 2) if FAULTS[a].hop != FAULTS[b].hop]
    return random.Random(SEED).sample(possible, PAIRS)


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as running:
        yield running


@pytest.mark.parametrize("allow_invoke", [False, True])
def test_the_healthy_shop_is_clean(arena: Arena, allow_invoke: bool) -> None:
    report, code = arena.play([], api_type="http", allow_invoke=allow_invoke)
    assert (report["outcome"], report["failing_hop"], code) == ("clean", None, 0)
    assert report["findings"] == []
    assert (report["target"]["api_type"], report["target"]["stage"]) == ("http", "$default")
    assert {hop["status"] for hop in report["path"]["hops"]} <= {"pass", "unknown", "skipped"}
    # A basic account cannot ask AWS Health; that is said, and leaves nothing open.
    assert [(item["probe"], item["detail"]) for item in report["not_checked"]] == [("stage.health", True)]


@pytest.mark.parametrize("fault_id", sorted(set(FAULTS) - {f"{UNDEPLOYED}.http"}))
def test_every_fault_is_named_first(arena: Arena, fault_id: str) -> None:
    fault = FAULTS[fault_id]
    report, code = arena.play([fault_id])
    assert_http_shown(arena.line, fault)
    first = report["findings"][0]
    assert first["explains_symptom"], report["findings"]
    assert first["cause"] == named(fault_id)
    assert first["confidence"] in ("confirmed", "likely")
    assert (report["target"]["api_type"], report["failing_hop"], code) == ("http", fault.hop, 3)
    unfilled = re.compile(r"<(?:function|api_id|resource\w*)>")
    assert [fix for fix in first["fix"] if fix["kind"].startswith("cli") and unfilled.search(fix["text"])] == []


def test_a_correction_that_waits_for_its_deployment_is_told_and_never_clean(arena: Arena) -> None:
    report, code = arena.play([f"{UNDEPLOYED}.http"])
    assert_http_shown(arena.line, FAULTS[f"{UNDEPLOYED}.http"])
    assert report["findings"][0]["cause"] == UNDEPLOYED
    assert report["findings"][0]["hop"] == "stage"
    assert code in (3, 5)


@pytest.mark.parametrize("pair", pairs(), ids=" + ".join)
def test_both_of_a_pair_are_named(arena: Arena, pair: tuple[str, str]) -> None:
    report, code = arena.play(pair)
    assert {named(fault_id) for fault_id in pair} <= {finding["cause"] for finding in report["findings"]}
    assert code == 3
