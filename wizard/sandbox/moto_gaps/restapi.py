"""API Gateway: updates of APIs, methods, gateway responses and usage plans as the service does them.

Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.models import GatewayResponse, Method, RestAPI, UsagePlan
from moto.apigateway.responses import APIGatewayResponse

_plain_api = RestAPI.to_dict
_plain_api_patch = RestAPI.apply_patch_operations
_plain_plan_patch = UsagePlan.apply_patch_operations
_plain_create = APIGatewayResponse.create_rest_api


def install() -> None:
    """Replace what differs from the service."""
    for handler in (create_rest_api, update_method, update_gateway_response):
        setattr(APIGatewayResponse, handler.__name__, handler)
    replaced: list[tuple[type, str, Callable[..., Any]]] = [
        (RestAPI, "to_dict", _api),
        (RestAPI, "apply_patch_operations", _patch_api),
        (UsagePlan, "apply_patch_operations", _patch_plan),
    ]
    for owner, name, method in replaced:
        setattr(owner, name, method)


def create_rest_api(self: APIGatewayResponse) -> Any:
    """CreateRestApi: keeps the binary media types, which moto drops."""
    answer = _plain_create(self)
    types = self._get_param("binaryMediaTypes")
    if types and answer[0] in (200, 201):
        api = self.backend.get_rest_api(json.loads(answer[2])["id"])
        api.binaryMediaTypes = list(types)
        return answer[0], answer[1], json.dumps(api.to_dict())
    return answer


def update_method(self: APIGatewayResponse) -> str:
    """UpdateMethod."""
    _, _, api_id, _, resource_id, _, verb = self.path.rstrip("/").split("/")
    method: Method = self.backend.get_method(api_id, resource_id, verb)
    for operation in json.loads(self.body)["patchOperations"]:
        _patch_method(method, operation)
    return json.dumps(method.to_json())


def update_gateway_response(self: APIGatewayResponse) -> str:
    """UpdateGatewayResponse."""
    _, _, api_id, _, response_type = self.path.rstrip("/").split("/")
    api = self.backend.get_rest_api(api_id)
    if response_type not in api.gateway_responses:
        api.gateway_responses[response_type] = GatewayResponse(response_type, 0, {}, {})
        api.gateway_responses[response_type].__dict__["status_code"] = None
    response = api.gateway_responses[response_type]
    for operation in json.loads(self.body)["patchOperations"]:
        head, _, key = operation["path"].lstrip("/").partition("/")
        value = None if operation["op"] == "remove" else operation.get("value")
        if head == "statusCode":
            response.__dict__["status_code"] = value
        elif head in ("responseTemplates", "responseParameters"):
            attribute = "response_templates" if head == "responseTemplates" else "response_parameters"
            _set(response.__dict__, attribute, key.replace("~1", "/"), value)
    return json.dumps(response.to_json())


def _api(self: RestAPI) -> dict[str, Any]:
    """The policy comes back with its quotes escaped, as the service gives it."""
    answer = _plain_api(self)
    if answer.get("policy"):
        answer["policy"] = json.dumps(str(answer["policy"]))[1:-1]
    return {name: value for name, value in answer.items() if value is not None}


def _patch_api(self: RestAPI, patch_operations: list[dict[str, Any]]) -> None:
    for operation in patch_operations:
        path, op, value = operation["path"], operation["op"], operation.get("value", "")
        kind, _, name = path.lstrip("/").partition("/")
        if kind == "binaryMediaTypes" and name:
            self.binaryMediaTypes = [each for each in self.binaryMediaTypes if each != name.replace("~1", "/")]
            if op != "remove":
                self.binaryMediaTypes.append((value or name).replace("~1", "/"))
        elif path == "/endpointConfiguration/types" or path.startswith("/endpointConfiguration/types/"):
            self.endpoint_configuration["types"] = [value]
        elif path == "/endpointConfiguration/vpcEndpointIds":
            kept = [each for each in self.endpoint_configuration.get("vpcEndpointIds") or [] if each != value]
            self.endpoint_configuration["vpcEndpointIds"] = kept if op == "remove" else [*kept, value]
        elif path == "/disableExecuteApiEndpoint":
            self.disableExecuteApiEndpoint = str(value).lower() == "true"
        elif path == "/policy":
            self.policy = None if op == "remove" or not value else value
        else:
            _plain_api_patch(self, [operation])


def _patch_method(method: Method, operation: dict[str, Any]) -> None:
    head, _, key = operation["path"].lstrip("/").partition("/")
    value = None if operation["op"] == "remove" else operation.get("value")
    if head == "requestParameters" and key:
        _set(method.__dict__, "request_parameters", key, None if value is None else value == "true")
    elif head == "apiKeyRequired":
        method.api_key_required = value == "true"
    elif head in _METHOD_FIELDS:
        setattr(method, _METHOD_FIELDS[head], value)
    else:
        raise BadRequestException(f"Invalid patch path '{operation['path']}' specified for op '{operation['op']}'")


def _patch_plan(self: UsagePlan, patch_operations: list[dict[str, Any]]) -> None:
    for operation in patch_operations:
        path, value = operation["path"], operation.get("value")
        if path in ("/throttle/rateLimit", "/throttle/burstLimit") and operation["op"] != "remove":
            self.throttle[path.rsplit("/", 1)[-1]] = (
                float(value or 0) if path.endswith("rateLimit") else int(value or 0)
            )
        elif path == "/quota/limit" and operation["op"] != "remove":
            self.quota["limit"] = int(value or 0)
        else:
            _plain_plan_patch(self, [operation])


def _set(owner: dict[str, Any], name: str, key: str, value: Any) -> None:
    kept = {**(owner.get(name) or {}), key: value}
    owner[name] = {each: item for each, item in kept.items() if item is not None}


_METHOD_FIELDS = {
    "authorizationType": "authorization_type",
    "authorizerId": "authorizer_id",
    "requestValidatorId": "request_validator_id",
}
