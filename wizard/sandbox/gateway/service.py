"""The gateway itself: finds the stage's snapshot and the route, runs the integration, answers, leaves its traces."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace

from wizard.sandbox import backends, telemetry, tracing
from wizard.sandbox.credentials import Credentials
from wizard.sandbox.functions.catalog import PolicyStore
from wizard.sandbox.functions.runner import Runner
from wizard.sandbox.gateway import accesslog, cache, deployed, door, integrations, payload, routes, stagetrace
from wizard.sandbox.gateway.accesslog import Served
from wizard.sandbox.gateway.admission import Admission, check_parameters
from wizard.sandbox.gateway.authorizer import Authorizers, Question
from wizard.sandbox.gateway.authorizerpolicy import Authorized
from wizard.sandbox.gateway.cache import Cache
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.executionlog import ExecutionLog, mapping
from wizard.sandbox.gateway.gatewayresponse import refuse
from wizard.sandbox.gateway.http import (
    Answer,
    Place,
    RefusalError,
    Request,
    configuration_error,
    forbidden,
    no_such_route,
)
from wizard.sandbox.gateway.httpapi.service import HttpApis
from wizard.sandbox.gateway.routes import Route
from wizard.sandbox.tracing import TraceStore

TEST_STAGE = "test-invoke-stage"


class Gateway:
    """Answers requests to stages, and tests of methods and authorizers. Thread-safe."""

    def __init__(self, runner: Runner, policies: PolicyStore, traces: TraceStore, credentials: Credentials) -> None:
        self._runner, self._policies, self._traces, self._credentials = runner, policies, traces, credentials
        self._authorizers = Authorizers(runner, policies)
        self._admission, self.cache = Admission(self._authorizers), Cache()
        self._http_apis = HttpApis(runner, policies)

    def clear(self) -> None:
        """Forget what was counted, cached and let in."""
        self._admission.clear()
        self.cache.clear()

    def call(self, region: str, api_id: str, request: Request, endpoint: str = "") -> Answer:
        """Serve one client request, as deployed.

        ``request.path`` is the whole path, stage included; ``endpoint`` is the VPC endpoint it came through.
        """
        http_api = backends.gateway_v2(region).apis.get(api_id)
        if http_api is not None and http_api.protocol_type == "HTTP":
            return self._http_apis.call(region, http_api, request)
        return self._rest(region, api_id, request, endpoint)

    def _rest(self, region: str, api_id: str, request: Request, endpoint: str) -> Answer:
        started = time.monotonic()
        stage, path = _split(request.path)
        request = replace(request, path=path)
        place = deployed.find(region, api_id, stage)
        if place is not None:
            place = replace(place, trace_id=tracing.trace_id(request.header("x-amzn-trace-id")), endpoint=endpoint)
        if place is None or not door.is_open(place):
            return _with_ids(refuse(forbidden(), None), str(uuid.uuid4()), "")
        log = ExecutionLog(place.request_id)
        served = Served(place, request, None, Answer(0), None, None, 0.0)
        try:
            door.check(place, request)
            route = routes.find(place.api.resources, request.verb, request.path)
            if route is None:
                raise no_such_route()
            served = replace(served, route=route)
            place = self._admission.admit(place, route, request, log, served.asked)
            served = self._serve(replace(served, place=place), route, log)
        except RefusalError as refusal:
            served = _refused(served, refusal)
        _log_ids(served.place, served.execution, log)
        served = replace(served, latency_ms=_since(started))
        self._leave_traces(served, log)
        return _answered(served)

    def _serve(self, served: Served, route: Route, log: ExecutionLog) -> Served:
        """The answer of the cache, or of the integration."""
        place, request = served.place, served.request
        if not cache.is_on(place, route, request):
            return self._execute(served, route, log)
        kept = self.cache.get(place, route, request)
        if kept is not None:
            _log_request(place, route, request, log)
            log.step(f"Method completed with status: {kept.status}")
            return replace(served, answer=kept, cache_hit=True)
        made = replace(self._execute(served, route, log), cache_hit=False)
        if made.refusal is None:
            self.cache.put(place, route, request, made.answer)
        return made

    def _leave_traces(self, served: Served, log: ExecutionLog) -> None:
        """Execution log, access log, metrics and trace of one request."""
        place, route, latency = served.place, served.route, served.latency_ms
        path, verb = (route.resource.path, route.method.http_method) if route else ("", served.request.verb)
        if route is not None:
            telemetry.write_execution_log(place, log, path, verb)
        template = telemetry.access_log_format(place)
        if template:
            telemetry.write_access_log(place, accesslog.line(template, served))
        telemetry.write_gateway_metrics(
            place, served.answer.status, latency, served.integration_ms, path, verb, served.cache_hit
        )
        if place.traced:
            self._traces.put(place.region, stagetrace.segment(served))

    def test(self, place: Place, route: Route, request: Request) -> tuple[Answer, str, int]:
        """TestInvokeMethod: the answer, the whole log, and the latency in milliseconds. Nothing is written anywhere."""
        started = time.monotonic()
        log = ExecutionLog(place.request_id)
        served = self._execute(Served(place, request, route, Answer(0), None, None, 0.0), route, log)
        return served.answer, log.as_test_invoke(), round(_since(started))

    def test_authorizer(self, question: Question) -> tuple[int, Authorized | None, int]:
        """TestInvokeAuthorizer: the client's status, who was let in, and the latency in milliseconds."""
        started = time.monotonic()
        try:
            authorized = self._authorizers.authorize(question)
        except RefusalError as refusal:
            return refusal.status, None, round(_since(started))
        return 200, authorized, round(_since(started))

    def _execute(self, served: Served, route: Route, log: ExecutionLog) -> Served:
        place, request, integration = served.place, served.request, route.method.integration
        _log_request(place, route, request, log)
        try:
            check_parameters(route, request, log)
            if integration is None:
                log.error("Execution failed due to configuration error: No integration defined for method")
                raise configuration_error()
            execution = Execution(
                place, route, request, integration, log, self._runner, self._policies, self._credentials
            )
            served = replace(served, execution=execution)
            answer = integrations.run(execution)
            log.data(f"Method response body after transformations: {answer.body.decode('utf-8', 'replace')}")
            log.data(f"Method response headers: {mapping(dict(answer.headers))}")
            log.step("Successfully completed execution")
            served = replace(served, answer=answer)
        except RefusalError as refusal:
            served = _refused(served, refusal)
        log.step(f"Method completed with status: {served.answer.status}")
        return served


def _refused(served: Served, refusal: RefusalError) -> Served:
    """The gateway response for a refusal."""
    answer = refuse(refusal, served.place.api, accesslog.variables(served), served.place.variables)
    return replace(served, answer=answer, refusal=refusal)


def _split(path: str) -> tuple[str, str]:
    """The stage's name and the path below it."""
    stage, _, rest = path.lstrip("/").partition("/")
    return stage, "/" + rest


def _log_request(place: Place, route: Route, request: Request, log: ExecutionLog) -> None:
    log.step(f"Starting execution for request: {log.request_id}")
    log.step(f"HTTP Method: {request.verb}, Resource Path: {request.path}")
    log.data(f"Method request path: {mapping(route.parameters)}")
    log.data(f"Method request query string: {mapping(dict(request.query))}")
    log.data(f"Method request headers: {mapping(dict(request.headers))}")
    body = request.body if payload.is_binary(place, request) else request.body.decode("utf-8", "replace")
    log.data(f"Method request body before transformations: {payload.shown(body)}")


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
