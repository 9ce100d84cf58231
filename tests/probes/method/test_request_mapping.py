"""What the integration request makes of a request, told from templates, settings and logged requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from probes.method.request_mapping import RequestMapping as Probe
from tests.probes.conftest import (
    ERRORS,
    LOG_GROUP,
    ONE,
    FakeAws,
    Key,
    export,
    integration,
    logged,
    new_case,
    resources,
    traced,
)
from wizard.model.aws import AwsError, NotFound
from wizard.model.probe import Evidence
from wizard.model.status import Status

JSON = "application/json"
TRANSFORM = "Execution failed due to configuration error: Unable to transform request"
BASE64 = "Execution failed due to configuration error: Unable to base64 decode the body."
Look = Callable[..., Evidence]


@pytest.fixture
def look(world: dict[Key, Any]) -> Look:
    """The evidence for a method with this integration; `log` are the lines of a failing request."""

    def run(log: list[str] | None = None, binary: tuple[str, ...] = (), **wired: Any) -> Evidence:
        told = integration(**{"type": "AWS", **wired})
        made = export(get=told)
        document = json.loads(made["body"])
        document["x-amazon-apigateway-binary-media-types"] = list(binary)
        world["apigateway", "GetExport"] = {**made, "body": json.dumps(document)}
        world["apigateway", "GetResources"] = resources(GET=told)
        lines = ["HTTP Method: GET, Resource Path: /orders/42", *(log or []), "Method completed with status: 500"]
        world["logs", "FilterLogEvents"] = logged(*([(ONE, lines)] if log else []))
        aws = FakeAws(world)
        found = Probe().run(traced(world, new_case()), aws)
        assert aws.used <= Probe().calls
        return found

    return run


def test_a_template_that_cannot_be_read_is_shown_with_its_line(look: Look) -> None:
    found = look(requestTemplates={JSON: '{\n"id": "$input.params(\'id\'"\n}'})
    assert (found.status, found.facts["problems"]) == (Status.FAIL, ["template-syntax"])
    assert found.facts["template_line"] == 2
    assert found.facts["template_text"] == '"id": "$input.params(\'id\'"'
    assert "application/json, line 2" in found.summary


def test_a_broken_template_for_another_type_harms_few(look: Look) -> None:
    found = look(requestTemplates={JSON: "{}", "text/xml": "#if($x)"})
    assert (found.status, found.facts["problems"]) == (Status.WARN, [])
    assert found.facts["template_problems"]


def test_the_type_that_failing_requests_sent_counts(look: Look) -> None:
    log = ["Method request headers: {Accept=*/*, Content-Type=text/xml}", TRANSFORM]
    found = look(log, requestTemplates={JSON: "{}", "text/xml": "#if($x)"})
    assert found.facts["problems"] == ["template-syntax"]


@pytest.mark.parametrize("kind", ["HTTP_PROXY", "AWS_PROXY"])
def test_a_proxy_uses_no_template(look: Look, kind: str) -> None:
    found = look(type=kind, requestTemplates={JSON: "#if($x)"})
    assert found.status is (Status.PASS if kind == "HTTP_PROXY" else Status.SKIPPED)


def test_a_lambda_proxy_asks_nothing(world: dict[Key, Any]) -> None:
    case, aws = traced(world), FakeAws({})
    assert Probe().run(case, aws).status is Status.SKIPPED
    assert aws.asked == []


@pytest.mark.parametrize(
    ("template", "problems"),
    [
        ('{"statusCode": 200}', []),
        ("{statusCode: 200}", []),
        ('{"statusCode": $code}', []),
        ("$input.json('$')", []),
        ('{"statusCode": "200"}', []),
        ('{"status": 200}', ["mock-status"]),
        ('{"statusCode": OK}', ["mock-status"]),
        ("", ["mock-status"]),
        ('## "statusCode": 200\n{}', ["mock-status"]),
    ],
)
def test_what_a_mock_answers(look: Look, template: str, problems: list[str]) -> None:
    assert look(type="MOCK", uri="", requestTemplates={JSON: template}).facts["problems"] == problems


def test_a_mock_without_a_template_for_json(look: Look) -> None:
    assert look(type="MOCK", uri="", requestTemplates={"text/plain": "{}"}).facts["problems"] == ["mock-content-type"]
    assert look(type="MOCK", uri="").facts["problems"] == ["mock-status"]


@pytest.mark.parametrize(
    ("binary", "handling", "problems"),
    [
        (("*/*",), None, ["binary-mock"]),
        (("application/json",), None, ["binary-mock"]),
        (("*/*",), "CONVERT_TO_TEXT", []),
        (("image/png",), None, []),
    ],
)
def test_binary_media_types_and_mocks(
    look: Look, binary: tuple[str, ...], handling: str | None, problems: list[str]
) -> None:
    wired = {"type": "MOCK", "uri": "", "requestTemplates": {JSON: '{"statusCode": 200}'}, "contentHandling": handling}
    assert look(binary=binary, **wired).facts["problems"] == problems


@pytest.mark.parametrize(
    ("kind", "header", "refused"),
    [
        ("AWS", "Content-Length", True),
        ("AWS", "authorization", True),
        ("HTTP", "Authorization", False),
        ("HTTP", "Transfer-Encoding", True),
        ("HTTP", "X-Content-Length", False),
    ],
)
def test_headers_that_the_gateway_sets_itself(look: Look, kind: str, header: str, refused: bool) -> None:
    found = look(type=kind, requestParameters={f"integration.request.header.{header}": "'1'"})
    assert found.facts["problems"] == (["reserved-header"] if refused else [])
    assert found.facts["header"] == (header if refused else None)


def test_a_template_that_sets_a_reserved_header(look: Look) -> None:
    found = look(requestTemplates={JSON: '#set($context.requestOverride.header.Content-Length = "1"){}'})
    assert found.facts["header"] == "Content-Length"


def test_overriding_twice(look: Look) -> None:
    line = '#set($context.requestOverride.header.X = "1")\n'
    assert look(requestTemplates={JSON: line * 2 + "{}"}).facts["problems"] == ["override-twice"]
    either = f"#if($a)\n{line}#else\n{line}#end{{}}"
    assert look(requestTemplates={JSON: either}).facts["problems"] == []


@pytest.mark.parametrize(("rounds", "problems"), [(1000, []), (1001, ["loop-too-long"])])
def test_loops(look: Look, rounds: int, problems: list[str]) -> None:
    found = look(requestTemplates={JSON: f"#foreach($i in [1..{rounds}])$i#end"})
    assert (found.facts["problems"], found.facts["loops"]) == (problems, 1)


@pytest.mark.parametrize(
    ("behaviour", "templates", "refuses"),
    [
        ("NEVER", {}, "every"),
        ("NEVER", {JSON: "{}"}, "others"),
        ("WHEN_NO_TEMPLATES", {JSON: "{}"}, "others"),
        ("WHEN_NO_TEMPLATES", {}, None),
        ("WHEN_NO_MATCH", {}, None),
    ],
)
def test_what_passes_without_a_template(
    look: Look, behaviour: str, templates: dict[str, str], refuses: str | None
) -> None:
    found = look(passthroughBehavior=behaviour, requestTemplates=templates)
    assert (found.status, found.facts["refuses"]) == (Status.PASS, refuses)


def test_a_body_that_is_no_base64(look: Look) -> None:
    assert look([BASE64], contentHandling="CONVERT_TO_BINARY").facts["failing"] == ["base64"]
    after = look(
        ["Received response. Status: 200, Integration latency: 1 ms", BASE64], contentHandling="CONVERT_TO_BINARY"
    )
    assert (after.status, after.facts["failing"]) == (Status.PASS, [])


def test_a_log_at_level_error_does_not_tell_where_it_failed(look: Look, world: dict[Key, Any]) -> None:
    look(contentHandling="CONVERT_TO_BINARY")
    world["logs", "FilterLogEvents"] = logged((ONE, [BASE64]))
    found = Probe().run(traced(world, new_case()), FakeAws(world))
    assert (found.status, found.facts["to_binary"], found.facts["failing"]) == (Status.PASS, True, [])


SENT = [
    "Method request path: {id=42}",
    "Method request query string: {full=1}",
    "Method request headers: {Accept=*/*}",
    'Method request body before transformations: {"user": {"name": "Ann"}, "items": [{"n": 1}]}',
    "Received response. Status: 400, Integration latency: 1 ms",
    "Execution failed due to configuration error: ",
]


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("$input.params('id') $input.params('full') $input.params('accept')", []),
        ("$input.params('orderId')", ["parameter orderId"]),
        ("$input.params().path.id", []),
        ("$input.params().querystring.id", ["querystring parameter id"]),
        ("$input.path('$.user.name') $input.json('$.items')", []),
        ("$input.json('$.user.mail')", ["$.user.mail"]),
        ("#set($root = $input.path('$'))$root.user.name $root.user.age", ["$.user.age"]),
        ("#if($input.path('$.note') != '')$input.path('$.note')#end", []),
        ("$input.path('$.items[0].x')", []),
    ],
)
def test_what_a_template_reads_against_what_was_sent(look: Look, template: str, names: list[str]) -> None:
    found = look(SENT, requestTemplates={JSON: template})
    told: Any = found.facts["missing_fields"]
    assert [each["name"] for each in told] == names
    assert found.status is (Status.FAIL if names else Status.PASS)


def test_a_request_that_failed_at_the_authorizer_says_nothing_of_the_template(look: Look) -> None:
    log = [
        *SENT[:3],
        "Starting authorizer: a1 for request: r1",
        "Sending request to x",
        "Execution failed due to configuration error: Authorizer error",
    ]
    found = look(log, requestTemplates={JSON: "$input.params('orderId')"})
    assert (found.status, found.facts["missing_fields"]) == (Status.PASS, [])


def test_the_call_of_the_authorizer_is_no_call_of_the_backend(look: Look) -> None:
    asked = [
        "Starting authorizer: a1 for request: r1",
        "Sending request to https://lambda",
        "Received response. Status: 200",
    ]
    found = look([*asked, "Successfully completed authorizer execution", BASE64], contentHandling="CONVERT_TO_BINARY")
    assert (found.status, found.facts["failing"]) == (Status.FAIL, ["base64"])
    found = look(
        [*asked, "Successfully completed authorizer execution", "Sending request to x", BASE64],
        contentHandling="CONVERT_TO_BINARY",
    )
    assert found.facts["failing"] == []


def test_without_logged_bodies_nothing_is_missing(look: Look) -> None:
    found = look([SENT[-2], SENT[-1]], requestTemplates={JSON: "$input.path('$.a') $input.params('b')"})
    assert (found.status, found.facts["missing_fields"]) == (Status.PASS, [])


def test_corrected_and_not_deployed(look: Look, world: dict[Key, Any]) -> None:
    look(requestTemplates={JSON: "#if($x)"})
    world["apigateway", "GetResources"] = resources(GET=integration(type="AWS", requestTemplates={JSON: "{}"}))
    found = Probe().run(traced(world, new_case()), FakeAws(world))
    assert (found.facts["problems"], found.facts["fixed"]) == (["template-syntax"], True)


@pytest.mark.parametrize("error", [*ERRORS, NotFound(f"no {LOG_GROUP}")], ids=lambda e: type(e).__name__)
def test_without_the_log_the_settings_tell(look: Look, world: dict[Key, Any], error: AwsError) -> None:
    look(requestTemplates={JSON: "#if($x)"})
    world["logs", "FilterLogEvents"] = error
    assert Probe().run(traced(world, new_case()), FakeAws(world)).facts["problems"] == ["template-syntax"]


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_unreadable_settings_are_raised(look: Look, world: dict[Key, Any], error: AwsError) -> None:
    look()
    case = traced(world, new_case())
    with pytest.raises(type(error)):
        Probe().run(case, FakeAws({**world, ("apigateway", "GetExport"): error}))


def test_a_huge_template_is_not_judged(look: Look) -> None:
    found = look(requestTemplates={JSON: "x" * 500_000 + "#if("})
    assert (found.status, found.facts["problems"], found.facts["unread"]) == (Status.UNKNOWN, [], [JSON])
