"""Requests and answers as the simulator passes them around, and its refusals."""

from __future__ import annotations

import json
import re
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from wizard.sandbox import clock
from wizard.sandbox.gateway.snapshot import Api

INTERNAL = "Internal server error"
INTERNAL_TYPE = "InternalServerErrorException"
DENIED_TYPE = "AccessDeniedException"
_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")


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

    ``segment_id`` and ``call_id`` (the subsegment of the integration) are set when the stage traces, ``canary`` when
    the canary's deployment serves, ``endpoint`` is the id of the VPC endpoint that the request came through;
    ``authorizer`` is what the authorizer gave the request, ``api_key`` the key that it was let in with.
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
    canary: bool = False
    endpoint: str = ""
    authorizer: Mapping[str, Any] = field(default_factory=dict)
    api_key: str = ""
    api_key_id: str = ""

    @property
    def metrics_stage(self) -> str:
        """The stage as logs and metrics name it: a canary has its own."""
        return f"{self.stage}/Canary" if self.canary else self.stage

    def resolved(self, text: str) -> str:
        """Put the stage's variables in; a variable that the stage lacks leaves nothing behind."""
        return _VARIABLE.sub(lambda match: self.variables.get(match[1], ""), text)

    @property
    def traced(self) -> bool:
        """True when the stage sends its requests to X-Ray."""
        return bool(self.segment_id)


class RefusalError(Exception):
    """The gateway itself answers: status, message, ``x-amzn-ErrorType`` and gateway response type."""

    def __init__(self, status: int, message: str | None, error_type: str, response_type: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.error_type, self.response_type = error_type, response_type

    @property
    def body(self) -> str:
        """The answer's body when no gateway response says otherwise; a denial spells its key with a capital."""
        return json.dumps({"Message" if self.error_type == DENIED_TYPE else "message": self.message})


def configuration_error() -> RefusalError:
    """500: what the stage is told to do cannot be done."""
    return RefusalError(500, INTERNAL, INTERNAL_TYPE, "API_CONFIGURATION_ERROR")


def bad_gateway() -> RefusalError:
    """502: the function ran and failed, or its response is malformed."""
    return RefusalError(502, INTERNAL, INTERNAL_TYPE, "INTEGRATION_FAILURE")


def timed_out() -> RefusalError:
    """504: the integration took longer than its time-out."""
    return RefusalError(504, "Endpoint request timed out", INTERNAL_TYPE, "INTEGRATION_TIMEOUT")


def network_error() -> RefusalError:
    """504: no connection to the endpoint, or it broke. Message as public threads quote it."""
    return RefusalError(504, "Network error communicating with endpoint", INTERNAL_TYPE, "INTEGRATION_FAILURE")


def no_such_route() -> RefusalError:
    """403: the API has no resource and method for the request."""
    kind = "MissingAuthenticationTokenException"
    return RefusalError(403, "Missing Authentication Token", kind, "MISSING_AUTHENTICATION_TOKEN")


def forbidden() -> RefusalError:
    """403: no such stage, or a key is required."""
    return RefusalError(403, "Forbidden", "ForbiddenException", "INVALID_API_KEY")


def accepts_binary(api: Api, media_type: str) -> bool:
    """True when the first media type of a header is one of the API's binary media types."""
    wanted = media_type.split(",")[0].split(";")[0].strip().lower()
    return bool(wanted) and any(fnmatchcase(wanted, kind.replace("~1", "/").lower()) for kind in api.binary_media_types)
