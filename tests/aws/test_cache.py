from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from wizard.aws.cache import CachedAws
from wizard.model.aws import AwsError, Denied, HttpAnswer, Pages


class Inner:
    """Counts what is asked; `answer` gives the answer or raises."""

    region = "us-east-1"

    def __init__(self, answer: Callable[[], Any] = lambda: {"ok": True}, *, open_door: bool = False) -> None:
        self.answer = answer
        self.asked: list[tuple[Any, ...]] = []
        self.open_door = open_door

    def consented(self) -> Inner:
        door = Inner(self.answer, open_door=True)
        door.asked = self.asked
        return door

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        self.asked.append((service, operation, region, params))
        answer: dict[str, Any] = self.answer()
        return answer | {"open": self.open_door} if self.open_door else answer

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        self.asked.append((service, operation, region, limit, params))
        return Pages((self.answer(),), truncated=limit == 1)

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        self.asked.append((method, url))
        return HttpAnswer(502, {}, "", 1.0)


def test_the_same_question_is_asked_once_and_who_used_it_is_known() -> None:
    aws = CachedAws(inner := Inner())
    first, second = aws.recorder(), aws.recorder()
    for view in (first, second):
        assert view.call("lambda", "GetPolicy", FunctionName="f", Qualifier="live") == {"ok": True}
    assert len(inner.asked) == 1
    (asked,), (used,) = first.calls, second.calls
    assert asked.took_ms > 0
    assert used.took_ms == 0.0
    assert asked.ok
    assert used.cli() == "aws lambda get-policy --function-name f --qualifier live --region us-east-1"


def test_order_of_parameters_and_the_own_region_make_no_other_question() -> None:
    aws = CachedAws(inner := Inner())
    aws.call("logs", "FilterLogEvents", logGroupName="g", startTime=1)
    aws.call("logs", "FilterLogEvents", startTime=1, logGroupName="g")
    aws.call("logs", "FilterLogEvents", region="us-east-1", startTime=1, logGroupName="g")
    assert len(inner.asked) == 1
    aws.call("logs", "FilterLogEvents", region="eu-west-1", startTime=1, logGroupName="g")
    aws.call("logs", "FilterLogEvents", startTime=2, logGroupName="g")
    aws.pages("logs", "FilterLogEvents", startTime=2, logGroupName="g")
    assert aws.pages("logs", "FilterLogEvents", limit=1, startTime=2, logGroupName="g").truncated
    assert len(inner.asked) == 5


def test_an_error_is_remembered_too() -> None:
    def refuse() -> Any:
        raise Denied("lambda:GetPolicy")

    aws = CachedAws(inner := Inner(refuse))
    views = [aws.recorder(), aws.recorder()]
    for view in views:
        with pytest.raises(Denied, match="lambda:GetPolicy"):
            view.call("lambda", "GetPolicy", FunctionName="f")
    assert len(inner.asked) == 1
    assert [(view.calls[0].ok, view.calls[0].error, view.calls[0].took_ms > 0) for view in views] == [
        (False, "not allowed: lambda:GetPolicy", True),
        (False, "not allowed: lambda:GetPolicy", False),
    ]
    with pytest.raises(Denied):
        aws.fresh().call("lambda", "GetPolicy", FunctionName="f")
    assert len(inner.asked) == 2


def test_asked_by_many_threads_at_once_it_is_one_call() -> None:
    together, release = threading.Barrier(9), threading.Event()

    def slow() -> Any:
        release.wait(20)
        return {"ok": True}

    aws = CachedAws(inner := Inner(slow))
    views = [aws.recorder() for _ in range(8)]

    def ask(view: Any) -> Any:
        together.wait(20)
        return view.call("apigateway", "GetStage", restApiId="a", stageName="s")

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask, view) for view in views]
        together.wait(20)
        release.set()
        assert [answer.result(20) for answer in answers] == [{"ok": True}] * 8
    assert len(inner.asked) == 1
    assert sorted(view.calls[0].took_ms > 0 for view in views) == [False] * 7 + [True]


def test_a_crash_keeps_nobody_waiting_and_is_not_remembered() -> None:
    broken, inside = threading.Event(), threading.Event()

    def crash() -> Any:
        inside.set()
        broken.wait(20)
        raise ZeroDivisionError

    aws = CachedAws(inner := Inner(crash))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(aws.call, "apigateway", "GetAccount")
        inside.wait(20)
        key = next(iter(aws._known))
        waiting = aws._known[key]
        broken.set()
        with pytest.raises(ZeroDivisionError):
            first.result(20)
        assert isinstance(waiting.result(20).error, AwsError)
    inner.answer = lambda: {"ok": True}
    assert aws.call("apigateway", "GetAccount") == {"ok": True}


@pytest.mark.parametrize("order", ["consented first", "recorder first"])
def test_invoking_calls_are_sent_every_time_and_through_the_open_door(order: str) -> None:
    aws = CachedAws(inner := Inner())
    recorder = aws.consented().recorder() if order == "consented first" else aws.recorder()
    view = recorder if order == "consented first" else recorder.consented()
    for _ in range(2):
        assert view.call("apigateway", "TestInvokeMethod", restApiId="a")["open"]
        assert view.request("GET", "https://x").status == 502
    assert len(inner.asked) == 4
    assert [call.took_ms > 0 for call in recorder.calls] == [True, True]


def test_a_plain_aws_without_doors_or_region_serves_as_well() -> None:
    class Plain:
        call, pages, request = Inner.call, Inner.pages, Inner.request

        def __init__(self) -> None:
            self.answer, self.asked, self.open_door = (lambda: {"ok": True}), [], False

    aws = CachedAws(Plain())  # type: ignore[arg-type]
    aws.warm()
    view = aws.consented()
    assert view.call("lambda", "GetPolicy", FunctionName="f") == {"ok": True}
    assert view.calls[0].region is None
