"""API Gateway: TestInvokeAuthorizer, and what moto's authorizers lack (validation expression, provider ARNs)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from moto.apigateway.models import Authorizer
from moto.apigateway.responses import APIGatewayResponse

from wizard.sandbox import backends, parts
from wizard.sandbox.gateway import snapshot
from wizard.sandbox.gateway.authorizer import Question
from wizard.sandbox.gateway.executionlog import ExecutionLog
from wizard.sandbox.gateway.http import Place, Request

TEST_STAGE = "ESTestInvoke-stage"
_plain_create = APIGatewayResponse.create_authorizer
_plain_patch = Authorizer.apply_operations


def install() -> None:
    """Replace what differs from the service."""
    for handler in (create_authorizer, test_invoke_authorizer):
        setattr(APIGatewayResponse, handler.__name__, handler)
    Authorizer.apply_operations = _patch  # type: ignore[method-assign]  # the whole point


def create_authorizer(self: APIGatewayResponse) -> Any:
    """CreateAuthorizer: keeps the identity validation expression, which moto drops."""
    status, headers, body = _plain_create(self)
    made = json.loads(body)
    expression = self._get_param("identityValidationExpression")
    if status == 201 and expression:
        api = self.backend.get_rest_api(self.path.split("/")[2])
        api.authorizers[made["id"]].identity_validation_expression = expression
        body = json.dumps({**made, "identityValidationExpression": expression})
    return status, headers, body


def test_invoke_authorizer(self: APIGatewayResponse) -> str:
    """TestInvokeAuthorizer: calls the function (or looks at the token) for real; the log comes with the answer."""
    _, _, api_id, _, authorizer_id = self.path.rstrip("/").split("/")
    asked = json.loads(self.body or "{}")
    api = snapshot.take(self.backend.get_rest_api(api_id))
    self.backend.get_authorizer(api_id, authorizer_id)
    path, _, query = str(asked.get("pathWithQueryString") or "/").partition("?")
    multiple = ((name, value) for name, values in (asked.get("multiValueHeaders") or {}).items() for value in values)
    request = Request(
        verb="GET",
        path=path,
        headers=(*(asked.get("headers") or {}).items(), *multiple),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        body=str(asked.get("body") or "").encode(),
        source_ip="test-invoke-source-ip",
    )
    variables = {str(key): str(value) for key, value in (asked.get("stageVariables") or {}).items()}
    place = Place(self.region, backends.ACCOUNT, api, TEST_STAGE, variables, test=True)
    log = ExecutionLog(place.request_id)
    arn = f"arn:aws:execute-api:{self.region}:{backends.ACCOUNT}:{api_id}/{TEST_STAGE}/GET{path}"
    question = Question(place, api.authorizers[authorizer_id], request, arn, log)
    status, authorized, latency = parts.current().gateway.test_authorizer(question)
    answer: dict[str, Any] = {"clientStatus": status, "log": log.as_test_invoke(), "latency": latency}
    if authorized is not None:
        answer |= {"principalId": authorized.principal, "policy": authorized.policy, "claims": dict(authorized.claims)}
        answer["authorization"] = {name: [value] for name, value in authorized.context.items()}
    return json.dumps(answer)


def _patch(self: Authorizer, patch_operations: list[dict[str, Any]]) -> Authorizer:
    """UpdateAuthorizer: provider ARNs are added and removed one by one, settings can be taken out."""
    for operation in patch_operations:
        path = operation["path"]
        if path == "/providerARNs":
            arns = [arn for arn in self.provider_arns or [] if arn != operation["value"]]
            self.provider_arns = [*arns, operation["value"]] if operation["op"] == "add" else arns
        elif operation["op"] == "remove":
            _plain_patch(self, [{**operation, "value": ""}])
        else:
            _plain_patch(self, [operation])
    return self
