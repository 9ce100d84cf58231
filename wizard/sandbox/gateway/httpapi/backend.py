"""HTTP proxy integrations of an HTTP API, to this machine only: the sandbox never reaches out."""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlencode, urlsplit

from wizard.sandbox.gateway import httpbackend
from wizard.sandbox.gateway.httpapi.context import Call, internal, timed_out
from wizard.sandbox.gateway.proxyresponse import Answer

_OF_THE_CONNECTION = ("host", "content-length", "connection")


def run(call: Call) -> Answer:
    """Call the endpoint. Raises RefusalError."""
    url = _address(call)
    if urlsplit(url).hostname not in httpbackend.LOOPBACK:
        raise internal()
    verb = call.integration.http_method
    verb = call.request.verb if verb in ("", "ANY") else verb
    started = time.monotonic()
    try:
        passed_on = {k: v for k, v in call.request.headers if k.lower() not in _OF_THE_CONNECTION}
        limit_s = call.integration.timeout_ms / 1000
        status, headers, body = httpbackend.send(url, verb, passed_on, call.request.body or None, limit_s)
    except TimeoutError:
        raise timed_out() from None
    except (OSError, http.client.HTTPException):
        raise internal() from None
    finally:
        call.integration_ms = (time.monotonic() - started) * 1000
    call.backend.service_status = call.backend.status = status
    return Answer(status, headers, body)


def _address(call: Call) -> str:
    url = call.resolved(call.integration.uri)
    for name, value in call.parameters.items():
        url = url.replace("{" + name + "}", value)
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise internal()
    if call.request.query:
        url += ("&" if "?" in url else "?") + urlencode(call.request.query)
    return url
