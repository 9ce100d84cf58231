from __future__ import annotations

from typing import Any

import pytest

from wizard.aws.cache import CachedAws
from wizard.aws.replay import KINDS, Recorder, ReplayAws
from wizard.model.aws import AwsError, Denied, Forbidden, HttpAnswer, NotFound, Pages, Throttled, Unsupported

TEST = {"restApiId": "a", "resourceId": "r", "httpMethod": "GET"}


def entry(operation: str = "GetPolicy", service: str = "lambda", **more: Any) -> dict[str, Any]:
    return {"service": service, "operation": operation, **more}


def test_the_most_specific_entry_answers_whatever_their_order() -> None:
    aws = ReplayAws(
        [
            entry(answer={"Policy": "any"}),
            entry(params={"FunctionName": "f", "Qualifier": "live"}, answer={"Policy": "live"}),
            entry(params={"FunctionName": "f"}, answer={"Policy": "f"}),
        ]
    )
    assert aws.call("lambda", "GetPolicy", FunctionName="f", Qualifier="live") == {"Policy": "live"}
    assert aws.call("lambda", "GetPolicy", FunctionName="f", Qualifier="old") == {"Policy": "f"}
    assert aws.call("lambda", "GetPolicy", FunctionName="g") == {"Policy": "any"}


def test_of_equally_specific_entries_the_first_answers() -> None:
    aws = ReplayAws([entry(answer={"Policy": "one"}), entry(answer={"Policy": "two"})])
    assert aws.call("lambda", "GetPolicy") == {"Policy": "one"}


def test_null_stands_for_what_is_not_asked_for() -> None:
    aws = ReplayAws([entry(params={"FunctionName": "f", "Qualifier": None}, answer={})])
    assert aws.call("lambda", "GetPolicy", FunctionName="f") == {}
    with pytest.raises(Unsupported):
        aws.call("lambda", "GetPolicy", FunctionName="f", Qualifier="live")


def test_mappings_are_compared_key_by_key_and_lists_as_a_whole() -> None:
    aws = ReplayAws(
        [
            entry("GetExport", "apigateway", params={"parameters": {"extensions": "apigateway"}}, answer={"body": "x"}),
            entry("GetResources", "apigateway", params={"embed": ["methods"]}, answer={"items": []}),
        ]
    )
    asked = {"extensions": "apigateway", "other": "too"}
    assert aws.call("apigateway", "GetExport", parameters=asked) == {"body": "x"}
    with pytest.raises(Unsupported):
        aws.call("apigateway", "GetExport", parameters={"extensions": "none"})
    with pytest.raises(Unsupported):
        aws.call("apigateway", "GetResources", embed=["methods", "more"])


def test_an_entry_of_a_region_answers_there_alone() -> None:
    aws = ReplayAws([entry(region="eu-west-1", answer={"Policy": "eu"})], region="us-east-1")
    assert aws.call("lambda", "GetPolicy", region="eu-west-1") == {"Policy": "eu"}
    with pytest.raises(Unsupported, match="in us-east-1"):
        aws.call("lambda", "GetPolicy")
    home = ReplayAws([entry(region="eu-west-1", answer={"Policy": "eu"})], region="eu-west-1")
    assert home.call("lambda", "GetPolicy") == {"Policy": "eu"}


def test_a_recording_before_another_goes_first_even_when_less_specific() -> None:
    aws = ReplayAws(
        [entry(answer={"Policy": "case"})], [entry(params={"FunctionName": "f"}, answer={"Policy": "base"})]
    )
    assert aws.call("lambda", "GetPolicy", FunctionName="f") == {"Policy": "case"}


def test_what_is_not_recorded_says_what_was_asked() -> None:
    with pytest.raises(Unsupported, match=r"lambda\.GetPolicy: nothing recorded for FunctionName='f' in us-east-1"):
        ReplayAws([], region="us-east-1").call("lambda", "GetPolicy", FunctionName="f")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_error_of_the_port_can_be_recorded(kind: str) -> None:
    aws = ReplayAws([entry(error={"kind": kind, "message": "because"})])
    with pytest.raises(AwsError, match="because") as raised:
        aws.call("lambda", "GetPolicy")
    assert type(raised.value).__name__ == kind


def test_a_denied_answer_names_the_action_that_is_wanting() -> None:
    told = ReplayAws(
        [
            entry(error={"kind": "Denied", "action": "lambda:*"}),
            entry("GetStage", "apigateway", error={"kind": "Denied"}),
        ]
    )
    with pytest.raises(Denied) as given:
        told.call("lambda", "GetPolicy")
    with pytest.raises(Denied) as usual:
        told.call("apigateway", "GetStage")
    assert (given.value.action, usual.value.action) == ("lambda:*", "apigateway:GET")


