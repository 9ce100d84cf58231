from __future__ import annotations

import asyncio
import threading

import pytest

from tests.engine.conftest import Bench
from wizard.model import events as ev
from wizard.model.aws import Aws, Denied, Throttled, TimedOut
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Confidence, Outcome, Reason, Status


async def test_a_healthy_path_is_clean_and_says_so(bench: Bench) -> None:
    verdict = await bench.engine().run(bench.case())
    assert verdict.outcome is Outcome.CLEAN
    assert verdict.findings == ()
    assert set(verdict.ruled_out) == {"cause-a", "cause-b"}
    assert [(hop.id, hop.status) for hop in verdict.path.hops][1:] == [
        ("stage", Status.PASS),
        ("lambda-permission", Status.PASS),
    ]
    kinds = [type(event) for event in bench.events]
    assert kinds[0] is ev.CaseOpened
    assert kinds[-2:] == [ev.Concluded, ev.CaseClosed]


async def test_one_fault_never_hides_another(bench: Bench) -> None:
    bench.status(first="failed", third="failed")
    verdict = await bench.engine().run(bench.case(status=500))
    assert [f.cause.id for f in verdict.findings] == ["cause-a", "cause-b"]
    assert {f.confidence for f in verdict.findings} == {Confidence.CONFIRMED}
    assert verdict.failing_hop == "stage"
    assert verdict.findings[0].fix[0].text == "mend prod"


async def test_the_finding_that_explains_the_symptom_comes_first(bench: Bench) -> None:
    bench.status(first="failed")
    bench.probes["path.trace"].hop = "client"  # type: ignore[misc]  # only this one instance's class
    bench.set("t.request", "client", lambda p, c, a: p.failed("502"), effect="invokes-backend")
    bench.answers["consent:t.request"] = "yes"
    verdict = await bench.engine().run(bench.case(status=502))
    assert [(f.cause.id, f.explains_symptom) for f in verdict.findings] == [("cause-c", True), ("cause-a", False)]
    assert verdict.failing_hop == "client"


async def test_an_unexplained_symptom_is_never_clean(bench: Bench) -> None:
    verdict = await bench.engine().run(bench.case(status=500))
    assert verdict.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("error", "reason", "needs"),
    [
        (Denied("lambda:GetPolicy"), Reason.DENIED, "lambda:GetPolicy"),
        (Throttled("slow down"), Reason.THROTTLED, None),
        (TimedOut("too slow"), Reason.TIMED_OUT, None),
        (ZeroDivisionError("oops"), Reason.CRASHED, "a bug report with this evidence"),
    ],
)
async def test_what_a_probe_raises_is_unknown_and_the_walk_goes_on(
    bench: Bench, error: Exception, reason: Reason, needs: str | None
) -> None:
    def raises(*_: object) -> None:
        raise error

    bench.set("t.third", "lambda-permission", raises)  # type: ignore[arg-type]
    verdict = await bench.engine().run(bench.case())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    (unchecked,) = verdict.not_checked
    assert (unchecked.probe, unchecked.reason, unchecked.needs) == ("t.third", reason, needs)
    assert "t.second" in bench.ran
    crashed = next(e for e in verdict.evidence if e.probe == "t.third")
    assert ("ZeroDivisionError" in (crashed.detail or "")) is (reason is Reason.CRASHED)


async def test_unknown_leads_to_the_question_by_hand(bench: Bench) -> None:
    bench.set("t.first", "stage", lambda p, c, a: p.unknown(Reason.DENIED, "no", needs="x:Y"))
    bench.answers["by-hand"] = "no"
    verdict = await bench.engine().run(bench.case(status=500))
    assert [q.id for q in bench.questions] == ["by-hand", "consent:t.request"]
    assert [(f.cause.id, f.confidence) for f in verdict.findings] == [("cause-a", Confidence.LIKELY)]
    assert [n.probe for n in verdict.not_checked] == ["t.first"]


async def test_only_if_skips_a_step(bench: Bench) -> None:
    bench.status(first="failed")
    await bench.engine().run(bench.case())
    assert "second" not in [event.node for event in bench.of(ev.NodeEntered)]


async def test_causes_from_a_fact_with_their_own_proof(bench: Bench) -> None:
    causes = [
        {"cause": "cause-c", "proof": "hinted"},
        {"cause": "cause-a", "proof": "proven"},
        {"cause": "unheard-of"},
        "junk",
    ]
    bench.set("t.second", "stage", lambda p, c, a: p.failed("log", causes=causes))
    verdict = await bench.engine().run(bench.case(status=500))
    assert [(f.cause.id, f.confidence) for f in verdict.findings] == [
        ("cause-a", Confidence.CONFIRMED),
        ("cause-c", Confidence.POSSIBLE),
    ]


