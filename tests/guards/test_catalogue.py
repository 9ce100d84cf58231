"""The catalogue of causes is a contract: ids and codes stay, and what is promised about a cause is there.

catalogue.yaml lists all causes, and under `recorded_only` those that no sandbox on one machine can have, with the
reason: they are shown by recorded answers alone. `rest_fault_only` says the same of those that HTTP APIs know, and that
have a fault of a REST API only; tests/sandbox/test_httpfaults.py holds it against the faults.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from wizard.model.tree import Cause, Tree
from wizard.sandbox.faults import all_faults
from wizard.tree import load

HERE = Path(__file__).parent
CASES = HERE.parent / "cases"
CATALOGUE: dict[str, Any] = yaml.safe_load((HERE / "catalogue.yaml").read_text(encoding="utf-8"))
COUNT = 135
LISTED: dict[str, dict[str, Any]] = {cause["id"]: cause for cause in CATALOGUE["causes"]}
RECORDED_ONLY: dict[str, str] = CATALOGUE["recorded_only"]
COMPLETE_AREAS = {1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 14, 16}
"""The gateway itself and the function; complete for REST APIs."""
COMPLETE = sorted(
    cause["id"] for cause in CATALOGUE["causes"] if cause["area"] in COMPLETE_AREAS and "rest" in cause["api"]
)
IN_CODE = {"sam", "cloudformation", "terraform", "code"}
"""Kinds of fix that mend the source; not every cause can be mended in a template, then code says how."""
NOTHING_TO_MEND = {"integration-s3-same-region"}
"""Only the console's test fails: the API is right as it is."""
LOGS = {"execution-log", "access-log", "function-log"}


@cache
def tree() -> Tree:
    return load()


@cache
def asked_for() -> frozenset[str]:
    """The causes that a branch names, and those that a log reader can name by a text of theirs."""
    branches = [branch for node in tree().nodes.values() for branch in node.branches]
    assert any(branch.causes_from for branch in branches)
    read = {cause.id for cause in tree().causes.values() for text in cause.signatures if text.place in LOGS}
    return frozenset(read | {branch.cause for branch in branches if branch.cause})


@cache
def struck() -> set[str]:
    return {fault.cause for fault in all_faults() if fault.api_type == "rest"}


def test_the_list_holds_each_cause_once_and_never_loses_one() -> None:
    assert len(CATALOGUE["causes"]) == len(LISTED) == COUNT, "a new cause is counted in COUNT"
    assert [code for code, count in Counter(cause["code"] for cause in LISTED.values()).items() if count > 1] == []
    assert all(cause["code"][:4] == f"GW{cause['area']:02}" for cause in LISTED.values())


def test_no_cause_of_the_tree_contradicts_the_list() -> None:
    of_tree = {cause.id: (cause.code, cause.hop, set(cause.api_types)) for cause in tree().causes.values()}
    assert sorted(of_tree.keys() - LISTED.keys()) == [], "a new cause wants its line in tests/guards/catalogue.yaml"
    assert {name: (LISTED[name]["code"], LISTED[name]["hop"], set(LISTED[name]["api"])) for name in of_tree} == of_tree


@pytest.mark.parametrize("cause_id", COMPLETE)
def test_a_cause_is_complete(cause_id: str) -> None:
    cause = tree().causes[cause_id]
    assert _missing(cause) == []


def _missing(cause: Cause) -> list[str]:
    kinds = {fix.kind.removesuffix("-v2") for fix in cause.fix}
    there = {
        "why": len(cause.why.split()) > 12,
        "verify": bool(cause.verify),
        "docs": bool(cause.docs) and all(url.startswith("https://") for url in cause.docs),
        "fix by cli": "cli" in kinds,
        "fix by console": "console" in kinds,
        "fix in the source": bool(kinds & IN_CODE) or cause.id in NOTHING_TO_MEND,
        "a node that leads to it": cause.id in asked_for(),
        "guilty case": (CASES / cause.id / "guilty.yaml").exists(),
        "innocent case": (CASES / cause.id / "innocent.yaml").exists(),
        "fault or reason why there is none": cause.id in struck() or cause.id in RECORDED_ONLY,
    }
    return [what for what, found in there.items() if not found]


def test_what_is_recorded_only_really_has_no_fault_and_says_why() -> None:
    assert set(RECORDED_ONLY) <= set(COMPLETE)
    assert set(RECORDED_ONLY) & struck() == set()
    assert all(len(reason.split()) > 4 for reason in RECORDED_ONLY.values())
