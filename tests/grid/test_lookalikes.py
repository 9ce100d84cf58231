"""Neighbours of the function that look alike from outside: too slow by itself, at its start, or waiting for others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.grid.arena import Arena

# fault, furnishings -> what stands first; the others of its kind must not be named at all
ALIKE = {
    "lambda-timeout",
    "integration-timeout",
    "lambda-cold-start",
    "lambda-vpc-no-egress",
    "lambda-downstream-unreachable",
}


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as running:
        yield running


@pytest.mark.parametrize(
    ("fault", "furnish"),
    [
        ("lambda-timeout", ["vpc"]),
        ("integration-timeout", ["vpc"]),
        ("lambda-cold-start", []),
        ("lambda-vpc-no-egress", []),
        ("lambda-downstream-unreachable.closed", []),
        ("lambda-downstream-unreachable", ["vpc"]),
    ],
)
def test_of_those_that_look_alike_one_is_named(arena: Arena, fault: str, furnish: list[str]) -> None:
    report, code = arena.play([fault], furnish=furnish)
    found = [finding["cause"] for finding in report["findings"]]
    assert found[0] == fault.partition(".")[0]
    assert ALIKE & set(found) == {found[0]}
    assert (report["findings"][0]["confidence"], code) == ("confirmed", 3)
