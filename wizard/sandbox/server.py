"""The sandbox's one server: health, scenarios, the public side of the gateway, and the AWS APIs behind it."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from wizard.sandbox import backends, clock, own, parts, rolecheck, tracing, warehouse
from wizard.sandbox.gateway.http import Answer, Request
from wizard.sandbox.moto_gaps import install
from wizard.sandbox.moto_gaps.awslambda import account_settings
from wizard.sandbox.moto_gaps.errors import backend_app, error_body, speaks_form

HOST = "127.0.0.1"
SETTLE_SECONDS = 10.0
_PUBLIC = "/_aws/execute-api/"
_AGO = "HTTP_" + clock.HEADER.upper().replace("-", "_")
_building = threading.Lock()

StartResponse = Callable[..., Any]
Environ = dict[str, Any]


class UnknownFaultError(Exception):
    """A fault or furnishing that the sandbox does not have, parameters that mean nothing, or some that clash."""


class _QuietHandler(MotoRequestHandler):
    """Says nothing: stdout and stderr belong to the caller."""

    def log(self, type: str, message: str, *args: Any) -> None:
        return


class _Application:
    """Decides who answers a request: the sandbox itself, the gateway's public side, or moto."""

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(backend_app)

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        with clock.set_back(clock.parsed(str(environ.pop(_AGO, "0")))):
            return self._answer(environ, start)

    def _answer(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        path = urlsplit(str(environ.get("REQUEST_URI") or environ["PATH_INFO"])).path
        if path == "/_sandbox/health":
            return _send(start, _json(200, {"status": "ok"}))
        if path == "/_sandbox/scenario":
            return _send(start, _scenario(environ))
        if path == "/_sandbox/function-state":
            return _send(start, _function_state(environ))
        if path == "/_sandbox/quiet":
            return _send(start, _quiet(environ))
        if path.startswith(warehouse.PATH):
            return _send(start, warehouse.answer(_request(environ, path), environ.get("QUERY_STRING", "")))
        host = str(environ.get("HTTP_HOST", ""))
        public = _public_target(host, path)
        if public is not None:
            request = _request(environ, public[2])
            answer = parts.current().gateway.call(*public[:2], request, _vpc_endpoint(host))
            return _send(start, answer, head=environ["REQUEST_METHOD"] == "HEAD")
        if path.rstrip("/") == "/2016-08-19/account-settings":
            return _send(start, _json(200, account_settings(_signed_region(environ))))
        refused = _role_denial(environ)
        if refused is not None:
            return _send(start, refused)
        return self._aws(environ, start, path)

    def _aws(self, environ: Environ, start: StartResponse, path: str) -> Iterable[bytes]:
        """A call to an AWS API; what changed something is noted in the trail."""
        target, body = str(environ.get("HTTP_X_AMZ_TARGET", "")), _body(environ)
        own_answer = own.answer(_signed_region(environ), path, target, body)
        if own_answer is not None:
            return _send(start, _json(*own_answer))
        statuses: list[str] = []

        def note_status(status: str, *more: Any) -> Any:
            statuses.append(status)
            return start(status, *more)

        answered: Iterable[bytes] = self._moto(environ, note_status)
        if statuses and statuses[-1].startswith("2"):
            signed = {"authorization": str(environ.get("HTTP_AUTHORIZATION", "")), "target": target}
            parts.current().trail.note(str(environ["REQUEST_METHOD"]), path, signed, body)
        return answered


class SandboxServer:
    """Serves the sandbox on 127.0.0.1 from a thread; port 0 takes a free one."""

    def __init__(self, port: int = 0) -> None:
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self._server: BaseWSGIServer = make_server(
            HOST, port, _Application(), threaded=True, request_handler=_QuietHandler
        )
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)
        self.endpoint_url = f"http://{HOST}:{self._server.server_port}"
        self.parts = parts.build(self.endpoint_url)

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def start(self) -> None:
        """Begin to answer."""
        install()
        parts.set_current(self.parts)
        self.parts.runner.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop answering; kill every function process."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.parts.runner.stop()

    def reset(self) -> None:
        """Forget every resource, log and metric."""
        reset()

    def scenario(self, faults: Sequence[str], furnish: Sequence[str] = (), api_type: str = "") -> dict[str, Any]:
        """Reset, build a world with these faults, wait until no function runs. Raises UnknownFaultError."""
        return build_scenario(self.endpoint_url, faults, furnish, api_type)


