"""API Gateway v2 (HTTP and WebSocket APIs): deployments that keep a snapshot, auto-deploy, stage updates, paging.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/operations.html (deployments and stages) and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html (auto-deploy).
"""

from __future__ import annotations

import json
import re
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import unquote

from moto.apigateway import urls as v1_urls
from moto.apigatewayv2 import urls
from moto.apigatewayv2.exceptions import APIGatewayV2Error, BadRequestException
from moto.apigatewayv2.models import Api, Integration, Stage
from moto.apigatewayv2.responses import ApiGatewayV2Response

from wizard.sandbox import clock
from wizard.sandbox.gateway.httpapi import snapshot

Answered = tuple[int, dict[str, str], str]

_REQUEST_ID = re.compile(r"\$context\.(requestId|extendedRequestId)\b")
_DEPLOYMENTS = "{0}/v2/apis/(?P<api_id>[^/]+)/deployments"
_ACCESS_LOG = "{0}/v2/apis/(?P<api_id>[^/]+)/stages/(?P<stage_name>[^/]+)/accesslogsettings$"
_LISTS = ("get_apis", "get_integrations", "get_routes", "get_stages")
_CHANGES = (
    "create_route", "update_route", "delete_route", "create_integration", "update_integration", "delete_integration",
    "update_api", "reimport_api", "delete_cors_configuration",
)  # fmt: skip
_STAGE_FIELDS = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "defaultRouteSettings": "default_route_settings",
    "description": "description",
    "routeSettings": "route_settings",
}
_PROXIES = ("AWS_PROXY", "HTTP_PROXY")
_LONGEST_MS = {"HTTP": 30_000, "WEBSOCKET": 29_000}
_plain = {name: getattr(ApiGatewayV2Response, name) for name in (*_LISTS, *_CHANGES)}
_plain_api_init = Api.__init__
_plain_integration_json = Integration.to_json
_plain_create_stage = Api.create_stage


@dataclass(frozen=True)
class Deployment:
    """One deployment; ``taken`` is the API as it was then (HTTP APIs only)."""

    taken: snapshot.HttpApi | None
    description: str = ""
    auto: bool = False
    id: str = field(default_factory=lambda: _identifier(6))
    at: float = field(default_factory=clock.now)

    def shown(self) -> dict[str, Any]:
        """As GetDeployment tells it."""
        told = {"description": self.description} if self.description else {}
        return {
            "deploymentId": self.id,
            "createdDate": clock.iso(self.at),
            "deploymentStatus": "DEPLOYED",
            "autoDeployed": self.auto,
            **told,
        }


def install() -> None:
    """Replace what differs from the service, add what is missing."""
    for path in (f"{_DEPLOYMENTS}$", f"{_DEPLOYMENTS}/(?P<deployment_id>[^/]+)$", _ACCESS_LOG):
        # The table of version 1 holds a copy of this one: both listen at the same host.
        urls.url_paths[path] = v1_urls.url_paths[path] = ApiGatewayV2Response.dispatch
    for handler in (
        create_deployment, get_deployment, get_deployments, delete_deployment, update_stage, delete_access_log_settings,
    ):  # fmt: skip
        setattr(ApiGatewayV2Response, handler.__name__, handler)
    for name in _LISTS:
        setattr(ApiGatewayV2Response, name, _paged(_plain[name]))
    for name in _CHANGES:
        setattr(ApiGatewayV2Response, name, _deploying(_plain[name]))
    replaced: list[tuple[type, str, Callable[..., Any]]] = [
        (Api, "__init__", _api_init),
        (Api, "create_stage", _create_stage),
        (Integration, "to_json", _integration_json),
        (Stage, "to_json", _stage_json),
    ]
    for owner, name, method in replaced:
        setattr(owner, name, method)


def deployments(api: Api) -> dict[str, Deployment]:
    """The deployments of an API by id, oldest first."""
    kept: dict[str, Deployment] = api.__dict__.setdefault("deployments", {})
    return kept


# -- handlers ------------------------------------------------------------------------------------


