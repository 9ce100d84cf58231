"""Asking about an API and its stage, and putting the answers together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from probes._together import together
from probes.path import _target
from probes.path._resources import nearest, resolve
from probes.path._snapshot import Guard, Snapshot, configured, deployed
from wizard.model.arn import fill_stage_variables, parse_lambda_uri
from wizard.model.aws import Aws
from wizard.model.case import Target
from wizard.model.trace import Integration, Trace


def ask(aws: Aws, target: Target) -> dict[str, Any]:
    """The answers to every question that needs no other's answer; an AwsError in place of an answer."""
    api, stage = str(target.api_id), target.stage
    questions: dict[str, Any] = {
        "api": lambda: aws.call("apigateway", "GetRestApi", restApiId=api),
        "stage": lambda: (
            aws.call("apigateway", "GetStage", restApiId=api, stageName=stage) if stage else _target.stages(aws, api)
        ),
        "resources": lambda: configured(aws, api),
    }
    if stage:
        questions["export"] = lambda: deployed(aws, api, stage)
    if not target.account:
        questions["account"] = lambda: aws.call("sts", "GetCallerIdentity")
    return together(questions)


def put_together(
    target: Target, api: dict[str, Any], stage: dict[str, Any], live: Snapshot | None, draft: Snapshot | None
) -> Trace:
    """The trace from the API, the stage, what it runs (`live`) and what is configured (`draft`).

    Raises:
        NotFoundHereError: no resource or method serves the request.
    """
    resource, key = _serving(target, live, draft)
    guard = _guard(resource, key, live, draft)
    configured_now = draft.integration(resource, key) if draft else None
    runs = live.integration(resource, key) if live else configured_now
    variables = {str(name): str(value) for name, value in (stage.get("variables") or {}).items()}
    uri, missing = filled(runs, variables)
    endpoint = api.get("endpointConfiguration") or {}
    return Trace(
        api_name=api.get("name"),
        api_id=target.api_id,
        endpoint_type=next(iter(endpoint.get("types") or []), None),
        stage=target.stage,
        resource_id=draft.ids.get(resource or "") if draft else None,
        resource_path=resource,
        method_key=key,
        deployment_id=stage.get("deploymentId"),
        stage_variables=variables,
        missing_variables=missing,
        integration=runs,
        configured=configured_now,
        deployed_known=live is not None,
        invoked_uri=uri,
        function=parse_lambda_uri(uri) if uri else None,
        resource_policy=bool(api.get("policy")),
        vpc_endpoints=tuple(endpoint.get("vpcEndpointIds") or ()),
        web_acl=stage.get("webAclArn") or None,
        client_certificate=stage.get("clientCertificateId") or None,
        canary=bool(stage.get("canarySettings")),
        cached=bool(stage.get("cacheClusterEnabled")),
        authorization=guard.authorization,
        authorizer=guard.authorizer,
        api_key_required=guard.api_key_required,
    )


def _guard(resource: str | None, key: str | None, live: Snapshot | None, draft: Snapshot | None) -> Guard:
    """What the stage asks of a caller, with the authorizer's id where the working copy has the same."""
    runs = live.guard(resource, key) if live else None
    drafted = draft.guard(resource, key) if draft else None
    if runs is None:
        return drafted or Guard()
    same = drafted is not None and drafted.authorization == runs.authorization
    if same and drafted and drafted.authorizer and runs.authorizer:
        return replace(runs, authorizer=replace(runs.authorizer, id=drafted.authorizer.id))
    return runs


def _serving(target: Target, live: Snapshot | None, draft: Snapshot | None) -> tuple[str | None, str | None]:
    """The resource and method key of the request: what the stage runs decides, else the working copy."""
    known = [snapshot for snapshot in (live, draft) if snapshot is not None]
    for snapshot in known:
        resource = resolve((path for path, methods in snapshot.methods.items() if methods), target.path)
        if key := snapshot.method_key(resource, target.method):
            return resource, key
    if not known:
        return None, None
    offered = known[0].methods
    resource = resolve((path for path, methods in offered.items() if methods), target.path)
    if resource:
        names = ", ".join(sorted(offered[resource]))
        raise _target.NotFoundHereError(
            f"{resource} of API {target.api_id} has no method {target.method}; it has: {names}."
        )
    near = ", ".join(nearest([path for path, methods in offered.items() if methods], target.path)) or "none like it"
    raise _target.NotFoundHereError(
        f"No resource of API {target.api_id} on stage {target.stage} serves {target.path}; nearest: {near}."
    )


def filled(integration: Integration | None, variables: dict[str, str]) -> tuple[str | None, tuple[str, ...]]:
    """The URI with stage variables filled in, and the variables that are missing in it or in the credentials."""
    if integration is None:
        return None, ()
    uri, missing = fill_stage_variables(integration.uri, variables)
    _, missing_too = fill_stage_variables(integration.credentials or "", variables)
    return uri or None, tuple(dict.fromkeys(missing + missing_too))
