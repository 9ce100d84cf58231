"""An HTTP API at work: finds stage and route, runs the integration, answers, writes access log and metrics.

HTTP APIs have no execution log and no X-Ray segment of their own.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from urllib.parse import unquote

from moto.apigatewayv2.models import Api, Stage

from wizard.sandbox import backends, telemetry
from wizard.sandbox.functions.catalog import PolicyStore
from wizard.sandbox.functions.runner import Runner
from wizard.sandbox.gateway.accesslog import fill
from wizard.sandbox.gateway.http import Answer, RefusalError, Request
from wizard.sandbox.gateway.httpapi import backend, lambdas, routes
from wizard.sandbox.gateway.httpapi.accesslog import Served, variables
from wizard.sandbox.gateway.httpapi.context import DEFAULT_STAGE, Call, Place, internal, not_found
from wizard.sandbox.gateway.httpapi.snapshot import HttpApi


class HttpApis:
    """Answers requests to HTTP APIs. Thread-safe."""

    def __init__(self, runner: Runner, policies: PolicyStore) -> None:
        self._runner, self._policies = runner, policies

    def call(self, region: str, api: Api, request: Request) -> Answer:
        """Serve one client request; ``request.path`` is the whole path, with the stage if the client wrote it."""
        started = time.monotonic()
        stage, path = _stage(api, request.path)
        request = replace(request, path=path)
        taken = getattr(stage, "deployed", None)
        if stage is None or not isinstance(taken, HttpApi):
            nowhere = Place(region, backends.ACCOUNT, HttpApi(api.api_id, api.name, ()), "", {})
            return _answered(_refuse(not_found()), nowhere)
        served = self._serve(_place(region, taken, stage), request, started)
        _leave_traces(served, stage)
        return _answered(served.answer, served.place)

    def _serve(self, place: Place, request: Request, started: float) -> Served:
        call: Call | None = None
        refused: RefusalError | None = None
        found = routes.find(place.api.routes, request.verb, request.path)
        try:
            if found is None:
                raise not_found()
            route, parameters = found
            if route.integration is None:
                raise internal()
            call = Call(place, route, parameters, request, route.integration, self._runner, self._policies)
            answer = _integrate(call)
        except RefusalError as refusal:
            answer, refused = _refuse(refusal), refusal
        took = (time.monotonic() - started) * 1000
        return Served(place, request, found[0].key if found else "", answer, refused, call, took)


def _integrate(call: Call) -> Answer:
    """Run the integration; one with an AWS service other than Lambda is a 500 here."""
    kind = call.integration.type
    if kind == "HTTP_PROXY" and call.integration.connection_type == "INTERNET":
        passed = backend.run(call)
    elif kind == "AWS_PROXY":
        passed = lambdas.run(call)
    else:
        raise internal()
    return Answer(passed.status, passed.headers, passed.body)


def _stage(api: Api, path: str) -> tuple[Stage | None, str]:
    """The stage that the path begins with, else ``$default``; and the path below it."""
    first, slash, rest = path.lstrip("/").partition("/")
    named = api.stages.get(unquote(first))
    if named is not None and named.name != DEFAULT_STAGE:
        return named, slash + rest or "/"
    return api.stages.get(DEFAULT_STAGE), path


def _place(region: str, taken: HttpApi, stage: Stage) -> Place:
    values = {str(name): str(value) for name, value in stage.stage_variables.items()}
    return Place(region, backends.ACCOUNT, taken, stage.name, values)


def _leave_traces(served: Served, stage: Stage) -> None:
    place, settings = served.place, stage.access_log_settings or {}
    if settings.get("format"):
        text = fill(str(settings["format"]), variables(served))
        telemetry.append_access_log(place.region, settings, f"{place.api.id}/{place.stage}", text)
    status = served.answer.status
    values = {
        "Count": 1.0,
        "4xx": float(400 <= status < 500),
        "5xx": float(status >= 500),
        "Latency": served.latency_ms,
        "DataProcessed": float(served.data_processed),
    }
    if served.integration_ms is not None:
        values["IntegrationLatency"] = served.integration_ms
    route_settings = stage.route_settings.get(served.route_key) or {}
    detailed = route_settings.get("detailedMetricsEnabled", stage.default_route_settings.get("detailedMetricsEnabled"))
    telemetry.write_http_api_metrics(
        place.region, values, place.api.id, place.stage, served.route_key if detailed else ""
    )


def _refuse(refusal: RefusalError) -> Answer:
    body = json.dumps({"message": refusal.message}, separators=(",", ":"))
    return Answer(refusal.status, [("Content-Type", "application/json")], body.encode())


def _answered(answer: Answer, place: Place) -> Answer:
    """The answer with the request's id, the one header that an HTTP API adds."""
    headers = [(name, value) for name, value in answer.headers if name.lower() != "apigw-requestid"]
    return Answer(answer.status, [*headers, ("apigw-requestid", place.request_id)], answer.body)
