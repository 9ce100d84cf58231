"""Integrations with AWS services other than Lambda: SQS, SNS, Step Functions, DynamoDB, S3, ..., by path or by action.

The call is made as the integration's role, to the sandbox itself: there the role's policies are judged like all others.
Source: https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html (uri) and
https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-aws-proxy.html
"""

from __future__ import annotations

import http.client
import re
import time
import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import botocore.exceptions
import botocore.session

from wizard.sandbox import clock
from wizard.sandbox.gateway import mapping, payload, permission, templates
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.executionlog import mapping as shown
from wizard.sandbox.gateway.http import Answer, configuration_error, timed_out
from wizard.sandbox.gateway.responses import Endpoint, respond
from wizard.sandbox.gateway.templates import Outgoing

_CONFIGURATION = "Execution failed due to configuration error: "
_ARN = re.compile(r"arn:aws[a-z-]*:apigateway:([a-z0-9-]+):(?:([^:]+)\.)?([a-z0-9-]+):(path|action)/(.*)", re.DOTALL)
_SERVICES = {"states": "stepfunctions", "monitoring": "cloudwatch", "email": "ses"}
_BY_QUERY = ("sqs", "events")  # JSON services whose actions the gateway still names in the query string
_FORM = "application/x-www-form-urlencoded"
_DROPPED = ("connection", "transfer-encoding", "content-length", "server", "date")


@dataclass
class _Call:
    """One call to a service's API."""

    service: str
    region: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def shown(self) -> str:
        """The address that the log names."""
        host = f"https://{self.service}.{self.region}.amazonaws.com"
        return host + self.path + ("?" + urlencode(self.query) if self.query else "")


def run(execution: Execution) -> Answer:
    """Call the service and map its answer. Raises RefusalError."""
    sent = templates.outgoing(execution)
    call = _call(execution, sent)
    headers = {"Accept": "application/json", "User-Agent": f"AmazonAPIGateway_{execution.place.api.id}", **call.headers}
    execution.log.data(f"Endpoint request URI: {call.shown}")
    execution.log.data(f"Endpoint request headers: {shown(headers)}")
    execution.log.data(f"Endpoint request body after transformations: {payload.shown(sent.body)}")
    key = _role_key(execution)
    execution.log.step(f"Sending request to {call.shown}")
    return respond(execution, _asked(execution, call, key), sent.overrides)


def _call(execution: Execution, sent: Outgoing) -> _Call:
    """The call that the integration's URI means. Raises RefusalError when it means none."""
    uri = mapping.with_path(execution.resolved(execution.integration.uri), sent.parameters)
    match = _ARN.fullmatch(uri)
    if match is None:
        execution.log.error(_CONFIGURATION + "AWS ARN for integration must contain path or action")
        raise configuration_error()
    region, subdomain, service, kind, rest = match.groups()
    model = _model(service)
    action, _, parameters = rest.partition("&")
    if (
        execution.integration.type != "AWS"
        or model is None
        or (kind == "action" and action not in model.operation_names)
    ):
        execution.log.error(_CONFIGURATION + "AWS ARN for integration contains invalid action")
        raise configuration_error()
    query = [(name, value) for name, values in sent.parameters.querystring.items() for value in values]
    kept = {"Content-Type": execution.request.header("content-type") or "application/json", **sent.parameters.header}
    call = _Call(service, region, "/", query, kept, payload.raw(sent.body))
    if kind == "path":
        path, _, more = rest.partition("?")
        call.path = "/" + quote(f"{subdomain}/{path}" if subdomain and service == "s3" else path, safe="/%:=")
        call.query += parse_qsl(more, keep_blank_values=True)
        return call
    return _action(call, model, action, parse_qsl(parameters, keep_blank_values=True), sent)


def _action(call: _Call, model: Any, action: str, more: list[tuple[str, str]], sent: Outgoing) -> _Call:
    """The call of an action in the service's own protocol: a header names it, or a form parameter."""
    prefix = model.metadata.get("targetPrefix")
    if prefix and call.service not in _BY_QUERY:
        own = {"Content-Type": f"application/x-amz-json-{model.metadata['jsonVersion']}"}
        call.headers = {**own, **sent.parameters.header, "X-Amz-Target": f"{prefix}.{action}"}
        call.query += more
        return call
    form = parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)
    call.body = urlencode([("Action", action), *more, *call.query, *form]).encode()
    call.query = [("Action", action), *more, *call.query]
    call.headers["Content-Type"] = _FORM
    return call


@cache
def _model(service: str) -> Any:
    """botocore's description of a service by the name that it has in ARNs; None when there is no such service."""
    try:
        return botocore.session.get_session().get_service_model(_SERVICES.get(service, service))
    except botocore.exceptions.UnknownServiceError:
        return None


def _role_key(execution: Execution) -> str:
    """An access key of the integration's role. Raises RefusalError when the gateway may not assume it."""
    role = execution.resolved(execution.integration.credentials or "")
    if not permission.assumable(role):
        execution.log.error(_CONFIGURATION + "API Gateway does not have permission to assume the provided role")
        raise configuration_error()
    return execution.credentials.assume(role, "BackplaneAssumeRoleSession")


def _asked(execution: Execution, call: _Call, key: str) -> Endpoint:
    """Send the call and log the answer. Raises RefusalError."""
    started, backend = time.monotonic(), execution.backend
    backend.asked_at = clock.now()
    try:
        status, headers, body = _send(execution, call, key)
    except TimeoutError:
        execution.log.error("Execution failed due to a timeout error")
        raise timed_out() from None
    finally:
        execution.integration_ms = (time.monotonic() - started) * 1000
    endpoint = Endpoint(status, str(status), headers, body)
    backend.service_status = status
    backend.request_id = endpoint.header("x-amzn-requestid") or str(uuid.uuid4())
    execution.log.step(
        f"Received response. Status: {status}, Integration latency: {round(execution.integration_ms)} ms"
    )
    execution.log.data(f"Endpoint response headers: {shown(dict(headers))}")
    execution.log.data(f"Endpoint response body before transformations: {body.decode('utf-8', 'replace')}")
    return endpoint


def _send(execution: Execution, call: _Call, key: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """One request to the sandbox, signed with the role's key."""
    address = urlsplit(execution.credentials.endpoint_url)
    verb = execution.integration.http_method
    verb = execution.request.verb if verb == "ANY" else verb
    scope = f"{key}/{time.strftime('%Y%m%d', time.gmtime(clock.now()))}/{call.region}/{call.service}/aws4_request"
    headers = {**call.headers, "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
    if clock.ago():
        headers[clock.HEADER] = f"{clock.ago():.3f}"
    in_form = call.headers.get("Content-Type") == _FORM and call.path == "/"
    target = call.path + ("?" + urlencode(call.query) if call.query and not in_form else "")
    connection = http.client.HTTPConnection(
        str(address.hostname), address.port, timeout=execution.integration.timeout_ms / 1000
    )
    try:
        connection.request("POST" if in_form else verb, target, call.body or None, headers)
        response = connection.getresponse()
        kept = [(name, value) for name, value in response.getheaders() if name.lower() not in _DROPPED]
        return response.status, kept, response.read()
    finally:
        connection.close()
