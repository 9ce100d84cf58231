"""REPORT lines of a function's log: how long each invocation took, and whether a new instance had to be started for it.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html (text),
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report (JSON)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from probes._logs import Event, any_of, text_of, time_of

# Text lines begin with the first two, JSON events of the log hold the others.
WORDS = ("REPORT RequestId", "INIT_REPORT", "platform.report", "platform.initReport")
PATTERN = any_of(WORDS)
_DURATION = re.compile(r"\tDuration: (?P<ms>\d+(?:\.\d+)?) ms")
_INIT = re.compile(r"\b(?:Init|Restore) Duration: (?P<ms>\d+(?:\.\d+)?) ms")
_VERSION = re.compile(r"\[(?P<version>[^\]]{1,64})\]")
_STATUS = re.compile(r"\bStatus: (?P<status>\w+)")


@dataclass(frozen=True, slots=True)
class Report:
    """One invocation, times in milliseconds. `init_ms` is None where a warm instance took it.

    `timed_out` tells that Lambda stopped it; `error` that it ended badly otherwise. `version` is the function's, as
    the name of the log stream tells it: yyyy/mm/dd/[version]instance. `event` is the line that reports it.
    """

    at: int
    duration_ms: float
    init_ms: float | None
    timed_out: bool = False
    error: bool = False
    version: str = ""
    event: Event = field(default_factory=dict, compare=False, repr=False)

    @property
    def cold(self) -> bool:
        """Whether a new instance was started for it."""
        return self.init_ms is not None

    @property
    def whole_ms(self) -> float:
        """What the caller waited for."""
        return self.duration_ms + (self.init_ms or 0.0)


def reports(events: Iterable[Event]) -> list[Report]:
    """The invocations that these events report, in order of time.

    An initialisation that failed or ran out of time stands in a line of its own before the invocation that it kept
    waiting: it is added to that.
    """
    told: list[Report] = []
    pending: dict[str, float] = {}
    for event in sorted(events, key=time_of):
        text, stream = text_of(event), str(event.get("logStreamName") or "")
        read = _read_json(text) if text.startswith("{") else _read_text(text)
        if read is None:
            continue
        own, duration, init, status = read
        if not own:
            pending[stream] = init or 0.0
            continue
        init = pending.pop(stream, None) if init is None else init
        version = _VERSION.search(stream)
        bad = status not in ("", "success", "timeout")
        named = version["version"] if version else ""
        told.append(Report(time_of(event), duration, init, status == "timeout", bad, named, event))
    return told


_Read = tuple[bool, float, float | None, str]


def _read_text(text: str) -> _Read | None:
    own = text.startswith("REPORT RequestId")
    if not own and not text.startswith("INIT_REPORT"):
        return None
    duration, init, status = _DURATION.search(text), _INIT.search(text), _STATUS.search(text)
    if own and duration is None:
        return None
    return (
        own,
        float(duration["ms"]) if duration and own else 0.0,
        float(init["ms"]) if init else None,
        status["status"].lower() if status else "",
    )


def _read_json(text: str) -> _Read | None:
    try:
        event: Any = json.loads(text)
    except ValueError:
        return None
    record = event.get("record") if isinstance(event, dict) else None
    if not isinstance(record, Mapping) or event.get("type") not in ("platform.report", "platform.initReport"):
        return None
    found = record.get("metrics")
    metrics: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    own = event["type"] == "platform.report"
    duration = _number(metrics.get("durationMs"))
    init = _number(metrics.get("initDurationMs")) if own else duration
    return own, (duration or 0.0) if own else 0.0, init, str(record.get("status") or "").lower()


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
