"""The regression oracle: a healthy shop is clean, and every fault of the gateway is named first.

All of a file runs in one sandbox process. Nothing here is acted: the world is really broken, requests really fail, and
the check sees no more than it would see of AWS. Pasted answers of the printed commands lead to the same verdict. A new
fault is played by itself, here or in test_function_faults.py.
"""

from __future__ import annotations

import pytest

from tests.grid.arena import Arena
from tests.grid.drawn import FAULTS
from tests.grid.single import EXPECTED, assert_named_first, function_faults, gateway_faults


def test_every_fault_is_played_and_no_expectation_is_left_over() -> None:
    assert sorted([*gateway_faults(), *function_faults()]) == sorted(FAULTS)
    assert set(EXPECTED) <= set(FAULTS)


def test_no_fault_is_clean(arena: Arena) -> None:
    report, code = arena.play([])
    assert (report["outcome"], report["failing_hop"], code) == ("clean", None, 0)
    assert report["findings"] == []
    # A basic account cannot ask AWS Health; that is said, and leaves nothing open.
    assert [(item["probe"], item["detail"]) for item in report["not_checked"]] == [("stage.health", True)]


def test_no_fault_stays_clean_when_the_backend_is_really_called(arena: Arena) -> None:
    report, code = arena.play([], allow_invoke=True)
    assert (report["outcome"], report["findings"], code) == ("clean", [], 0)
    ran = {item["probe"]: item["status"] for item in report["evidence"]}
    assert (ran["method.test_invoke"], ran["client.request"]) == ("pass", "pass")


@pytest.mark.parametrize("fault_id", gateway_faults())
def test_a_fault_is_named_first(arena: Arena, fault_id: str) -> None:
    assert_named_first(arena, fault_id)
