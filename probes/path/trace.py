"""Completes the target and finds the path that its request takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from probes._together import attempt, together
from probes.path import _hops, _target
from probes.path._backend import last_function
from probes.path._partial import Partial
from probes.path._resources import nearest, resolve
from probes.path._snapshot import Snapshot, configured, deployed
from wizard.model.arn import fill_stage_variables, is_lambda_uri, parse_lambda_uri
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case, Target
from wizard.model.probe import Evidence, Probe
from wizard.model.trace import Integration, Trace


class TracePath(Probe):
    """Which stage, resource, method, integration and function serve the request, as the stage runs them."""

    title = "Trace the request path"
    hop = "client"
    calls = frozenset(
        {
            "apigateway:GetRestApi",
            "apigateway:GetStage",
            "apigateway:GetStages",
            "apigateway:GetResources",
            "apigateway:GetExport",
            "apigateway:GetBasePathMappings",
            "apigatewayv2:GetApi",
            "sts:GetCallerIdentity",
            "logs:FilterLogEvents",
        }
    )
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-integration-settings.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """Ask for everything that does not depend on each other at once, then put it together."""
        try:
            return self._trace(case, aws)
        except _target.NotFoundHere as nothing:
            return self.failed(str(nothing), tried=[str(nothing)], target=case.target)

    def _trace(self, case: Case, aws: Aws) -> Evidence:
        target, partial = _target.from_host(case.target, aws), Partial()
        if not target.api_id:
            raise _target.NotFoundHere("No API is named: give a URL or --api-id.")
        answers = _ask(aws, target)
        _target.check_api(target, answers["api"], aws)
        api = partial.noted("the API itself (GetRestApi)", answers["api"]) or {}
        stage = _target.the_stage(target, answers["stage"], aws)
        account = partial.noted("the account (GetCallerIdentity)", answers.get("account"))
        target = replace(
            target, stage=str(stage.get("stageName") or target.stage), account=target.account or _account(account)
        )
        export = (
            answers["export"]
            if "export" in answers
            else attempt(lambda: deployed(aws, str(target.api_id), str(target.stage)))
        )
        live = partial.noted("what the stage runs (GetExport)", export)
        draft = partial.noted("what is configured (GetResources)", answers["resources"])
        trace = _put_together(target, api, stage, live, draft)
        trace = replace(trace, domain=case.target.host if not case.target.api_id else None)
        if (
            trace.integration
            and is_lambda_uri(trace.integration.uri)
            and (trace.function is None or trace.missing_variables)
        ):
            seen = attempt(lambda: last_function(aws, trace, case.window))
            if (
                function := None
                if isinstance(seen, NotFound)
                else partial.noted("the function that older requests called (execution log)", seen)
            ):
                trace = replace(trace, function=function, function_source="execution-log")
        return self._told(target, trace, partial)

    def _told(self, target: Target, trace: Trace, partial: Partial) -> Evidence:
        stations = _hops.hops(target, trace)
        facts: dict[str, Any] = {
            "trace": trace.facts(),
            "hops": stations,
            "links": _hops.links(stations),
            "target": target,
            "partial": partial.missing,
            "tried": partial.sentences,
        }
        if partial.first and trace.integration is None:
            return self.unknown(
                partial.first.reason,
                f"{partial.sentences[0]}, so the path ends at stage {trace.stage}.",
                partial.needs,
                **facts,
            )
        return self.passed(_summary(target, trace), **facts)


def _ask(aws: Aws, target: Target) -> dict[str, Any]:
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


def _put_together(
    target: Target, api: dict[str, Any], stage: dict[str, Any], live: Snapshot | None, draft: Snapshot | None
) -> Trace:
    resource, key = _serving(target, live, draft)
    configured_now = draft.integration(resource, key) if draft else None
    runs = live.integration(resource, key) if live else configured_now
    variables = {str(name): str(value) for name, value in (stage.get("variables") or {}).items()}
    uri, missing = _filled(runs, variables)
    return Trace(
        api_name=api.get("name"),
        api_id=target.api_id,
        endpoint_type=next(iter((api.get("endpointConfiguration") or {}).get("types") or []), None),
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
    )


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
        raise _target.NotFoundHere(
            f"{resource} of API {target.api_id} has no method {target.method}; it has: {', '.join(sorted(offered[resource]))}."
        )
    near = ", ".join(nearest([path for path, methods in offered.items() if methods], target.path)) or "none like it"
    raise _target.NotFoundHere(
        f"No resource of API {target.api_id} on stage {target.stage} serves {target.path}; nearest: {near}."
    )


def _filled(integration: Integration | None, variables: dict[str, str]) -> tuple[str | None, tuple[str, ...]]:
    if integration is None:
        return None, ()
    uri, missing = fill_stage_variables(integration.uri, variables)
    _, missing_too = fill_stage_variables(integration.credentials or "", variables)
    return uri or None, tuple(dict.fromkeys(missing + missing_too))


def _account(answer: Any) -> str | None:
    return str(answer["Account"]) if isinstance(answer, dict) and answer.get("Account") else None


def _summary(target: Target, trace: Trace) -> str:
    where = f"{target.method} {trace.resource_path or target.path} on stage {trace.stage}"
    wired = trace.integration
    if wired is None:
        return f"{where} is configured but not in the stage's deployment."
    calls = _hops.name(trace.function) if is_lambda_uri(wired.uri) else trace.invoked_uri or "no backend"
    known = "" if trace.deployed_known else "; the deployed settings could not be read, these are the configured ones"
    return f"{where} calls {calls} ({_hops.describe(wired)}), {_hops.seconds(wired.timeout_ms)}{known}"
