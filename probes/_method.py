"""One REST method with its integration in full, as the stage runs it and as it is configured, in one form.

GetExport and GetResources tell the same things in different words; checks that need more than the trace holds ask
here. The questions are those of the trace, word for word, so that the cache answers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from probes.path._snapshot import ANY, INTEGRATION, export, guarded, resources
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case

CALLS = frozenset({"apigateway:GetExport", "apigateway:GetResources"})


@dataclass(frozen=True, slots=True)
class Row:
    """One integration response; `pattern` None is the default row, `status` the method response it leads to."""

    status: str
    pattern: str | None = None
    templates: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    content_handling: str | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """A method and what it does to request and response.

    `authorization` is NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS. `authorizer` is an id in the working copy, a name
    in the stage's deployment. `responses` are the declared statuses with their declared headers. `templates` are the
    request templates by content type, `parameters` the integration's request mappings, target to source.
    """

    authorization: str = "NONE"
    authorizer: str | None = None
    api_key_required: bool = False
    request_parameters: Mapping[str, bool] = field(default_factory=dict)
    responses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    type: str = ""
    uri: str = ""
    http_method: str = ""
    credentials: str | None = None
    passthrough: str = "WHEN_NO_MATCH"
    content_handling: str | None = None
    transfer_mode: str = "BUFFERED"
    templates: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()


def deployed(aws: Aws, case: Case) -> Method | None:
    """The method as the stage runs it; None when its deployment has no such method.

    Raises:
        AwsError: the export cannot be read; Unsupported when the endpoint makes none with integrations.
    """
    trace = case.traced
    document = export(aws, str(trace.api_id), str(trace.stage))
    key = ANY if trace.method_key == "ANY" else (trace.method_key or "").lower()
    operation = _mapping(_mapping(_mapping(document.get("paths")).get(trace.resource_path or "")).get(key))
    return _from_operation(operation, document) if operation else None


def configured(aws: Aws, case: Case) -> Method | None:
    """The method as the next deployment would take it; None when it is not there."""
    trace = case.traced
    for resource in resources(aws, str(trace.api_id)).items("items"):
        if str(resource.get("path") or "/") == trace.resource_path:
            method = _mapping(_mapping(resource.get("resourceMethods")).get(trace.method_key or ""))
            return _from_method(method) if method else None
    return None


def running(aws: Aws, case: Case) -> Method:
    """The method as the stage runs it where that is known, else as it is configured.

    Raises:
        NotFound: neither has it.
        AwsError: it cannot be read.
    """
    found = deployed(aws, case) if case.traced.deployed_known else configured(aws, case)
    if found is None:
        raise NotFound(f"{case.traced.method_key} {case.traced.resource_path} is not there")
    return found


def document(aws: Aws, case: Case) -> dict[str, Any]:
    """The whole export of what the stage runs: gateway responses, binary media types and policy stand beside the paths.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
    """
    return export(aws, str(case.traced.api_id), str(case.traced.stage))


def _from_operation(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Method:
    wired = _mapping(operation.get(INTEGRATION))
    guard = guarded(operation, document)
    declared = _mapping(operation.get("responses"))
    rows = tuple(
        Row(
            str(row.get("statusCode") or ""),
            None if pattern == "default" else pattern,
            _mapping(row.get("responseTemplates")),
            _mapping(row.get("responseParameters")),
            _upper(row, "contentHandling") or None,
        )
        for pattern, row in _mapping(wired.get("responses")).items()
        if isinstance(row, Mapping)
    )
    return Method(
        guard.authorization,
        guard.authorizer.name if guard.authorizer else None,
        guard.api_key_required,
        {
            f"method.request.{_PLACES.get(str(each.get('in')), 'querystring')}.{each.get('name')}": bool(
                each.get("required")
            )
            for each in operation.get("parameters") or []
            if isinstance(each, Mapping)
        },
        {str(code): tuple(_mapping(_mapping(said).get("headers"))) for code, said in declared.items()},
        **_integration(wired),
        rows=rows,
    )


_PLACES = {"header": "header", "path": "path", "query": "querystring"}


def _from_method(method: Mapping[str, Any]) -> Method:
    wired = _mapping(method.get("methodIntegration"))
    rows = tuple(
        Row(
            str(row.get("statusCode") or code),
            row.get("selectionPattern") or None,
            _mapping(row.get("responseTemplates")),
            _mapping(row.get("responseParameters")),
            _upper(row, "contentHandling") or None,
        )
        for code, row in _mapping(wired.get("integrationResponses")).items()
        if isinstance(row, Mapping)
    )
    responses = {
        str(code): tuple(
            name.removeprefix("method.response.header.") for name in _mapping(said.get("responseParameters"))
        )
        for code, said in _mapping(method.get("methodResponses")).items()
        if isinstance(said, Mapping)
    }
    return Method(
        _upper(method, "authorizationType") or "NONE",
        method.get("authorizerId") or None,
        bool(method.get("apiKeyRequired")),
        _mapping(method.get("requestParameters")),
        responses,
        **_integration(wired),
        rows=rows,
    )


def _integration(wired: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": _upper(wired, "type"),
        "uri": str(wired.get("uri") or ""),
        "http_method": _upper(wired, "httpMethod"),
        "credentials": wired.get("credentials") or None,
        "passthrough": _upper(wired, "passthroughBehavior") or "WHEN_NO_MATCH",
        "content_handling": _upper(wired, "contentHandling") or None,
        "transfer_mode": _upper(wired, "responseTransferMode") or "BUFFERED",
        "templates": {kind: text or "" for kind, text in _mapping(wired.get("requestTemplates")).items()},
        "parameters": _mapping(wired.get("requestParameters")),
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _upper(data: Mapping[str, Any], key: str) -> str:
    return str(data.get(key) or "").upper()
