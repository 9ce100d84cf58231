"""What methods an API has and what they call: as its stage runs them, and as they are configured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.model.aws import Aws, Pages, Unsupported
from wizard.model.trace import Authorizer, Integration

INTEGRATION = "x-amazon-apigateway-integration"
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
AUTHORIZER = "x-amazon-apigateway-authorizer"
ANY = "x-amazon-apigateway-any-method"
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", ANY)
_COGNITO = "COGNITO_USER_POOLS"
_DEFAULT_TIMEOUT_MS = 29_000


@dataclass(frozen=True, slots=True)
class Guard:
    """What a method asks of its caller; the working copy knows its authorizer by id only, an export has no ids."""

    authorization: str = "NONE"
    authorizer: Authorizer | None = None
    api_key_required: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Resource path -> method (GET, ANY, …) -> integration or None, and the resource ids where known."""

    methods: dict[str, dict[str, Integration | None]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    guards: dict[tuple[str, str], Guard] = field(default_factory=dict)

    def guard(self, path: str | None, key: str | None) -> Guard | None:
        """What a method asks of its caller; None when the method is not there."""
        return self.guards.get((path or "", key or ""))

    def method_key(self, path: str | None, method: str) -> str | None:
        """The key under which a resource serves a method: exactly, else ANY; None when it does not."""
        served = self.methods.get(path or "", {})
        return next((key for key in (method.upper(), "ANY") if key in served), None)

    def integration(self, path: str | None, key: str | None) -> Integration | None:
        """The integration of a method, None when the method or its integration is not there."""
        return self.methods.get(path or "", {}).get(key or "")


def export(aws: Aws, api_id: str, stage: str) -> dict[str, Any]:
    """The OpenAPI document of what the stage runs; empty when the answer holds none.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetExport.html

    Raises:
        Unsupported: the answer is not JSON.
    """
    answer = aws.call(
        "apigateway",
        "GetExport",
        restApiId=api_id,
        stageName=stage,
        exportType="oas30",
        parameters={"extensions": "apigateway"},
        accepts="application/json",
    )
    return _document(answer.get("body"))


def resources(aws: Aws, api_id: str) -> Pages:
    """The resources of the working copy with their methods.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html
    """
    return aws.pages("apigateway", "GetResources", restApiId=api_id, embed=["methods"])


def deployed(aws: Aws, api_id: str, stage: str) -> Snapshot:
    """What the stage runs, from one export of its deployment.

    Raises:
        Unsupported: the endpoint exports no integrations.
    """
    document = export(aws, api_id, stage)
    paths = _mapping(document.get("paths"))
    found = {path: _operations(item) for path, item in paths.items() if isinstance(item, dict)}
    if any(found.values()) and not any(integration for methods in found.values() for integration in methods.values()):
        raise Unsupported("apigateway.GetExport: the export of the stage holds no integrations")
    guards = {
        (path, key): guarded(paths[path][name], document)
        for path, methods in found.items()
        for key in methods
        if (name := ANY if key == "ANY" else key.lower())
    }
    return Snapshot({path: methods for path, methods in found.items() if methods}, guards=guards)


def configured(aws: Aws, api_id: str) -> Snapshot:
    """The working copy: what would be deployed now."""
    return _from_resources(resources(aws, api_id).items("items"))


def integration(data: Mapping[str, Any] | None) -> Integration | None:
    """An integration from the API or its OpenAPI extension, defaults filled in so that the two compare."""
    if not data or not data.get("type"):
        return None
    return Integration(
        type=_upper(data, "type"),
        uri=data.get("uri") or "",
        http_method=_upper(data, "httpMethod") or None,
        timeout_ms=int(data.get("timeoutInMillis") or _DEFAULT_TIMEOUT_MS),
        credentials=data.get("credentials") or None,
        passthrough=_upper(data, "passthroughBehavior") or "WHEN_NO_MATCH",
        connection_type=_upper(data, "connectionType") or "INTERNET",
        connection_id=data.get("connectionId") or None,
        content_handling=_upper(data, "contentHandling") or None,
        integration_target=data.get("integrationTarget") or None,
    )


def _guard(method: Mapping[str, Any]) -> Guard:
    kind, identity = _upper(method, "authorizationType") or "NONE", method.get("authorizerId")
    type_ = _COGNITO if kind == _COGNITO else ""
    return Guard(kind, Authorizer(identity, type_) if identity else None, bool(method.get("apiKeyRequired")))


def guarded(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Guard:
    """What an exported operation asks of its caller.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
    """
    schemes = _mapping(_mapping(document.get("components")).get("securitySchemes"))
    kind, guard, key = "NONE", None, False
    for name in [word for entry in operation.get("security") or [] for word in _mapping(entry)]:
        described = _mapping(schemes.get(name))
        if AUTHORIZER in described:
            told = _mapping(described[AUTHORIZER])
            guard = Authorizer(None, _upper(told, "type") or "TOKEN", str(name), told.get("authorizerUri") or None)
            kind = _COGNITO if guard.type == _COGNITO else "CUSTOM"
        elif str(described.get("x-amazon-apigateway-authtype") or "").lower() == "awssigv4":
            kind = "AWS_IAM"
        elif name == "api_key" or described.get("name") == "x-api-key":
            key = True
    auth = _mapping(operation.get("x-amazon-apigateway-auth")).get("type")
    return Guard("AWS_IAM" if auth == "AWS_IAM" else kind, guard, key)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _upper(data: Mapping[str, Any], key: str) -> str:
    return str(data.get(key) or "").upper()


def _document(body: Any) -> dict[str, Any]:
    if isinstance(body, bytes | str):
        try:
            body = json.loads(body)
        except ValueError as error:
            raise Unsupported("apigateway.GetExport: the export is not JSON") from error
    return body if isinstance(body, dict) else {}


def _operations(item: Mapping[str, Any]) -> dict[str, Integration | None]:
    return {
        "ANY" if name == ANY else name.upper(): integration((item[name] or {}).get(INTEGRATION))
        for name in _METHODS
        if isinstance(item.get(name), dict)
    }


def _from_resources(resources: Iterable[Mapping[str, Any]]) -> Snapshot:
    snapshot = Snapshot()
    for resource in resources:
        path = str(resource.get("path") or "/")
        snapshot.ids[path] = str(resource.get("id") or "")
        methods = resource.get("resourceMethods") or {}
        snapshot.methods[path] = {
            name: integration((method or {}).get("methodIntegration")) for name, method in methods.items()
        }
        for name, method in methods.items():
            snapshot.guards[path, name] = _guard(method or {})
    return snapshot
