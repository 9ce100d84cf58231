"""What the execution log shows of failing requests to a method: what they sent and how far they came."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from probes._together import attempt
from probes.stage._execution_log import failures
from probes.stage._told import CALLS as ASKED
from wizard.logs import Story
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case

# Only REST APIs map.
CALLS = ASKED - {"apigatewayv2:GetStage"}
_RECEIVED = re.compile(r"^Received response\. Status: (\d{3})")
_UNMATCHED = re.compile(r"Endpoint Response Status Code: (\d{3})")
_CONTENT_TYPE = re.compile(r"[{ ][Cc]ontent-[Tt]ype=([\w.+-]+/[\w.+*-]+)")
_NAME = re.compile(r"(?:^|, )([\w.-]{1,128})=")
_PLACES = {
    "Method request path: ": "path",
    "Method request query string: ": "querystring",
    "Method request headers: ": "header",
}
_BODY = "Method request body before transformations: "
_TRUNCATED = "[TRUNCATED]"
# What stands between these two tells of the call of the authorizer's function, which looks like one of the backend.
_AUTHORIZES, _AUTHORIZED = "Starting authorizer: ", "Successfully completed authorizer execution"
BINARY = "[Binary Data]"


@dataclass(frozen=True, slots=True)
class Logged:
    """One failing request.

    `called` whether the backend was reached, None when the log is too terse to tell. `failure` is the gateway's last
    word. `parameters` are names by place, None where they were not logged. `status` is what the backend answered,
    `error_message` the errorMessage of a function that failed, None where the answer was not logged whole.
    """

    failure: str = ""
    called: bool | None = None
    content_type: str | None = None
    body: str | None = None
    parameters: dict[str, set[str]] | None = None
    status: int | None = None
    error_message: str | None = None
    answered: bool = False

    def before(self, text: str) -> bool:
        """Whether it failed with this text before the backend was called."""
        return text in self.failure and self.called is False

    def after(self, text: str) -> bool:
        """Whether it failed with this text after the backend had answered."""
        return text in self.failure and self.called is True


@dataclass
class _Heard:
    called: bool | None = None
    content_type: str | None = None
    body: str | None = None
    parameters: dict[str, set[str]] = field(default_factory=dict)
    status: int | None = None


def logged(aws: Aws, case: Case) -> list[Logged]:
    """The newest failing requests to the method, newest first; none where the log cannot be read, which the execution
    log's check tells: its questions are the same.
    """
    found = attempt(lambda: failures(aws, case))
    return [] if isinstance(found, AwsError) else [_read(story) for story in found.stories]


def _read(story: Story) -> Logged:
    heard = _Heard(called=False if story.method else None)
    authorizing = False
    for line in story.lines:
        authorizing = line.text.startswith(_AUTHORIZES) or (authorizing and not line.text.startswith(_AUTHORIZED))
        if not authorizing:
            _hear(line.text, heard)
    failure = story.failures[-1] if story.failures else ""
    if found := _UNMATCHED.search(failure):
        heard.status, heard.called = int(found[1]), True
    whole = story.body is not None and not story.body.endswith(_TRUNCATED)
    return Logged(
        failure,
        heard.called,
        heard.content_type,
        heard.body,
        heard.parameters or None,
        heard.status,
        _error_message(story.body) if whole else None,
        whole,
    )


def _hear(text: str, heard: _Heard) -> None:
    if text.startswith(("Sending request to", "Endpoint response ")):
        heard.called = True
    elif found := _RECEIVED.match(text):
        heard.called, heard.status = True, int(found[1])
    elif text.startswith(_BODY):
        heard.body = text.removeprefix(_BODY)
    for beginning, place in _PLACES.items():
        if text.startswith(beginning):
            rest = text.removeprefix(beginning)
            heard.parameters[place] = set(_NAME.findall(rest.strip("{}")))
            if place == "header" and (kind := _CONTENT_TYPE.search(rest)):
                heard.content_type = kind[1].lower()


def _error_message(body: str | None) -> str | None:
    """What Lambda's selection patterns are tried on; an answer without an error has an empty one."""
    try:
        answer: Any = json.loads(body or "null")
    except ValueError:
        return None
    said = answer.get("errorMessage") if isinstance(answer, dict) else None
    return said if isinstance(said, str) else ""
