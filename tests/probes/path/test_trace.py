"""Finding the path: what is found, what is said when it is not, and what survives a refused question."""

from __future__ import annotations

import json
from typing import Any

import pytest

from probes.path._resources import nearest, resolve
from probes.path.trace import TracePath
from tests.probes.conftest import (
    BY_VARIABLE,
    ERRORS,
    FUNCTION,
    LAMBDA,
    LIVE,
    ONE,
    TWO,
    FakeAws,
    Key,
    export,
    integration,
    logged,
    new_case,
    resources,
    story,
)
from wizard.model.aws import AwsError, Denied, Expired, NotFound, Unsupported
from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status
from wizard.model.trace import Trace

RESOURCES = ["/", "/orders", "/orders/{id}", "/orders/new", "/orders/{id}/items/{item}", "/files/{proxy+}", "/{proxy+}"]


def run(world: dict[Key, Any], **target: Any) -> Evidence:
    return TracePath().run(new_case(**target), FakeAws(world))


def trace_of(evidence: Evidence) -> Trace:
    found = evidence.facts["trace"]
    assert isinstance(found, dict)
    return Trace.from_facts(found)


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/", "/"),
        ("/orders", "/orders"),
        ("/orders/", "/orders"),
        ("/orders/42", "/orders/{id}"),
        ("/orders/new", "/orders/new"),
        ("/orders/42/items/7", "/orders/{id}/items/{item}"),
        ("/files/a/b/c", "/files/{proxy+}"),
        ("/files", "/{proxy+}"),
        ("/orders/42/items", "/{proxy+}"),
        ("/orders/{id}", "/orders/{id}"),
        ("/orders/a%2Fb", "/orders/{id}"),
    ],
)
def test_a_path_resolves_as_the_service_does(path: str, resource: str) -> None:
    assert resolve(RESOURCES, path) == resource


def test_nothing_serves_a_path_and_the_nearest_is_named() -> None:
    assert resolve(["/orders", "/orders/{id}"], "/order/42") is None
    assert resolve(["/files/{proxy+}"], "/files") is None
    assert nearest(["/orders", "/zzz"], "/order") == ["/orders"]


def test_a_healthy_path(world: dict[Key, Any]) -> None:
    found = run(world)
    trace = trace_of(found)
    assert found.status is Status.PASS
    assert found.summary == "GET /orders/{id} on stage prod calls shop-orders:live (Lambda proxy), 29 s"
    assert trace.function
    assert trace.function.qualified_arn == f"{FUNCTION}:live"
    assert (trace.deployed_known, trace.resource_id, trace.method_key, trace.deployment_id) == (True, "r2", "GET", "d1")
    assert trace.integration == trace.configured
    hops = [hop["id"] for hop in found.facts["hops"]]  # type: ignore[union-attr,index,call-overload]
    assert hops == [
        "client",
        "stage",
        "method",
        "integration-config",
        "integration",
        "lambda-permission",
        "lambda-service",
        "lambda-function",
        "lambda-response",
    ]
    assert len(found.facts["links"]) == len(hops) - 1  # type: ignore[arg-type]
    assert found.facts["partial"] == []
    assert found.facts["function_exists"] is True


def test_any_serves_what_no_exact_method_does(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(
        **{"x-amazon-apigateway-any-method": integration(), "post": integration()}
    )
    world["apigateway", "GetResources"] = resources(ANY=integration(), POST=integration())
    assert trace_of(run(world)).method_key == "ANY"
    assert trace_of(run(world, method="POST")).method_key == "POST"


def test_what_the_stage_runs_is_told_from_what_is_configured(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(httpMethod="GET"))
    trace = trace_of(run(world))
    assert trace.integration
    assert trace.integration.http_method == "GET"
    assert trace.configured
    assert trace.configured.http_method == "POST"


def test_only_a_lambda_integration_has_lambda_hops(world: dict[Key, Any]) -> None:
    mock = {"type": "MOCK"}
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=mock), resources(GET=mock)
    found = run(world)
    hops = [hop["id"] for hop in found.facts["hops"]]  # type: ignore[union-attr,index,call-overload]
    assert hops == [
        "client",
        "stage",
        "method",
        "request-mapping",
        "integration-config",
        "integration",
        "response-mapping",
    ]
    assert trace_of(found).function is None


