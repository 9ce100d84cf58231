"""The `mapping` of a case: GET /orders/{id} without a proxy, as GetExport and as GetResources tell it.

type:              AWS (the shop's function, unless uri is another), HTTP, HTTP_PROXY or MOCK
uri, method:       what is called; credentials: the role it is called with
templates:         Content-Type -> request template
parameters:        integration.request.x -> source
passthrough, content_handling
rows:              [{status, pattern, template, headers, content_handling}]; a row without a pattern is the default
declared:          status -> names of declared headers
binary:            the API's binary media types
gateway_responses: response type -> {statusCode, responseTemplates}
draft:             what of all this is configured otherwise than deployed
"""

from __future__ import annotations

from typing import Any

WORDS = {
    "type", "uri", "method", "credentials", "templates", "parameters", "passthrough", "content_handling", "rows",
    "declared", "binary",
    "gateway_responses", "draft",
}  # fmt: skip
_JSON = "application/json"


def answers(mapping: dict[str, Any]) -> list[dict[str, Any]]:
    """The merges of GetExport, GetResources and GetRestApi that say this."""
    if set(mapping) - WORDS:
        raise ValueError(f"a mapping knows no {sorted(set(mapping) - WORDS)}")
    draft = {**mapping, **mapping.get("draft", {})}
    operation = {"x-amazon-apigateway-integration": _deployed(mapping), "responses": _declared_export(mapping)}
    method = {"methodIntegration": _configured(draft), "methodResponses": _declared(draft)}
    proxy = "type" not in mapping
    body: dict[str, Any] = {} if proxy else {"paths": {"/orders/{id}": {"get": operation}}}
    body |= {"x-amazon-apigateway-binary-media-types": mapping["binary"]} if "binary" in mapping else {}
    own = mapping.get("gateway_responses")
    body |= {"x-amazon-apigateway-gateway-responses": own} if own else {}
    made = [{"operation": "GetExport", "merge": {"body": body}}]
    if not proxy:
        made.append(
            {
                "operation": "GetResources",
                "merge": {"items": {"path=/orders/{id}": {"resourceMethods": {"GET": method}}}},
            }
        )
    if "binary" in draft:
        made.append({"operation": "GetRestApi", "merge": {"binaryMediaTypes": draft["binary"]}})
    return [{"service": "apigateway", **each} for each in made]


def _common(mapping: dict[str, Any]) -> dict[str, Any]:
    wired = {
        "uri": mapping.get("uri"),
        "httpMethod": mapping.get("method"),
        "credentials": mapping.get("credentials"),
        "requestTemplates": mapping.get("templates"),
        "requestParameters": mapping.get("parameters"),
        "contentHandling": mapping.get("content_handling"),
    }
    kept = {name: value for name, value in wired.items() if value is not None}
    return kept | ({"uri": None, "httpMethod": None} if mapping["type"] == "MOCK" else {})


def _row(row: dict[str, Any]) -> dict[str, Any]:
    told = {
        "statusCode": str(row["status"]),
        "responseTemplates": {_JSON: row["template"]} if "template" in row else None,
        "responseParameters": {f"method.response.header.{name}": f"'{text}'" for name, text in row["headers"].items()}
        if "headers" in row
        else None,
        "contentHandling": row.get("content_handling"),
    }
    return {name: value for name, value in told.items() if value is not None}


def _deployed(mapping: dict[str, Any]) -> dict[str, Any]:
    if "type" not in mapping:
        return {}
    rows = {row.get("pattern", "default"): _row(row) for row in mapping.get("rows", [])}
    behaviour = mapping.get("passthrough", "WHEN_NO_MATCH").lower()
    own = {"type": mapping["type"].lower(), "passthroughBehavior": behaviour, "responses": rows}
    return {**_common(mapping), **own}


def _configured(mapping: dict[str, Any]) -> dict[str, Any]:
    if "type" not in mapping:
        return {}
    rows = {
        str(row["status"]): {**_row(row), **({"selectionPattern": row["pattern"]} if "pattern" in row else {})}
        for row in mapping.get("rows", [])
    }
    own = {"type": mapping["type"], "passthroughBehavior": mapping.get("passthrough", "WHEN_NO_MATCH")}
    return {**_common(mapping), **own, "integrationResponses": rows}


def _declared(mapping: dict[str, Any]) -> dict[str, Any]:
    return {
        str(status): {
            "statusCode": str(status),
            **({"responseParameters": {f"method.response.header.{name}": False for name in names}} if names else {}),
        }
        for status, names in mapping.get("declared", {}).items()
    }


def _declared_export(mapping: dict[str, Any]) -> dict[str, Any]:
    return {
        str(status): {"description": f"{status} response", **({"headers": dict.fromkeys(names, {})} if names else {})}
        for status, names in mapping.get("declared", {}).items()
    }
