"""Completes the target and finds the path that its request takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from probes._together import attempt
from probes.path import _backend, _front, _hops, _private, _target, _v2
from probes.path._assemble import ask, filled, put_together
from probes.path._partial import Partial
from probes.path._snapshot import deployed
from wizard.model.arn import is_lambda_uri, parse_lambda_uri
from wizard.model.aws import Aws, AwsError, Denied, NotFound
from wizard.model.case import Case, Target
from wizard.model.probe import Evidence, Probe
from wizard.model.target_url import DEFAULT_STAGE
from wizard.model.trace import Trace


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
            "apigateway:GetVpcLink",
            "apigatewayv2:GetApiMappings",
            "apigatewayv2:GetVpcLink",
            "sts:GetCallerIdentity",
            "logs:FilterLogEvents",
            "lambda:GetFunctionConfiguration",
            *_v2.CALLS,
            *_front.CALLS,
        }
    )
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-integration-settings.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """Ask for everything that does not depend on each other at once, then put it together."""
        try:
            return self._trace(case, aws)
        except _target.NotFoundHereError as nothing:
            way = _as_far_as(case) if isinstance(nothing, _target.GoneError) else {}
            return self.failed(str(nothing), tried=[str(nothing)], target=case.target, **way)

    def _trace(self, case: Case, aws: Aws) -> Evidence:
        partial = Partial()
        target, domain, front = _entered(case.target, aws)
        if not target.api_id:
            raise _target.NotFoundHereError("No API is named: give a URL or --api-id.")
        target, trace = _found(aws, target, partial)
        trace = replace(trace, domain=domain)
        trace = replace(trace, distribution=front.distribution, front=front.host) if front else trace
        case = replace(case, target=target, trace=trace)
        if trace.integration is None or not is_lambda_uri(trace.integration.uri):
            return self._told(target, trace, partial, _private.private(aws, case))
        reached = _backend.reached(aws, case, trace, partial)
        found: dict[str, Any] = {"function_exists": reached.missing is None and reached.exists}
        if reached.missing:
            found |= {"missing_function": _hops.name(reached.missing), "missing_region": reached.missing.region}
            found |= {"missing_in": reached.missing_in, "configured_exists": _configured_exists(aws, case, trace)}
        trace = replace(trace, function=reached.function, function_source=reached.source)
        return self._told(target, trace, partial, **found)

    def _told(
        self, target: Target, trace: Trace, partial: Partial, way: _private.Private | None = None, **found: Any
    ) -> Evidence:
        stations = _hops.hops(target, trace) + (_private.hops(way) if way else [])
        facts: dict[str, Any] = {
            "trace": trace.facts(),
            "hops": stations,
            "links": _hops.links(stations),
            "target": target,
            "partial": partial.missing,
            "tried": partial.sentences,
            **found,
        }
        if partial.first and trace.integration is None:
            return self.unknown(
                partial.first.reason,
                f"{partial.sentences[0]}, so the path ends at stage {trace.stage}.",
                partial.needs,
                **facts,
            )
        return self.passed(_summary(target, trace, found.get("missing_function")), **facts)


def _entered(target: Target, aws: Aws) -> tuple[Target, str | None, _front.Front | None]:
    """The target that the client's host name means, the custom domain and the distribution that it comes by.

    A custom domain of an API is looked for first; a name that is none may be a distribution's, whose origin is one or
    the API itself.
    """
    if target.api_id or not target.host:
        return target, None, None
    try:
        return _target.from_host(target, aws), target.host, None
    except _target.GoneError:
        raise
    except _target.NotFoundHereError as nothing:
        try:
            front = _front.behind(target, aws)
        except (AwsError, ValueError):
            front = None  # what the first error says is what helps
        if front is None:
            raise nothing from None
    return _target.from_host(front.origin, aws), front.origin.host, front


def _as_far_as(case: Case) -> dict[str, Any]:
    """The path of a request that a custom domain leads nowhere: it ends there."""
    if case.target.api_id or not case.target.host:
        return {}
    stations = _hops.entry(Trace(domain=case.target.host))
    trace = Trace(api_type=case.target.api_type, domain=case.target.host)
    return {"trace": trace.facts(), "hops": stations, "links": _hops.links(stations)}


def _found(aws: Aws, target: Target, partial: Partial) -> tuple[Target, Trace]:
    """The target as it turns out to be, and its trace.

    An address does not tell REST from HTTP APIs. REST is tried first, but where the address has no stage: then it can
    only be the stage $default of an HTTP API.
    """
    other = target.api_type != "rest" or target.stage == DEFAULT_STAGE
    if other or (target.url and not target.stage):
        answers = _v2.ask(aws, target)
        if other or isinstance(answers["api"], dict):
            return _found_v2(aws, target, answers, partial)
    answers = ask(aws, target)
    if isinstance(answers["api"], NotFound | Denied):
        others = _v2.ask(aws, target)
        if isinstance(others["api"], dict):
            return _found_v2(aws, target, others, partial)
        if isinstance(answers["api"], NotFound):
            raise _target.missing_api(target)
    return _found_rest(aws, target, answers, partial)


def _found_rest(aws: Aws, target: Target, answers: dict[str, Any], partial: Partial) -> tuple[Target, Trace]:
    api = partial.noted("the API itself (GetRestApi)", answers["api"]) or {}
    stage = _target.the_stage(target, answers["stage"], aws)
    target = _in_account(replace(target, stage=str(stage.get("stageName") or target.stage)), answers, partial)
    export = (
        answers["export"]
        if "export" in answers
        else attempt(lambda: deployed(aws, str(target.api_id), str(target.stage)))
    )
    live = partial.noted("what the stage runs (GetExport)", export)
    draft = partial.noted("what is configured (GetResources)", answers["resources"])
    return target, put_together(target, api, stage, live, draft)


def _found_v2(aws: Aws, target: Target, answers: dict[str, Any], partial: Partial) -> tuple[Target, Trace]:
    if isinstance(answers["api"], NotFound):
        raise _target.missing_api(target)
    api = partial.noted("the API itself (GetApi)", answers["api"]) or {}
    target, stage = _v2.placed(target, api, answers["stages"])
    return _v2.put_together(aws, _in_account(target, answers, partial), api, stage, answers, partial)


def _in_account(target: Target, answers: dict[str, Any], partial: Partial) -> Target:
    account = partial.noted("the account (GetCallerIdentity)", answers.get("account"))
    return replace(target, account=target.account or _account(account))


def _configured_exists(aws: Aws, case: Case, trace: Trace) -> bool | None:
    """Whether the function exists that the next deployment would call; None when it is the same or cannot be told."""
    draft = trace.configured
    if draft is None or trace.integration is None or draft.uri == trace.integration.uri:
        return None
    function = parse_lambda_uri(filled(draft, trace.stage_variables)[0] or "")
    return _backend.exists(aws, case, function) if function else None


def _account(answer: Any) -> str | None:
    return str(answer["Account"]) if isinstance(answer, dict) and answer.get("Account") else None


def _summary(target: Target, trace: Trace, missing: str | None) -> str:
    where = f"{target.method} {trace.resource_path or target.path} on stage {trace.stage}"
    wired = trace.integration
    if wired is None and trace.route_key:
        return f"{where} has no integration."
    if wired is None:
        return f"{where} is configured but not in the stage's deployment."
    calls = _hops.name(trace.function) if is_lambda_uri(wired.uri) else trace.invoked_uri or "no backend"
    calls = f"{missing}, which does not exist" if missing else calls
    known = "" if trace.deployed_known else "; the deployed settings could not be read, these are the configured ones"
    if trace.auto_deploy is False:
        known = "; what was deployed to the stage cannot be read, this is what is configured now"
    return f"{where} calls {calls} ({_hops.describe(wired)}), {_hops.seconds(wired.timeout_ms)}{known}"