async def test_nothing_that_calls_the_backend_runs_without_a_yes(bench: Bench) -> None:
    verdict = await bench.engine().run(bench.case())
    assert [q.id for q in bench.questions] == ["consent:t.request"]
    assert bench.questions[0].text == "It calls."
    assert "t.request" not in bench.ran
    assert verdict.outcome is Outcome.CLEAN
    assert next(e for e in verdict.evidence if e.probe == "t.request").reason is Reason.DECLINED


async def test_a_hop_the_path_lacks_is_not_walked(bench: Bench) -> None:
    def only_client(p: object, c: object, a: object) -> object:
        return p.passed("t", trace={}, hops=[{"id": "client", "kind": "client", "label": "Client"}], links=[])  # type: ignore[attr-defined]

    bench.set("path.trace", "stage", only_client)  # type: ignore[arg-type]
    await bench.engine().run(bench.case())
    assert [event.node for event in bench.of(ev.NodeEntered)] == ["request"]


async def test_without_a_path_the_walk_ends_inconclusive(bench: Bench) -> None:
    def lost(*_: object) -> None:
        raise Denied("apigateway:GET")

    bench.set("path.trace", "stage", lost)  # type: ignore[arg-type]
    verdict = await bench.engine().run(bench.case())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.not_checked[0].needs == "apigateway:GET"
    assert bench.ran == ["path.trace"]


async def test_free_probes_run_side_by_side_and_each_once(bench: Bench) -> None:
    barrier = threading.Barrier(3, timeout=5)  # passes only when all three are under way at once

    def wait(p: object, c: object, a: object) -> object:
        barrier.wait()
        return p.passed("met")  # type: ignore[attr-defined]

    for name, hop in (("t.first", "stage"), ("t.second", "stage"), ("t.third", "lambda-permission")):
        bench.set(name, hop, wait)  # type: ignore[arg-type]
    verdict = await bench.engine().run(bench.case())
    assert verdict.outcome is Outcome.CLEAN
    assert sorted(bench.ran) == ["path.trace", "t.first", "t.second", "t.third"]


async def test_cancelling_ends_at_once_and_keeps_what_is_known(bench: Bench) -> None:
    started, release = threading.Event(), threading.Event()

    def hang(p: object, c: object, a: object) -> object:
        started.set()
        release.wait(5)
        return p.passed("late")  # type: ignore[attr-defined]

    bench.set("t.third", "lambda-permission", hang)  # type: ignore[arg-type]
    task = asyncio.create_task(bench.engine().run(bench.case()))
    await asyncio.to_thread(started.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [event.complete for event in bench.of(ev.Concluded)] == [False]
    release.set()


async def test_an_answer_that_never_comes_is_given_up(bench: Bench) -> None:
    release = threading.Event()
    bench.set("t.third", "lambda-permission", lambda p, c, a: (release.wait(5), p.passed("late"))[1])
    verdict = await bench.engine(deadline_s=0.05).run(bench.case())
    assert verdict.not_checked[0].reason is Reason.TIMED_OUT
    release.set()


async def test_a_check_that_is_skipped_is_unknown_and_the_walk_goes_on(bench: Bench) -> None:
    loop, release = asyncio.get_running_loop(), threading.Event()
    skips: list[bool] = []
    engine = bench.engine()

    def hangs(probe: Probe, case: Case, aws: Aws) -> Evidence:
        loop.call_soon_threadsafe(lambda: skips.extend([engine.skip(), engine.skip()]))
        return probe.passed(str(release.wait()))

    bench.set("t.first", "stage", hangs)
    result = await engine.run(bench.case())
    release.set()
    skipped = next(item for item in result.evidence if item.probe == "t.first")
    assert (skipped.status, skipped.reason) == (Status.UNKNOWN, Reason.TIMED_OUT)
    assert skipped.summary.startswith("Skipped after ")
    assert [item.status for item in result.evidence if item.probe == "t.third"] == [Status.PASS]
    assert [*skips, engine.skip()] == [True, False, False]


async def test_a_request_to_consent_says_exactly_what_is_sent(bench: Bench) -> None:
    bench.set("t.request", "client", lambda p, c, a: p.passed("200"), effect="invokes-backend", warning="It calls.",
              sends=lambda self, case: f"GET https://example.com/{case.traced.stage}")  # fmt: skip
    await bench.engine().run(bench.case())
    assert bench.questions[-1].command == "GET https://example.com/prod"
