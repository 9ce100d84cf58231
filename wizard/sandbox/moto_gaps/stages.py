"""API Gateway: canaries, client certificates and caches of stages, which moto does not keep.

Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateStage-Patch
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.apigateway import urls
from moto.apigateway.exceptions import ApiGatewayException, BadRequestException
from moto.apigateway.models import Stage
from moto.apigateway.responses import APIGatewayResponse

from wizard.sandbox import clock, parts
from wizard.sandbox.gateway.deployed import canary_of

VALID_S = 365 * 86_400
_CANARY = "/canarySettings"


class _CertificateNotFoundError(ApiGatewayException):
    code = 404

    def __init__(self) -> None:
        super().__init__("NotFoundException", "Invalid Client Certificate identifier specified")


def install() -> None:
    """Add the operations and their addresses."""
    handlers: list[Callable[[APIGatewayResponse], Any]] = [
        generate_client_certificate, get_client_certificate, get_client_certificates, delete_client_certificate,
        flush_stage_cache,
    ]  # fmt: skip
    for handler in handlers:
        setattr(APIGatewayResponse, handler.__name__, handler)
    for path in (
        "{0}/clientcertificates$",
        "{0}/clientcertificates/(?P<certificate_id>[^/]+)/?$",
        "{0}/restapis/(?P<function_id>[^/]+)/stages/(?P<stage_name>[^/]+)/cache/data/?$",
    ):
        urls.url_paths[path] = APIGatewayResponse.dispatch


def shown(stage: Stage) -> dict[str, Any]:
    """What GetStage tells besides what moto does."""
    extra = {"canarySettings": canary_of(stage), "clientCertificateId": stage.__dict__.get("client_certificate_id")}
    return {name: value for name, value in extra.items() if value}


def patch(stage: Stage, operation: dict[str, Any]) -> bool:
    """Do one patch operation that moto does not know; False when it is none of these. Raises BadRequestException."""
    path, op, value = operation["path"], operation["op"], operation.get("value")
    if path == "/clientCertificateId":
        stage.__dict__["client_certificate_id"] = None if op == "remove" else value
    elif op == "copy" and str(operation.get("from", "")).startswith(_CANARY):
        _promote(stage, str(operation["from"]), path)
    elif path.startswith(_CANARY):
        _patch_canary(stage, path, None if op == "remove" else value)
    else:
        return False
    return True


def start_canary(stage: Stage, deployment_id: str, settings: dict[str, Any]) -> None:
    """CreateDeployment with canarySettings: the deployment serves a share, the stage keeps its own for the rest."""
    canary = {"deploymentId": deployment_id, "percentTraffic": float(settings.get("percentTraffic", 0))}
    canary["useStageCache"] = bool(settings.get("useStageCache"))
    overrides = settings.get("stageVariableOverrides")
    stage.__dict__["canary_settings"] = {**canary, **({"stageVariableOverrides": dict(overrides)} if overrides else {})}


def generate_client_certificate(self: APIGatewayResponse) -> Any:
    """GenerateClientCertificate: valid for 365 days."""
    made = int(clock.now())
    identifier = f"cert{len(_certificates(self)):02d}"
    certificate = {
        "clientCertificateId": identifier,
        "description": self._get_param("description") or "",
        "pemEncodedCertificate": "-----BEGIN CERTIFICATE-----\nc2FuZGJveA==\n-----END CERTIFICATE-----",
        "createdDate": made,
        "expirationDate": made + VALID_S,
    }
    _certificates(self)[identifier] = certificate
    return 201, {"status": 201}, json.dumps(certificate)


def get_client_certificate(self: APIGatewayResponse) -> str:
    """GetClientCertificate."""
    return json.dumps(_certificate(self))


def get_client_certificates(self: APIGatewayResponse) -> str:
    """GetClientCertificates."""
    return json.dumps({"item": list(_certificates(self).values())})


def delete_client_certificate(self: APIGatewayResponse) -> Any:
    """DeleteClientCertificate."""
    del _certificates(self)[_certificate(self)["clientCertificateId"]]
    return 202, {"status": 202}, "{}"


def flush_stage_cache(self: APIGatewayResponse) -> Any:
    """FlushStageCache."""
    _, _, api_id, _, stage, *_ = self.path.split("/")
    parts.current().gateway.cache.flush(api_id, unquote(stage))
    return 202, {"status": 202}, "{}"


def _certificates(self: APIGatewayResponse) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = self.backend.__dict__.setdefault("client_certificates", {})
    return kept


def _certificate(self: APIGatewayResponse) -> dict[str, Any]:
    found = _certificates(self).get(self.path.rstrip("/").rsplit("/", 1)[-1])
    if found is None:
        raise _CertificateNotFoundError
    return found


def _patch_canary(stage: Stage, path: str, value: Any) -> None:
    canary = canary_of(stage)
    name, *rest = path.removeprefix(_CANARY).lstrip("/").split("/")
    if path == _CANARY:
        canary.clear()
    elif name == "percentTraffic":
        canary[name] = float(value or 0)
    elif name == "deploymentId":
        canary[name] = value
    elif name == "useStageCache":
        canary[name] = value == "true"
    elif name == "stageVariableOverrides" and rest:
        overrides = canary.setdefault(name, {})
        if value is None:
            overrides.pop(rest[0], None)
        else:
            overrides[rest[0]] = value
    else:
        raise BadRequestException(f"Invalid patch path '{path}' specified")


def _promote(stage: Stage, source: str, path: str) -> None:
    canary = canary_of(stage)
    if path == "/deploymentId":
        stage.deployment_id = canary.get("deploymentId", stage.deployment_id)
    elif path == "/variables" and source.endswith("stageVariableOverrides"):
        stage.variables.update(canary.get("stageVariableOverrides") or {})
