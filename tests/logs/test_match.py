from __future__ import annotations

import json

import pytest

from wizard.logs import Line, match
from wizard.model.status import Proof
from wizard.model.tree import Signature

ID, OTHER = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"
EXECUTION = "execution-log"


def sign(cause, text=None, *, pattern=None, payload=None, seen=True, place=EXECUTION):
    return Signature(cause, place, text, pattern, payload, seen, weight=10_000 if payload else 0)


MALFORMED = "Execution failed due to configuration error: Malformed Lambda proxy response"
BODY = "Endpoint response body before transformations: "
SIGNS = [
    sign("permission-missing", "Invalid permissions on Lambda function"),
    sign("permission-arn", "Invalid permissions on Lambda function"),
    sign("not-post", "Unable to determine service/operation name to be authorized"),
    sign("throttled", "Rate Exceeded.", seen=False),
    sign("malformed", MALFORMED),
    sign("malformed", payload="not-an-object"),
    sign("body", payload="body-not-string"),
    sign("field", payload="unknown-field"),
    sign("status", payload="bad-statuscode"),
    sign("returned", payload="returned-5xx"),
    sign("unhandled", pattern=r"due to customer function error: (?P<message>.*?)\. Lambda request id"),
    sign("timeout", pattern=r"Task timed out after (?P<timeout_s>[\d.]+) seconds", place="function-log"),
]


def story(*lines, status=502, request_id=ID):
    told = ["Starting execution for request: " + request_id, "HTTP Method: GET, Resource Path: /orders/42", *lines]
    told += [f"Method completed with status: {status}"] if status else []
    return [f"({request_id}) {line}" for line in told]


def causes(lines, place=EXECUTION, **more):
    return {found.cause: found.proof for found in match(lines, SIGNS, place, **more)}


def payload(answer):
    return BODY + (answer if isinstance(answer, str) else json.dumps(answer))


def test_a_text_that_is_seen_and_unique_is_proven_and_told_with_its_line():
    found = match(
        story(
            payload(
                "<AccessDeniedException><Message>Unable to determine service/operation name to be authorized</Message>"
            ),
            "Execution failed due to configuration error: ",
            status=500,
        ),
        SIGNS,
        EXECUTION,
    )
    assert [(f.cause, f.proof, f.lines, f.requests) for f in found] == [("not-post", Proof.PROVEN, (3,), (ID,))]


def test_a_shared_text_names_the_others_and_is_a_hint():
    found = match(
        story("Execution failed due to configuration error: Invalid permissions on Lambda function", status=500),
        SIGNS,
        EXECUTION,
    )
    assert [(f.cause, f.also, f.proof) for f in found] == [("permission-missing", ("permission-arn",), Proof.HINTED)]


def test_a_text_never_seen_is_a_hint():
    assert causes(story("Execution failed due to configuration error: Rate Exceeded.", status=500)) == {
        "throttled": Proof.HINTED
    }


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ({"statusCode": 200, "body": {"a": 1}}, "body"),
        ({"statusCode": 200, "ok": 1}, "field"),
        ({"statusCode": "x"}, "status"),
    ],
)
def test_the_payload_says_more_than_the_line(answer, cause):
    found = causes(story(payload(answer), MALFORMED), refines={cause: ("malformed",)})
    assert found == {cause: Proof.PROVEN}


def test_payload_facts_name_the_key():
    found = match(story(payload({"statusCode": 200, "cookies": []}), MALFORMED), SIGNS, EXECUTION)
    assert found[0].facts == {"defect": "unknown-field", "key": "cookies"}


def test_no_proxy_rules_where_another_reason_is_given():
    other = "Execution failed due to configuration error: No match for output mapping"
    assert causes(story(payload({"any": "thing"}), other, status=500)) == {}


def test_a_functions_error_object_is_no_malformed_response():
    found = causes(
        story(
            payload({"errorMessage": "'X'", "errorType": "KeyError"}),
            "Lambda execution failed with status 200 due to customer function error: 'X'. Lambda request id: abc",
        )
    )
    assert found == {"unhandled": Proof.PROVEN}


def test_what_the_function_says_is_looked_up_among_its_own_signatures():
    found = match(
        story(
            "Lambda execution failed with status 200 due to customer function error: "
            "2026-11-20T00:00:00Z abc Task timed out after 3.00 seconds. Lambda request id: abc"
        ),
        SIGNS,
        EXECUTION,
    )
    assert {f.cause: f.facts for f in found}["timeout"] == {"timeout_s": "3.00"}


@pytest.mark.parametrize("status", [200, 201, 403, 429])
def test_requests_that_ended_well_or_in_a_4xx_show_nothing(status):
    assert causes(story(MALFORMED, payload("null"), "Rate Exceeded.", status=status)) == {}


def test_what_the_client_sent_proves_nothing():
    lines = story(
        "Method request body before transformations: Task timed out after 3 seconds, Rate Exceeded.",
        "Method request headers: {x=Unable to determine service/operation name to be authorized}",
        "Endpoint request body after transformations: Invalid permissions on Lambda function",
        status=500,
    )
    assert causes(lines) == {}


