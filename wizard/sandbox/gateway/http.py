"""Requests and answers as the simulator passes them around, and its refusals."""

from __future__ import annotations

import json
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from wizard.sandbox import clock
from wizard.sandbox.gateway.snapshot import Api

INTERNAL = "Internal server error"
INTERNAL_TYPE = "InternalServerErrorException"


@dataclass(frozen=True)
class Request:
    """One request to a stage; ``path`` is what follows the stage (all of it at first), still percent-encoded."""

    verb: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"

    def header(self, name: str) -> str:
        """The last value of a header, or an empty text."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), "")


@dataclass(frozen=True)
class Answer:
    """One response to the client."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


@dataclass(frozen=True)
class Place:
    """Where and when a request arrived: the API as deployed (or as configured, in a test), its stage and variables.

    ``segment_id`` and ``call_id`` (the subsegment of the integration) are set when the stage traces.
    """

    region: str
    account: str
    api: Api
    stage: str
    variables: Mapping[str, str]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    extended_id: str = field(default_factory=lambda: urlsafe_b64encode(uuid.uuid4().bytes[:11]).decode())
    test: bool = False
    at: float = field(default_factory=clock.now)
    trace_id: str = ""
    segment_id: str = ""
    call_id: str = ""

    @property
    def traced(self) -> bool:
        """True when the stage sends its requests to X-Ray."""
        return bool(self.segment_id)


class RefusalError(Exception):
    """The gateway itself answers: status, message, ``x-amzn-ErrorType`` and gateway response type."""

    def __init__(self, status: int, message: str, error_type: str, response_type: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.error_type, self.response_type = error_type, response_type


def configuration_error() -> RefusalError:
    """500: what the stage is told to do cannot be done."""
    return RefusalError(500, INTERNAL, INTERNAL_TYPE, "API_CONFIGURATION_ERROR")


def bad_gateway() -> RefusalError:
    """502: the function ran and failed, or its response is malformed."""
    return RefusalError(502, INTERNAL, INTERNAL_TYPE, "INTEGRATION_FAILURE")


def timed_out() -> RefusalError:
    """504: the integration took longer than its time-out."""
    return RefusalError(504, "Endpoint request timed out", INTERNAL_TYPE, "INTEGRATION_TIMEOUT")


def no_such_route() -> RefusalError:
    """403: the API has no resource and method for the request."""
    kind = "MissingAuthenticationTokenException"
    return RefusalError(403, "Missing Authentication Token", kind, "MISSING_AUTHENTICATION_TOKEN")


def forbidden() -> RefusalError:
    """403: no such stage, or a key is required."""
    return RefusalError(403, "Forbidden", "ForbiddenException", "INVALID_API_KEY")


def refuse(refusal: RefusalError, api: Api | None) -> Answer:
    """The gateway response for a refusal, as customised in the API or as it is by default."""
    custom = _custom_response(refusal, api)
    status, body = refusal.status, json.dumps({"message": refusal.message})
    if custom is not None:
        status = int(str(custom.get("statusCode") or status))
        templates = custom.get("responseTemplates")
        if isinstance(templates, Mapping) and templates.get("application/json"):
            body = str(templates["application/json"])
            body = body.replace("$context.error.messageString", json.dumps(refusal.message))
            body = body.replace("$context.error.message", refusal.message)
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", refusal.error_type)]
    return Answer(status, headers, body.encode())


def _custom_response(refusal: RefusalError, api: Api | None) -> Mapping[str, object] | None:
    if api is None:
        return None
    default = "DEFAULT_5XX" if refusal.status >= 500 else "DEFAULT_4XX"
    return api.gateway_responses.get(refusal.response_type) or api.gateway_responses.get(default)


def accepts_binary(api: Api, media_type: str) -> bool:
    """True when the first media type of a header is one of the API's binary media types."""
    wanted = media_type.split(",")[0].split(";")[0].strip().lower()
    return bool(wanted) and any(fnmatchcase(wanted, kind.replace("~1", "/").lower()) for kind in api.binary_media_types)
