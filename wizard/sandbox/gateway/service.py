"""The gateway itself: finds the stage's snapshot and the route, runs the integration, answers, leaves its traces."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace

from moto.apigateway.exceptions import RestAPINotFound, StageNotFoundException

from wizard.sandbox import backends, telemetry, tracing
from wizard.sandbox.functions.catalog import PolicyStore
from wizard.sandbox.functions.runner import Runner
from wizard.sandbox.gateway import accesslog, httpbackend, lambdas, routes, snapshot, stagetrace, templates
from wizard.sandbox.gateway.accesslog import Served
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.executionlog import ExecutionLog, mapping
from wizard.sandbox.gateway.http import (
    Answer,
    Place,
    RefusalError,
    Request,
    configuration_error,
    forbidden,
    no_such_route,
    refuse,
)
from wizard.sandbox.gateway.httpapi.service import HttpApis
from wizard.sandbox.gateway.routes import Route
from wizard.sandbox.tracing import TraceStore

TEST_STAGE = "test-invoke-stage"


class Gateway:
    """Answers requests to stages, and tests of methods. Thread-safe."""

    def __init__(self, runner: Runner, policies: PolicyStore, traces: TraceStore) -> None:
        self._runner, self._policies, self._traces = runner, policies, traces
        self._http_apis = HttpApis(runner, policies)

    def call(self, region: str, api_id: str, request: Request) -> Answer:
        """Serve one client request, as deployed; ``request.path`` is the whole path, stage included."""
        http_api = backends.gateway_v2(region).apis.get(api_id)
        if http_api is not None and http_api.protocol_type == "HTTP":
            return self._http_apis.call(region, http_api, request)
        return self._rest(region, api_id, request)

    def _rest(self, region: str, api_id: str, request: Request) -> Answer:
        started = time.monotonic()
        stage, path = _split(request.path)
        request = replace(request, path=path)
        place = _deployed(region, api_id, stage)
        if place is None:
            return _with_ids(refuse(forbidden(), None), str(uuid.uuid4()), "")
        place = replace(place, trace_id=tracing.trace_id(request.header("x-amzn-trace-id")))
        log = ExecutionLog(place.request_id)
        route = routes.find(place.api.resources, request.verb, request.path)
        if route is None:
            refusal = no_such_route()
            served = Served(place, request, None, refuse(refusal, place.api), refusal, None, _since(started))
        else:
            _log_usage_plan(place, route, log)
            answer, refused, execution = self._execute(place, route, request, log)
            _log_ids(place, execution, log)
            served = Served(place, request, route, answer, refused, execution, _since(started))
        self._leave_traces(served, log)
        return _answered(served)

    def _leave_traces(self, served: Served, log: ExecutionLog) -> None:
        """Execution log, access log, metrics and trace of one request."""
        place, route, latency = served.place, served.route, served.latency_ms
        path, verb = (route.resource.path, route.method.http_method) if route else ("", served.request.verb)
        if route is not None:
            telemetry.write_execution_log(place, log, path, verb)
        template = telemetry.access_log_format(place)
        if template:
            telemetry.write_access_log(place, accesslog.line(template, served))
        telemetry.write_gateway_metrics(place, served.answer.status, latency, served.integration_ms, path, verb)
        if place.traced:
            self._traces.put(place.region, stagetrace.segment(served))

    def test(self, place: Place, route: Route, request: Request) -> tuple[Answer, str, int]:
        """TestInvokeMethod: the answer, the whole log, and the latency in milliseconds. Nothing is written anywhere."""
        started = time.monotonic()
        log = ExecutionLog(place.request_id)
        answer, _, _ = self._execute(place, route, request, log)
        return answer, log.as_test_invoke(), round(_since(started))

    def _execute(
        self, place: Place, route: Route, request: Request, log: ExecutionLog
    ) -> tuple[Answer, RefusalError | None, Execution | None]:
        _log_request(route, request, log)
        integration = route.method.integration
        execution: Execution | None = None
        refused: RefusalError | None = None
        try:
            if route.method.api_key_required and not place.test:
                raise forbidden()
            if integration is None:
                log.error("Execution failed due to configuration error: No integration defined for method")
                raise configuration_error()
            execution = Execution(place, route, request, integration, log, self._runner, self._policies)
            answer = _integrate(execution)
            log.data(f"Method response body after transformations: {answer.body.decode('utf-8', 'replace')}")
            log.data(f"Method response headers: {mapping(dict(answer.headers))}")
            log.step("Successfully completed execution")
        except RefusalError as refusal:
            answer, refused = refuse(refusal, place.api), refusal
        log.step(f"Method completed with status: {answer.status}")
        return answer, refused, execution


def _integrate(execution: Execution) -> Answer:
    kind = execution.integration.type
    if kind == "MOCK":
        return templates.mock(execution)
    if kind in ("HTTP", "HTTP_PROXY"):
        return httpbackend.run(execution)
    if kind in ("AWS", "AWS_PROXY") and lambdas.is_lambda(execution.integration.uri):
        return lambdas.run(execution)
    execution.log.error("Execution failed due to configuration error: AWS ARN for integration contains invalid action")
    raise configuration_error()


def _split(path: str) -> tuple[str, str]:
    """The stage's name and the path below it."""
    stage, _, rest = path.lstrip("/").partition("/")
    return stage, "/" + rest


