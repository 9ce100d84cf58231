"""Walking again with what is known, step by step, and leaving things out."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

from tests.engine.conftest import Bench
from wizard.engine import Engine
from wizard.model import events as ev
from wizard.model.status import Outcome, Reason, Status
from wizard.model.tree import Node


async def test_what_is_known_is_not_looked_at_again(bench: Bench) -> None:
    bench.status(third="failed")
    first = await bench.engine().run(bench.case(500))
    bench.ran.clear()
    bench.events.clear()
    again = await bench.engine().run(bench.case(500), first.evidence)
    assert bench.ran == []
    assert [f.cause.id for f in again.findings] == [f.cause.id for f in first.findings] == ["cause-b"]
    assert again.outcome is Outcome.FAULT
    assert [q.id for q in bench.questions] == ["consent:t.request"]


async def test_one_check_looks_again_and_everything_that_hangs_on_it_follows(bench: Bench) -> None:
    bench.status(first="failed")
    first = await bench.engine().run(bench.case(500))
    assert [f.cause.id for f in first.findings] == ["cause-a"]
    bench.ran.clear()
    bench.status(first="passed")
    known = [item for item in first.evidence if item.probe != "t.first"]
    again = await bench.engine().run(bench.case(500), known)
    assert bench.ran == ["t.first"]
    assert again.findings == ()
    ids = [item.id for item in again.evidence]
    assert len(ids) == len(set(ids))
    assert "second" in [event.node for event in bench.of(ev.NodeEntered)]


async def test_a_question_is_answered_differently(bench: Bench) -> None:
    bench.set("t.first", "stage", lambda p, c, a: p.unknown(Reason.DENIED, "no", needs="x:Y"))
    bench.answers["by-hand"] = "no"
    first = await bench.engine().run(bench.case(500))
    assert [f.cause.id for f in first.findings] == ["cause-a"]
    case = replace(bench.case(500), answers={"by-hand": "yes"})
    again = await bench.engine().run(case, first.evidence)
    assert again.findings == ()
    assert [e.summary for e in again.evidence if e.probe == "by-hand.by-hand"] == ["By hand? Answered: yes."]


async def test_step_by_step_waits_at_every_step_and_asks_nothing_before(bench: Bench) -> None:
    seen: list[tuple[str, tuple[str, ...]]] = []

    async def gate(node: Node) -> bool:
        await asyncio.sleep(0)
        seen.append((node.id, tuple(bench.ran)))
        return True

    engine = Engine(bench.tree, object(), bench.events.append, bench.ask, eager=False, gate=gate)  # type: ignore[arg-type]
    await engine.run(bench.case())
    assert seen == [
        ("first", ("path.trace",)),
        ("second", ("path.trace", "t.first")),
        ("permission", ("path.trace", "t.first", "t.second")),
        ("request", ("path.trace", "t.first", "t.second", "t.third")),
    ]


async def test_what_is_left_out_is_unknown_and_never_clean(bench: Bench) -> None:
    async def gate(node: Node) -> bool:
        return node.id != "permission"

    for eager in (False, True):
        engine = Engine(bench.tree, object(), bench.events.append, bench.ask, eager=eager, gate=gate)  # type: ignore[arg-type]
        verdict = await engine.run(bench.case())
        left = next(item for item in verdict.evidence if item.probe == "t.third")
        if left.status is Status.UNKNOWN:
            assert verdict.outcome is Outcome.INCONCLUSIVE
            assert [item.probe for item in verdict.not_checked] == ["t.third"]
        else:  # its answer had come already, and answers are never thrown away
            assert eager


async def test_without_a_deadline_a_check_can_still_be_skipped(bench: Bench) -> None:
    free = threading.Event()
    bench.set("t.first", "stage", lambda p, c, a: (free.wait(), p.passed("late"))[1])
    engine = Engine(bench.tree, object(), bench.events.append, bench.ask, deadline_s=None)  # type: ignore[arg-type]
    walk = asyncio.create_task(engine.run(bench.case()))
    for _ in range(500):
        if engine.skip():
            break
        await asyncio.sleep(0.01)
    verdict = await walk
    free.set()
    assert next(e for e in verdict.evidence if e.probe == "t.first").summary.startswith("Skipped after")
