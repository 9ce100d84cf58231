"""The execution log of one request, in API Gateway's wording, and its two forms.

Wording: recorded logs of test-invoke, and https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wizard.sandbox import clock

EVENT_BYTES = 1024
_CUT = " [TRUNCATED]"

Kind = Literal["step", "data", "error"]


@dataclass(frozen=True)
class Entry:
    """One line: seconds since the epoch, text, and whether it is a step, traced data or an error."""

    at: float
    text: str
    kind: Kind


@dataclass
class ExecutionLog:
    """Collects the lines of one request."""

    request_id: str
    entries: list[Entry] = field(default_factory=list)

    def step(self, text: str) -> None:
        """A line that every INFO log has."""
        self.entries.append(Entry(clock.now(), text, "step"))

    def data(self, text: str) -> None:
        """A line with headers or bodies: written with data tracing only."""
        self.entries.append(Entry(clock.now(), text, "data"))

    def error(self, text: str) -> None:
        """A line that an ERROR log has too."""
        self.entries.append(Entry(clock.now(), text, "error"))

    def as_test_invoke(self) -> str:
        """The ``log`` field of TestInvokeMethod: everything, each line with its date."""
        lines = [f"Execution log for request {self.request_id}"]
        for entry in self.entries:
            stamp = time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(entry.at))
            lines.append(f"{stamp} : {entry.text}")
        return "\n".join(lines) + "\n"

    def as_events(self, level: str, data_trace: bool) -> list[tuple[int, str]]:
        """The CloudWatch events (milliseconds, message) for a stage's logging level; none unless INFO or ERROR."""
        kinds: set[Kind] = {"error"} if level == "ERROR" else {"step", "error"}
        if level not in ("INFO", "ERROR"):
            return []
        if data_trace and level == "INFO":
            kinds.add("data")
        wanted = [entry for entry in self.entries if entry.kind in kinds]
        return [(int(entry.at * 1000), cut(f"({self.request_id}) {entry.text}")) for entry in wanted]


def cut(text: str) -> str:
    """Shorten a message to the bytes that one event may have."""
    raw = text.encode()
    if len(raw) <= EVENT_BYTES:
        return text
    return raw[: EVENT_BYTES - len(_CUT)].decode("utf-8", "ignore") + _CUT


def mapping(pairs: Mapping[str, str]) -> str:
    """Headers or parameters as the log shows them: ``{a=1, b=2}``; an Authorization header is hidden."""
    shown = (f"{name}={'****' if name.lower() == 'authorization' else value}" for name, value in pairs.items())
    return "{" + ", ".join(shown) + "}"
