"""Hops that stand beside the path: asked about, and shown once something is found there."""

from __future__ import annotations

from dataclasses import replace

from tests.engine.conftest import Bench
from wizard.model import events as ev
from wizard.model.path import Link
from wizard.model.status import Status
from wizard.model.tree import Tree, TreeHop


def with_quota(tree: Tree, beside: str) -> Tree:
    """The quota hop asks what the permission hop asked; cause-b, which that finds, is the quota's."""
    hops = tuple(hop for hop in tree.hops if hop.id != "lambda-permission")
    causes = {**tree.causes, "cause-b": replace(tree.causes["cause-b"], hop="quota")}
    return replace(tree, hops=(*hops, TreeHop("quota", "Quotas", ("permission",), beside=beside)), causes=causes)


async def test_a_hop_beside_the_path_is_not_shown_while_nothing_is_found_there(bench: Bench) -> None:
    bench.tree = with_quota(bench.tree, "stage")
    bench.set("t.third", "quota", lambda p, c, a: p.passed("enough left"))
    verdict = await bench.engine().run(bench.case())
    assert "t.third" in bench.ran
    assert [hop.id for hop in verdict.path.hops] == ["client", "stage", "lambda-permission"]


async def test_what_is_found_beside_the_path_is_shown_there_and_blamed(bench: Bench) -> None:
    bench.tree = with_quota(bench.tree, "stage")
    bench.set("t.third", "quota", lambda p, c, a: p.failed("none left"))
    verdict = await bench.engine().run(bench.case(status=500))
    assert verdict.failing_hop == "quota"
    shown = verdict.path.hop("quota")
    assert shown is not None
    assert (shown.label, shown.status) == ("Quotas", Status.FAIL)
    assert Link("stage", "quota", "side") in verdict.path.links
    assert sum(event.hop.id == "quota" for event in bench.of(ev.HopDiscovered)) == 1


async def test_a_hop_beside_one_that_the_path_lacks_is_not_asked_about(bench: Bench) -> None:
    bench.tree = with_quota(bench.tree, "waf")
    bench.set("t.third", "quota", lambda p, c, a: p.failed("none left"))
    verdict = await bench.engine().run(bench.case(status=500))
    assert ("t.third" in bench.ran, verdict.failing_hop) == (False, None)


async def test_a_hop_that_the_path_lacks_is_shown_where_the_fault_was_found(bench: Bench) -> None:
    causes = {**bench.tree.causes, "cause-b": replace(bench.tree.causes["cause-b"], hop="mapping")}
    bench.tree = replace(bench.tree, hops=(*bench.tree.hops, TreeHop("mapping", "Mapping", ())), causes=causes)
    bench.set("t.third", "lambda-permission", lambda p, c, a: p.failed("rewritten"))
    verdict = await bench.engine().run(bench.case(status=500))
    shown = verdict.path.hop("mapping")
    assert shown is not None
    assert (verdict.failing_hop, shown.status) == ("mapping", Status.FAIL)
    assert Link("lambda-permission", "mapping", "side") in verdict.path.links
