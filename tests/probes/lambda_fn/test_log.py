from __future__ import annotations

from dataclasses import replace

import pytest

from probes.lambda_fn.log import PATTERN, Log
from wizard.model.aws import Denied, NotFound, Pages
from wizard.model.status import Reason, Status
from wizard.model.tree import Signature

SETTINGS, FILTER = "lambda:GetFunctionConfiguration", "logs:FilterLogEvents"
ID = "11111111-2222-3333-4444-555555555555"


def sign(cause, text=None, pattern=None, seen=True, place="function-log"):
    return Signature(cause, place, text, pattern, None, seen)


SIGNS = (
    sign("lambda-timeout", pattern=r"Task timed out after (?P<timeout_s>[\d.]+) seconds"),
    sign("lambda-out-of-memory", text="Runtime exited with error: signal: killed"),
    sign(
        "lambda-dependency-missing",
        pattern=r"Unable to import module '(?P<module>[^']+)': No module named '(?P<missing_module>[^']+)'",
    ),
    sign("lambda-handler-not-found", pattern=r"Handler '(?P<missing_handler>[^']+)' missing on module"),
    sign("lambda-init-error", pattern=r"INIT_REPORT .*Status: (?:error|timeout)"),
    sign(
        "lambda-execution-role-denied",
        pattern=r"is not authorized to perform: (?P<denied_action>[\w:*]+) on resource: (?P<denied_resource>\S+)",
    ),
    sign("lambda-response-too-large", text="exceeded maximum allowed payload size"),
    sign("lambda-unhandled-exception", pattern=r"^\[ERROR\] (?P<error_type>\w+)", seen=True),
)


def event(message, at=1_700_000_000_000, stream="2026/11/20/[$LATEST]aaaa"):
    return {"message": message, "timestamp": at, "logStreamName": stream}


def look(case, answers, *messages, **table):
    events = [
        message if isinstance(message, dict) else event(message, 1_700_000_000_000 + n)
        for n, message in enumerate(messages)
    ]
    return Log().run(replace(case(), signatures=SIGNS), answers({SETTINGS: {}, FILTER: {"events": events}, **table}))


@pytest.mark.parametrize(
    ("line", "cause", "fact"),
    [
        (
            f"2026-11-20T11:59:00.000Z {ID} Task timed out after 3.01 seconds\n\n",
            "lambda-timeout",
            ("timeout_s", "3.01"),
        ),
        (
            f"RequestId: {ID} Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n",
            "lambda-out-of-memory",
            None,
        ),
        (
            "[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'requests'\r"
            "Traceback (most recent call last):",
            "lambda-dependency-missing",
            ("missing_module", "requests"),
        ),
        (
            "[ERROR] Runtime.HandlerNotFound: Handler 'main' missing on module 'app'",
            "lambda-handler-not-found",
            ("missing_handler", "main"),
        ),
        (
            "INIT_REPORT Init Duration: 12.34 ms\tPhase: init\tStatus: error\tError Type: Runtime.Unknown\n",
            "lambda-init-error",
            None,
        ),
        (
            "[ERROR] ClientError: An error occurred (AccessDeniedException) when calling the GetItem operation: "
            "User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: dynamodb:GetItem on resource: "
            "arn:aws:dynamodb:us-east-1:1:table/t because no identity-based policy allows it",
            "lambda-execution-role-denied",
            ("denied_action", "dynamodb:GetItem"),
        ),
        (
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            "lambda-response-too-large",
            None,
        ),
        (
            "[ERROR] KeyError: 'X'\rTraceback (most recent call last):\r  File",
            "lambda-unhandled-exception",
            ("error_type", "KeyError"),
        ),
    ],
)
def test_guilty_lines(case, answers, line, cause, fact):
    found = look(case, answers, line)
    assert found.status is Status.FAIL
    assert cause in [item["cause"] for item in found.facts["causes"]]
    if fact:
        assert found.facts[fact[0]] == fact[1]


