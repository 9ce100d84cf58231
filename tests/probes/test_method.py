"""A method in full: the export and the working copy tell the same story in one form."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from probes import _method
from probes.path.trace import TracePath
from tests.probes.conftest import LIVE, FakeAws, Key, new_case
from wizard.model.aws import NotFound
from wizard.model.case import Case
from wizard.model.trace import Trace

ROLE = "arn:aws:iam::123456789012:role/calls"
TEMPLATES = {"application/json": '{"id": "$input.params(\'id\')"}'}
MAPPED = {"integration.request.header.X-Id": "method.request.path.id"}
EXPORTED = {
    "parameters": [
        {"name": "id", "in": "path", "required": True},
        {"name": "page", "in": "query"},
    ],
    "responses": {"200": {"headers": {"X-Total": {}}}, "500": {}},
    "security": [{"guards": []}],
    "x-amazon-apigateway-integration": {
        "type": "aws",
        "uri": LIVE,
        "httpMethod": "POST",
        "credentials": ROLE,
        "passthroughBehavior": "never",
        "contentHandling": "CONVERT_TO_TEXT",
        "requestTemplates": TEMPLATES,
        "requestParameters": MAPPED,
        "responses": {
            "default": {"statusCode": "200", "responseTemplates": {"application/json": "$input.body"}},
            ".*down.*": {"statusCode": "500", "contentHandling": "CONVERT_TO_BINARY"},
        },
    },
}
GUARD = {"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools"}}
DOCUMENT = {
    "paths": {"/orders/{id}": {"get": EXPORTED}},
    "components": {"securitySchemes": {"guards": GUARD}},
}
CONFIGURED = {
    "authorizationType": "COGNITO_USER_POOLS",
    "authorizerId": "a1",
    "apiKeyRequired": False,
    "requestParameters": {"method.request.path.id": True, "method.request.querystring.page": False},
    "methodResponses": {"200": {"responseParameters": {"method.response.header.X-Total": True}}, "500": {}},
    "methodIntegration": {
        "type": "AWS",
        "uri": LIVE,
        "httpMethod": "POST",
        "credentials": ROLE,
        "passthroughBehavior": "NEVER",
        "contentHandling": "CONVERT_TO_TEXT",
        "requestTemplates": TEMPLATES,
        "requestParameters": MAPPED,
        "integrationResponses": {
            "200": {"statusCode": "200", "responseTemplates": {"application/json": "$input.body"}},
            "500": {"statusCode": "500", "selectionPattern": ".*down.*", "contentHandling": "CONVERT_TO_BINARY"},
        },
    },
}


@pytest.fixture
def aws(world: dict[Key, Any]) -> FakeAws:
    items = [{"id": "r2", "path": "/orders/{id}", "resourceMethods": {"GET": CONFIGURED}}]
    world["apigateway", "GetExport"] = {"body": json.dumps(DOCUMENT)}
    world["apigateway", "GetResources"] = {"items": items}
    return FakeAws(world)


@pytest.fixture
def case(aws: FakeAws) -> Case:
    case = new_case()
    trace = TracePath().run(case, aws).facts["trace"]
    assert isinstance(trace, dict)
    return replace(case, trace=Trace.from_facts(trace))


def test_both_sources_tell_the_same_method(aws: FakeAws, case: Case) -> None:
    live, draft = _method.deployed(aws, case), _method.configured(aws, case)
    assert live is not None
    assert draft is not None
    assert (live.authorizer, draft.authorizer) == ("guards", "a1")
    assert replace(live, authorizer="a1") == draft
    assert draft.rows[1] == _method.Row("500", ".*down.*", {}, {}, "CONVERT_TO_BINARY")
    assert draft.responses == {"200": ("X-Total",), "500": ()}
    assert draft.passthrough == "NEVER"


def test_what_the_stage_runs_comes_first(aws: FakeAws, case: Case) -> None:
    assert _method.running(aws, case).authorizer == "guards"
    unknown = replace(case, trace=replace(case.traced, deployed_known=False))
    assert _method.running(aws, unknown).authorizer == "a1"


def test_a_method_that_is_not_there_is_said(aws: FakeAws, case: Case) -> None:
    other = replace(case, trace=replace(case.traced, method_key="POST"))
    assert _method.configured(aws, other) is None
    with pytest.raises(NotFound, match="POST /orders/"):
        _method.running(aws, other)


@pytest.mark.parametrize(
    ("operation", "schemes", "told"),
    [
        ({}, {}, ("NONE", None, False)),
        ({"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}, {}, ("AWS_IAM", None, False)),
        ({"security": [{"iam": []}]}, {"iam": {"x-amazon-apigateway-authtype": "awsSigv4"}}, ("AWS_IAM", None, False)),
        ({"security": [{"api_key": []}]}, {}, ("NONE", None, True)),
        (
            {"security": [{"mine": []}, {"api_key": []}]},
            {"mine": {"x-amazon-apigateway-authorizer": {"type": "request"}}},
            ("CUSTOM", "mine", True),
        ),
        ({"security": "nonsense"}, {"mine": 3}, ("NONE", None, False)),
    ],
)
def test_who_may_call(operation: dict[str, Any], schemes: dict[str, Any], told: tuple[str, str | None, bool]) -> None:
    guard = _method.guarded(operation, {"components": {"securitySchemes": schemes}})
    assert (guard.authorization, guard.authorizer and guard.authorizer.name, guard.api_key_required) == told
