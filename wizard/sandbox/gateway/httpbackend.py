"""HTTP and HTTP_PROXY integrations, to this machine only: the sandbox never reaches out.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html; which headers are
passed on, as LocalStack's AWS-validated tests recorded the service.
"""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode, urlsplit

from wizard.sandbox.gateway import mapping, payload, templates
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.door import BODY_BYTES
from wizard.sandbox.gateway.executionlog import mapping as shown
from wizard.sandbox.gateway.http import Answer, bad_gateway, configuration_error, network_error, timed_out
from wizard.sandbox.gateway.mapping import Mapped
from wizard.sandbox.gateway.responses import Endpoint, respond
from wizard.sandbox.gateway.templates import Outgoing

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CONFIGURATION = "Execution failed due to configuration error: "
_NETWORK = "Execution failed due to a network error communicating with endpoint"
_NOT_PASSED = {"host", "content-length", "connection", "content-encoding", "expect", "proxy-authenticate", "te", "via"}
_DROPPED = {"connection", "transfer-encoding", "content-length", "server", "date"}
_PORTS = (80, 443)
_FIRST_FREE_PORT = 1024
_ILLEGAL = re.compile(r"[\s{}|\\^`\"<>]")
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is the backend's answer; the gateway passes it on."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def run(execution: Execution) -> Answer:
    """Call the endpoint. Raises RefusalError."""
    sent = _passed_on(execution) if execution.integration.type == "HTTP_PROXY" else templates.outgoing(execution)
    url = _address(execution, sent.parameters)
    headers = {"Accept": "application/json", "User-Agent": f"AmazonAPIGateway_{execution.place.api.id}"}
    headers = _merged(headers, sent.parameters.header)
    endpoint = _asked(execution, url, headers, payload.raw(sent.body), payload.shown(sent.body))
    if execution.integration.type == "HTTP_PROXY":
        return Answer(endpoint.status, endpoint.headers, endpoint.body)
    return respond(execution, endpoint, sent.overrides)


def _passed_on(execution: Execution) -> Outgoing:
    """A proxy sends on what the client sent; mapped parameters come on top."""
    request, mapped = execution.request, mapping.request_parameters(execution)
    mapping.check_headers(execution, mapped.header)
    passed = {name: value for name, value in request.headers if name.lower() not in _NOT_PASSED}
    query: dict[str, list[str]] = {}
    for name, value in request.query:
        query.setdefault(name, []).append(value)
    for name, values in mapped.querystring.items():
        query[name] = query.get(name, []) + values
    return Outgoing(request.body, Mapped(_merged(passed, mapped.header), mapped.path, query))


def _merged(first: dict[str, str], second: dict[str, str]) -> dict[str, str]:
    """Both, the second where a name is in both in any spelling."""
    names = {name.lower() for name in second}
    return {**{name: value for name, value in first.items() if name.lower() not in names}, **second}


def _address(execution: Execution, parameters: Mapped) -> str:
    """The URL with stage variables and mapped path parameters put in. Raises RefusalError when it is none."""
    url = mapping.with_path(execution.resolved(execution.integration.uri), parameters)
    illegal = _ILLEGAL.search(url)
    if illegal:
        execution.log.error(f"{_CONFIGURATION}Illegal character in path at index {illegal.start()}: {url}")
        raise configuration_error()
    if not _reachable(url):
        execution.log.error(f"{_CONFIGURATION}Invalid endpoint address")
        raise configuration_error()
    if parameters.querystring:
        url += ("&" if "?" in url else "?") + urlencode(parameters.querystring, doseq=True)
    return url


def _reachable(url: str) -> bool:
    """True for an http or https URL with a host and a port that the gateway connects to."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    return port is None or port in _PORTS or port >= _FIRST_FREE_PORT


def _asked(execution: Execution, url: str, headers: dict[str, str], body: bytes, text: str) -> Endpoint:
    """Send the request and log both ways. Raises RefusalError."""
    log = execution.log
    log.data(f"Endpoint request URI: {url}")
    log.data(f"Endpoint request headers: {shown(headers)}")
    log.data(f"Endpoint request body after transformations: {text}")
    log.step(f"Sending request to {url}")
    if urlsplit(url).hostname not in LOOPBACK:
        log.error(_NETWORK)
        raise network_error()
    started = time.monotonic()
    try:
        status, received, answered = _send(execution, url, headers, body)
    except TimeoutError:
        log.error("Execution failed due to a timeout error")
        raise timed_out() from None
    except (OSError, http.client.HTTPException):
        log.error(_NETWORK)
        raise network_error() from None
    finally:
        execution.integration_ms = (time.monotonic() - started) * 1000
    execution.backend.service_status = execution.backend.status = status
    log.step(f"Received response. Status: {status}, Integration latency: {round(execution.integration_ms)} ms")
    log.data(f"Endpoint response headers: {shown(dict(received) | {'Content-Length': str(len(answered))})}")
    if len(answered) > BODY_BYTES:
        # That the client gets no such answer is documented; which status it gets instead, and what is logged, is not.
        raise bad_gateway()
    log.data(f"Endpoint response body before transformations: {answered.decode('utf-8', 'replace')}")
    return Endpoint(status, str(status), received, answered)


def _send(
    execution: Execution, url: str, headers: dict[str, str], body: bytes
) -> tuple[int, list[tuple[str, str]], bytes]:
    verb = execution.integration.http_method
    verb = execution.request.verb if verb == "ANY" else verb
    kind = execution.request.header("content-type") or "application/json"
    if verb not in _WITHOUT_BODY and "content-type" not in {name.lower() for name in headers}:
        headers = {**headers, "Content-Type": kind}
    sent = None if verb in _WITHOUT_BODY else body
    return send(url, verb, headers, sent, execution.integration.timeout_ms / 1000)


def send(
    url: str, verb: str, headers: dict[str, str], body: bytes | None, timeout_s: float
) -> tuple[int, list[tuple[str, str]], bytes]:
    """One request to a backend: status, headers and body of the reply. Raises OSError and HTTPException."""
    request = urllib.request.Request(url, data=body, headers=headers, method=verb)
    try:
        with _OPENER.open(request, timeout=timeout_s) as response:
            return response.status, _kept(list(response.headers.items())), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _kept(list(error.headers.items())), error.read()
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise error.reason from None
        raise


def _kept(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _DROPPED]