@pytest.mark.parametrize(
    "messages",
    [
        [],
        ["INIT_REPORT Init Duration: 700.00 ms\tPhase: init\n"],
        ["handled 0 errors\n", "no error here\n"],
        ["Executing: no exception was raised\n"],
        ['{"level":"INFO","message":"error budget is fine"}'],
    ],
)
def test_innocent_lines(case, answers, messages):
    found = look(case, answers, *messages)
    assert (found.status, found.facts["error_lines"]) == (Status.PASS, 0)
    assert "causes" not in found.facts


def test_an_error_of_no_known_kind_is_a_warning_with_the_lines(case, answers):
    found = look(case, answers, f"2026-11-20T11:59:00.000Z\t{ID}\tERROR\tInvoke Error\t{{}}")
    assert found.status is Status.WARN
    assert found.facts["lines"][0]["request_id"] == ID


def test_the_newest_error_is_told(case, answers):
    found = look(
        case,
        answers,
        event("[ERROR] A: x", 1_700_000_000_000),
        event("[ERROR] B: y", 1_700_000_060_000),
        event("fine", 1_700_000_090_000),
    )
    assert found.facts["newest"] == "2023-11-14T22:14:20+00:00"
    assert found.facts["lines"][0]["text"] == "[ERROR] B: y"


def test_a_missing_group_is_no_data(case, answers):
    found = look(case, answers, **{FILTER: NotFound("no group")})
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)
    assert "/aws/lambda/shop-orders" in found.summary


def test_a_function_that_is_not_there_has_no_log(case, answers):
    found = look(case, answers, **{FILTER: NotFound("no group"), SETTINGS: NotFound("no function")})
    assert found.status is Status.SKIPPED


def test_a_shared_group_holds_other_functions_errors(case, answers):
    table = {SETTINGS: {"LoggingConfig": {"LogGroup": "/shop/all"}}}
    other = event("[ERROR] KeyError: 'X'", stream="2026/11/20/shop-products[$LATEST]bbbb")
    ours = event("[ERROR] KeyError: 'X'", stream="2026/11/20/shop-orders[$LATEST]cccc")
    assert look(case, answers, other, **table).status is Status.PASS
    assert look(case, answers, other, ours, **table).facts["error_lines"] == 1
    assert look(case, answers, **table).facts["log_group"] == "/shop/all"


def test_too_much_to_read_narrows_the_window_and_says_so(case, answers):
    class Endless(answers):
        def pages(self, service, operation, /, *, region=None, limit=20, **params):
            page = super().pages(service, operation, region=region, limit=limit, **params)
            return Pages(page.pages, truncated=True)

    aws = Endless({SETTINGS: {}, FILTER: {"events": [event("[ERROR] A: x")]}})
    found = Log().run(replace(case(), signatures=SIGNS), aws)
    starts = [params["startTime"] for name, params in aws.asked if params.get("filterPattern") == PATTERN]
    assert found.facts["capped"] is True
    assert starts == sorted(set(starts))


def test_the_filter_pattern_is_short_enough_for_the_service():
    assert len(PATTERN) <= 1024


def test_failing_calls_never_turn_into_an_answer(case, answers, failures):
    for call, error, table in failures(Log(), {SETTINGS: {}, FILTER: {"events": []}}):
        if call == FILTER:
            with pytest.raises(type(error)):
                Log().run(case(), answers(table))
        else:
            assert Log().run(case(), answers(table)).status is Status.PASS


def test_declared_and_used_calls_are_the_same(case, answers):
    class Endless(answers):
        def pages(self, service, operation, /, *, region=None, limit=20, **params):
            page = super().pages(service, operation, region=region, limit=limit, **params)
            return Pages(page.pages, truncated=True)

    used = set()
    for api_type in ("rest", "http"):
        aws = Endless({SETTINGS: Denied(SETTINGS), FILTER: {"events": [event(f"[ERROR] A: x RequestId: {ID}")]}})
        Log().run(case(api_type=api_type), aws)
        used |= aws.used
    assert used == Log.calls
