"""The words of the function runner: which function, what came out, why it was refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

MAX_RESPONSE_BYTES = 6_291_556


@dataclass(frozen=True)
class Function:
    """One version of a function as configured; ``timeout`` in seconds, ``memory`` in MB, ``file_systems`` ARNs.

    ``granted_to`` is the id of the role that Lambda was granted the use of its key for.
    """

    region: str
    name: str
    version: str
    arn: str
    handler: str
    runtime: str
    role: str
    timeout: int
    memory: int
    code: bytes = field(repr=False)
    code_sha: str
    environment: tuple[tuple[str, str], ...] = ()
    qualifier: str = ""
    traced: bool = False
    kms_key: str = ""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    file_systems: tuple[str, ...] = ()
    granted_to: str = ""
    architecture: str = "x86_64"

    @property
    def family(self) -> tuple[str, str]:
        """What reserved concurrency counts: all versions of a function together."""
        return self.region, self.name

    @property
    def slot(self) -> tuple[str, str, str]:
        """What an environment belongs to."""
        return self.region, self.name, self.version

    @property
    def fingerprint(self) -> str:
        """Changes with everything that makes Lambda replace the execution environments."""
        parts = [self.code_sha, self.handler, self.runtime, self.role, self.timeout, self.memory, self.environment]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Result:
    """What one invocation gave: JSON text, and ``error`` = the function error header's value or None."""

    request_id: str
    payload: str
    error: str | None
    version: str
    log_tail: str = ""

    @property
    def error_message(self) -> str:
        """``errorMessage`` of a failed invocation, else empty."""
        if self.error is None:
            return ""
        body = json.loads(self.payload)
        return str(body.get("errorMessage", "")) if isinstance(body, dict) else ""


class RefusedError(Exception):
    """Lambda does not run the function: the status of its answer, the error's name and its message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class ThrottledError(RefusedError):
    """No concurrency left: reserved or account limit. ``reason`` as Lambda names it."""

    def __init__(self, reason: str) -> None:
        super().__init__(429, "TooManyRequestsException", "Rate Exceeded.")
        self.reason = reason
