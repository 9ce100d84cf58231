"""The lines of one request, and what they say of how it went."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from wizard.logs.line import LONGEST, Line
from wizard.logs.record import lines_of

_METHOD = re.compile(r"^HTTP Method: (?P<method>[A-Z]+), Resource Path: (?P<path>\S*)")
_STATUS = re.compile(r"^Method completed with status: (?P<status>\d{3})")
_URI = re.compile(r"^(?:Endpoint request URI:|Sending request to) (?P<uri>\S+)")
# A story without an end must not grow without end.
MOST_FAILURES, MOST_LINKS = 20, 20_000
# What stands between these two is about the authorizer, not about the integration.
_AUTHORIZES = re.compile(r"^Starting authorizer: (?P<id>\S+) for request: ")
_AUTHORIZED = "Successfully completed authorizer execution"
_DECISION = "Authorizer result body before parsing:"
_START = re.compile(r"^(?:Starting execution for request: |Execution log for request |START RequestId: )(?P<id>\S+)")
_BODY = "Endpoint response body before transformations:"
# What a body that was pasted over several lines goes on with.
_GOES_ON = ("{", "}", "[", "]", '"', " ", "\t")
_FAILURES = ("Execution failed", "Lambda execution failed", "Lambda invocation failed")
_LAST = ("REPORT RequestId:", "</request>")
# What the client sent stands in these lines; whatever it says proves nothing.
_GATEWAYS_WORD = ": [Binary Data]"
_PREFLIGHT = re.compile(r"> OPTIONS \S+ HTTP/")
_FROM_CLIENT = ("Method request ", "Endpoint request headers", "Endpoint request body")
# What the backend answered stands in these: it may tell of itself, but it does not speak for the gateway.
_FROM_BACKEND = ("Endpoint response body", "Method response ")


@dataclass(slots=True)
class Story:
    """What is known of one request. `status` is what the client got; `body` what the integration answered, as
    logged; `loose` an object that looks like such an answer and stands there without a word about it. `authorizer` is
    the id of the authorizer that was asked, `decision` what it answered, as logged; `uri` is the integration's alone.
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
    loose: Line | None = None
    authorizer: str | None = None
    authorizing: bool = False
    decision: str | None = None

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

    @property
    def of_gateway(self) -> bool:
        """Whether the gateway tells it: only its logs know what the client got."""
        return self.status is not None or self.uri is not None or self.method is not None or bool(self.failures)

    def join(self, other: Story) -> None:
        """Learn what another log tells of the same request."""
        self.status = other.status if self.status is None else self.status
        self.body, self.body_line = (other.body, other.body_line) if self.body is None else (self.body, self.body_line)
        self.failures = [*self.failures, *other.failures][:MOST_FAILURES]
        self.function_error = self.function_error or other.function_error
        self.succeeded = self.succeeded or other.succeeded
        self.loose = self.loose or other.loose
        self.authorizer, self.decision = self.authorizer or other.authorizer, self.decision or other.decision

    def add(self, line: Line) -> None:
        """Learn from one more line; the line itself is not kept."""
        text, open_before = line.text, self.body_open
        self.body_open = False
        self.status = line.status or self.status
        if open_before and line.request_id is None and line.at is None and text.startswith(_GOES_ON):
            self.body, self.body_open = f"{self.body}{text}"[:LONGEST], True
        elif text.startswith("{") and '"statusCode"' in text:
            self.loose = self.loose or line
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
        elif found := _AUTHORIZES.match(text):
            self.authorizer, self.authorizing = found["id"], True
        elif text.startswith(_AUTHORIZED):
            self.authorizing = False
        elif text.startswith(_DECISION):
            self.decision = text.removeprefix(_DECISION).strip()
        elif (found := _URI.match(text)) and not self.authorizing:
            self.uri = found["uri"]


def from_client(text: str) -> bool:
    """Whether a line of an execution log or of curl only repeats what the client sent."""
    return (text.startswith(_FROM_CLIENT) and not text.endswith(_GATEWAYS_WORD)) or (
        text.startswith("> ") and not _PREFLIGHT.match(text)
    )


def from_backend(text: str) -> bool:
    """Whether an execution-log line repeats what the backend answered."""
    return text.startswith(_FROM_BACKEND)


class Teller:
    """Says to which story each line of a stream belongs. A line that names no request goes on with the one
    before it, unless it is all there is of its request.
    """

    def __init__(self) -> None:
        self._current = ""
        self._unnamed = 0
        self._sent = False
        self._links: OrderedDict[str, str] = OrderedDict()

    def story_of(self, line: Line) -> str:
        """The key of the story: the request id, or # and a number for a request that has none."""
        start = _START.match(line.text)
        named = line.request_id or (start["id"].lower() if start else None)
        named = self._links.get(named, named) if named and self._links else named
        if line.alone:
            return named or self._next()
        if line.text.startswith("> "):
            self._current, self._sent = self._current if self._sent else self._next(), True
        elif line.status and line.text.startswith("HTTP/"):
            self._current, self._sent = self._current if self._sent else self._next(), False
        elif named:
            self._current = named
        elif not self._current:
            self._current = self._next()
        key = self._current
        if _STATUS.match(line.text) or line.text.startswith(_LAST):
            self._current = ""
        return key

    def link(self, key: str, linked: str) -> str:
        """From now on `linked` is another name of the story `key`; gives the key it had before."""
        known = self._links.get(linked, linked)
        self._links[linked] = key
        if len(self._links) > MOST_LINKS:
            self._links.popitem(last=False)
        return known

    def move(self, known: str, key: str) -> None:
        """The story `known` has become part of `key`."""
        self._links[known] = key
        self._current = key if self._current == known else self._current

    def _next(self) -> str:
        self._unnamed += 1
        return f"#{self._unnamed}"


def stories(lines: Iterable[str]) -> list[Story]:
    """The requests that these lines tell of, each with its lines, in the order in which they first appear."""
    told: dict[str, Story] = {}
    teller = Teller()
    for number, raw in enumerate(lines, 1):
        for line in lines_of(raw, number):
            key = teller.story_of(line)
            story = told.setdefault(key, Story(None if key.startswith("#") else key))
            story.add(line)
            story.lines.append(line)
    return list(told.values())
