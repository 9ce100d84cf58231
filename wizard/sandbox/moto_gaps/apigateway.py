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
from wizard.sandbox.moto_gaps import export, mappings, stages

_REQUEST_ID = re.compile(r"\$context\.(requestId|extendedRequestId)\b")
_plain_integration_json = Integration.to_json
_plain_stage_json = Stage.to_json
_plain_stage_patch = Stage.apply_operations
_plain_deploy = RestAPI.create_deployment
_plain_create_deployment = APIGatewayResponse.create_deployment
_plain_create_stage = APIGatewayResponse.create_stage
_plain_put_integration = APIGatewayResponse.put_integration


def install() -> None:
    """Replace what differs from the service."""
    for handler in (
        create_deployment,
        create_stage,
        put_integration,
        test_invoke_method,
        get_export,
        update_stage,
        get_rest_apis,
        get_resources,
    ):
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


def create_deployment(self: APIGatewayResponse) -> Any:
    """CreateDeployment: with canarySettings the stage that exists keeps its own deployment."""
    settings, name = self._get_param("canarySettings"), self._get_param("stageName")
    api = self.backend.get_rest_api(self.path.split("/")[2])
    before = api.stages[name].deployment_id if settings and name in api.stages else None
    answer = _plain_create_deployment(self)
    if before is not None:
        stages.start_canary(api.stages[name], json.loads(answer[2])["id"], settings)
        api.stages[name].deployment_id = before
    return answer


def put_integration(self: APIGatewayResponse) -> Any:
    """PutIntegration: keeps the cache key parameters, which moto drops."""
    mappings.check_sources(self)
    answer = _plain_put_integration(self)
    keys = self._get_param("cacheKeyParameters")
    if keys:
        _, _, api_id, _, resource_id, _, verb, _ = self.path.rstrip("/").split("/")
        integration = self.backend.get_integration(api_id, resource_id, verb)
        integration.cache_key_parameters = list(keys)
        return answer[0], answer[1], json.dumps(integration.to_json())
    return answer


def create_stage(self: APIGatewayResponse) -> Any:
    """CreateStage: keeps the canary's settings."""
    answer, settings = _plain_create_stage(self), self._get_param("canarySettings")
    if settings:
        api = self.backend.get_rest_api(self.path.split("/")[2])
        stages.start_canary(api.stages[self._get_param("stageName")], settings.get("deploymentId", ""), settings)
    return answer


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
        if path == "/deploymentId" and operation["op"] != "copy" and value not in deployments:
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
    kept = {name: value for name, value in {**answer, **stages.shown(self)}.items() if value is not None}
    return {**kept, "createdDate": created, "lastUpdatedDate": updated}


def _stage_patch(self: Stage, patch_operations: list[dict[str, Any]]) -> Stage:
    known = [operation for operation in patch_operations if not stages.patch(self, operation)]
    adds = [op["op"] == "add" and "/variables/" in op["path"] for op in known]
    _plain_stage_patch(self, [{**op, "op": "replace"} if add else op for op, add in zip(known, adds, strict=True)])
    _touch(self)
    return self


def _touch(stage: Stage) -> None:
    now = int(clock.now())
    stage.__dict__.setdefault("created_at", now)
    stage.__dict__["updated_at"] = now


def _pairs(single: dict[str, str] | None, multiple: dict[str, list[str]] | None) -> tuple[tuple[str, str], ...]:
    pairs = ((name, value) for name, values in (multiple or {}).items() for value in values)
    return (*(single or {}).items(), *pairs)
