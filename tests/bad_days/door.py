"""A door in front of an endpoint that knows which AWS operation comes through, and may refuse it or let it wait."""

from __future__ import annotations

import http.client
import re
import struct
import threading
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

SERVICES = ("apigateway", "apigatewayv2", "lambda", "xray")
TARGETS = {
    "Logs_20140328": "logs",
    "GraniteServiceVersion20100801": "cloudwatch",
    "AWSHealth_20160804": "health",
    "ServiceQuotasV20190624": "service-quotas",
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": "cloudtrail",
}
LONGEST_WAIT_S = 120
_NOT_PASSED_ON = ("content-length", "connection", "transfer-encoding", "server", "date")


class Asked(NamedTuple):
    """One request as the door sees it: "service:Operation", and the headers in lower case."""

    name: str
    headers: dict[str, str]


class Reply(NamedTuple):
    """What the door says itself."""

    status: int
    headers: dict[str, str]
    body: bytes


Rule = Callable[[Asked], Reply]


class Door:
    """`url` leads to the endpoint behind. A rule for an operation, a service or "*" answers in its place.

    `seen` are the operations that were asked for, in order; `stalled` is set when a call has met a stall.
    """

    def __init__(self, endpoint_url: str | None = None) -> None:
        self.behind = endpoint_url
        self.seen: list[str] = []
        self.stalled = threading.Event()
        self._over = threading.Event()
        self._rules: dict[str, Rule] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Door:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """Everything passes again, what waits is let go, nothing is remembered."""
        self._rules = {}
        self._over.set()
        self._over = threading.Event()
        self.stalled.clear()
        self.seen.clear()

    def deny(self, *names: str, words: str = "") -> None:
        """Refused as IAM refuses; the usual words leave the action out, so that the tool must know it."""
        self._put(names, lambda asked: error(asked, 403, "AccessDeniedException", words or _not_authorized(asked.name)))

    def throttle(self, *names: str) -> None:
        """Refused for rate, however often it is asked."""
        self._put(names, lambda asked: error(asked, 429, *_throttling(asked.name)))

    def expire(self, *names: str) -> None:
        """The session token is too old."""
        words = "The security token included in the request is expired"
        self._put(names, lambda asked: error(asked, 403, "ExpiredTokenException", words))

    def lose(self, *names: str) -> None:
        """Not found."""
        words = "Invalid API identifier specified 123456789012:gone"
        self._put(names, lambda asked: error(asked, 404, "NotFoundException", words))

    def page(self, *names: str, status: int = 200) -> None:
        """A web page, as sign-in pages of networks and proxies give."""
        body = b"<!doctype html><html><title>Sign in</title><body>Welcome to the hotel</body></html>"
        self._put(names, lambda _: Reply(status, {"Content-Type": "text/html; charset=utf-8"}, body))

    def stall(self, *names: str) -> None:
        """No answer for as long as the test lasts."""
        over = self._over

        def wait(asked: Asked) -> Reply:
            self.stalled.set()
            over.wait(LONGEST_WAIT_S)
            return error(asked, 500, "InternalFailure", "the door was closed")

        self._put(names, wait)

    def _put(self, names: tuple[str, ...], rule: Rule) -> None:
        self._rules |= dict.fromkeys(names or ("*",), rule)

    def _rule(self, name: str) -> Rule | None:
        return self._rules.get(name) or self._rules.get(name.partition(":")[0]) or self._rules.get("*")

    def _pass_on(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        assert self.behind, "nothing is behind this door"
        behind = http.client.HTTPConnection(urlsplit(self.behind).netloc, timeout=60)
        behind.request(method, path, body, {**headers, "Connection": "close"})
        answer = behind.getresponse()
        told = answer.read()
        behind.close()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in _NOT_PASSED_ON}
        return Reply(answer.status, kept, told)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                name = operation(self.command, self.path, headers, body)
                door.seen.append(name)
                rule = door._rule(name)
                reply = rule(Asked(name, headers)) if rule else door._pass_on(self.command, self.path, headers, body)
                self.send_response(reply.status)
                for key, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _answer

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    return

            def log_message(self, *_: Any) -> None:
                """Nothing: a test says what went wrong by itself."""

        return Handler


def operation(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    """The AWS operation that a request asks for, as "service:Operation"; "http:METHOD path" for any other request."""
    if target := headers.get("x-amz-target"):
        service, _, name = target.rpartition(".")
        return f"{TARGETS.get(service, service)}:{name}"
    bare = urlsplit(path).path
    if called := re.fullmatch(r"/service/(\w+)/operation/(\w+)", bare):
        return f"{TARGETS.get(called[1], called[1])}:{called[2]}"
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request", headers.get("authorization", ""))
    if scope and (action := parse_qs(body.decode("latin-1")).get("Action")):
        return f"{'cloudwatch' if scope[1] == 'monitoring' else scope[1]}:{action[0]}"
    for wanted, pattern, name in _paths():
        if scope and wanted == method and pattern.fullmatch(bare):
            return name
    return f"http:{method} {bare}"


@cache
def _paths() -> list[tuple[str, re.Pattern[str], str]]:
    """Method and path of every REST operation, from the models that botocore carries; fixed paths before others."""
    from botocore.session import Session

    found = []
    for service in SERVICES:
        model = Session().get_service_model(service)
        for name in model.operation_names:
            http_trait = model.operation_model(name).http
            uri = http_trait["requestUri"].partition("?")[0].rstrip("/") or "/"
            parts = re.split(r"\{\w+(\+?)\}", uri)
            pattern = "".join(
                re.escape(part) if index % 2 == 0 else (".+" if part else "[^/]+") for index, part in enumerate(parts)
            )
            found.append((uri.count("{"), http_trait["method"], re.compile(f"{pattern}/?"), f"{service}:{name}"))
    return [(verb, pattern, name) for _, verb, pattern, name in sorted(found, key=lambda item: (item[0], item[3]))]


def error(asked: Asked, status: int, code: str, words: str) -> Reply:
    """An error in the wire format that the caller expects: JSON, query XML or CBOR.

    https://smithy.io/2.0/aws/protocols/index.html
    """
    if asked.name.startswith(("sts:", "iam:")):
        text = f"<ErrorResponse><Error><Code>{code}</Code><Message>{words}</Message></Error></ErrorResponse>"
        return Reply(status, {"Content-Type": "text/xml"}, text.encode())
    if asked.headers.get("smithy-protocol") == "rpc-v2-cbor":
        body = b"\xa2" + b"".join(_cbor(text) for text in ("__type", code, "message", words))
        return Reply(status, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, body)
    text = f'{{"__type": "{code}", "message": "{words}"}}'
    return Reply(status, {"Content-Type": "application/json", "x-amzn-ErrorType": code}, text.encode())


def _cbor(text: str) -> bytes:
    """A CBOR text string. https://www.rfc-editor.org/rfc/rfc8949#section-3.1"""
    return b"\x79" + struct.pack(">H", len(text)) + text.encode()


def _not_authorized(name: str) -> str:
    return f"User: arn:aws:iam::123456789012:user/support is not authorized to do this ({name.partition(':')[0]})"


def _throttling(name: str) -> tuple[str, str]:
    if name.startswith(("apigateway", "lambda")):
        return "TooManyRequestsException", "Too Many Requests"
    return "ThrottlingException", "Rate exceeded"
