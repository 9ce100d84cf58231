"""One request's whole story: its lines in the gateway's logs and in the function's, in order of time."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from probes._functions import configuration, log_group, region_of
from probes._logs import Event, filtered, text_of, time_of
from probes._together import attempt
from wizard.logs import clean, match
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case

LINES, LONGEST = 60, 400
_ENDS, _DECIDING = 15, 30
_AFTER_MS, _LONGEST_AFTER_MS = 5_000, 60_000
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_TRACE = r"1-[0-9a-f]{8}-[0-9a-f]{24}"
# Where the gateway's log names the function's own request.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
_CALLED = re.compile(rf"(?:x-amzn-RequestId=|Endpoint RequestId\s*:\s*)(?P<id>{_UUID})", re.IGNORECASE)
_TRACED = re.compile(_TRACE, re.IGNORECASE)
# https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
_BEGIN = re.compile(rf"^START RequestId: (?P<id>{_UUID})|\"requestId\":\s*\"(?P<json>{_UUID})\"", re.IGNORECASE)
_BEGINS = ("START RequestId:", '"platform.start"')
_END = ("REPORT RequestId:", '"platform.report"')


@dataclass(slots=True)
class Invocation:
    """One run of a function as its log tells it: from what stands before START, its initialisation, to REPORT."""

    request_id: str | None = None
    events: list[Event] = field(default_factory=list)

    def is_of(self, ids: Collection[str]) -> bool:
        """Whether any of these ids (lower case) is its own, or stands in one of its lines."""
        if self.request_id in ids:
            return True
        return any(identity in text_of(event).lower() for event in self.events for identity in ids)


def joined(lines: Iterable[str]) -> set[str]:
    """The Lambda request ids and trace ids that lines of the gateway's log name, in lower case."""
    found: set[str] = set()
    for line in lines:
        if "equestI" in line:
            found |= {called["id"].lower() for called in _CALLED.finditer(line)}
        if "1-" in line:
            found |= {trace.lower() for trace in _TRACED.findall(line)}
    return found


def invocations(events: Iterable[Event]) -> list[Invocation]:
    """The runs that these events tell of, in the order of their beginnings."""
    told: list[Invocation] = []
    running: dict[str, Invocation] = {}
    begun: set[str] = set()
    for event in sorted(events, key=time_of):
        stream, text = str(event.get("logStreamName") or ""), text_of(event)
        begins = any(mark in text[:LONGEST] for mark in _BEGINS)
        if stream not in running or (begins and stream in begun):
            running[stream] = Invocation()
            told.append(running[stream])
            begun.discard(stream)
        if begins:
            found = _BEGIN.search(text[:LONGEST])
            running[stream].request_id = (found["id"] or found["json"]).lower() if found else None
            begun.add(stream)
        running[stream].events.append(event)
        if any(mark in text[:LONGEST] for mark in _END):
            del running[stream]
    return told


def around(aws: Aws, case: Case, start: int, end: int) -> list[Event]:
    """All lines of the traced function between two times (milliseconds) and a little later; [] when not readable.

    A function goes on after the gateway has given up on it: the time it may take is added, a minute at the most.
    """
    function = case.traced.function
    if function is None:
        return []
    settings = attempt(lambda: configuration(aws, case, function))
    timeout = settings.get("Timeout") if isinstance(settings, dict) else None
    after = min(_LONGEST_AFTER_MS, max(_AFTER_MS, int(timeout or 0) * 1000))
    group, region = log_group(settings, function)[0], region_of(function, case)
    pages = attempt(lambda: filtered(aws, group, start, end + after, limit=1, region=region))
    return [] if isinstance(pages, AwsError) else pages.items("events")


def tell(case: Case, lines: Iterable[tuple[Event, str]], deciding: Collection[str] = ()) -> list[dict[str, Any]]:
    """The story of (event, source) pairs, source being gateway, access or function; `deciding` are texts that decide.

    What the tree's signatures know in the function's lines decides too.
    """
    ordered = sorted(lines, key=lambda pair: time_of(pair[0]))
    spoken = [text_of(event) for event, source in ordered if source == "function"]
    known = {text for found in match(spoken, case.signatures, "function-log") for text in found.texts}
    told = []
    for event, source in ordered:
        line = clean(text_of(event))
        cut = line.text[:LONGEST]
        told.append(
            {
                "at": datetime.fromtimestamp(time_of(event) / 1000, UTC),
                "source": source,
                "request_id": line.request_id,
                "text": cut,
                "deciding": cut in deciding or (source == "function" and line.text in known),
            }
        )
    return _shortened(told)


def _shortened(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines that decide, and the beginning and the end, of a story that is too long."""
    if len(told) <= LINES:
        return told
    decides = [number for number, line in enumerate(told) if line["deciding"]][:_DECIDING]
    kept = {*range(_ENDS), *decides, *range(len(told) - _ENDS, len(told))}
    return [told[number] for number in sorted(kept)]
