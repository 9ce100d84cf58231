"""The port through which probes see AWS, and the errors it raises.

AwsError
├── NotFound        the resource is not there
├── Denied          the credentials may not ask; names the IAM action
├── Throttled       the service kept refusing for rate
├── Expired         the credentials or the SSO session have run out
├── NoCredentials   there are none to use, or no Region
├── Unreachable     no answer from the endpoint
│   └── TimedOut    it did not answer in time
├── Unsupported     this endpoint does not offer the operation
└── Forbidden       the read-only guard does not let this call out
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from wizard.model.status import Reason


class AwsError(Exception):
    """An AWS question that got no usable answer. `reason` is what an UNKNOWN made of it carries."""

    reason = Reason.NO_DATA

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class NotFound(AwsError):
    """The resource does not exist in this account and Region."""


class Denied(AwsError):
    """The caller lacks a permission; `action` is the IAM action, like lambda:GetPolicy."""

    reason = Reason.DENIED

    def __init__(self, action: str, message: str = "", code: str | None = None) -> None:
        super().__init__(message or f"not allowed: {action}", code)
        self.action = action


class Throttled(AwsError):
    """Refused for rate after all retries."""

    reason = Reason.THROTTLED


class Expired(AwsError):
    """The session token or SSO login is no longer valid."""

    reason = Reason.EXPIRED


class NoCredentials(AwsError):
    """No usable credentials, or no Region configured."""

    reason = Reason.EXPIRED


class Unreachable(AwsError):
    """The endpoint could not be reached."""

    reason = Reason.OFFLINE


class TimedOut(Unreachable):
    """The endpoint did not answer in time."""

    reason = Reason.TIMED_OUT


class Unsupported(AwsError):
    """The endpoint (an emulator, a partition) does not know the service or operation."""


class Forbidden(AwsError):
    """The read-only guard refused to send the call; a defect of the tool, not of the account."""

    reason = Reason.CRASHED


_OWN_COMMANDS = {
    "dns": "dig +noall +answer {name}",
    "tls": "openssl s_client -connect {host}:443 -servername {host} </dev/null",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One question put to AWS and how it went.

    `took_ms` is 0 for an answer that was already there; `needs` is the IAM action that was missing when it was denied.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    region: str | None
    ok: bool
    took_ms: float = 0.0
    error: str | None = None
    needs: str | None = None

    def cli(self) -> str:
        """The same question as a command: an AWS CLI line, or what asks DNS and TLS from this machine."""
        if (own := _OWN_COMMANDS.get(self.service)) is not None:
            return own.format(**{name: shlex.quote(str(value)) for name, value in self.params.items()})
        words = ["aws", self.service, kebab(self.operation)]
        for name, value in self.params.items():
            words += [f"--{kebab(name)}", *_cli_value(value)]
        if self.region:
            words += ["--region", self.region]
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A real answer to a real request.

    Header names are lower case; `body` is cut at 64 KiB; `took_ms` in milliseconds.
    """

    status: int
    headers: Mapping[str, str]
    body: str
    took_ms: float


class Aws(Protocol):
    """What a probe may ask. Every method raises AwsError subclasses, never a botocore error.

    Operations and parameters carry the names of the AWS API (GetStage, restApiId). Only reading operations
    pass, except to a probe whose effect is invokes-backend and for which the person said yes.
    """

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        """One answer; `region` only when it differs from the case's."""
        ...

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        """All pages of a listing, up to `limit` of them."""
        ...

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        """A real HTTP request; raises Unreachable or TimedOut."""
        ...


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one listing. `truncated` is true when the page cap was met before the end."""

    pages: tuple[dict[str, Any], ...]
    truncated: bool = False

    def items(self, key: str) -> list[Any]:
        """The entries under `key` of all pages, in order."""
        return [item for page in self.pages for item in page.get(key) or []]


def kebab(name: str) -> str:
    """restApiId -> rest-api-id, GetAPIKeys -> get-api-keys."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1-\2", name))
    return spaced.lower()


def _cli_value(value: Any) -> list[str]:
    import json

    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return [shlex.quote(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(item, str) for item in value.values()):
        return [shlex.quote(",".join(f"{key}={item}" for key, item in value.items()))]
    if isinstance(value, list | tuple | Mapping):
        return [shlex.quote(json.dumps(value, default=str))]
    return [shlex.quote(str(value))]
