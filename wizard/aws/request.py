"""One real HTTP request, answered as it comes: an error status is an answer, a redirect is not followed."""

from __future__ import annotations

import base64
import http.client
import ipaddress
import ssl
import time
import urllib.error
import urllib.request
from urllib.parse import SplitResult, quote, unquote, urlsplit

from wizard.model.aws import AwsError, HttpAnswer, TimedOut, Unreachable

BODY_LIMIT = 64 * 1024
_CHUNK = 8 * 1024
# What may stand in a path or query as it is, % included: the address is sent as it was given.
_AS_IS = "/%:@!$&'()*+,;=~-._?[]"


def send(method: str, url: str, *, timeout_s: float, user_agent: str) -> HttpAnswer:
    """Send a request without a body; `took_ms` in milliseconds runs to the last byte that was read.

    Raises:
        AwsError: the address cannot be called.
        TimedOut: no whole answer within `timeout_s` seconds.
        Unreachable: no connection, no TLS, or an answer that is not HTTP.
    """
    address = _address(url)
    request = _request(method, address, user_agent)
    started = time.perf_counter()
    try:
        with _opener(address.hostname or "").open(request, timeout=timeout_s) as answer:
            body = _body(answer, started + timeout_s)
            return HttpAnswer(answer.status, _headers(answer), body, (time.perf_counter() - started) * 1000)
    except urllib.error.URLError as error:
        raise _failed(error.reason, address.netloc, timeout_s) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _failed(error, address.netloc, timeout_s) from error


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(url: str) -> SplitResult:
    try:
        address = urlsplit(url)
        usable = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise AwsError("the address cannot be called: it is not an http or https URL")
    return address


def _request(method: str, address: SplitResult, user_agent: str) -> urllib.request.Request:
    host = address.hostname or ""
    host = host if host.isascii() else host.encode("idna").decode("ascii")
    netloc = (f"[{host}]" if ":" in host else host) + (f":{address.port}" if address.port else "")
    query = f"?{quote(address.query, _AS_IS)}" if address.query else ""
    headers = {"User-Agent": user_agent, "Accept": "*/*"}
    if address.username is not None:
        pair = f"{unquote(address.username)}:{unquote(address.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"
    url = f"{address.scheme}://{netloc}{quote(address.path or '/', _AS_IS)}{query}"
    return urllib.request.Request(url, method=method.upper(), headers=headers)  # noqa: S310 - only http(s) gets here


def _opener(host: str) -> urllib.request.OpenerDirector:
    """Only http and https, no redirects, no error statuses turned into exceptions; no proxy to this machine."""
    opener = urllib.request.OpenerDirector()
    proxies = urllib.request.ProxyHandler({} if is_loopback(host) else None)
    https = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    for handler in (proxies, urllib.request.HTTPHandler(), https):
        opener.add_handler(handler)
    return opener


def _body(answer: http.client.HTTPResponse, deadline: float) -> str:
    parts: list[bytes] = []
    size = 0
    while size < BODY_LIMIT and (part := answer.read1(min(_CHUNK, BODY_LIMIT - size))):
        parts.append(part)
        size += len(part)
        if time.perf_counter() > deadline:
            raise TimeoutError
    return b"".join(parts).decode("utf-8", "replace")


def _headers(answer: http.client.HTTPResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in answer.getheaders():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def _failed(error: object, where: str, timeout_s: float) -> AwsError:
    host = where.rpartition("@")[2]
    if isinstance(error, TimeoutError):
        return TimedOut(f"{host} did not answer within {timeout_s:g} s")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(f"the TLS certificate of {host} is not accepted: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        return Unreachable(f"no secure connection to {host}: {error.reason or 'TLS failed'}")
    if isinstance(error, OSError):
        return Unreachable(f"{host} cannot be reached: {error.strerror or 'the connection broke off'}")
    return Unreachable(f"{host} does not answer as a web server: {type(error).__name__}")