def test_pages_are_capped_and_say_so() -> None:
    aws = ReplayAws([entry("ListFunctions", pages=[{"Functions": [1]}, {"Functions": [2]}, {"Functions": [3]}])])
    assert aws.pages("lambda", "ListFunctions", limit=2) == Pages(({"Functions": [1]}, {"Functions": [2]}), True)
    assert aws.pages("lambda", "ListFunctions").items("Functions") == [1, 2, 3]
    assert aws.call("lambda", "ListFunctions") == {"Functions": [1]}


def test_nobody_can_change_what_is_recorded() -> None:
    aws = ReplayAws([entry(answer={"Policy": []})])
    aws.call("lambda", "GetPolicy")["Policy"].append("changed")
    assert aws.call("lambda", "GetPolicy") == {"Policy": []}


def test_the_guard_holds_for_recordings_too() -> None:
    recorded = [
        entry("DeleteFunction", answer={}),
        entry("TestInvokeMethod", "apigateway", answer={"status": 200}),
        entry("Request", "http", params={"method": "GET"}, answer={"status": 502, "body": "no"}),
    ]
    aws = CachedAws(ReplayAws(recorded, region="us-east-1"))
    with pytest.raises(Forbidden):
        aws.call("lambda", "DeleteFunction")
    with pytest.raises(Forbidden):
        aws.call("apigateway", "TestInvokeMethod", **TEST)
    with pytest.raises(Forbidden):
        aws.request("GET", "https://example.com/")
    allowed = aws.consented()
    assert allowed.call("apigateway", "TestInvokeMethod", **TEST) == {"status": 200}
    assert allowed.request("GET", "https://example.com/") == HttpAnswer(502, {}, "no", 0.0)
    assert allowed.region == "us-east-1"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"service": "lambda", "answer": {}}, "wants service, operation"),
        (entry(), "one of answer, pages, error"),
        (entry(answer={}, error={"kind": "NotFound"}), "one of answer, pages, error"),
        (entry(answer=[]), "an answer is a mapping"),
        (entry(answer={}, parms={}), "parms is no part"),
        (entry(error={"kind": "Sulking"}), "its kind one of"),
        (entry(error="NotFound"), "its kind one of"),
        (entry(error={"kind": "Forbidden"}), "its kind one of"),
    ],
)
def test_a_slip_in_a_recording_is_told(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ReplayAws([wrong])


class Live:
    """Answers in place of AWS, and knows whether it may run the backend."""

    region = "us-east-1"

    def __init__(self, allowed: bool = False) -> None:
        self.allowed = allowed

    def consented(self) -> Live:
        return Live(True)

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        if operation == "GetPolicy":
            raise Denied("lambda:GetPolicy", "lambda.GetPolicy: not allowed", "AccessDeniedException")
        if operation == "GetAlias":
            raise NotFound("no alias")
        return {"asked": operation, "allowed": self.allowed, "region": region}

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        if operation == "ListAliases":
            raise Throttled("slow down")
        return Pages(({"events": [1]}, {"events": [2]}))

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        return HttpAnswer(200, {"a": "b"}, "body", 3.0)


def test_a_recording_of_a_run_answers_like_the_run() -> None:
    recorder = Recorder(Live())
    live = CachedAws(recorder)
    when: dict[str, Any] = {"startTime": 1, "endTime": 2}
    live.call("lambda", "GetFunctionConfiguration", region="eu-west-1", FunctionName="f")
    live.pages("logs", "FilterLogEvents", logGroupName="g", **when)
    allowed = live.consented()
    allowed.call("apigateway", "TestInvokeMethod", **TEST)
    allowed.request("GET", "https://example.com/")
    for operation in ("GetPolicy", "GetAlias"):
        with pytest.raises(AwsError):
            live.call("lambda", operation, FunctionName="f")
    with pytest.raises(Throttled):
        live.pages("lambda", "ListAliases")

    replay = ReplayAws(recorder.entries, region=recorder.region)
    assert replay.region == "us-east-1"
    again = replay.call("lambda", "GetFunctionConfiguration", region="eu-west-1", FunctionName="f")
    assert again == {"asked": "GetFunctionConfiguration", "allowed": False, "region": "eu-west-1"}
    assert replay.pages("logs", "FilterLogEvents", logGroupName="g", startTime=7, endTime=9).items("events") == [1, 2]
    assert replay.consented().call("apigateway", "TestInvokeMethod", **TEST)["allowed"] is True
    assert replay.consented().request("GET", "https://example.com/").body == "body"
    with pytest.raises(Denied) as denied:
        replay.call("lambda", "GetPolicy", FunctionName="f")
    assert (denied.value.action, denied.value.code) == ("lambda:GetPolicy", "AccessDeniedException")
    with pytest.raises(NotFound, match="no alias"):
        replay.call("lambda", "GetAlias", FunctionName="f")
    with pytest.raises(Throttled):
        replay.pages("lambda", "ListAliases")


def test_a_question_asked_twice_is_recorded_once() -> None:
    recorder = Recorder(Live())
    for _ in range(2):
        recorder.call("lambda", "GetFunctionConfiguration", FunctionName="f")
    assert len(recorder.entries) == 1
    assert recorder.entries[0]["params"] == {"FunctionName": "f"}
