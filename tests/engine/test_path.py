from __future__ import annotations

from typing import Any

from wizard.engine.path import PathGraph


def graph(*links: tuple[str, str, str]) -> PathGraph:
    ids = list(dict.fromkeys(end for source, target, _ in links for end in (source, target)))
    facts: dict[str, Any] = {
        "hops": [{"id": i, "kind": "k", "label": i} for i in ids],
        "links": [{"source": s, "target": t, "kind": kind} for s, t, kind in links],
    }
    return PathGraph.from_facts(facts)


def test_hops_come_in_the_order_the_request_meets_them() -> None:
    found = graph(("stage", "method", "next"), ("client", "stage", "next"), ("method", "function", "next"))
    assert [hop.id for hop, _ in found.in_order()] == ["client", "stage", "method", "function"]


def test_a_side_trip_comes_right_behind_its_hop() -> None:
    found = graph(("method", "authorizer", "side"), ("method", "function", "next"))
    order = [(hop.id, link.kind if link else None) for hop, link in found.in_order()]
    assert order == [("method", None), ("authorizer", "side"), ("function", "next")]


def test_broken_facts_make_a_graph_all_the_same() -> None:
    found = PathGraph.from_facts(
        {"hops": [{"id": "a"}, "junk", {"id": "b", "label": 7}], "links": [{"source": "a", "target": "gone"}]}
    )
    assert [hop.id for hop, _ in found.in_order()] == ["a", "b"]
    assert PathGraph.from_facts({}).in_order() == []


def test_a_cycle_does_not_hang() -> None:
    assert len(graph(("a", "b", "next"), ("b", "a", "next")).in_order()) == 2
