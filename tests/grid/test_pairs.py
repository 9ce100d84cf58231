"""Two things broken at once, on different hops: both leave traces and are named. The same pairs in every run."""

from __future__ import annotations

import pytest

from tests.grid.arena import Arena
from tests.grid.drawn import MASKED, PAIRS, drawn, named
from tests.sandbox.shown import assert_traces


def test_there_are_enough_pairs_and_each_is_drawn_once() -> None:
    pairs = drawn(2, PAIRS)
    assert len({frozenset(pair) for pair in pairs}) == PAIRS == 100
    assert all(len(reason.split()) > 8 for reason in MASKED.values())


@pytest.mark.parametrize("pair", drawn(2, PAIRS), ids=" + ".join)
def test_both_of_a_pair_are_named(arena: Arena, pair: tuple[str, ...]) -> None:
    report, code = arena.play(pair)
    assert arena.line["faults"] == list(pair)
    for cause in named(pair):
        assert_traces(arena.line, cause)
    assert named(pair) <= {finding["cause"] for finding in report["findings"]}
    assert (report["outcome"], code) == ("fault", 3)


@pytest.mark.parametrize("group", MASKED, ids=" + ".join)
def test_what_one_fault_masks_is_not_clean_all_the_same(arena: Arena, group: tuple[str, ...]) -> None:
    report, code = arena.play(group)
    assert named(group) & {finding["cause"] for finding in report["findings"]}
    assert (report["outcome"], code) == ("fault", 3)
