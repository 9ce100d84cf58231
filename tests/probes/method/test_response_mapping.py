"""What the integration response makes of answers, told from its table and from what backends really answered."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from probes.method._rows import matches
from probes.method.response_mapping import ResponseMapping as Probe
from tests.probes.conftest import ERRORS, ONE, FakeAws, Key, export, integration, logged, new_case, resources, traced
from wizard.model.aws import AwsError
from wizard.model.probe import Evidence
from wizard.model.status import Status

FAILED = "Execution failed due to configuration error: "
RECEIVED = "Received response. Status: {}, Integration latency: 12 ms"
ANSWERED = "Endpoint response body before transformations: "
Look = Callable[..., Evidence]


@pytest.fixture
def look(world: dict[Key, Any]) -> Look:
    """The evidence for a table (pattern -> row) and declared statuses; `log` are the lines of a failing request."""

    def run(
        table: dict[str, dict[str, Any]], declared: dict[str, list[str]], log: list[str] | None = None, **wired: Any
    ) -> Evidence:
        told = integration(**{"type": "AWS", "responses": table, **wired})
        made = export(get=told)
        document = json.loads(made["body"])
        document["paths"]["/orders/{id}"]["get"] = {
            "x-amazon-apigateway-integration": document["paths"]["/orders/{id}"]["get"][
                "x-amazon-apigateway-integration"
            ],
            "responses": {code: {"headers": dict.fromkeys(names, {})} for code, names in declared.items()},
        }
        world["apigateway", "GetExport"] = {**made, "body": json.dumps(document)}
        lines = ["HTTP Method: GET, Resource Path: /orders/42", *(log or []), "Method completed with status: 500"]
        world["logs", "FilterLogEvents"] = logged(*([(ONE, lines)] if log else []))
        aws = FakeAws(world)
        found = Probe().run(traced(world, new_case()), aws)
        assert aws.used <= Probe().calls
        return found

    return run


def row(status: int = 200, **more: Any) -> dict[str, Any]:
    return {"statusCode": str(status), **more}


def test_a_sound_table(look: Look) -> None:
    found = look({"default": row(), ".*no order.*": row(404)}, {"200": [], "404": []})
    assert (found.status, found.facts["problems"], found.facts["has_default"]) == (Status.PASS, [], True)


@pytest.mark.parametrize("kind", ["AWS_PROXY", "HTTP_PROXY"])
def test_a_proxy_has_no_table(look: Look, kind: str) -> None:
    assert look({}, {}, type=kind).status is Status.SKIPPED


def test_a_lambda_proxy_asks_nothing(world: dict[Key, Any]) -> None:
    case, aws = traced(world), FakeAws({})
    assert Probe().run(case, aws).status is Status.SKIPPED
    assert aws.asked == []


def test_no_table_at_all(look: Look) -> None:
    assert look({}, {"200": []}).facts["problems"] == ["no-rows"]


@pytest.mark.parametrize(
    ("kind", "patterns", "misses"),
    [
        ("AWS", ["200"], True),  # a function that succeeds has no errorMessage: only the default fits
        ("HTTP", ["200"], False),
        ("HTTP", [r"2\d{2}"], False),
        ("HTTP", ["404", r"5\d{2}"], True),
        ("HTTP", ["("], False),  # what the service makes of it is not known
    ],
)
def test_whether_a_good_answer_finds_a_row(look: Look, kind: str, patterns: list[str], misses: bool) -> None:
    found = look({pattern: row() for pattern in patterns}, {"200": []}, type=kind)
    assert found.facts["problems"] == (["no-default"] if misses else [])


def test_what_a_function_failed_with_is_tried_on_the_patterns(look: Look) -> None:
    body = ANSWERED + json.dumps({"errorMessage": "table\nis locked"})
    log = [RECEIVED.format(200), body, FAILED + "No match for output mapping"]
    declared: dict[str, list[str]] = {"200": [], "409": []}
    table = {".*locked.*": row(409), "ok": row()}
    found = look(table, declared, log)
    assert (found.facts["problems"], found.facts["unmatched"]) == (["unmatched"], ["table\nis locked"])
    table = {r"(.|\n)*locked": row(409), "default": row()}
    assert look(table, declared, log).facts["unmatched"] == []


def test_what_a_backend_answered_is_tried_on_the_patterns(look: Look) -> None:
    failure = (
        FAILED
        + "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: 503"
    )
    found = look({"200": row()}, {"200": []}, [failure], type="HTTP")
    assert (found.facts["problems"], found.facts["unmatched"]) == (["unmatched"], ["503"])


def test_a_cut_answer_is_not_tried(look: Look) -> None:
    cut = ANSWERED + '{"errorMessage": "table is lo [TRUNCATED]'
    found = look({"default": row()}, {"200": []}, [RECEIVED.format(200), cut, FAILED + "x"])
    assert found.facts["unmatched"] == []


def test_a_status_that_is_not_declared(look: Look) -> None:
    found = look({"default": row(202)}, {"200": []})
    assert (found.facts["problems"], found.facts["missing_status"]) == (["undeclared-status"], "202")


def test_a_rare_status_that_is_not_declared_is_a_warning_until_it_is_met(look: Look) -> None:
    table = {"default": row(), ".*no order.*": row(404)}
    assert look(table, {"200": []}).status is Status.WARN
    log = [RECEIVED.format(200), FAILED + "Output mapping refers to an invalid method response: 404"]
    found = look(table, {"200": []}, log)
    assert (found.status, found.facts["problems"]) == (Status.FAIL, ["undeclared-status"])


def test_a_template_that_cannot_be_read_is_shown_with_its_line(look: Look) -> None:
    broken: dict[str, Any] = {"responseTemplates": {"application/json": "{\n#if($x)\n}"}}
    found = look({"default": row(**broken)}, {"200": []})
    assert (found.facts["problems"], found.facts["template_line"]) == (["template-syntax"], 2)
    assert "application/json of row 200, line 2" in found.summary
    rare = look({"default": row(), "x.*": row(404, **broken)}, {"200": [], "404": []})
    assert (rare.status, rare.facts["problems"]) == (Status.WARN, [])


def test_overriding_twice(look: Look) -> None:
    twice: dict[str, Any] = {
        "responseTemplates": {"application/json": "#set($context.responseOverride.status = 200)\n" * 2}
    }
    assert look({"default": row(**twice)}, {"200": []}).facts["problems"] == ["override-twice"]


@pytest.mark.parametrize(("declared", "problems"), [([], ["undeclared-header"]), (["cache-control"], [])])
def test_headers_have_to_be_declared(look: Look, declared: list[str], problems: list[str]) -> None:
    sets: dict[str, Any] = {"responseParameters": {"method.response.header.Cache-Control": "'no-store'"}}
    found = look({"default": row(**sets)}, {"200": declared})
    assert found.facts["problems"] == problems
    if problems:
        assert found.facts["parameter"] == "method.response.header.Cache-Control"
        assert found.facts["row_status"] == "200"


@pytest.mark.parametrize(
    ("lines", "failing"),
    [
        ([RECEIVED.format(200), FAILED + "Unable to base64 decode the body."], ["base64"]),
        ([FAILED + "Unable to base64 decode the body."], []),
        ([RECEIVED.format(200), FAILED + "Unable to transform response"], ["transform"]),
        ([RECEIVED.format(200), FAILED + "Invalid permissions on Lambda function"], []),
    ],
)
def test_what_the_log_says(look: Look, lines: list[str], failing: list[str]) -> None:
    assert look({"default": row()}, {"200": []}, lines).facts["failing"] == failing


def test_corrected_and_not_deployed(look: Look, world: dict[Key, Any]) -> None:
    look({}, {"200": []})
    made = resources(GET=integration(type="AWS", integrationResponses={"200": {"statusCode": "200"}}))
    made["items"][2]["resourceMethods"]["GET"]["methodResponses"] = {"200": {"statusCode": "200"}}
    world["apigateway", "GetResources"] = made
    assert Probe().run(traced(world, new_case()), FakeAws(world)).facts["fixed"] is True


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_without_the_log_the_table_tells(look: Look, world: dict[Key, Any], error: AwsError) -> None:
    look({}, {"200": []})
    world["logs", "FilterLogEvents"] = error
    assert Probe().run(traced(world, new_case()), FakeAws(world)).facts["problems"] == ["no-rows"]


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_an_unreadable_table_is_raised(look: Look, world: dict[Key, Any], error: AwsError) -> None:
    look({}, {})
    case = traced(world, new_case())
    with pytest.raises(type(error)):
        Probe().run(case, FakeAws({**world, ("apigateway", "GetExport"): error}))


def test_a_pattern_that_never_ends_is_given_up() -> None:
    begun = time.monotonic()
    assert matches(r"(a|aa)+(a|aa)+(a|aa)+$b", "a" * 3_000) is None
    assert time.monotonic() - begun < 5