def create_deployment(self: ApiGatewayV2Response) -> Answered:
    """CreateDeployment: freezes the API; a stage that is named gets it at once."""
    api, asked = _api(self, -2), json.loads(self.body or "{}")
    stage = api.get_stage(asked["stageName"]) if asked.get("stageName") else None
    if not api.routes:
        raise BadRequestException("At least one route is required before deploying the Api.")
    made = _deploy(api, str(asked.get("description") or ""))
    if stage is not None:
        _serve(stage, made)
    return 201, {}, json.dumps(made.shown())


def get_deployment(self: ApiGatewayV2Response) -> Answered:
    """GetDeployment."""
    return 200, {}, json.dumps(_found(_api(self, -3), self.path.rstrip("/").split("/")[-1]).shown())


def get_deployments(self: ApiGatewayV2Response) -> Answered:
    """GetDeployments, newest first."""
    items = [each.shown() for each in reversed(deployments(_api(self, -2)).values())]
    return 200, {}, json.dumps(_page(self, items))


def delete_deployment(self: ApiGatewayV2Response) -> Answered:
    """DeleteDeployment: not while a stage serves it."""
    api = _api(self, -3)
    gone = _found(api, self.path.rstrip("/").split("/")[-1])
    if any(stage.__dict__.get("deployment_id") == gone.id for stage in api.stages.values()):
        raise BadRequestException("Active stages pointing to this deployment must be moved or deleted")
    del deployments(api)[gone.id]
    return 204, {}, ""


def update_stage(self: ApiGatewayV2Response) -> Answered:
    """UpdateStage: what is named changes; a stage variable set to an empty text goes."""
    api = _api(self, -3)
    stage, asked = api.get_stage(unquote(self.path.rstrip("/").split("/")[-1])), json.loads(self.body or "{}")
    _judge_format(asked)
    if asked.get("deploymentId"):
        if stage.auto_deploy and asked.get("autoDeploy") is not False:
            raise BadRequestException("Deployment ID cannot be set on a stage with auto-deploy enabled")
        _serve(stage, _found(api, asked["deploymentId"]))
    for name, attribute in _STAGE_FIELDS.items():
        if name in asked:
            setattr(stage, attribute, asked[name])
    merged = {**stage.stage_variables, **(asked.get("stageVariables") or {})}
    stage.stage_variables = {name: value for name, value in merged.items() if value != ""}
    if asked.get("autoDeploy"):
        _serve(stage, _deploy(api, _AUTOMATIC, auto=True))
    stage.__dict__["updated_at"] = clock.now()
    return 200, {}, json.dumps(stage.to_json())


def delete_access_log_settings(self: ApiGatewayV2Response) -> Answered:
    """DeleteAccessLogSettings: turns the access log of a stage off."""
    stage = _api(self, -4).get_stage(unquote(self.path.rstrip("/").split("/")[-2]))
    stage.access_log_settings = None
    stage.__dict__["updated_at"] = clock.now()
    return 204, {}, ""


# -- what the handlers share ---------------------------------------------------------------------

_AUTOMATIC = "Automatic deployment triggered by changes to the Api configuration"


def _api(self: ApiGatewayV2Response, position: int) -> Api:
    """The API whose id stands at this place of the path."""
    return self.apigatewayv2_backend.get_api(self.path.rstrip("/").split("/")[position])


def _found(api: Api, deployment_id: str) -> Deployment:
    found = deployments(api).get(deployment_id)
    if found is None:
        problem = APIGatewayV2Error("NotFoundException", f"Invalid Deployment identifier specified {deployment_id}")
        problem.code = 404
        raise problem
    return found


def _deploy(api: Api, description: str, *, auto: bool = False) -> Deployment:
    taken = snapshot.take(api) if api.protocol_type == "HTTP" else None
    made = Deployment(taken, description, auto)
    deployments(api)[made.id] = made
    return made


def _serve(stage: Stage, deployment: Deployment) -> None:
    """Let a stage run a deployment; the simulator reads ``deployed``."""
    stage.__dict__["deployment_id"], stage.__dict__["deployed"] = deployment.id, deployment.taken
    stage.__dict__["updated_at"] = clock.now()