def test_returned_5xx_by_payload_and_by_the_story_alone():
    done = "Successfully completed execution"
    assert causes(story(payload({"statusCode": 503}), done, status=503)) == {"returned": Proof.PROVEN}
    assert causes(story(done, status=500)) == {"returned": Proof.SUGGESTED}
    assert causes(story(payload('{"statusCode": 200, "body": "aaa'), done, status=200)) == {}
    assert causes(story("Endpoint request URI: https://example.com/x", done, status=500)) == {}


def test_requests_are_kept_apart_though_their_lines_mix():
    good = story(payload({"statusCode": 200, "body": "x"}), "Successfully completed execution", status=200)
    bad = story(payload("null"), MALFORMED, request_id=OTHER)
    mixed = [line for pair in zip(good, bad, strict=True) for line in pair]
    assert match(mixed, SIGNS, EXECUTION)[0].requests == (OTHER,)


def test_the_test_invoke_form_and_several_runs_in_one_paste():
    def run(*lines):
        return [f"Tue Sep 01 23:33:52 UTC 2020 : {line}" for line in lines]

    lines = [
        "Execution log for request abc",
        *run(payload("null"), "Method completed with status: 200"),
        "Execution log for request def",
        *run(MALFORMED, "Method completed with status: 502"),
    ]
    found = match(lines, SIGNS, EXECUTION)
    assert [(f.cause, f.lines, f.first) for f in found] == [("malformed", (5,), "Tue Sep 01 23:33:52 UTC 2020")]


def test_lines_without_any_frame_are_one_story():
    assert causes([payload({"statusCode": 200, "ok": 1}), '{"message": "Internal server error"}']) == {
        "field": Proof.PROVEN
    }
    assert causes([MALFORMED, "Method completed with status: 502"]) == {"malformed": Proof.PROVEN}


def test_lines_that_are_a_request_each_do_not_hide_one_another():
    said = ["due to customer function error: boom. Lambda request id", "due to customer function error: Task too big"]
    signs = [sign("unhandled", "due to customer function error"), sign("too-big", "Task too big")]
    refines = {"too-big": ("unhandled",)}
    apart = [Line(number, text, alone=True) for number, text in enumerate(said, 1)]
    assert {found.cause for found in match(apart, signs, "execution-log", refines)} == {"unhandled", "too-big"}
    assert {found.cause for found in match(said, signs, "execution-log", refines)} == {"too-big"}


def test_a_body_pasted_over_several_lines():
    lines = [
        f"({ID}) {BODY}",
        "{",
        '  "statusCode": 200,',
        '  "body": {"a": 1}',
        "}",
        f"({ID}) {MALFORMED}",
        f"({ID}) Method completed with status: 502",
    ]
    assert "body" in causes(lines)


def test_counting():
    lines = story(MALFORMED) + story(MALFORMED, request_id=OTHER)
    assert [(f.count, f.requests) for f in match(lines, SIGNS, EXECUTION)] == [(2, (ID, OTHER))]
    loose = ["2026-11-20T00:00:00Z Task timed out after 3.00 seconds"] * 50
    found = match(loose, SIGNS, "function-log")[0]
    assert (found.count, len(found.lines), found.first) == (50, 20, "2026-11-20T00:00:00Z")


def test_a_longer_text_around_another_wins():
    signs = [sign("general", "Rate Exceeded"), sign("special", "error: Rate Exceeded.")]
    assert [f.cause for f in match(["error: Rate Exceeded."], signs, EXECUTION)] == ["special"]


def test_a_shared_text_gives_way_to_one_that_tells():
    signs = [sign("a", "Malformed"), sign("b", "Malformed"), sign("b", payload="not-an-object")]
    assert [(f.cause, f.proof) for f in match(story(payload("null"), MALFORMED), signs, EXECUTION)] == [
        ("b", Proof.PROVEN)
    ]


def test_of_causes_with_one_text_the_general_one_speaks():
    signs = [sign("x", "Malformed"), sign("body", "Malformed"), sign("malformed", "Malformed")]
    found = match([MALFORMED], signs, EXECUTION, refines={"body": ("malformed",)})
    assert [(f.cause, set(f.also)) for f in found] == [("malformed", {"x", "body"})]


def test_only_signatures_of_the_place_count():
    assert causes(["Task timed out after 3.00 seconds"]) == {}
    assert causes(["Task timed out after 3.00 seconds"], "function-log") == {"timeout": Proof.PROVEN}


def test_the_entry_for_a_tree_branch():
    fact = match(["Task timed out after 3.00 seconds"], SIGNS, "function-log")[0].fact()
    assert (fact["cause"], fact["proof"], fact["timeout_s"]) == ("timeout", "proven", "3.00")


def test_many_open_requests_are_closed_in_time(monkeypatch):
    monkeypatch.setattr("wizard.logs.matching.OPEN_STORIES", 10)
    lines = (f"({n:08x}-2222-3333-4444-555555555555) {MALFORMED}" for n in range(1_000))
    assert match(lines, SIGNS, EXECUTION)[0].count == 1_000
