"""Checks that AWS charges for: what is foreseen is said, and nothing runs without a yes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.engine.conftest import Bench
from wizard.model.aws import Denied
from wizard.model.events import ProbeFinished
from wizard.model.probe import Evidence
from wizard.model.status import Effect, Reason, Status

WARNING = "Reads {size} of stage {stage}."


def costly(bench: Bench, foresee: Any) -> None:
    bench.set(
        "t.request",
        "client",
        lambda p, c, a: p.passed("read"),
        effect=Effect.COSTS,
        warning=WARNING,
        foresee=foresee,
    )


def finished(bench: Bench) -> Evidence:
    found: Evidence = next(e.evidence for e in bench.of(ProbeFinished) if e.evidence.probe == "t.request")
    return found


async def test_the_question_says_what_was_foreseen(bench: Bench) -> None:
    costly(bench, lambda self, case, aws: {"size": "3 GB", "command": "aws logs start-query"})
    bench.answers["consent:t.request"] = "yes"
    await bench.engine().run(bench.case())
    (question,) = bench.questions
    assert (question.text, question.command) == ("Reads 3 GB of stage prod.", "aws logs start-query")
    assert (question.kind, question.effect, question.default) == ("consent", Effect.COSTS, "no")
    assert "t.request" in bench.ran


async def test_without_a_yes_nothing_runs_and_the_flag_is_named(bench: Bench) -> None:
    costly(bench, lambda self, case, aws: {"size": "3 GB"})
    await bench.engine().run(bench.case())
    found = finished(bench)
    assert "t.request" not in bench.ran
    assert (found.status, found.reason, found.needs) == (Status.SKIPPED, Reason.DECLINED, "--allow-insights")
    assert "AWS charges for it" in found.summary


def refused(self: Any, case: Any, aws: Any) -> dict[str, str]:
    raise Denied("logs:DescribeLogGroups")


def crashing(self: Any, case: Any, aws: Any) -> dict[str, str]:
    raise ZeroDivisionError


@pytest.mark.parametrize(("foresee", "reason"), [(refused, Reason.DENIED), (crashing, Reason.CRASHED)])
async def test_what_cannot_be_foreseen_is_not_asked(bench: Bench, foresee: Any, reason: Reason) -> None:
    costly(bench, foresee)
    await bench.engine().run(bench.case())
    assert bench.questions == []
    assert (finished(bench).status, finished(bench).reason) == (Status.UNKNOWN, reason)
    assert "t.request" not in bench.ran


async def test_foreseeing_is_given_up_in_time(bench: Bench) -> None:
    costly(bench, lambda self, case, aws: threading.Event().wait(5) and {})
    await bench.engine(deadline_s=0.05).run(bench.case())
    assert finished(bench).reason is Reason.TIMED_OUT
    assert bench.questions == []


async def test_a_backend_call_names_its_own_flag(bench: Bench) -> None:
    await bench.engine().run(bench.case())
    assert finished(bench).needs == "--allow-invoke"


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"needs": ("cached",)}, "This request path has no cache to look at."),
        ({"needs": ("client_certificate",)}, "This request path has no client certificate to look at."),
        ({"api_types": frozenset({"http", "websocket"})}, "Applies to HTTP and WebSocket APIs only."),
    ],
)
async def test_why_a_check_does_not_apply_is_said_in_words(bench: Bench, attributes: dict[str, Any], why: str) -> None:
    bench.set("t.first", "stage", lambda p, c, a: p.passed("seen"), **attributes)
    result = await bench.engine().run(bench.case())
    assert next(item.summary for item in result.evidence if item.probe == "t.first") == why
