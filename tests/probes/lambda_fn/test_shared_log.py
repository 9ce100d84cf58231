"""A function that serves several methods: whose request was it that failed?"""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from probes.lambda_fn.log import Log
from wizard.model.aws import Denied, NotFound, Throttled, TimedOut
from wizard.model.status import Status
from wizard.model.tree import Signature

SIGNS = (
    Signature("lambda-unhandled-exception", "function-log", None, r"^\[ERROR\] (?P<error_type>\w+)", None, True),
    Signature("lambda-timeout", "function-log", "Task timed out", None, None, True),
)
OURS, THEIRS = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
GATEWAY, ELSEWHERE = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"
TRACE = "1-67891233-abcdef012345678912345678"
FUNCTION, EXECUTION, ACCESS = "/aws/lambda/shop-orders", "API-Gateway-Execution-Logs_abc123/prod", "access"
NOW_MS = 1_795_175_000_000
URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"
SHOP = "arn:aws:lambda:us-east-1:123456789012:function:shop-orders"
FORMAT = "$context.requestId $context.httpMethod $context.resourcePath $context.status $context.integration.requestId"


def run(identity, error, at, stream="s1", trace=None):
    """The lines of one invocation that failed."""
    report = f"REPORT RequestId: {identity}\tDuration: 3 ms" + (
        f"\nXRAY TraceId: {trace}\tSampled: true" if trace else ""
    )
    lines = (f"START RequestId: {identity} Version: 1", error, f"END RequestId: {identity}", report)
    return [(FUNCTION, stream, at + n, line) for n, line in enumerate(lines)]


def request(gateway, called, path, method="GET"):
    """What the gateway's log tells of one request."""
    lines = (
        f"HTTP Method: {method}, Resource Path: {path}",
        f"AWS Integration Endpoint RequestId : {called}",
        "Method completed with status: 502",
    )
    return [(EXECUTION, "g", NOW_MS + n, f"({gateway}) {line}") for n, line in enumerate(lines)]


def access(gateway, called, path, method="GET"):
    return [(ACCESS, "a", NOW_MS, f"{gateway} {method} {path} 502 {called}")]


def logs(*events):
    groups = {event[0] for event in events} | {FUNCTION}

    def answer(**params):
        if params["logGroupName"] not in groups:
            raise NotFound("no such log group")
        terms = re.findall(r'\?"([^"]*)"', params.get("filterPattern", ""))
        found = [
            {"logStreamName": stream, "timestamp": at, "message": message}
            for group, stream, at, message in events
            if group == params["logGroupName"]
            and stream in params.get("logStreamNames", [stream])
            and params["startTime"] <= at < params["endTime"]
            and (not terms or any(term in message for term in terms))
        ]
        return {"events": sorted(found, key=lambda event: event["timestamp"])}

    return answer


def methods(*served):
    """GetResources: GET /orders/{id}, and these other methods of the same function."""
    wired = {"methodIntegration": {"type": "AWS_PROXY", "uri": URI.format(SHOP)}}
    listed = {"GET /orders/{id}": wired, **dict.fromkeys(served, wired)}
    return {
        "items": [
            {"id": f"r{n}", "path": name.split()[1], "resourceMethods": {name.split()[0]: method}}
            for n, (name, method) in enumerate(listed.items())
        ]
    }


def policy(*sources):
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Condition": {"ArnLike": {"AWS:SourceArn": f"arn:aws:execute-api:us-east-1:123456789012:{source}"}},
        }
        for source in sources
    ]
    return {"Policy": json.dumps({"Statement": statements})}


@pytest.fixture
def look(case, answers):
    """What the probe says of these log events."""

    def run_it(*events, served=("POST /orders",), form=None, **table):
        access_log = {"destinationArn": f"arn:aws:logs:us-east-1:1:log-group:{ACCESS}", "format": form or FORMAT}
        known = {
            "lambda:GetFunctionConfiguration": {},
            "logs:FilterLogEvents": logs(*events),
            "apigateway:GetStage": {"stageName": "prod", "accessLogSettings": access_log},
            "apigateway:GetResources": methods(*served),
            "lambda:GetPolicy": policy("abc123/*/*/orders*"),
        }
        aws = answers({**known, **table})
        found = Log().run(replace(case(), signatures=SIGNS), aws)
        assert aws.used <= Log.calls
        return found

    return run_it


def proofs(found):
    return {item["cause"]: item["proof"] for item in found.facts.get("causes", [])}


@pytest.mark.parametrize("told", [request, access], ids=["execution log", "access log"])
def test_another_methods_exception_stays_out(look, told):
    theirs = run(THEIRS, "[ERROR] KeyError: 'x'", NOW_MS)
    found = look(*theirs, *told(ELSEWHERE, THEIRS, "/orders", "POST"))
    assert (found.status, found.facts["error_lines"], found.facts["other_lines"]) == (Status.PASS, 0, 1)
    assert "1 error line belong to other requests" in found.summary


