"""One log line, freed from what tools put in front of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
# As TestInvokeMethod returns it: a date as Java prints it, " : ", the text.
_TEST_INVOKE = re.compile(
    r"^\s*(?P<at>[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d [A-Z]{3,4} \d{4}) : ?(?P<text>.*)",
    re.DOTALL,
)
# As CloudWatch holds it: the request id in brackets, perhaps behind a time and a stream name, as the AWS CLI
# prints them.
_EXECUTION = re.compile(
    r"^\s*(?:(?P<at>\d{4}-\d\d-\d\d[T ]\S+|\d{13}),?\s*\"?)?(?:[^\s()]+\s+)?"
    rf"\((?P<id>{_UUID})\)\s?(?P<text>.*)",
    re.DOTALL,
)
_JSON_MESSAGE = re.compile(r'^\s*"message": (?P<text>".*"),?\s*$', re.DOTALL)
_LAMBDA_ID = re.compile(rf"(?:RequestId: |^\S+\s|\t)(?P<id>{_UUID})(?=[\s,.]|$)")
_TIME = re.compile(r"\b(?P<at>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)")

# Longer lines say nothing more, but could keep a regular expression busy.
LONGEST = 65_536


@dataclass(frozen=True, slots=True)
class Line:
    """A line or log event. `number` counts from 1; `at` is the time as it stands in the line; `text` has no prefix.

    `request_id` is API Gateway's in an execution log, Lambda's in a function log; None when the line names none.
    """

    number: int
    text: str
    request_id: str | None = None
    at: str | None = None


def clean(raw: str, number: int = 1) -> Line:
    """A raw line as a Line. Knows both forms of the execution log, Lambda's lines, and `"message": "…"` lines
    of AWS CLI JSON.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    text = raw[:LONGEST].rstrip("\r\n")
    if found := _JSON_MESSAGE.match(text):
        text = _unquoted(found["text"]).rstrip("\r\n")
    if " : " in text and (found := _TEST_INVOKE.match(text)):
        return Line(number, found["text"], None, found["at"])
    if "(" in text and (found := _EXECUTION.match(text)):
        return Line(number, found["text"], found["id"].lower(), found["at"])
    lambda_id = _LAMBDA_ID.search(text, 0, 200) if "-" in text else None
    at = _TIME.search(text, 0, 200)
    return Line(number, text, lambda_id["id"].lower() if lambda_id else None, at["at"] if at else None)


def _unquoted(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip('"')
    return value if isinstance(value, str) else text
