"""Lambda proxy integrations of an HTTP API. Every refusal and every failure is a 500; only the access log says more.

Texts of ``$context.integrationErrorMessage``: of a refusal,
https://repost.aws/knowledge-center/api-gateway-http-lambda-integrations; of a function that failed,
https://docs.dynatrace.com/docs/analyze-explore-automate/logs/lma-use-cases/lma-e2e-troubleshooting.
For what no text was ever seen of, the log gets none.
"""

from __future__ import annotations

import re
import time
import uuid
from concurrent.futures import Future

from wizard.sandbox import clock
from wizard.sandbox.functions import catalog
from wizard.sandbox.functions.catalog import FunctionArn
from wizard.sandbox.functions.model import Function, RefusedError, Result
from wizard.sandbox.gateway import permission
from wizard.sandbox.gateway.httpapi import response
from wizard.sandbox.gateway.httpapi.context import Call, internal, timed_out
from wizard.sandbox.gateway.httpapi.event import proxy_event
from wizard.sandbox.gateway.proxyresponse import Answer, MalformedError

DENIED = (
    "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. "
    "Check the permissions and try again."
)
NO_ROLE = (
    "API Gateway doesn't have permissions to assume the IAM role configured on the integration. "
    "Check the permissions and try again."
)
MALFORMED = "The response from the Lambda function doesn't match the format that API Gateway expects."
_INVOCATION = re.compile(
    r"arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/(?P<arn>.*)/invocations"
)


def run(call: Call) -> Answer:
    """Call the function and judge what it returns. Raises RefusalError."""
    result = _invoke(call, _function(call))
    if result.error is not None:
        call.backend.error = (
            f"The Lambda function returned the following error: {result.error_message}. "
            "Check your Lambda function code and try again."
        )
        raise internal()
    try:
        answer = response.judge(result.payload, call.integration.payload)
    except MalformedError:
        call.backend.error = MALFORMED
        raise internal() from None
    call.backend.status = answer.status
    return answer


def _function(call: Call) -> FunctionArn:
    """The function that the URI names: its ARN, or the path of Lambda's Invoke operation with the ARN in it."""
    uri = call.resolved(call.integration.uri)
    match = _INVOCATION.fullmatch(uri)
    arn = catalog.parse_arn(match["arn"] if match else uri)
    if arn is None:
        raise internal()
    call.backend.arn, call.backend.asked_at = arn.text, clock.now()
    verb = call.integration.http_method
    if (call.request.verb if verb == "ANY" else verb or "POST") != "POST":
        # The Invoke operation is a POST; Lambda does not know what to do with another method and answers 403.
        call.integration_ms = 3.0
        call.backend.service_status, call.backend.request_id = 403, str(uuid.uuid4())
        raise internal()
    return arn


def _invoke(call: Call, arn: FunctionArn) -> Result:
    function = catalog.find(arn)
    if function is None or not _permitted(call, arn):
        call.integration_ms, call.backend.error = 1.0, DENIED
        raise internal()
    started = time.monotonic()
    future = _submit(call, function)
    try:
        result = future.result(call.integration.timeout_ms / 1000)
        call.backend.service_status, call.backend.request_id = 200, result.request_id
        return result
    except TimeoutError:
        raise timed_out() from None
    finally:
        call.integration_ms = (time.monotonic() - started) * 1000


def _submit(call: Call, function: Function) -> Future[Result]:
    """Hand the event to the runner; of a refusal the access log gets Lambda's own status."""
    try:
        reserved = catalog.reserved_concurrency(function.region, function.name)
        return call.runner.submit(function, proxy_event(call), reserved)
    except RefusedError as refused:
        call.integration_ms = 1.0
        call.backend.service_status, call.backend.request_id = refused.status, str(uuid.uuid4())
        raise internal() from None


def _permitted(call: Call, arn: FunctionArn) -> bool:
    if call.integration.credentials:
        problem = permission.role_problem(call.resolved(call.integration.credentials), arn.text)
        if problem == "assume":
            call.integration_ms, call.backend.error = 1.0, NO_ROLE
            raise internal()
        return problem is None
    statements = call.policies.statements(arn)
    return permission.allowed_by_resource_policy(statements, arn.text, call.source_arn, arn.region, call.place.account)
