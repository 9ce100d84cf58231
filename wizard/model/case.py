"""Target, symptom, window and case: what is looked at and what the client saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wizard.model.json import Json
from wizard.model.trace import Trace
from wizard.model.tree import Signature


@dataclass(frozen=True, slots=True)
class Target:
    """One method of one stage of one API, as far as it is known.

    `path` is the request path below the stage, like /orders/42.
    `host` is the custom domain (or emulator host) the client used when the API id has still to be found.
    `url` is the exact address the client called, if it was given; it may hold a query string.
    """

    api_type: str = "rest"
    api_id: str | None = None
    stage: str | None = None
    method: str = "GET"
    path: str = "/"
    region: str | None = None
    account: str | None = None
    host: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Symptom:
    """What the client saw. `seen_in` is "url" or "test-invoke" (the console's Test button or TestInvokeMethod)."""

    status: int | None = None
    message: str | None = None
    error_type: str | None = None
    request_id: str | None = None
    seen_in: str = "url"


@dataclass(frozen=True, slots=True)
class Window:
    """The time span that logs and metrics are read for; both ends timezone-aware."""

    start: datetime
    end: datetime

    @property
    def start_ms(self) -> int:
        """Start in milliseconds since the epoch, as CloudWatch Logs wants it."""
        return int(self.start.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        """End in milliseconds since the epoch."""
        return int(self.end.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a probe may know.

    Target, symptom, window, the answers given, the traced path and the signatures to look for. `client_timeout_ms` is
    how long the client waits for an answer, in milliseconds, where somebody said so.
    """

    target: Target
    symptom: Symptom
    window: Window
    answers: Mapping[str, str] = field(default_factory=dict)
    trace: Trace | None = None
    signatures: tuple[Signature, ...] = ()
    client_timeout_ms: int | None = None

    @property
    def traced(self) -> Trace:
        """The traced path.

        Raises:
            LookupError: before the path is traced; the engine runs no other probe until then.
        """
        if self.trace is None:
            raise LookupError("the request path has not been traced yet")
        return self.trace


def case_facts(case: Case) -> dict[str, dict[str, Json]]:
    """The case as plain JSON for conditions and placeholders."""
    target = {
        name: getattr(case.target, name)
        for name in ("api_type", "api_id", "stage", "method", "path", "region", "account")
    }
    symptom = {
        name: getattr(case.symptom, name) for name in ("status", "message", "error_type", "request_id", "seen_in")
    }
    return {
        "target": target,
        "symptom": symptom,
        "answers": dict(case.answers),
        "trace": case.trace.facts() if case.trace else {},
    }