def reset() -> None:
    """Forget every resource, log, metric and function process."""
    parts.current().reset()
    backends.reset()


def build_scenario(
    endpoint_url: str, faults: Sequence[str], furnish: Sequence[str] = (), api_type: str = ""
) -> dict[str, Any]:
    """Reset and build; see SandboxServer.scenario."""
    from wizard.sandbox.compatible import furnishings_of
    from wizard.sandbox.faults import ordered
    from wizard.sandbox.furnishings import ExclusiveError
    from wizard.sandbox.scenario import api_type_of, build

    for fault in faults:
        try:
            ordered(fault)
        except KeyError:
            raise UnknownFaultError(f"No such fault: {fault}") from None
        except ValueError as error:
            raise UnknownFaultError(f"{fault}: {error}") from None
    try:
        kind = api_type_of(faults, api_type)
        if kind == "http" and furnish:
            raise UnknownFaultError("only the REST API can be furnished otherwise")
        furnishings_of(faults, furnish)
    except KeyError as error:
        raise UnknownFaultError(f"No such furnishing: {error.args[0]}") from None
    except (ExclusiveError, ValueError) as error:
        raise UnknownFaultError(str(error)) from None
    with _building:
        reset()
        built = build(endpoint_url, faults, furnish, api_type)
        parts.current().runner.wait_idle(SETTLE_SECONDS)
    keys = {"access_key_id": "AKIASANDBOXSANDBOX00", "secret_access_key": "sandbox"}
    return {"endpoint_url": endpoint_url, **keys, **built}


def _scenario(environ: Environ) -> Answer:
    """GET with ``?fault=ID`` or POST with ``{"faults": [ID], "furnish": [NAME]}`` or ``"api_type": "http"``."""
    if environ["REQUEST_METHOD"] not in ("GET", "POST"):
        return _json(405, {"message": 'POST a body such as {"faults": []}'})
    try:
        asked: Any = {
            "faults": [value for name, value in parse_qsl(str(environ.get("QUERY_STRING", ""))) if name == "fault"]
        }
        if environ["REQUEST_METHOD"] == "POST":
            asked = json.loads(_body(environ) or b"{}")
        faults, furnish = asked.get("faults", []), asked.get("furnish", [])
        api_type = str(asked.get("api_type") or "")
    except (ValueError, AttributeError):
        return _json(400, {"message": "The body must be a JSON object with a list of faults"})
    for listed in (faults, furnish):
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            return _json(400, {"message": "faults and furnish must be lists of texts"})
    endpoint = f"http://{HOST}:{environ['SERVER_PORT']}"
    try:
        return _json(200, build_scenario(endpoint, faults, furnish, api_type))
    except UnknownFaultError as error:
        return _json(404, {"message": str(error)})


def _function_state(environ: Environ) -> Answer:
    """POST ``{"function": NAME, "region": …, "state": {…}}``: what state Lambda says it is in; see ServiceStates."""
    try:
        asked: Any = json.loads(_body(environ) or b"{}")
        parts.current().states.put(asked["region"], asked["function"], dict(asked["state"]))
    except (ValueError, KeyError, TypeError):
        return _json(400, {"message": "The body must be a JSON object with function, region and state"})
    return _json(200, {})


def _quiet(environ: Environ) -> Answer:
    """POST ``{"long": true}``: nobody calls for a while; long quiet ends the instances of functions."""
    asked: Any = json.loads(_body(environ) or b"{}")
    runner = parts.current().runner
    runner.wait_idle(SETTLE_SECONDS)
    if asked.get("long"):
        runner.drop_idle()
    return _json(200, {})


