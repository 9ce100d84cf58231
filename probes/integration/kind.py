"""Which form of event the integration hands on and which answer it wants, and what becomes of binary bodies."""

from __future__ import annotations

import re
from typing import Any

from probes import _method
from probes._method import Method
from wizard.model.arn import is_lambda_uri
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

_BINARY = "x-amazon-apigateway-binary-media-types"
# What code that is written for the proxy event reads of it.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
_FIELDS = ("httpMethod", "requestContext", "pathParameters", "queryStringParameters", "headers", "resource", "body")


class Kind(Probe):
    """Proxy or not, what templates and rows stand beside it, binary media types and content handling."""

    title = "Proxy or not, text or binary"
    hop = "integration-config"
    api_types = frozenset({"rest"})
    calls = frozenset({*_method.CALLS, "apigateway:GetRestApi"})
    needs = ("integration",)
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-integrations.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """PASS with the facts; what they mean, the logs decide. WARN where bodies of some types have no way through."""
        wired = case.traced.integration
        if wired is None or wired.type == "MOCK":
            return self.skipped("The method calls no backend.")
        method = _method.running(aws, case)
        types = _binary_types(case, aws)
        proxy = method.type.endswith("_PROXY")
        facts: dict[str, Any] = {
            "type": method.type,
            "calls_function": is_lambda_uri(method.uri),
            "makes_fields": _made(method),
            "left_over": _left_over(method) if proxy else [],
            "binary_types": types,
            "all_binary": "*/*" in types,
            "content_handling": method.content_handling,
            "binary_stuck": bool(types) and _stuck(method),
        }
        if facts["binary_stuck"]:
            return self.warned(
                f"Bodies of the types {', '.join(types)} count as binary, and the integration does not say how to "
                "convert them.",
                **facts,
            )
        if facts["left_over"]:
            return self.passed(
                f"The integration is a proxy, and has {' and '.join(facts['left_over'])} that a proxy does not use.",
                **facts,
            )
        made = f" ({', '.join(facts['makes_fields'])})" if facts["makes_fields"] else ""
        kind = "hands the whole request on" if proxy else f"hands on what its template makes{made}"
        return self.passed(f"The integration ({method.type}) {kind}.", **facts)


def _binary_types(case: Case, aws: Aws) -> list[str]:
    """The media types that the API takes for binary, as the stage runs it where that is known."""
    if case.traced.deployed_known:
        found = _method.document(aws, case).get(_BINARY)
    else:
        found = aws.call("apigateway", "GetRestApi", restApiId=case.traced.api_id).get("binaryMediaTypes")
    return [str(each) for each in found] if isinstance(found, list) else []


def _stuck(method: Method) -> bool:
    """Whether a binary body would have to go where only text can: to a function, or through a template."""
    if method.type.endswith("_PROXY") or method.content_handling:
        return False
    return is_lambda_uri(method.uri) or any(method.templates.values())


def _made(method: Method) -> list[str]:
    """The fields of the proxy event that the request templates make by hand."""
    texts = list(method.templates.values())
    return [name for name in _FIELDS if any(re.search(rf'"{name}"\s*:', text) for text in texts)]


def _left_over(method: Method) -> list[str]:
    """What only an integration without proxy uses. The console leaves an empty default row on every proxy."""
    rows = any(row.pattern or any(row.templates.values()) or row.parameters for row in method.rows)
    templates = any(method.templates.values())
    return [name for name, there in (("request templates", templates), ("integration responses", rows)) if there]