@pytest.mark.parametrize("told", [request, access], ids=["execution log", "access log"])
def test_an_exception_of_this_method_proves_what_it_says(look, told):
    ours, theirs = run(OURS, "[ERROR] KeyError: 'x'", NOW_MS), run(THEIRS, "Task timed out", NOW_MS + 60, "s2")
    logged = [*told(GATEWAY, OURS, "/orders/{id}"), *told(ELSEWHERE, THEIRS, "/orders", "POST")]
    found = look(*ours, *theirs, *logged)
    assert proofs(found) == {"lambda-unhandled-exception": "proven"}
    assert "shared" not in found.summary
    assert [line["text"] for line in found.facts["lines"]] == ["[ERROR] KeyError: 'x'"]


def test_a_trace_ties_as_well(look):
    form = "$context.requestId $context.httpMethod $context.resourcePath $context.status $context.xrayTraceId"
    theirs = run(THEIRS, "[ERROR] KeyError: 'x'", NOW_MS, trace=TRACE)
    found = look(*theirs, *access(ELSEWHERE, TRACE, "/orders", "POST"), form=form)
    assert (found.status, found.facts["other_lines"]) == (Status.PASS, 1)


def test_a_line_that_nothing_ties_only_suggests(look):
    found = look(*run(OURS, "[ERROR] KeyError: 'x'", NOW_MS))
    assert proofs(found) == {"lambda-unhandled-exception": "suggested"}
    assert found.facts["shared_with"] == ["POST /orders"]
    assert "the function is shared: POST /orders" in found.summary


def test_a_line_that_nothing_ties_where_others_are_tied_is_a_hint(look):
    ours, odd = run(OURS, "[ERROR] KeyError: 'x'", NOW_MS), run(THEIRS, "Task timed out", NOW_MS + 60, "s2")
    found = look(*ours, *odd, *request(GATEWAY, OURS, "/orders/{id}"))
    assert proofs(found) == {"lambda-unhandled-exception": "proven", "lambda-timeout": "hinted"}


def test_a_function_of_one_method_needs_no_tie(look):
    found = look(*run(OURS, "[ERROR] KeyError: 'x'", NOW_MS), served=())
    assert proofs(found) == {"lambda-unhandled-exception": "proven"}
    assert "shared" not in found.summary


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (("abc123/*/*/orders*", "zzz999/*/*/*"), ["API zzz999"]),
        (("*/*/*/*",), []),
        (("abc123/prod/GET/orders/*",), []),
    ],
)
def test_the_policy_names_other_callers(look, statements, named):
    found = look(*run(OURS, "[ERROR] A: x", NOW_MS), served=(), **{"lambda:GetPolicy": policy(*statements)})
    assert found.facts["shared_with"] == named


def test_an_alias_shares_the_log_of_its_function(look):
    other = methods()
    wired = {"methodIntegration": {"type": "AWS_PROXY", "uri": URI.format(f"{SHOP}:beta")}}
    other["items"].append({"id": "r9", "path": "/beta", "resourceMethods": {"GET": wired}})
    found = look(*run(OURS, "[ERROR] A: x", NOW_MS), **{"apigateway:GetResources": other})
    assert found.facts["shared_with"] == ["GET /beta"]


@pytest.mark.parametrize("error", [Denied("x:Y"), Throttled("slow down"), TimedOut("no answer")])
@pytest.mark.parametrize("call", ["apigateway:GetStage", "apigateway:GetResources", "lambda:GetPolicy"])
def test_what_cannot_be_read_never_makes_a_line_more_certain(look, call, error):
    found = look(*run(OURS, "[ERROR] A: x", NOW_MS), **{call: error})
    assert proofs(found) == {"lambda-unhandled-exception": "suggested"}


def test_a_line_before_the_start_belongs_to_the_run_that_follows(look):
    start = (FUNCTION, "s1", NOW_MS - 5, "[ERROR] ImportError: x")
    found = look(start, *run(THEIRS, "fine", NOW_MS), *request(ELSEWHERE, THEIRS, "/orders", "POST"))
    assert found.facts["other_lines"] == 1


def test_a_run_of_one_millisecond_keeps_its_lines(look):
    theirs = [(*event[:2], NOW_MS, event[3]) for event in run(THEIRS, "[ERROR] KeyError: 'x'", NOW_MS)]
    assert look(*theirs, *request(ELSEWHERE, THEIRS, "/orders", "POST")).facts["other_lines"] == 1


def test_pattern_stays_within_the_limit_of_the_service():
    from probes._logs import any_of
    from probes.lambda_fn._ties import AT_ONCE

    assert len(any_of([OURS] * AT_ONCE)) <= 1024
