"""The lines of one request, and what they say of how it went."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from wizard.logs.line import LONGEST, Line, clean

_METHOD = re.compile(r"^HTTP Method: (?P<method>[A-Z]+), Resource Path: (?P<path>\S*)")
_STATUS = re.compile(r"^Method completed with status: (?P<status>\d{3})")
_URI = re.compile(r"^(?:Endpoint request URI:|Sending request to) (?P<uri>\S+)")
# A story without an end must not grow without end.
MOST_FAILURES = 20
_START = re.compile(r"^(?:Starting execution for request: |Execution log for request |START RequestId: )(?P<id>\S+)")
_BODY = "Endpoint response body before transformations:"
# What a body that was pasted over several lines goes on with.
_GOES_ON = ("{", "}", "[", "]", '"', " ", "\t")
_FAILURES = ("Execution failed", "Lambda execution failed", "Lambda invocation failed")
# What the client sent stands in these lines; whatever it says proves nothing.
_FROM_CLIENT = ("Method request ", "Endpoint request headers", "Endpoint request body")
# What the backend answered stands in these: it may tell of itself, but it does not speak for the gateway.
_FROM_BACKEND = ("Endpoint response body", "Method response ")


@dataclass(slots=True)
class Story:
    """What is known of one request. `status` is what the client got; `body` what the integration answered, as
    logged.
    """

    request_id: str | None = None
    method: str | None = None
    resource_path: str | None = None
    status: int | None = None
    uri: str | None = None
    succeeded: bool = False
    function_error: bool = False
    failures: list[str] = field(default_factory=list)
    body: str | None = None
    body_line: Line | None = None
    lines: list[Line] = field(default_factory=list)
    body_open: bool = False

    @property
    def failed(self) -> bool:
        """Whether the log says that the client got a 5xx, or that the execution failed and not with which status."""
        return self.status >= 500 if self.status is not None else bool(self.failures)

    @property
    def harmless(self) -> bool:
        """Whether the client got something other than a 5xx."""
        return self.status is not None and self.status < 500

    @property
    def calls_lambda(self) -> bool | None:
        """Whether the integration called Lambda; None when the log does not show it."""
        return None if self.uri is None else "/functions/" in self.uri or ":lambda:" in self.uri

    def add(self, line: Line) -> None:
        """Learn from one more line; the line itself is not kept."""
        text, open_before = line.text, self.body_open
        self.body_open = False
        if open_before and line.request_id is None and line.at is None and text.startswith(_GOES_ON):
            self.body, self.body_open = f"{self.body}{text}"[:LONGEST], True
        elif text.startswith(_FAILURES):
            self.failures = [*self.failures[-MOST_FAILURES:], text]
            self.function_error = self.function_error or "customer function error" in text
        elif text.startswith(_BODY):
            self.body, self.body_line, self.body_open = text.removeprefix(_BODY).strip(), line, True
        elif text.startswith("Successfully completed execution"):
            self.succeeded = True
        elif text.startswith("Endpoint response headers"):
            self.function_error = self.function_error or "X-Amz-Function-Error" in text
        elif found := _METHOD.match(text):
            self.method, self.resource_path = found["method"], found["path"]
        elif found := _STATUS.match(text):
            self.status = int(found["status"])
        elif found := _URI.match(text):
            self.uri = found["uri"]


def from_client(text: str) -> bool:
    """Whether an execution-log line only repeats what the client sent."""
    return text.startswith(_FROM_CLIENT)


def from_backend(text: str) -> bool:
    """Whether an execution-log line repeats what the backend answered."""
    return text.startswith(_FROM_BACKEND)


class Teller:
    """Says to which story each line of a stream belongs. A line that names no request goes on with the one
    before it.
    """

    def __init__(self) -> None:
        self._current = ""
        self._unnamed = 0

    def story_of(self, line: Line) -> str:
        """The key of the story: the request id, or # and a number for a request that has none."""
        start = _START.match(line.text)
        named = line.request_id or (start["id"].lower() if start else None)
        if named:
            self._current = named
        elif not self._current:
            self._unnamed += 1
            self._current = f"#{self._unnamed}"
        key = self._current
        if _STATUS.match(line.text) or line.text.startswith("REPORT RequestId:"):
            self._current = ""
        return key


def stories(lines: Iterable[str]) -> list[Story]:
    """The requests that these lines tell of, each with its lines, in the order in which they first appear."""
    told: dict[str, Story] = {}
    teller = Teller()
    for number, raw in enumerate(lines, 1):
        line = clean(raw, number)
        key = teller.story_of(line)
        story = told.setdefault(key, Story(None if key.startswith("#") else key))
        story.add(line)
        story.lines.append(line)
    return list(told.values())
