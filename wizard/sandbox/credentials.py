"""Credentials that stand for a role, and the environment variables of a function that carry those of its own.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

import secrets
import string
import threading
from dataclasses import dataclass

from wizard.sandbox.functions import egress
from wizard.sandbox.functions.model import Function

_ALPHABET = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class Session:
    """A role session: the role's ARN and the session's name, which is the function's where one works with it."""

    role_arn: str
    session_name: str

    @property
    def user_arn(self) -> str:
        """The ARN that an AccessDenied message names."""
        account, role = self.role_arn.split(":")[4], self.role_arn.rsplit("/", 1)[-1]
        return f"arn:aws:sts::{account}:assumed-role/{role}/{self.session_name}"


class Credentials:
    """Issues access keys for sessions of roles and knows whose they are. Thread-safe."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._keys: dict[Session, str] = {}

    def session(self, access_key: str) -> Session | None:
        """The session an access key belongs to, or None when it was not issued here."""
        return self._sessions.get(access_key)

    def clear(self) -> None:
        """Forget all keys."""
        with self._lock:
            self._sessions.clear()
            self._keys.clear()

    def variables(self, function: Function) -> dict[str, str]:
        """The environment of the function: its own variables, and on top of them those that Lambda reserves."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": "UTC",
            **dict(function.environment),
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            **self._endpoints(function),
            "AWS_ACCESS_KEY_ID": self.assume(function.role, function.name),
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_SESSION_TOKEN": "sandbox",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "LAMBDA_TASK_ROOT": "/var/task",
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "_HANDLER": function.handler,
        }

    def _endpoints(self, function: Function) -> dict[str, str]:
        """Where the function finds AWS: in the sandbox, as far as its network lets it."""
        reached = egress.services(function)
        if reached is None:
            return {"AWS_ENDPOINT_URL": self.endpoint_url}
        return {f"AWS_ENDPOINT_URL_{name.upper().replace('-', '_')}": self.endpoint_url for name in sorted(reached)}

    def assume(self, role_arn: str, session_name: str) -> str:
        """The access key of a session of a role; one a session, however often it is asked for."""
        return self._key(Session(role_arn, session_name))

    def _key(self, session: Session) -> str:
        with self._lock:
            if session not in self._keys:
                key = "ASIA" + "".join(secrets.choice(_ALPHABET) for _ in range(16))
                self._keys[session] = key
                self._sessions[key] = session
            return self._keys[session]