def test_a_method_not_yet_deployed_is_found_in_the_working_copy(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(post=integration())
    found = run(world)
    assert trace_of(found).integration is None
    assert trace_of(found).configured
    assert "not in the stage's deployment" in found.summary


@pytest.mark.parametrize(
    "answer",
    [
        Denied("apigateway:GET"),
        Unsupported("no"),
        {"body": '{"paths": {"/orders/{id}": {"get": {}}}}'},
        {"body": b"openapi: 3"},
    ],
)
def test_without_an_export_the_working_copy_serves(world: dict[Key, Any], answer: Any) -> None:
    world["apigateway", "GetExport"] = answer
    found = run(world)
    assert found.status is Status.PASS
    assert trace_of(found).deployed_known is False
    assert trace_of(found).function
    assert "deployed settings could not be read" in found.summary
    assert len(found.facts["partial"]) == 1  # type: ignore[arg-type]


def test_the_export_may_come_as_bytes_or_decoded(world: dict[Key, Any]) -> None:
    text = str(export(get=integration())["body"])
    for body in (text.encode(), __import__("json").loads(text)):
        world["apigateway", "GetExport"] = {"body": body}
        assert trace_of(run(world)).deployed_known


def test_stage_variables_are_filled_in(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(uri=BY_VARIABLE))
    trace = trace_of(run(world))
    assert trace.function
    assert trace.function.name == "shop-orders"
    assert trace.missing_variables == ()


def test_a_missing_variable_leaves_the_function_to_the_log(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(uri=BY_VARIABLE))
    world["apigateway", "GetStage"] = {"stageName": "prod", "variables": {}}
    other = LAMBDA.format(FUNCTION + ":")  # an alias that got lost
    world["logs", "FilterLogEvents"] = logged((ONE, story(status=200)), (TWO, story(uri=other)))
    trace = trace_of(run(world))
    assert trace.missing_variables == ("name",)
    assert trace.function
    assert trace.function.qualifier == "live"
    assert trace.function_source == "execution-log"


def test_a_function_that_is_not_there_leaves_the_rest_to_the_one_called_before(world: dict[Key, Any]) -> None:
    gone = LAMBDA.format(FUNCTION + "-gone:live")
    world["apigateway", "GetExport"] = world["apigateway", "GetResources"] = None
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = (
        export(get=integration(uri=gone)),
        resources(GET=integration()),
    )
    world["lambda", "GetFunctionConfiguration"] = lambda **p: (
        NotFound("no") if p["FunctionName"].endswith("gone") else {"Timeout": 3}
    )
    world["logs", "FilterLogEvents"] = logged((ONE, story(status=200)), (TWO, story(uri=gone)))
    found = run(world)
    assert found.facts["function_exists"] is False
    assert found.facts["missing_in"] == "settings"
    assert found.facts["missing_function"] == "shop-orders-gone:live"
    assert found.facts["configured_exists"] is True
    function = trace_of(found).function
    assert function
    assert function.name == "shop-orders"


def test_a_custom_domain_takes_its_longest_base_path(world: dict[Key, Any]) -> None:
    world["apigateway", "GetBasePathMappings"] = {
        "items": [
            {"basePath": "(none)", "restApiId": "other", "stage": "x"},
            {"basePath": "shop", "restApiId": "abc123", "stage": "prod"},
        ]
    }
    found = run(world, api_id=None, stage=None, host="api.example.com", path="/shop/orders/42")
    assert trace_of(found).api_id == "abc123"
    assert trace_of(found).domain == "api.example.com"
    assert found.facts["target"]["path"] == "/orders/42"  # type: ignore[index,call-overload]
    assert [hop["id"] for hop in found.facts["hops"]][1] == "custom-domain"  # type: ignore[union-attr,index,call-overload]


def test_a_mapping_without_stage_finds_it_in_the_path(world: dict[Key, Any]) -> None:
    world["apigateway", "GetBasePathMappings"] = {"items": [{"restApiId": "abc123"}]}
    found = run(world, api_id=None, stage=None, host="api.example.com", path="/prod/orders/42")
    assert (trace_of(found).stage, found.facts["target"]["path"]) == ("prod", "/orders/42")  # type: ignore[index,call-overload]


def test_the_only_stage_is_taken_and_several_are_named(world: dict[Key, Any]) -> None:
    assert trace_of(run(world, stage=None)).stage == "prod"
    world["apigateway", "GetStages"] = {"item": [{"stageName": "prod"}, {"stageName": "dev"}]}
    found = run(world, stage=None)
    assert found.status is Status.FAIL
    assert "dev, prod" in found.summary


@pytest.mark.parametrize(
    ("target", "missing", "said"),
    [
        ({}, ("apigateway", "GetRestApi"), "no API abc123 in us-east-1 of account 123456789012"),
        ({}, ("apigateway", "GetStage"), "has no stage prod; it has: prod"),
        ({"path": "/order/42"}, None, "nearest: /orders/{id}"),
        ({"method": "PUT"}, None, "/orders/{id} of API abc123 has no method PUT; it has: GET"),
        ({"api_id": None}, None, "No API is named"),
        (
            {"api_id": None, "host": "x.example.com"},
            ("apigateway", "GetBasePathMappings"),
            "neither an execute-api host nor a custom domain",
        ),
    ],
)
def test_what_is_not_there_is_one_clear_line(
    world: dict[Key, Any], target: dict[str, Any], missing: Key | None, said: str
) -> None:
    if missing:
        world[missing] = NotFound("no")
    found = run(world, **target)
    assert found.status is Status.FAIL
    assert said in found.summary
    assert "\n" not in found.summary
    assert found.facts["tried"]


def test_a_base_path_that_does_not_fit_names_the_others(world: dict[Key, Any]) -> None:
    world["apigateway", "GetBasePathMappings"] = {
        "items": [{"basePath": "shop", "restApiId": "abc123", "stage": "prod"}]
    }
    assert "it has: /shop" in run(world, api_id=None, host="api.example.com", path="/shopping").summary


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("operation", ["GetRestApi", "GetExport", "GetResources"])
def test_a_refused_question_leaves_its_part_open(world: dict[Key, Any], operation: str, error: AwsError) -> None:
    world["apigateway", operation] = error
    found = run(world)
    assert trace_of(found).function
    assert found.facts["partial"][0]["reason"] == error.reason  # type: ignore[index,call-overload]


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_without_any_methods_the_path_ends_at_the_stage(world: dict[Key, Any], error: AwsError) -> None:
    world["apigateway", "GetExport"] = world["apigateway", "GetResources"] = error
    found = run(world)
    assert (found.status, found.reason) == (Status.UNKNOWN, error.reason)
    assert found.needs == getattr(error, "action", None)
    assert trace_of(found).stage == "prod"


@pytest.mark.parametrize("error", [*ERRORS, Expired("gone")], ids=lambda e: type(e).__name__)
def test_a_stage_that_cannot_be_read_ends_the_trace(world: dict[Key, Any], error: AwsError) -> None:
    world["apigateway", "GetStage"] = error
    with pytest.raises(type(error)):
        run(world)


def test_expired_credentials_are_not_a_partial_answer(world: dict[Key, Any]) -> None:
    world["apigateway", "GetRestApi"] = Expired("gone")
    with pytest.raises(Expired):
        run(world)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_unknown_account_function_and_log_are_no_obstacle(world: dict[Key, Any], error: AwsError) -> None:
    world["apigateway", "GetExport"] = export(get=integration(uri=BY_VARIABLE))
    world["apigateway", "GetStage"] = {"stageName": "prod"}
    world["sts", "GetCallerIdentity"] = world["logs", "FilterLogEvents"] = world[
        "lambda", "GetFunctionConfiguration"
    ] = error
    found = run(world, account=None)
    assert found.status is Status.PASS
    assert {item["reason"] for item in found.facts["partial"]} == {error.reason}  # type: ignore[union-attr,index,call-overload]
    assert found.reason is not Reason.CRASHED


def test_no_log_group_is_no_gap(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(uri=BY_VARIABLE))
    world["apigateway", "GetStage"] = {"stageName": "prod"}
    world["logs", "FilterLogEvents"] = NotFound("no group")
    assert run(world).facts["partial"] == []


def test_what_stands_before_the_integration_is_on_the_path(world: dict[Key, Any]) -> None:
    mapped = {"type": "AWS", "uri": LIVE, "httpMethod": "POST", "credentials": "arn:aws:iam::123456789012:role/calls"}
    acl = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1"
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=mapped), resources(GET=mapped)
    method = world["apigateway", "GetResources"]["items"][-1]["resourceMethods"]["GET"]
    method |= {"authorizationType": "CUSTOM", "authorizerId": "auth1", "apiKeyRequired": True}
    world["apigateway", "GetStage"] |= {"webAclArn": acl, "canarySettings": {"percentTraffic": 5.0}}
    world["apigateway", "GetRestApi"] |= {
        "policy": "{}",
        "endpointConfiguration": {"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"]},
    }
    document = json.loads(world["apigateway", "GetExport"]["body"])
    operation = document["paths"]["/orders/{id}"]["get"]
    operation["security"] = [{"keys-of-customers": []}, {"api_key": []}]
    scheme = {"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": "token"}}
    document["components"] = {"securitySchemes": {"keys-of-customers": scheme}}
    world["apigateway", "GetExport"] = {"body": json.dumps(document)}
    found = run(world)
    hops = [hop["id"] for hop in found.facts["hops"]]  # type: ignore[union-attr,index,call-overload]
    before = [
        "client",
        "waf",
        "private-endpoint",
        "resource-policy",
        "stage",
        "method",
        "authorizer",
        "request-mapping",
    ]
    assert hops[: len(before) + 3] == [*before, "integration-config", "integration-credentials", "integration"]
    assert hops[-1] == "response-mapping"
    trace = found.facts["trace"]
    assert isinstance(trace, dict)
    guard = {"id": "auth1", "type": "TOKEN", "name": "keys-of-customers", "uri": None}
    assert (trace["authorization"], trace["authorizer"], trace["api_key_required"]) == ("CUSTOM", guard, True)
    assert (trace["web_acl"], trace["canary"], trace["vpc_endpoints"]) == (acl, True, ["vpce-1"])
    assert {"source": "method", "target": "authorizer", "kind": "side"} in found.facts["links"]  # type: ignore[operator]
    assert {"source": "stage", "target": "method", "kind": "next"} in found.facts["links"]  # type: ignore[operator]
