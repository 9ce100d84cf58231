"""An API snapshot as an OpenAPI document, the way GetExport writes it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
"""

from __future__ import annotations

import re
import time
from typing import Any

from wizard.sandbox.gateway.snapshot import Api, Integration, Method, Resource


def document(api: Api, region: str, stage: str, *, openapi: bool, integrations: bool) -> dict[str, Any]:
    """The document; ``openapi`` chooses 3.0 over Swagger 2.0, ``integrations`` adds the API Gateway extension."""
    host = f"{api.id}.execute-api.{region}.amazonaws.com"
    info = {"title": api.name, "version": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    paths = {r.path: _path(r, integrations) for r in api.resources if r.methods}
    if openapi:
        server = {"url": f"https://{host}/{{basePath}}", "variables": {"basePath": {"default": stage}}}
        return {"openapi": "3.0.1", "info": info, "servers": [server], "paths": paths, "components": {}}
    return {
        "swagger": "2.0", "info": info, "host": host, "basePath": f"/{stage}", "schemes": ["https"], "paths": paths,
    }  # fmt: skip


def _path(resource: Resource, integrations: bool) -> dict[str, Any]:
    return {
        "x-amazon-apigateway-any-method" if verb == "ANY" else verb.lower(): _operation(resource, method, integrations)
        for verb, method in resource.methods.items()
    }


def _operation(resource: Resource, method: Method, integrations: bool) -> dict[str, Any]:
    operation: dict[str, Any] = {}
    names = re.findall(r"\{([^/}+]+)\+?\}", resource.path)
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
    if method.response_codes:
        operation["responses"] = {code: {"description": f"{code} response"} for code in method.response_codes}
    if method.api_key_required:
        operation["security"] = [{"api_key": []}]
    if integrations and method.integration is not None:
        operation["x-amazon-apigateway-integration"] = _extension(method.integration)
    return operation


def _extension(integration: Integration) -> dict[str, Any]:
    extension: dict[str, Any] = {
        "type": integration.type.lower(),
        "httpMethod": integration.http_method,
        "uri": integration.uri,
        "credentials": integration.credentials,
        "passthroughBehavior": integration.passthrough.lower(),
        "timeoutInMillis": integration.timeout_ms,
        "contentHandling": integration.content_handling,
        "requestTemplates": dict(integration.request_templates),
        "requestParameters": dict(integration.request_parameters),
        "responses": {r.pattern or "default": _response(r.status, dict(r.templates)) for r in integration.responses},
    }
    if integration.connection_type != "INTERNET":
        extension["connectionType"] = integration.connection_type
    return {key: value for key, value in extension.items() if value not in (None, "", {})}


def _response(status: str, templates: dict[str, str]) -> dict[str, Any]:
    return {"statusCode": status, **({"responseTemplates": templates} if templates else {})}