def _deploying(change: Callable[..., Any]) -> Callable[..., Any]:
    """A change of the API is deployed at once to the stages that want it so."""

    @wraps(change)
    def changed(self: ApiGatewayV2Response) -> Any:
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[3])
        if change.__name__ in ("create_integration", "update_integration"):
            _judge_integration(api, json.loads(self.body or "{}"), new=change.__name__ == "create_integration")
        answered = change(self)
        for stage in api.stages.values():
            if stage.auto_deploy:
                _serve(stage, _deploy(api, _AUTOMATIC, auto=True))
        return answered

    return changed


def _judge_integration(api: Api, asked: dict[str, Any], *, new: bool) -> None:
    kind = asked.get("integrationType")
    if api.protocol_type == "HTTP" and (new or kind) and kind not in _PROXIES:
        raise BadRequestException(
            "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations "
            "(AWS_PROXY, HTTP_PROXY)"
        )
    if api.protocol_type == "HTTP" and new and not asked.get("payloadFormatVersion"):
        raise BadRequestException("PayloadFormatVersion is a required parameter for integration")
    longest, timeout = _LONGEST_MS[api.protocol_type], asked.get("timeoutInMillis")
    if timeout is not None and not 50 <= int(timeout) <= longest:
        raise BadRequestException(f"TimeoutInMillis should be between 50 and {longest}")


def _judge_format(asked: dict[str, Any]) -> None:
    template = (asked.get("accessLogSettings") or {}).get("format")
    if template and not _REQUEST_ID.search(template):
        raise BadRequestException(
            "Invalid format. The log format must include at least $context.requestId or $context.extendedRequestId"
        )


def _paged(plain: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(plain)
    def listed(self: ApiGatewayV2Response) -> Answered:
        return 200, {}, json.dumps(_page(self, json.loads(plain(self)[2])["items"]))

    return listed


def _page(self: ApiGatewayV2Response, items: list[dict[str, Any]]) -> dict[str, Any]:
    size = min(int(self.querystring.get("maxResults", ["100"])[0]), 100)
    start = int(self.querystring.get("nextToken", ["0"])[0])
    following = {"nextToken": str(start + size)} if start + size < len(items) else {}
    return {"items": items[start : start + size], **following}


# -- models --------------------------------------------------------------------------------------


def _identifier(length: int) -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(length))


def _api_init(self: Api, region: str, *arguments: Any, **named: Any) -> None:
    """An id of ten characters, as the service makes them, and a date by the sandbox's clock."""
    _plain_api_init(self, region, *arguments, **named)
    self.api_id = _identifier(10)
    self.api_endpoint = f"https://{self.api_id}.execute-api.{region}.amazonaws.com"
    self.arn = f"arn:aws:apigateway:{region}::/apis/{self.api_id}"
    self.created_date = clock.utcnow()
    self.backend.tag_resource(self.arn, named.get("tags") or {})


def _create_stage(self: Api, config: dict[str, Any]) -> Stage:
    _judge_format(config)
    wanted = str(config.get("deploymentId") or "")
    if wanted:
        _found(self, wanted)
    stage = _plain_create_stage(self, config)
    stage.__dict__["created_at"] = stage.__dict__["updated_at"] = clock.now()
    if stage.auto_deploy:
        _serve(stage, _deploy(self, _AUTOMATIC, auto=True))
    elif wanted:
        _serve(stage, deployments(self)[wanted])
    return stage


def _stage_json(self: Stage) -> dict[str, Any]:
    shown = {
        "stageName": self.name,
        "autoDeploy": bool(self.auto_deploy),
        "createdDate": clock.iso(self.__dict__["created_at"]),
        "lastUpdatedDate": clock.iso(self.__dict__["updated_at"]),
        "deploymentId": self.__dict__.get("deployment_id"),
        "defaultRouteSettings": self.default_route_settings,
        "routeSettings": self.route_settings,
        "stageVariables": self.stage_variables,
        "accessLogSettings": self.access_log_settings or None,
        "description": self.description or None,
        "tags": self.tags,
    }
    if self.auto_deploy:
        shown["lastDeploymentStatusMessage"] = (
            f"Successfully deployed stage with deployment ID '{shown['deploymentId']}'"
        )
    return {name: value for name, value in shown.items() if value is not None}


def _integration_json(self: Integration) -> dict[str, Any]:
    answer = {**_plain_integration_json(self), "connectionType": self.connection_type or "INTERNET"}
    return {name: value for name, value in answer.items() if value is not None}