def _deployed(region: str, api_id: str, stage_name: str) -> Place | None:
    """The stage with the snapshot that its deployment took; None when API, stage or deployment is missing."""
    try:
        api = backends.gateway(region).get_rest_api(api_id)
        stage = backends.gateway(region).get_stage(api_id, stage_name)
    except (RestAPINotFound, StageNotFoundException, KeyError):
        return None
    deployment = api.deployments.get(stage.deployment_id or "")
    taken = getattr(deployment, "snapshot", None)
    if not isinstance(taken, snapshot.Api):
        return None
    variables = {str(key): str(value) for key, value in stage.variables.items()}
    place = Place(region, backends.ACCOUNT, taken, stage_name, variables)
    return replace(place, segment_id=tracing.new_id(), call_id=tracing.new_id()) if stage.tracing_enabled else place


def _log_usage_plan(place: Place, route: Route, log: ExecutionLog) -> None:
    stage = f"{place.api.id}/{place.stage}"
    log.step(f"Extended Request Id: {place.extended_id}")
    log.step(f"Verifying Usage Plan for request: {place.request_id}. API Key:  API Stage: {stage}")
    if not route.method.api_key_required:
        method = f"{route.method.http_method} {route.resource.path}"
        log.step(
            f"API Key  authorized because method '{method}' does not require API Key. "
            "Request will not contribute to throttle or quota limits"
        )
        log.step(f"Usage Plan check succeeded for API Key  and API Stage {stage}")


def _log_request(route: Route, request: Request, log: ExecutionLog) -> None:
    log.step(f"Starting execution for request: {log.request_id}")
    log.step(f"HTTP Method: {request.verb}, Resource Path: {request.path}")
    log.data(f"Method request path: {mapping(route.parameters)}")
    log.data(f"Method request query string: {mapping(dict(request.query))}")
    log.data(f"Method request headers: {mapping(dict(request.headers))}")
    log.data(f"Method request body before transformations: {request.body.decode('utf-8', 'replace')}")


def _log_ids(place: Place, execution: Execution | None, log: ExecutionLog) -> None:
    """The ids of the backend's request and of the trace, as the service adds them at the end."""
    if execution is not None and execution.backend.request_id:
        log.step(f"AWS Integration Endpoint RequestId : {execution.backend.request_id}")
    if place.traced:
        log.step(f"X-ray Tracing ID : Root={place.trace_id}")


def _answered(served: Served) -> Answer:
    """The answer with the ids of the request and, where a function or X-Ray is on the path, of the trace."""
    place = served.place
    answer = _with_ids(served.answer, place.request_id, place.extended_id)
    if place.traced or served.backend.arn:
        answer.headers.append(("X-Amzn-Trace-Id", f"Root={place.trace_id}" + (";Sampled=1" if place.traced else "")))
    return answer


def _with_ids(answer: Answer, request_id: str, extended_id: str) -> Answer:
    own = {"x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"}
    headers = [(name, value) for name, value in answer.headers if name.lower() not in own]
    ids = [("x-amzn-RequestId", request_id)] + ([("x-amz-apigw-id", extended_id)] if extended_id else [])
    return Answer(answer.status, headers + ids, answer.body)


def _since(started: float) -> float:
    return (time.monotonic() - started) * 1000
