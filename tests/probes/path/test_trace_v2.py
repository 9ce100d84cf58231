"""Finding the path of HTTP and WebSocket APIs: which API it is, which stage, which route, and what stands behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from probes.path._routes import http_route, websocket_route
from probes.path.trace import TracePath
from tests.probes.conftest import API, ERRORS, FUNCTION, REGION, FakeAws, Key, healthy, new_case
from tests.probes.v2 import ROUTE, http_shop, route, websocket_shop
from wizard.model.aws import AwsError, Denied, NotFound
from wizard.model.case import Target
from wizard.model.probe import Evidence
from wizard.model.status import Status
from wizard.model.target_url import parse_target
from wizard.model.trace import Authorizer, Trace

HOST = f"{API}.execute-api.{REGION}.amazonaws.com"
ROUTES = [
    "GET /pets/dog/1",
    "GET /pets/dog/{id}",
    "GET /pets/{proxy+}",
    "ANY /{proxy+}",
    "ANY /orders",
    "POST /orders",
    "$default",
]


def run(world: dict[Key, Any], target: Target, aws: FakeAws | None = None) -> Evidence:
    case = new_case()
    return TracePath().run(replace(case, target=target), aws or FakeAws(world))


def called(address: str, **more: Any) -> Target:
    return replace(parse_target(address, **more), account="123456789012")


def trace_of(evidence: Evidence) -> Trace:
    found = evidence.facts["trace"]
    assert isinstance(found, dict), evidence.summary
    return Trace.from_facts(found)


def hops_of(evidence: Evidence) -> list[str]:
    listed = evidence.facts["hops"]
    assert isinstance(listed, list)
    return [str(hop["id"]) for hop in listed if isinstance(hop, dict)]


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("POST", "/test/5", "ANY /{proxy+}"),
        ("POST", "/orders", "POST /orders"),
        ("PUT", "/orders", "ANY /orders"),
        ("GET", "/", "$default"),
    ],
)
def test_a_request_takes_the_most_exact_route(method: str, path: str, key: str) -> None:
    assert http_route(ROUTES, method, path) == key
    assert http_route(reversed(ROUTES), method, path) == key


def test_without_a_default_route_nothing_serves_the_rest() -> None:
    assert http_route(["GET /orders"], "POST", "/orders") is None


@pytest.mark.parametrize(
    ("path", "key"),
    [("/", "$connect"), ("$disconnect", None), ("/$connect", "$connect"), ("send", "send"), ("other", "$default")],
)
def test_a_message_takes_the_route_of_its_key(path: str, key: str | None) -> None:
    assert websocket_route(["$connect", "$default", "send"], path) == key


@pytest.mark.parametrize(
    ("address", "stage", "path"),
    [
        (f"https://{HOST}/orders/42", "$default", "/orders/42"),
        (f"https://{HOST}/beta/orders/42", "beta", "/orders/42"),
        (f"https://{HOST}/", "$default", "/"),
        (f"https://{HOST}/beta", "beta", "/"),
    ],
)
def test_an_address_names_a_stage_or_goes_to_the_default_one(address: str, stage: str, path: str) -> None:
    evidence = run(http_shop(), called(address))
    target = evidence.facts["target"]
    assert isinstance(target, dict)
    assert (target["api_type"], target["stage"], target["path"]) == ("http", stage, path)


def test_an_http_api_is_traced_to_its_function() -> None:
    evidence = run(http_shop(), called(f"https://{HOST}/orders/42"))
    trace = trace_of(evidence)
    assert evidence.status is Status.PASS
    assert (trace.api_type, trace.route_key, trace.resource_path, trace.method_key) == (
        "http",
        ROUTE,
        "/orders/{id}",
        "GET",
    )
    assert trace.function is not None
    assert trace.function.qualified_arn == f"{FUNCTION}:live"
    assert trace.integration is not None
    assert (trace.integration.payload_version, trace.integration.timeout_ms) == ("2.0", 30_000)
    assert trace.deployed_known
    assert hops_of(evidence) == [
        *("client", "stage", "method", "integration-config", "integration"),
        *("lambda-permission", "lambda-service", "lambda-function", "lambda-response"),
    ]


def test_the_rest_api_is_asked_first_and_everything_once() -> None:
    aws = FakeAws(http_shop())
    run({}, called(f"https://{HOST}/orders/42"), aws)
    assert len(aws.asked) == len({str(item) for item in aws.asked})
    assert {name for name in aws.used if name.startswith("apigatewayv2:")} == {
        *("apigatewayv2:GetApi", "apigatewayv2:GetStages", "apigatewayv2:GetRoutes", "apigatewayv2:GetIntegrations")
    }


@pytest.mark.parametrize("address", [f"https://{HOST}", f"wss://{HOST}/prod"])
def test_an_address_that_can_be_no_rest_api_asks_no_rest_api(address: str) -> None:
    aws = FakeAws(http_shop() if address.startswith("https") else websocket_shop())
    assert run({}, called(address), aws).status is Status.PASS
    assert not {name for name in aws.used if name.startswith("apigateway:")}


def test_a_rest_api_costs_no_call_more() -> None:
    aws = FakeAws({**http_shop(), **healthy()})
    run({}, new_case().target, aws)
    assert not {name for name in aws.used if name.startswith("apigatewayv2:")}


def test_who_may_read_http_apis_only_is_served() -> None:
    refused = {("apigateway", name): Denied("apigateway:GET") for name in ("GetRestApi", "GetStage", "GetResources")}
    assert run({**http_shop(), **refused}, called(f"https://{HOST}/orders/42")).status is Status.PASS


def test_a_stage_that_does_not_deploy_by_itself_shows_no_snapshot() -> None:
    evidence = run(http_shop(), called(f"https://{HOST}/beta/orders/42"))
    trace = trace_of(evidence)
    assert (trace.auto_deploy, trace.deployed_known) == (False, False)
    assert trace.integration == trace.configured
    assert "cannot be read" in evidence.summary


def test_a_custom_domain_leads_to_an_http_api() -> None:
    target = called("https://api.example.com/shop/v1/orders/42", region=REGION)
    evidence = run(http_shop(), target)
    found = evidence.facts["target"]
    assert isinstance(found, dict)
    assert (found["api_id"], found["stage"], found["path"]) == (API, "$default", "/orders/42")
    assert hops_of(evidence)[:3] == ["client", "custom-domain", "stage"]


def test_a_websocket_api_is_traced_by_its_route_key() -> None:
    evidence = run(websocket_shop(), replace(called(f"wss://{HOST}/prod"), path="/sendmessage"))
    trace, target = trace_of(evidence), evidence.facts["target"]
    assert isinstance(target, dict)
    assert (target["api_type"], target["method"], target["path"]) == ("websocket", "ROUTE", "sendmessage")
    assert (trace.route_key, trace.resource_path, trace.method_key) == ("sendmessage", "sendmessage", None)
    assert trace.function is not None


def test_connecting_is_what_an_address_alone_means() -> None:
    assert trace_of(run(websocket_shop(), called(f"wss://{HOST}/prod"))).route_key == "$connect"


def test_an_authorizer_stands_beside_the_route() -> None:
    guarded = [route(ROUTE, AuthorizationType="CUSTOM", AuthorizerId="a1")]
    evidence = run(http_shop(routes=guarded), called(f"https://{HOST}/orders/42"))
    assert trace_of(evidence).authorizer == Authorizer(
        "a1", "REQUEST", "gate", f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
    )
    links = evidence.facts["links"]
    assert {"source": "method", "target": "authorizer", "kind": "side"} in links  # type: ignore[operator]
    assert {"source": "method", "target": "integration-config", "kind": "next"} in links  # type: ignore[operator]


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        ({"IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://example.com"}, "backend-http"),
        ({"IntegrationSubtype": "SQS-SendMessage", "IntegrationUri": None}, "aws-service"),
    ],
)
def test_other_backends_are_shown(changes: dict[str, Any], last: str) -> None:
    assert hops_of(run(http_shop(integration=changes), called(f"https://{HOST}/orders/42")))[-1] == last


@pytest.mark.parametrize(
    ("change", "address", "words"),
    [
        ({("apigatewayv2", "GetApi"): NotFound("no")}, f"https://{HOST}/orders", "There is no API abc123"),
        ({("apigatewayv2", "GetRoutes"): {"Items": [route("GET /b")]}}, f"https://{HOST}/orders", "it has: GET /b"),
        ({("apigatewayv2", "GetRoutes"): {"Items": []}}, f"https://{HOST}/orders", "no routes"),
    ],
)
def test_what_is_not_there_is_one_clear_line(change: dict[Key, Any], address: str, words: str) -> None:
    evidence = run({**http_shop(), **change}, called(address))
    assert evidence.status is Status.FAIL
    assert words in evidence.summary
    assert "\n" not in evidence.summary


def test_a_stage_that_is_not_there_is_named_with_those_that_are() -> None:
    evidence = run(websocket_shop(), called(f"wss://{HOST}/test"))
    assert "has no stage test; it has: prod" in evidence.summary


def test_a_route_without_an_integration_is_told() -> None:
    evidence = run(http_shop(routes=[route(ROUTE, None)]), called(f"https://{HOST}/orders/42"))
    assert "has no integration" in evidence.summary


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("operation", ["GetStages", "GetRoutes", "GetIntegrations"])
def test_an_answer_that_does_not_come_is_unknown_never_clean(operation: str, error: AwsError) -> None:
    world, target = {**http_shop(), ("apigatewayv2", operation): error}, called(f"https://{HOST}/orders/42")
    if operation == "GetStages":  # the engine makes it UNKNOWN
        with pytest.raises(type(error)):
            run(world, target)
        return
    evidence = run(world, target)
    assert (evidence.status, evidence.reason) == (Status.UNKNOWN, error.reason)


def test_an_authorizer_that_may_not_be_read_is_told_beside_the_path() -> None:
    guarded = [route(ROUTE, AuthorizationType="JWT", AuthorizerId="a1")]
    world = {**http_shop(routes=guarded), ("apigatewayv2", "GetAuthorizer"): Denied("apigateway:GET")}
    evidence = run(world, called(f"https://{HOST}/orders/42"))
    guard = trace_of(evidence).authorizer
    assert guard is not None
    assert guard.type == "JWT"
    assert evidence.facts["partial"]
