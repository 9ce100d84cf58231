"""Every cause of the tree has a case that has it and an innocent one that looks like it, judged by the real engine.

`expect` of guilty.yaml: confidence, failing_hop, outcome; the cause of the folder must stand first, and explain what
the client saw unless `explains: false`; `also` are all the others that are found. Of innocent.yaml: outcome,
failing_hop and `first`, the cause that is really to blame (null: none); the cause of the folder must not be among the
findings at all. Beside the two a folder may hold more, their names begin with guilty- or innocent-.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases.playing import HERE, KEYS, entries, healthy, merged, play, played, read, refused, tree
from tests.cases.shapes import problems
from wizard.model.status import Confidence
from wizard.model.verdict import Verdict

# Nothing but the execution log shows what a function really answered.
SHOWN_BY_THE_LOG_ALONE = {
    "authorizer-context-invalid-type",
    "authorizer-malformed-response",
    "authorizer-usage-key-missing",
    "lambda-request-too-large",
    "lambda-response-malformed",
    "lambda-response-body-not-string",
    "lambda-response-bad-statuscode",
    "lambda-response-bad-headers",
    "lambda-response-unknown-field",
    "lambda-response-base64-invalid",
    "request-template-field-missing",
    "integration-method-or-path-mismatch",
}
# Lambda counts what it dropped, but not which of it came through the API.
COUNTED_FOR_ALL_CALLERS = {"lambda-recursion-terminated"}
# The shop's function serves three methods: only the gateway's logs tie a line of its log to one of them.
SHOWN_BY_A_SHARED_LOG = {
    "authorizer-lambda-error",
    "authorizer-timeout",
    "lambda-dependency-missing",
    "lambda-downstream-unreachable",
    "lambda-entrypoint-invalid",
    "lambda-process-crash",
    "lambda-execution-role-denied",
    "lambda-handler-not-found",
    "lambda-init-error",
    "lambda-out-of-memory",
    "lambda-response-too-large",
    "lambda-timeout",
    "lambda-unhandled-exception",
    "integration-type-proxy-mismatch",
}
# A setting that harms some requests only: without the log it is consistent with the symptom, no more.
SHOWN_BY_THE_LOG_BESIDE = {
    "request-base64-conversion-failed",
    "response-base64-conversion-failed",
    "integration-content-handling-missing",
}
# A resource's own policy may let the role in all the same, and public DNS may know a name that is not known here.
PROVEN_BY_THE_LOG = {"integration-credentials-role-missing-permission", "integration-host-dns-unresolvable"}
# The request comes to no stage, so there is no log to read.
BEFORE_ANY_STAGE = {"custom-domain-mapping-missing"}
# The message is none of API Gateway's, and the function never failed.
KNOWN_BY_ITS_WORDS = {"lambda-returned-5xx"}
LIKELY_WITHOUT = SHOWN_BY_A_SHARED_LOG | COUNTED_FOR_ALL_CALLERS | PROVEN_BY_THE_LOG | KNOWN_BY_ITS_WORDS
SHOPS = ("rest", "http", "websocket", "authorizer", "user-pool")
WITHOUT_LOG: dict[str, dict[str, Any]] = {
    "not there": {"execution": None},
    "denied": {"execution": {"error": {"kind": "Denied", "action": "logs:FilterLogEvents", "message": "not allowed"}}},
}
LOG_EVENTS = ("logs", "FilterLogEvents")
# A cause that a probe can verify; the others are known by their texts alone, and tests/logs looks at those.
CAUSES = sorted(cause.id for cause in tree().causes.values() if cause.verify)
FILES = sorted(HERE.glob("*/*.yaml"))


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_both_cases(cause: str) -> None:
    assert {"guilty.yaml", "innocent.yaml"} <= {path.name for path in (HERE / cause).glob("*")}


def test_no_case_is_of_a_cause_that_is_not_there() -> None:
    assert {path.parent.name for path in FILES} <= set(CAUSES)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_case_says_only_what_aws_could_answer(path: Path) -> None:
    case = read(path)
    assert set(case) <= KEYS
    assert case["says"].strip()
    assert [problem for entry in entries(case) for problem in problems(entry)] == []


@pytest.mark.parametrize("shop", SHOPS)
def test_the_healthy_shop_says_only_what_aws_could_answer(shop: str) -> None:
    assert [problem for entry in healthy(shop)["answers"] for problem in problems(entry)] == []


@pytest.mark.parametrize("shop", SHOPS)
def test_the_healthy_shop_is_clean(shop: str) -> None:
    for case in ({"shop": shop}, {"shop": shop, "allow_invoke": True, "symptom": {}}):
        result = play(case)
        assert (result.outcome, result.findings) == ("clean", ()), case
        assert [item.probe for item in result.not_checked if not item.detail] == []


@pytest.mark.parametrize("path", [path for path in FILES if path.stem.startswith("guilty")], ids=name)
def test_the_guilty_is_named_first(path: Path) -> None:
    case = read(path)
    result, expected = played(path), case["expect"]
    assert set(expected) <= {"confidence", "failing_hop", "outcome", "explains", "also"}
    assert found(result), shown(result)
    first = result.findings[0]
    assert (first.cause.id, first.explains_symptom) == (path.parent.name, expected.get("explains", True)), shown(result)
    assert {path.parent.name, *expected.get("also", ())} == set(found(result)), shown(result)
    assert (first.confidence, result.failing_hop, result.outcome) == (
        expected["confidence"],
        expected["failing_hop"],
        expected["outcome"],
    ), shown(result)


@pytest.mark.parametrize("path", [path for path in FILES if path.stem.startswith("innocent")], ids=name)
def test_the_innocent_is_not_named_at_all(path: Path) -> None:
    case = read(path)
    result, expected = played(path), case["expect"]
    assert set(expected) <= {"first", "failing_hop", "outcome"}
    assert path.parent.name not in found(result), shown(result)
    first = result.findings[0].cause.id if result.findings else None
    assert (first, result.failing_hop, result.outcome) == (
        expected["first"],
        expected.get("failing_hop"),
        expected["outcome"],
    ), shown(result)


@pytest.mark.parametrize("how", WITHOUT_LOG)
@pytest.mark.parametrize("cause", CAUSES)
def test_the_guilty_is_named_without_the_execution_log_where_something_else_tells(cause: str, how: str) -> None:
    case = read(HERE / cause / "guilty.yaml")
    result = play({**case, "logs": {**(case.get("logs") or {}), **WITHOUT_LOG[how]}})
    if cause in SHOWN_BY_THE_LOG_ALONE:
        # Lambda counted no failure, so the answer must have been refused; which of its parts was wrong stays unknown.
        refused_answer = cause.startswith("lambda-response-") and case["symptom"]["status"] == 502
        left = ["lambda-response-malformed"] if refused_answer else []
        assert found(result) == left, shown(result)
        assert {item.confidence for item in result.findings} <= {Confidence.LIKELY}
    else:
        assert found(result) == [cause], shown(result)
        sure = "likely" if cause in LIKELY_WITHOUT else case["expect"]["confidence"]
        sure = "possible" if cause in SHOWN_BY_THE_LOG_BESIDE else sure
        assert result.findings[0].confidence == sure, shown(result)
    assert ("stage.execution_log" in {item.probe for item in result.not_checked}) == (cause not in BEFORE_ANY_STAGE)


@pytest.mark.parametrize("how", WITHOUT_LOG)
@pytest.mark.parametrize("path", [path for path in FILES if path.stem.startswith("innocent")], ids=name)
def test_the_innocent_is_never_confirmed_without_the_execution_log(path: Path, how: str) -> None:
    case = read(path)
    result = play({**case, "logs": {**(case.get("logs") or {}), **WITHOUT_LOG[how]}})
    confirmed = [item.cause.id for item in result.findings if item.confidence is Confidence.CONFIRMED]
    assert path.parent.name not in confirmed, shown(result)
    assert result.outcome != "clean" or case.get("shop") == "http"  # which writes no execution log


@pytest.mark.parametrize("cause", CAUSES)
def test_a_refused_answer_makes_nobody_else_guilty(cause: str) -> None:
    path = HERE / cause / "guilty.yaml"
    case, known = read(path), played(path)
    allowed = {*found(known), *tree().causes[cause].refines}
    for service, operation in sorted({(call.service, call.operation) for call in known.calls} - {LOG_EVENTS}):
        result = play(refused(case, service, operation))
        confirmed = {item.cause.id for item in result.findings if item.confidence is Confidence.CONFIRMED}
        assert confirmed <= allowed, (operation, shown(result))
        assert result.outcome != "clean", operation


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_check_crashes(path: Path) -> None:
    assert [item.detail for item in played(path).evidence if item.reason == "crashed"] == []


def test_a_merge_changes_what_it_names_and_nothing_else() -> None:
    base = {"a": {"b": 1, "c": 2}, "list": [{"id": "x", "n": 1}, {"id": "y", "n": 2}]}
    change = {"a": {"b": None, "d": 3}, "list": {"id=y": {"n": 5}}}
    assert merged(base, change) == {"a": {"c": 2, "d": 3}, "list": [{"id": "x", "n": 1}, {"id": "y", "n": 5}]}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"Timeout": 3}, []),
        ({"TimeOut": 3}, ["lambda.GetFunctionConfiguration.TimeOut: AWS knows no such field"]),
        ({"Timeout": "3"}, ["lambda.GetFunctionConfiguration.Timeout: '3' is no integer"]),
        ({"State": "Sleeping"}, ["lambda.GetFunctionConfiguration.State: 'Sleeping' is no string"]),
        ({"Layers": {"Arn": "a"}}, ["lambda.GetFunctionConfiguration.Layers: {'Arn': 'a'} is no list"]),
    ],
)
def test_a_made_up_answer_is_noticed(answer: dict[str, Any], problem: list[str]) -> None:
    entry = {"service": "lambda", "operation": "GetFunctionConfiguration", "answer": answer}
    assert problems(entry) == problem


def found(result: Verdict) -> list[str]:
    return [finding.cause.id for finding in result.findings]


def shown(result: Verdict) -> str:
    """What a failing test needs to say."""
    lines = [f"{result.outcome}, fails at {result.failing_hop}, statuses {result.statuses}"]
    lines += [f"  found {f.cause.id} {f.confidence} explains={f.explains_symptom}" for f in result.findings]
    lines += [f"  {e.id} {e.probe} {e.status} {e.reason or ''} {e.summary}" for e in result.evidence]
    return "\n".join(lines)
