"""What methods an API has and what they call: as its stage runs them, and as they are configured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.model.aws import Aws, Unsupported
from wizard.model.trace import Integration

_INTEGRATION = "x-amazon-apigateway-integration"
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
_ANY = "x-amazon-apigateway-any-method"
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", _ANY)
_DEFAULT_TIMEOUT_MS = 29_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Resource path -> method (GET, ANY, …) -> integration or None, and the resource ids where known."""

    methods: dict[str, dict[str, Integration | None]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def method_key(self, path: str | None, method: str) -> str | None:
        """The key under which a resource serves a method: exactly, else ANY; None when it does not."""
        served = self.methods.get(path or "", {})
        return next((key for key in (method.upper(), "ANY") if key in served), None)

    def integration(self, path: str | None, key: str | None) -> Integration | None:
        """The integration of a method, None when the method or its integration is not there."""
        return self.methods.get(path or "", {}).get(key or "")


def deployed(aws: Aws, api_id: str, stage: str) -> Snapshot:
    """What the stage runs, from one export of its deployment.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetExport.html

    Raises:
        Unsupported: the endpoint exports no integrations.
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
    paths = _document(answer.get("body")).get("paths")
    found = (
        {path: _operations(item) for path, item in paths.items() if isinstance(item, dict)}
        if isinstance(paths, dict)
        else {}
    )
    if any(found.values()) and not any(integration for methods in found.values() for integration in methods.values()):
        raise Unsupported("apigateway.GetExport: the export of the stage holds no integrations")
    return Snapshot({path: methods for path, methods in found.items() if methods})


def configured(aws: Aws, api_id: str) -> Snapshot:
    """The working copy: what would be deployed now.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html
    """
    pages = aws.pages("apigateway", "GetResources", restApiId=api_id, embed=["methods"])
    return _from_resources(pages.items("items"))


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
        "ANY" if name == _ANY else name.upper(): integration((item[name] or {}).get(_INTEGRATION))
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
    return snapshot
