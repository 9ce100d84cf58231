"""Three things broken at once, on different hops: all are named. The triples are the same in every run."""

from __future__ import annotations

import pytest

from tests.grid.arena import Arena
from tests.grid.drawn import TRIPLES, drawn, named


def test_there_are_enough_triples_and_each_is_drawn_once() -> None:
    triples = drawn(3, TRIPLES)
    assert len({frozenset(triple) for triple in triples}) == TRIPLES == 30
    assert {len(named(triple)) for triple in triples} == {3}


@pytest.mark.parametrize("triple", drawn(3, TRIPLES), ids=" + ".join)
def test_all_of_a_triple_are_named(arena: Arena, triple: tuple[str, ...]) -> None:
    report, code = arena.play(triple)
    assert named(triple) <= {finding["cause"] for finding in report["findings"]}
    assert (report["outcome"], code) == ("fault", 3)
