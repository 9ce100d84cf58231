"""Differently built healthy APIs are clean, whether the backend is called or not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.grid.arena import Arena
from wizard.sandbox.furnishings import all_furnishings, clash, together

BUILDS = [
    [],
    ["proxy-any"],
    ["mock-cors"],
    ["non-proxy"],
    ["token-authorizer", "usage-plan"],
]


def _groups() -> list[list[str]]:
    """Every furnishing in a few shops: each joins the first in which it and its needs can stand."""
    groups: list[list[str]] = []
    for each in all_furnishings():
        mine = together([each.id])
        for group in groups:
            if not any(clash(one, other) for one in mine for other in together(group) if one.id != other.id):
                group.append(each.id)
                break
        else:
            groups.append([each.id])
    return groups


def assert_clean(report: dict[str, Any], code: int) -> None:
    """Nothing is found, and nothing is left open."""
    assert (report["outcome"], report["failing_hop"], report["findings"], code) == ("clean", None, [], 0)
    assert [item for item in report["not_checked"] if not item["detail"]] == []


@pytest.mark.parametrize("furnish", BUILDS, ids="+".join)
def test_a_healthy_api_is_clean_however_it_is_built(furnish: list[str], arena: Arena) -> None:
    report, code = arena.play([], furnish=furnish, allow_invoke=True)
    assert_clean(report, code)


@pytest.mark.parametrize("furnish", _groups(), ids=lambda group: str(group[0]))
def test_every_furnishing_is_clean(furnish: list[str], arena: Arena) -> None:
    report, code = arena.play([], furnish=furnish)
    assert_clean(report, code)
