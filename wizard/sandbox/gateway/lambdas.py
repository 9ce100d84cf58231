"""Lambda proxy integrations, and how a function is called. Wording of the log as recorded from the service."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import Future
from email.utils import formatdate

from wizard.sandbox import clock, tracing
from wizard.sandbox.functions import catalog
from wizard.sandbox.functions.catalog import FunctionArn
from wizard.sandbox.functions.model import Function, RefusedError, Result
from wizard.sandbox.gateway import mapping as parameters
from wizard.sandbox.gateway import permission, proxyresponse
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.event import proxy_event
from wizard.sandbox.gateway.executionlog import mapping
from wizard.sandbox.gateway.http import (
    Answer,
    RefusalError,
    accepts_binary,
    bad_gateway,
    configuration_error,
    timed_out,
)
from wizard.sandbox.gateway.mapping import Mapped

CONFIGURATION = "Execution failed due to configuration error: "
_METHOD_NOT_POST = (
    "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n"
    "</AccessDeniedException>\n"
)


def is_lambda(uri: str) -> bool:
    """True when an integration URI leads to Lambda."""
    return permission.LAMBDA_URI.fullmatch(uri) is not None


def run(execution: Execution) -> Answer:
    """Call the function and judge what it returns. Raises RefusalError."""
    parameters.check_headers(execution, parameters.request_parameters(execution).header)
    body = proxy_event(execution.place, execution.route, execution.request)
    arn = announce(execution, body)
    result = invoke(execution, callable_function(execution, arn), body)
    log_response(execution, result)
    if result.error is not None:
        execution.log.error(
            "Lambda execution failed with status 200 due to customer function error: "
            f"{result.error_message}. Lambda request id: {result.request_id}"
        )
        execution.backend.error = f"Lambda Customer Function Error:{result.error_message}"
        raise bad_gateway()
    answer = _proxy_answer(execution, result.payload)
    execution.backend.status = answer.status
    return answer


def announce(execution: Execution, body: str, mapped: Mapped | None = None) -> FunctionArn:
    """Log the request as it leaves, with its mapped parameters if it has any.

    Raises RefusalError when the URI names no function or the method is not POST.
    """
    uri = parameters.with_path(execution.resolved(execution.integration.uri), mapped or Mapped())
    match = permission.LAMBDA_URI.fullmatch(uri)
    path = permission.LAMBDA_PATH.fullmatch(match["path"]) if match else None
    if match is None or path is None:
        execution.log.error(CONFIGURATION + "AWS ARN for integration must contain path or action")
        raise configuration_error()
    arn = catalog.parse_arn(path["function"])
    url = f"https://lambda.{match[1]}.amazonaws.com/{match['path']}"
    execution.log.data(f"Endpoint request URI: {url}")
    headers = {**_request_headers(execution), **(mapped.header if mapped else {})}
    execution.log.data(f"Endpoint request headers: {mapping(headers)}")
    execution.log.data(f"Endpoint request body after transformations: {body}")
    if arn is None:
        execution.log.error(
            f"{CONFIGURATION}1 validation error detected: Value '{path['function']}' at 'functionName' "
            f"failed to satisfy constraint: Member must satisfy regular expression pattern: {catalog.ARN_PATTERN}"
        )
        raise configuration_error()
    execution.log.step(f"Sending request to {url}")
    execution.backend.arn, execution.backend.asked_at = arn.text, clock.now()
    verb = execution.integration.http_method
    if (execution.request.verb if verb == "ANY" else verb) != "POST":
        _refuse_method(execution)
    return arn


def _refuse_method(execution: Execution) -> None:
    execution.integration_ms = 3.0
    request_id = str(uuid.uuid4())
    log = execution.log
    log.step("Received response. Status: 403, Integration latency: 3 ms")
    log.data(f"Endpoint response headers: {mapping(_response_headers(request_id, len(_METHOD_NOT_POST)))}")
    log.data(f"Endpoint response body before transformations: {_METHOD_NOT_POST}")
    log.error(f"Lambda invocation failed with status: 403. Lambda request id: {request_id}")
    log.error(CONFIGURATION)
    execution.backend.service_status, execution.backend.request_id = 403, request_id
    raise configuration_error()


def callable_function(execution: Execution, arn: FunctionArn) -> Function:
    """The function, if it exists and the gateway may call it. Raises RefusalError."""
    function = catalog.find(arn)
    if function is None or not _permitted(execution, arn):
        execution.integration_ms = 1.0
        execution.log.error(CONFIGURATION + "Invalid permissions on Lambda function")
        raise configuration_error()
    return function


def invoke(execution: Execution, function: Function, body: str) -> Result:
    """Call the function and wait for its result. Raises RefusalError."""
    started = time.monotonic()
    future = submit(execution, function, body)
    try:
        result = future.result(execution.integration.timeout_ms / 1000)
        execution.backend.service_status, execution.backend.request_id = 200, result.request_id
        return result
    except TimeoutError:
        execution.log.error("Execution failed due to a timeout error")
        raise timed_out() from None
    finally:
        execution.integration_ms = (time.monotonic() - started) * 1000


def submit(execution: Execution, function: Function, body: str) -> Future[Result]:
    """Hand the event to the runner; Lambda's refusal becomes a 500 with the service's own status in the log."""
    place = execution.place
    token = tracing.caller.set(tracing.Parent(place.trace_id, place.call_id) if place.traced else None)
    try:
        return execution.runner.submit(function, body, catalog.reserved_concurrency(function.region, function.name))
    except RefusedError as refused:
        status, reason = refused.status, refused.message
    finally:
        tracing.caller.reset(token)
    raise turned_down(execution, status, reason)


def turned_down(execution: Execution, status: int, reason: str) -> RefusalError:
    """The refusal for an invocation that Lambda turned down with this status and reason, with its lines in the log."""
    execution.integration_ms = 1.0
    execution.backend.service_status, execution.backend.request_id = status, str(uuid.uuid4())
    execution.log.step(f"Received response. Status: {status}, Integration latency: 1 ms")
    execution.log.error(
        f"Lambda invocation failed with status: {status}. Lambda request id: {execution.backend.request_id}"
    )
    execution.log.error(CONFIGURATION + reason)
    return configuration_error()


def _permitted(execution: Execution, arn: FunctionArn) -> bool:
    place, route = execution.place, execution.route
    if execution.integration.credentials:
        return _role_permits(execution, arn)
    source = permission.source_arn(
        place.region, place.account, place.api.id, place.stage, execution.request.verb, route.resource.path
    )
    statements = execution.policies.statements(arn)
    return permission.allowed_by_resource_policy(statements, arn.text, source, arn.region, place.account)


def _role_permits(execution: Execution, arn: FunctionArn) -> bool:
    problem = permission.role_problem(execution.resolved(execution.integration.credentials or ""), arn.text)
    if problem == "assume":
        execution.log.error(CONFIGURATION + "API Gateway does not have permission to assume the provided role")
        raise configuration_error()
    return problem is None


def log_response(execution: Execution, result: Result) -> None:
    """Log what Lambda answered."""
    latency = round(execution.integration_ms or 0)
    execution.log.step(f"Received response. Status: 200, Integration latency: {latency} ms")
    headers = _response_headers(result.request_id, len(result.payload.encode()))
    headers["X-Amz-Executed-Version"] = result.version
    if execution.place.trace_id:
        headers["X-Amzn-Trace-Id"] = f"Root={execution.place.trace_id};Sampled={int(execution.place.traced)}"
    if result.error:
        headers = {"X-Amz-Function-Error": result.error, **headers}
    execution.log.data(f"Endpoint response headers: {mapping(headers)}")
    execution.log.data(f"Endpoint response body before transformations: {result.payload}")


def _proxy_answer(execution: Execution, payload: str) -> Answer:
    binary = accepts_binary(execution.place.api, execution.request.header("accept"))
    streams = execution.integration.transfer_mode == "STREAM"
    try:
        answer = proxyresponse.streamed(payload) if streams else proxyresponse.judge(payload, binary=binary)
    except proxyresponse.MalformedError:
        execution.log.error(CONFIGURATION + "Malformed Lambda proxy response")
        raise bad_gateway() from None
    except proxyresponse.BadBase64Error:
        execution.log.error(CONFIGURATION + "Unable to base64 decode the body.")
        raise configuration_error() from None
    return Answer(answer.status, answer.headers, answer.body)


def _request_headers(execution: Execution) -> dict[str, str]:
    place = execution.place
    return {
        "x-amzn-lambda-integration-tag": place.request_id,
        "Authorization": "****",
        "X-Amz-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(clock.now())),
        "x-amzn-apigateway-api-id": place.api.id,
        "Accept": "application/json",
        "User-Agent": f"AmazonAPIGateway_{place.api.id}",
    }


def _response_headers(request_id: str, length: int) -> dict[str, str]:
    return {
        "Date": formatdate(clock.now(), usegmt=True),
        "Content-Type": "application/json",
        "Content-Length": str(length),
        "Connection": "keep-alive",
        "x-amzn-RequestId": request_id,
        "x-amzn-Remapped-Content-Length": "0",
    }