def _vpc_endpoint(host: str) -> str:
    """The id of the VPC endpoint that a host name (``api-vpce-….execute-api.…``) leads through; empty without one."""
    _, mark, rest = host.split(".", 1)[0].partition("-vpce-")
    return f"vpce-{rest}" if mark else ""


def _public_target(host: str, path: str) -> tuple[str, str, str] | None:
    """Region, API id and path (with the stage) of a client request; None when it is a call to an AWS API."""
    if path.startswith(_PUBLIC):
        api_id, _, rest = path[len(_PUBLIC) :].partition("/")
        region = backends.region_of(api_id)
    else:
        labels = host.split(":")[0].split(".")
        if len(labels) < 4 or labels[1] != "execute-api":
            return None
        api_id, region, rest = labels[0].split("-vpce-")[0], labels[2], path.lstrip("/")
    return region, api_id, "/" + rest


def _request(environ: Environ, path: str) -> Request:
    sent = {key[5:]: str(value) for key, value in environ.items() if key.startswith("HTTP_")}
    trace = f"Root={tracing.trace_id(sent.pop('X_AMZN_TRACE_ID', ''))}"
    headers = [(key.replace("_", "-").title(), value) for key, value in sent.items()]
    if environ.get("CONTENT_TYPE"):
        headers.append(("Content-Type", environ["CONTENT_TYPE"]))
    caller = str(environ.get("REMOTE_ADDR", HOST))
    headers += [("X-Amzn-Trace-Id", trace), ("X-Forwarded-For", caller), ("X-Forwarded-Port", "443")]
    headers.append(("X-Forwarded-Proto", "https"))
    return Request(
        verb=environ["REQUEST_METHOD"],
        path=path,
        headers=tuple(headers),
        query=tuple(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
        body=_body(environ),
        source_ip=caller,
    )


def _role_denial(environ: Environ) -> Answer | None:
    authorization = str(environ.get("HTTP_AUTHORIZATION", ""))
    if "Credential=ASIA" not in authorization:
        return None
    target, body = str(environ.get("HTTP_X_AMZ_TARGET", "")), _body(environ)
    address = str(environ.get("REQUEST_URI") or environ["PATH_INFO"])
    sent = rolecheck.Sent(target, body, environ["REQUEST_METHOD"], address)
    message = rolecheck.denial(parts.current().credentials, authorization, sent)
    if message is None:
        return None
    form = not target and (speaks_form(str(environ.get("CONTENT_TYPE", "")), target) or sent.names_action)
    code = "AccessDenied" if form else "AccessDeniedException"
    kind, text = error_body(form, code, message)
    return Answer(403 if form else 400, [("Content-Type", kind), ("x-amzn-ErrorType", code)], text.encode())


def _signed_region(environ: Environ) -> str:
    scope = str(environ.get("HTTP_AUTHORIZATION", "")).split("/")
    return scope[2] if len(scope) > 4 else backends.REGION


def _body(environ: Environ) -> bytes:
    """The request's body; it stays readable for whoever comes next."""
    from io import BytesIO

    raw: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(raw)
    return raw


def _json(status: int, body: object) -> Answer:
    headers = [("Content-Type", "application/json"), ("x-amzn-RequestId", str(uuid.uuid4()))]
    return Answer(status, headers, json.dumps(body).encode())


def _send(start: StartResponse, answer: Answer, *, head: bool = False) -> list[bytes]:
    phrase = HTTPStatus(answer.status).phrase if answer.status in HTTPStatus._value2member_map_ else ""
    headers = [(name, value) for name, value in answer.headers if name.lower() not in ("content-length", "connection")]
    start(f"{answer.status} {phrase}", [*headers, ("Content-Length", str(len(answer.body)))])
    return [] if head else [answer.body]
