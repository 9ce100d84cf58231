"""An API snapshot as an OpenAPI document, the way GetExport writes it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any

from wizard.sandbox.gateway.snapshot import Api, Integration, IntegrationResponse, Method, Resource


def document(api: Api, region: str, stage: str, *, openapi: bool, integrations: bool) -> dict[str, Any]:
    """The document; ``openapi`` chooses 3.0 over Swagger 2.0, ``integrations`` adds the API Gateway extension."""
    host = f"{api.id}.execute-api.{region}.amazonaws.com"
    info = {"title": api.name, "version": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    names_of = {each.id: each.name for each in api.authorizers.values()}
    paths = {r.path: _path(r, integrations, names_of) for r in api.resources if r.methods}
    schemes = _schemes(api, integrations)
    more = _extensions(api) if integrations else {}
    if openapi:
        server = {"url": f"https://{host}/{{basePath}}", "variables": {"basePath": {"default": stage}}}
        components = {"securitySchemes": schemes} if schemes else {}
        return {"openapi": "3.0.1", "info": info, "servers": [server], "paths": paths, "components": components, **more}
    return {
        "swagger": "2.0", "info": info, "host": host, "basePath": f"/{stage}", "schemes": ["https"], "paths": paths,
        **({"securityDefinitions": schemes} if schemes else {}), **more,
    }  # fmt: skip


def _schemes(api: Api, integrations: bool) -> dict[str, Any]:
    """Who may call: one scheme for API keys, one for each authorizer.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
    """
    keys = any(method.api_key_required for resource in api.resources for method in resource.methods.values())
    schemes: dict[str, Any] = {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}} if keys else {}
    for each in api.authorizers.values():
        kind = "cognito_user_pools" if each.pools else "custom"
        scheme = {"type": "apiKey", "name": "Unused", "in": "header", "x-amazon-apigateway-authtype": kind}
        if each.type != "REQUEST" and each.sources:
            scheme["name"] = each.sources[0].removeprefix("method.request.header.")
        told = {
            "type": each.type.lower(),
            "authorizerUri": each.uri,
            "authorizerCredentials": each.credentials,
            "authorizerResultTtlInSeconds": each.ttl_s,
            "identitySource": ", ".join(each.sources) if each.type == "REQUEST" else "",
            "identityValidationExpression": each.pattern,
            "providerARNs": list(each.pools),
        }
        extension = {name: value for name, value in told.items() if value not in ("", [])}
        schemes[each.name] = {**scheme, **({"x-amazon-apigateway-authorizer": extension} if integrations else {})}
    return schemes


def _extensions(api: Api) -> dict[str, Any]:
    """What the document says of the API as a whole."""
    responses = {
        name: {key: each[key] for key in ("statusCode", "responseParameters", "responseTemplates") if each.get(key)}
        for name, each in api.gateway_responses.items()
    }
    told = {
        "x-amazon-apigateway-policy": json.loads(api.policy) if api.policy else None,
        "x-amazon-apigateway-binary-media-types": list(api.binary_media_types),
        "x-amazon-apigateway-gateway-responses": responses,
        "x-amazon-apigateway-api-key-source": api.key_source if api.key_source != "HEADER" else None,
    }
    return {name: value for name, value in told.items() if value}


def _path(resource: Resource, integrations: bool, names_of: Mapping[str, str]) -> dict[str, Any]:
    return {
        "x-amazon-apigateway-any-method" if verb == "ANY" else verb.lower(): _operation(
            resource, method, integrations, names_of
        )
        for verb, method in resource.methods.items()
    }


def _operation(resource: Resource, method: Method, integrations: bool, names_of: Mapping[str, str]) -> dict[str, Any]:
    operation: dict[str, Any] = {}
    names = re.findall(r"\{([^/}+]+)\+?\}", resource.path)
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
    if method.response_codes:
        operation["responses"] = {code: _declared(method, code) for code in method.response_codes}
    security: dict[str, Any] = {"api_key": []} if method.api_key_required else {}
    if method.authorizer_id in names_of:
        security = {names_of[method.authorizer_id]: list(method.scopes), **security}
    if security:
        operation["security"] = [security]
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
        "responseTransferMode": integration.transfer_mode,
        "requestTemplates": dict(integration.request_templates),
        "requestParameters": dict(integration.request_parameters),
        "responses": {r.pattern or "default": _response(r) for r in integration.responses},
        "cacheNamespace": integration.cache_namespace if integration.cache_keys else None,
        "cacheKeyParameters": list(integration.cache_keys),
    }
    if integration.type == "MOCK":
        # Published exports name the mode of the proxies, BUFFERED too, and none for a mock.
        del extension["responseTransferMode"]
    if integration.connection_type != "INTERNET":
        extension["connectionType"] = integration.connection_type
    return {key: value for key, value in extension.items() if value not in (None, "", {}, [])}


def _declared(method: Method, code: str) -> dict[str, Any]:
    """One method response, with the headers that it declares."""
    names = [name.removeprefix("method.response.header.") for name in method.response_parameters.get(code, ())]
    headers = {name: {"schema": {"type": "string"}} for name in names}
    return {"description": f"{code} response", **({"headers": headers} if headers else {})}


def _response(row: IntegrationResponse) -> dict[str, Any]:
    optional = {
        "responseTemplates": dict(row.templates),
        "responseParameters": dict(row.parameters),
        "contentHandling": row.content_handling,
    }
    return {"statusCode": row.status, **{key: value for key, value in optional.items() if value}}
