"""HTTP and HTTP_PROXY integrations, to this machine only: the sandbox never reaches out."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode, urlsplit

from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.http import Answer, Request, configuration_error, timed_out
from wizard.sandbox.gateway.templates import respond

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def run(execution: Execution) -> Answer:
    """Call the endpoint. Raises RefusalError."""
    url = _address(execution)
    log = execution.log
    log.data(f"Endpoint request URI: {url}")
    log.step(f"Sending request to {url}")
    if urlsplit(url).hostname not in LOOPBACK:
        log.error("Execution failed due to a network error communicating with endpoint")
        raise configuration_error()
    started = time.monotonic()
    try:
        status, headers, body = _send(execution, url)
    except TimeoutError:
        log.error("Execution failed due to a timeout error")
        raise timed_out() from None
    except (OSError, http.client.HTTPException):
        log.error("Execution failed due to a network error communicating with endpoint")
        raise configuration_error() from None
    finally:
        execution.integration_ms = (time.monotonic() - started) * 1000
    execution.backend.service_status = execution.backend.status = status
    log.step(f"Received response. Status: {status}, Integration latency: {round(execution.integration_ms)} ms")
    log.data(f"Endpoint response body before transformations: {body.decode('utf-8', 'replace')}")
    if execution.integration.type == "HTTP_PROXY":
        return Answer(status, headers, body)
    return respond(execution, status, str(status), body.decode("utf-8", "replace"))


def _address(execution: Execution) -> str:
    url = execution.resolved(execution.integration.uri)
    for name, value in execution.route.parameters.items():
        url = url.replace("{" + name + "}", value)
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        execution.log.error("Execution failed due to configuration error: Invalid endpoint address")
        raise configuration_error()
    if execution.request.query:
        url += ("&" if "?" in url else "?") + urlencode(execution.request.query)
    return url


def _send(execution: Execution, url: str) -> tuple[int, list[tuple[str, str]], bytes]:
    verb = execution.integration.http_method
    verb = execution.request.verb if verb == "ANY" else verb
    return send(url, verb, execution.request, execution.integration.timeout_ms / 1000)


def send(url: str, verb: str, asked: Request, timeout_s: float) -> tuple[int, list[tuple[str, str]], bytes]:
    """Pass a client's request on: status, headers and body of the reply. Raises OSError and HTTPException."""
    kept = {k: v for k, v in asked.headers if k.lower() not in ("host", "content-length", "connection")}
    request = urllib.request.Request(url, data=asked.body or None, headers=kept, method=verb)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout_s) as response:
            return response.status, _passed(list(response.headers.items())), response.read()
    except urllib.error.HTTPError as error:
        return error.code, _passed(list(error.headers.items())), error.read()
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise error.reason from None
        raise


def _passed(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    dropped = ("connection", "transfer-encoding", "content-length", "server", "date")
    return [(name, value) for name, value in headers if name.lower() not in dropped]
