"""The stage as it runs: the snapshot of its deployment, or of its canary's for a share of the requests.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from moto.apigateway.exceptions import RestAPINotFound, StageNotFoundException
from moto.apigateway.models import RestAPI, Stage

from wizard.sandbox import backends, tracing
from wizard.sandbox.gateway import snapshot
from wizard.sandbox.gateway.http import Place

_dealing = threading.Lock()


def find(region: str, api_id: str, stage_name: str) -> Place | None:
    """Where a request to the stage ends up; None when API, stage or deployment is missing."""
    try:
        api = backends.gateway(region).get_rest_api(api_id)
        stage = backends.gateway(region).get_stage(api_id, stage_name)
    except (RestAPINotFound, StageNotFoundException, KeyError):
        return None
    canary = canary_of(stage)
    chosen = bool(canary) and _is_due(stage, float(canary.get("percentTraffic") or 0) / 100)
    taken = _taken(api, str(canary["deploymentId"]) if chosen else stage.deployment_id or "")
    if taken is None:
        return None
    variables = {str(key): str(value) for key, value in stage.variables.items()}
    if chosen:
        variables |= canary.get("stageVariableOverrides") or {}
    place = Place(region, backends.ACCOUNT, taken, stage_name, variables, canary=chosen)
    return replace(place, segment_id=tracing.new_id(), call_id=tracing.new_id()) if stage.tracing_enabled else place


def canary_of(stage: Stage) -> dict[str, Any]:
    """The stage's canary settings, which moto does not keep; empty without a canary."""
    settings: dict[str, Any] = stage.__dict__.setdefault("canary_settings", {})
    return settings


def _taken(api: RestAPI, deployment_id: str) -> snapshot.Api | None:
    taken = getattr(api.deployments.get(deployment_id), "snapshot", None)
    return taken if isinstance(taken, snapshot.Api) else None


def _is_due(stage: Stage, share: float) -> bool:
    """Deal the canary its share evenly, the first request included: the service throws dice."""
    with _dealing:
        due = stage.__dict__.get("canary_due", 1 - share) + share
        stage.__dict__["canary_due"] = due - 1 if due >= 1 - 1e-9 else due
        return bool(due >= 1 - 1e-9)
