"""API Gateway (REST): deployments that keep a snapshot, stages that outlive them, updates, paging, test-invoke."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from moto.apigateway.exceptions import BadRequestException, MethodNotFoundException
from moto.apigateway.models import Deployment, Integration, RestAPI, Stage
from moto.apigateway.responses import APIGatewayResponse

from wizard.sandbox import backends, clock, parts
from wizard.sandbox.gateway import snapshot
from wizard.sandbox.gateway.http import Place, Request
from wizard.sandbox.gateway.routes import Route, find
from wizard.sandbox.gateway.service import TEST_STAGE
from wizard.sandbox.moto_gaps import export

_REQUEST_ID = re.compile(r"\$context\.(requestId|extendedRequestId)\b")
_plain_integration_json = Integration.to_json
_plain_stage_json = Stage.to_json
_plain_stage_patch = Stage.apply_operations
_plain_deploy = RestAPI.create_deployment


def install() -> None:
    """Replace what differs from the service."""
    for handler in (test_invoke_method, get_export, update_integration, update_stage, get_rest_apis, get_resources):
        setattr(APIGatewayResponse, handler.__name__, handler)
    replaced: list[tuple[type, str, Callable[..., Any]]] = [
        (RestAPI, "create_deployment", _create_deployment),
        (RestAPI, "update_integration_mocks", lambda self, stage_name: None),
        (Integration, "to_json", _integration_json),
        (Stage, "to_json", _stage_json),
        (Stage, "apply_operations", _stage_patch),
    ]
    for owner, name, method in replaced:
        setattr(owner, name, method)


def test_invoke_method(self: APIGatewayResponse) -> str:
    """TestInvokeMethod: runs the backend for real on the working configuration; the log comes with the answer."""
    _, _, api_id, _, resource_id, _, verb = self.path.rstrip("/").split("/")
    asked = json.loads(self.body or "{}")
    api = snapshot.take(self.backend.get_rest_api(api_id))
    resource = api.resource(resource_id)
    method = resource.methods.get(verb) if resource else None
    if resource is None or method is None:
        raise MethodNotFoundException()
    path, _, query = str(asked.get("pathWithQueryString") or resource.path).partition("?")
    route = find((resource,), verb, path) or Route(resource, method)
    request = Request(
        verb="GET" if verb == "ANY" else verb,
        path=path,
        headers=_pairs(asked.get("headers"), asked.get("multiValueHeaders")),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        body=str(asked.get("body") or "").encode(),
        source_ip="test-invoke-source-ip",
    )
    variables = {str(key): str(value) for key, value in (asked.get("stageVariables") or {}).items()}
    place = Place(self.region, backends.ACCOUNT, api, TEST_STAGE, variables, test=True)
    answer, log, latency = parts.current().gateway.test(place, route, request)
    grouped: dict[str, list[str]] = {}
    for name, value in answer.headers:
        grouped.setdefault(name, []).append(value)
    return json.dumps(
        {
            "status": answer.status,
            "body": answer.body.decode("utf-8", "replace"),
            "headers": {name: values[-1] for name, values in grouped.items()},
            "multiValueHeaders": grouped,
            "log": log,
            "latency": latency,
        }
    )


def get_export(self: APIGatewayResponse) -> tuple[int, dict[str, str], bytes]:
    """GetExport: what the stage runs, as an OpenAPI document."""
    _, _, api_id, _, stage_name, _, kind = self.path.rstrip("/").split("/")
    if kind not in ("oas30", "swagger"):
        raise BadRequestException(f"No API exporter for type '{kind}'")
    api = self.backend.get_rest_api(api_id)
    stage = self.backend.get_stage(api_id, unquote(stage_name))
    taken = getattr(api.deployments.get(stage.deployment_id or ""), "snapshot", None)
    if not isinstance(taken, snapshot.Api):
        raise BadRequestException("The stage has no deployment")
    extensions = {self.querystring.get(name, [""])[0] for name in ("extensions", "parameters")}
    wanted = bool(extensions & {"apigateway", "integrations"})
    document = export.document(taken, self.region, stage_name, openapi=kind == "oas30", integrations=wanted)
    headers = {
        "Content-Type": "application/json",
        "Content-Disposition": f'attachment; filename="{kind}_{document["info"]["version"]}.json"',
    }
    return 200, headers, json.dumps(document).encode()


def update_integration(self: APIGatewayResponse) -> str:
    """UpdateIntegration: the patch operations that people use to repair an integration."""
    _, _, api_id, _, resource_id, _, verb, _ = self.path.rstrip("/").split("/")
    integration = self.backend.get_integration(api_id, resource_id, verb)
    if integration is None:
        raise BadRequestException("No integration defined for method")
    for operation in json.loads(self.body)["patchOperations"]:
        _patch_integration(integration, operation)
    return json.dumps(integration.to_json())


def get_rest_apis(self: APIGatewayResponse) -> str:
    """GetRestApis, in pages of at most 500."""
    return _page(self, [api.to_dict() for api in self.backend.list_apis()])


def get_resources(self: APIGatewayResponse) -> str:
    """GetResources, in pages; methods come in full with ``embed=methods``, else by name only."""
    api_id = self.path.split("/")[2]
    resources = [resource.to_dict() for resource in self.backend.get_resources(api_id)]
    if "methods" not in ",".join(self.querystring.get("embed", [])):
        for resource in resources:
            if "resourceMethods" in resource:
                resource["resourceMethods"] = {verb: {} for verb in resource["resourceMethods"]}
    return _page(self, resources)


def _page(self: APIGatewayResponse, items: list[dict[str, Any]]) -> str:
    limit = min(int(self.querystring.get("limit", ["25"])[0]), 500)
    start = int(self.querystring.get("position", ["0"])[0])
    answer: dict[str, Any] = {"item": items[start : start + limit]}
    if start + limit < len(items):
        answer["position"] = str(start + limit)
    return json.dumps(answer)


def update_stage(self: APIGatewayResponse) -> str:
    """UpdateStage: refuses logging without a role and deployments that do not exist, as the service does."""
    _, _, api_id, _, stage_name = self.path.rstrip("/").split("/")
    operations = self._get_param("patchOperations") or []
    stage = self.backend.get_stage(api_id, unquote(stage_name))
    deployments, role = self.backend.get_rest_api(api_id).deployments, self.backend.account.cloudwatch_role_arn
    for operation in operations:
        path, value = operation["path"], operation.get("value")
        if path.endswith("/logging/loglevel") and value in ("INFO", "ERROR") and not role:
            raise BadRequestException("CloudWatch Logs role ARN must be set in account settings to enable logging")
        if path == "/deploymentId" and value not in deployments:
            raise BadRequestException("Invalid Deployment identifier specified")
        if path == "/accessLogSettings/format" and not _REQUEST_ID.search(str(value)):
            raise BadRequestException(
                "Invalid format. The log format must include at least $context.requestId or $context.extendedRequestId"
            )
    return json.dumps(stage.apply_operations(operations).to_json())


def _create_deployment(self: RestAPI, name: str, description: str, stage_variables: Any = None) -> Deployment:
    """A deployment freezes the API; a stage that exists keeps its settings and gets the new deployment."""
    kept = self.stages.get(name) if name else None
    deployment = _plain_deploy(self, name, description, stage_variables)
    deployment.__dict__["snapshot"] = snapshot.take(self)
    if kept is not None:
        kept.deployment_id = deployment.id
        kept.variables.update(stage_variables or {})
        self.stages[name] = kept
        _touch(kept)
    return deployment


def _integration_json(self: Integration) -> dict[str, Any]:
    answer = _plain_integration_json(self)
    answer["timeoutInMillis"] = int(answer["timeoutInMillis"] or snapshot.DEFAULT_TIMEOUT_MS)
    return {key: value for key, value in answer.items() if value is not None}


def _stage_json(self: Stage) -> dict[str, Any]:
    created = self.__dict__.setdefault("created_at", int(clock.now()))
    updated = self.__dict__.get("updated_at", created)
    answer = _plain_stage_json(self)
    return {**{k: v for k, v in answer.items() if v is not None}, "createdDate": created, "lastUpdatedDate": updated}


def _stage_patch(self: Stage, patch_operations: list[dict[str, Any]]) -> Stage:
    adds = [op["op"] == "add" and "/variables/" in op["path"] for op in patch_operations]
    plain = [{**op, "op": "replace"} if add else op for op, add in zip(patch_operations, adds, strict=True)]
    _plain_stage_patch(self, plain)
    _touch(self)
    return self


def _touch(stage: Stage) -> None:
    now = int(clock.now())
    stage.__dict__.setdefault("created_at", now)
    stage.__dict__["updated_at"] = now


def _patch_integration(integration: Integration, operation: dict[str, Any]) -> None:
    name = operation["path"].lstrip("/")
    value = None if operation["op"] == "remove" else operation.get("value")
    head, _, key = name.partition("/")
    if head == "requestTemplates" and key:
        integration.request_templates = {**(integration.request_templates or {}), key.replace("~1", "/"): value}
    elif name in _INTEGRATION_FIELDS:
        attribute, convert = _INTEGRATION_FIELDS[name]
        setattr(integration, attribute, None if value is None else convert(str(value)))
    else:
        raise BadRequestException(f"Invalid patch path '{operation['path']}' specified for op '{operation['op']}'")


def _pairs(single: dict[str, str] | None, multiple: dict[str, list[str]] | None) -> tuple[tuple[str, str], ...]:
    pairs = ((name, value) for name, values in (multiple or {}).items() for value in values)
    return (*(single or {}).items(), *pairs)


_INTEGRATION_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "uri": ("uri", str),
    "httpMethod": ("http_method", str),
    "type": ("integration_type", str),
    "credentials": ("credentials", str),
    "timeoutInMillis": ("timeout_in_millis", int),
    "passthroughBehavior": ("passthrough_behaviour", str),
    "contentHandling": ("content_handling", str),
}
