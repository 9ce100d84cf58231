"""API Gateway (REST): updates of mappings that moto lacks, and the checks that the service makes when they are put.

Patch paths: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html; the refusal of a mapping whose
parameter is not declared, as people meet it: https://github.com/awslabs/aws-solutions-constructs/issues/1130 and
https://repost.aws/knowledge-center/api-gateway-proxy-path-parameter-error
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from moto.apigateway.exceptions import BadRequestException, MethodNotFoundException
from moto.apigateway.models import Integration, IntegrationResponse, Method, MethodResponse
from moto.apigateway.responses import APIGatewayResponse

_plain_put_integration_response = APIGatewayResponse.put_integration_response
_MULTIPLE = {"multivalueheader": "header", "multivaluequerystring": "querystring"}


def install() -> None:
    """Replace what differs from the service."""
    for handler in (put_integration_response, update_integration, update_integration_response, update_method_response):
        setattr(APIGatewayResponse, handler.__name__, handler)
    plain = Integration.to_json

    def to_json(self: Integration) -> dict[str, Any]:
        mode = self.__dict__.get("transfer_mode")
        return {**plain(self), **({"responseTransferMode": mode} if mode else {})}

    Integration.to_json = to_json  # type: ignore[method-assign]


def check_sources(self: APIGatewayResponse) -> None:
    """PutIntegration refuses to map from a request parameter that the method does not declare."""
    _check(_sources(self._get_param("requestParameters")), _method(self).request_parameters or {})


def put_integration_response(self: APIGatewayResponse) -> Any:
    """PutIntegrationResponse: refuses to map to a header that the method response does not declare."""
    declared = _method(self).method_responses.get(_parts(self)[8])
    if declared is not None:
        _check(self._get_param("responseParameters") or {}, declared.response_parameters or {})
    return _plain_put_integration_response(self)


def update_integration(self: APIGatewayResponse) -> str:
    """UpdateIntegration."""
    integration = _integration(self)
    for operation in _operations(self):
        _patch_integration(integration, operation)
    return json.dumps(integration.to_json())


def update_integration_response(self: APIGatewayResponse) -> str:
    """UpdateIntegrationResponse."""
    row = (_integration(self).integration_responses or {}).get(_parts(self)[8])
    if row is None:
        raise BadRequestException("Invalid Response status code specified")
    for operation in _operations(self):
        _patch_row(row, operation)
    return json.dumps(row.to_json())


def update_method_response(self: APIGatewayResponse) -> str:
    """UpdateMethodResponse: declares and removes headers; a mapping that used one is not looked at."""
    response = _method(self).method_responses.get(_parts(self)[7])
    if response is None:
        raise BadRequestException("Invalid Response status code specified")
    for operation in _operations(self):
        _patch_response(response, operation)
    return json.dumps(response.to_json())


def _patch_integration(integration: Integration, operation: dict[str, Any]) -> None:
    head, key, value = _operation(operation)
    if head == "requestTemplates" and key:
        integration.request_templates = _changed(integration.request_templates, key, value)
    elif head == "requestParameters" and key:
        integration.request_parameters = _changed(integration.request_parameters, key, value)
    elif head == "cacheKeyParameters" and key:
        kept = [name for name in integration.cache_key_parameters if name != key]
        integration.cache_key_parameters = kept if operation["op"] == "remove" else [*kept, key]
    elif head in _INTEGRATION_FIELDS and not key:
        attribute, convert = _INTEGRATION_FIELDS[head]
        setattr(integration, attribute, None if value is None else convert(value))
    else:
        raise _bad_path(operation)


def _patch_row(row: IntegrationResponse, operation: dict[str, Any]) -> None:
    head, key, value = _operation(operation)
    if head == "responseTemplates" and key:
        row.response_templates = _changed(row.response_templates, key, value)
    elif head == "responseParameters" and key:
        row.response_parameters = _changed(row.response_parameters, key, value)
    elif head == "selectionPattern":
        row.selection_pattern = value
    elif head == "contentHandling":
        row.content_handling = value
    else:
        raise _bad_path(operation)


def _patch_response(response: MethodResponse, operation: dict[str, Any]) -> None:
    head, key, value = _operation(operation)
    if head == "responseParameters" and key:
        response.response_parameters = _changed(response.response_parameters, key, value)
    elif head == "responseModels" and key:
        response.response_models = _changed(response.response_models, key, value)
    else:
        raise _bad_path(operation)


def _check(used: Iterable[str], declared: Iterable[str]) -> None:
    missing = [name for name in used if name not in set(declared)]
    if missing:
        listed = ", ".join(f"Invalid mapping expression parameter specified: {name}" for name in missing)
        raise BadRequestException(
            f"Invalid mapping expression specified: Validation Result: warnings : [], errors : [{listed}]"
        )


def _sources(parameters: dict[str, str] | None) -> list[str]:
    """The request parameters that mappings read, in the form in which a method declares them."""
    found = []
    for source in (parameters or {}).values():
        head, _, rest = str(source).removeprefix("method.request.").partition(".")
        if str(source).startswith("method.request.") and head != "body":
            found.append(f"method.request.{_MULTIPLE.get(head, head)}.{rest}")
    return found


def _parts(self: APIGatewayResponse) -> list[str]:
    """The call's path: api, resource, method and status at 1, 3, 5 and 7 or 8."""
    return str(self.path).strip("/").split("/")


def _method(self: APIGatewayResponse) -> Method:
    _, api_id, _, resource_id, _, verb, *_ = _parts(self)
    method = self.backend.get_resource(api_id, resource_id).resource_methods.get(verb)
    if method is None:
        raise MethodNotFoundException()
    return method


def _integration(self: APIGatewayResponse) -> Integration:
    integration = _method(self).method_integration
    if integration is None:
        raise BadRequestException("No integration defined for method")
    return integration


def _operations(self: APIGatewayResponse) -> list[dict[str, Any]]:
    return list(json.loads(self.body)["patchOperations"])


def _operation(operation: dict[str, Any]) -> tuple[str, str, str | None]:
    """Field, key within it (unescaped) and new value, None to remove."""
    head, _, key = str(operation["path"]).lstrip("/").partition("/")
    value = operation.get("value")
    plain = key.replace("~1", "/").replace("~0", "~")
    return head, plain, None if operation["op"] == "remove" or value is None else str(value)


def _changed(before: dict[str, Any] | None, key: str, value: Any) -> dict[str, Any]:
    rest = {name: kept for name, kept in (before or {}).items() if name != key}
    return rest if value is None else {**rest, key: value}


def _bad_path(operation: dict[str, Any]) -> BadRequestException:
    return BadRequestException(f"Invalid patch path '{operation['path']}' specified for op '{operation['op']}'")


_INTEGRATION_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "uri": ("uri", str),
    "httpMethod": ("http_method", str),
    "type": ("integration_type", str),
    "credentials": ("credentials", str),
    "timeoutInMillis": ("timeout_in_millis", int),
    "passthroughBehavior": ("passthrough_behaviour", str),
    "contentHandling": ("content_handling", str),
    "cacheNamespace": ("cache_namespace", str),
    "responseTransferMode": ("transfer_mode", str),
}
