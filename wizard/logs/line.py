"""One log line or log event, freed from what tools put in front of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
# As TestInvokeMethod returns it: a date as Java prints it, " : ", the text. People mask the date, never the form.
_TEST_INVOKE = re.compile(
    r"^\s*(?P<at>[A-Z][A-Za-z]{2} [A-Z][A-Za-z]{2} +(?:\d{1,2}|dd) \w\w:\w\w:\w\w [A-Z]{3,4} (?:\d{4}|yyyy))"
    r" : ?(?P<text>.*)",
    re.DOTALL,
)
# As CloudWatch holds it: the request id in brackets, perhaps behind a time, a stream name and a label, as the AWS CLI
# prints them. An id that somebody masked still has the form of one.
_EXECUTION = re.compile(
    r"^\s*(?:(?:EVENTS|RESULTS|MESSAGE)\t(?:@message\t)?)?(?:(?P<at>\d{4}-\d\d-\d\d[T ]\S+|\d{13}),?\s*\"?)?"
    r"(?:[^\s()]+\s+){0,3}"
    rf"\((?P<id>{_UUID}|[\w*]{{8}}-(?:[\w*]{{4}}-){{3}}[\w*]{{12}})\)\s?(?P<text>.*)",
    re.DOTALL,
)
_JSON_MESSAGE = re.compile(r'^\s*"message": (?P<text>".*"),?\s*$', re.DOTALL)
_LAMBDA_ID = re.compile(rf"(?:RequestId: |^\S+\s|\t)(?P<id>{_UUID})(?=[\s,.]|$)")
_TIME = re.compile(
    r"\b(?P<at>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})"
)
# $context.requestTime; a line that holds it is one whole entry of an access log.
_ACCESS_TIME = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}")
_ACCESS_STATUS = re.compile(
    r"\bHTTP/\d(?:\.\d)?\"?[ ,\t]\s*\"?(?P<common>[1-5]\d\d)\b|<status>\s*(?P<xml>[1-5]\d\d)\s*</status>"
    r"|\bstatus(?:Code)?\"?\s*[=:]\s*\"?(?P<named>[1-5]\d\d)\b"
)
_XML_ID = re.compile(r"<request\s+id=\"(?P<id>[^\"]{8,64})\"")
_HTTP_STATUS = re.compile(r"^(?:< )?HTTP/\d(?:\.\d)? (?P<status>[2-5]\d\d)(?:\s|$)")
_PLAIN_STATUS = re.compile(r"^\s*(?:HTTP )?[Ss]tatus(?: [Cc]ode)?:? (?P<status>[1-5]\d\d)\b[^\w]*$")
_TRACE = re.compile(r"\b1-[0-9a-f]{8}-[0-9a-f]{24}\b")
_LINKED = re.compile(rf"(?:Lambda request id: |x-amzn-RequestId=)(?P<id>{_UUID})")

# Longer lines say nothing more, but could keep a regular expression busy.
LONGEST = 65_536
# How far into a line its id and time stand.
_HEAD = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A line or log event. `number` counts from 1; `at` is the time as it stands in the line; `text` has no prefix.

    `request_id` is API Gateway's in an execution or access log, Lambda's in a function log; None when the line names
    none. `links` are other ids of the same request (Lambda's, the trace's). `status` is what the client got, where
    the line says so; `alone` a line that is all there is of its request in this log; `parts` the numbered lines of
    the input that an event spread over several of them consists of.
    """

    number: int
    text: str
    request_id: str | None = None
    at: str | None = None
    status: int | None = None
    alone: bool = False
    links: tuple[str, ...] = ()
    parts: tuple[tuple[int, str], ...] = ()


def clean(raw: str, number: int = 1) -> Line:
    """A raw line as a Line. Knows both forms of the execution log, Lambda's lines, access logs in the common, CSV
    and XML forms, `curl` output, and `"message": "…"` lines of AWS CLI JSON.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    text = raw[:LONGEST].rstrip("\r\n")
    if '"message": ' in text and (found := _JSON_MESSAGE.match(text)):
        text = _unquoted(found["text"]).rstrip("\r\n")
    if " : " in text and (found := _TEST_INVOKE.match(text)):
        return Line(number, found["text"], None, found["at"], links=_links(found["text"]))
    if "(" in text and (found := _EXECUTION.match(text)):
        return Line(number, found["text"], found["id"].lower(), found["at"], links=_links(found["text"]))
    return _other(text, number)


def _other(text: str, number: int) -> Line:
    head = text[:_HEAD]
    at = _TIME.search(head) if ":" in head else None
    if "/" in head and _ACCESS_TIME.search(text, 0, 4 * _HEAD) and not text.startswith(("<", " ")):
        return Line(number, text, None, at["at"] if at else None, _status(_ACCESS_STATUS.search(text)), alone=True)
    if "<" in head and (named := _XML_ID.search(head)):
        status = _status(_ACCESS_STATUS.search(text))
        return Line(number, text, named["id"].lower(), at["at"] if at else None, status, alone="</request>" in text)
    if text.startswith("< ") or text.startswith("HTTP/"):
        return Line(number, text.removeprefix("< "), status=_status(_HTTP_STATUS.match(text)))
    status = _status(_PLAIN_STATUS.match(text) if len(text) < 60 else None)
    if status is None and "<status>" in head:
        status = _status(_ACCESS_STATUS.search(head))
    lambda_id = _LAMBDA_ID.search(head) if "-" in head else None
    return Line(
        number,
        text,
        lambda_id["id"].lower() if lambda_id else None,
        at["at"] if at else None,
        status,
        links=tuple(_TRACE.findall(text[-_HEAD:])) if lambda_id and "XRAY TraceId" in text else (),
    )


def _links(text: str) -> tuple[str, ...]:
    """The ids by which the lines of an execution log name the other hops of the same request."""
    if "equest id: " not in text and "RequestId=" not in text and "Trace-Id=" not in text:
        return ()
    lambda_ids = [found["id"].lower() for found in _LINKED.finditer(text)]
    return tuple(dict.fromkeys([*lambda_ids, *_TRACE.findall(text)]))


def _status(found: re.Match[str] | None) -> int | None:
    return next((int(value) for value in found.groupdict().values() if value), None) if found else None


def _unquoted(text: str) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip('"')
    return value if isinstance(value, str) else text
