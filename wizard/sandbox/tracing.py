"""X-Ray: the segments that API Gateway, the Lambda service and a function with active tracing send, and their store.

Sources: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-xray.html,
https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import defaultdict
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from wizard.sandbox import clock

Segment = dict[str, Any]
_ROOT = re.compile(r"Root=(1-[0-9a-f]{8}-[0-9a-f]{24})\b")


@dataclass(frozen=True)
class Parent:
    """What a called service learns from the tracing header: the trace and the segment that called."""

    trace_id: str
    segment_id: str

    @property
    def header(self) -> str:
        """The tracing header as it is passed on."""
        return f"Root={self.trace_id};Parent={self.segment_id};Sampled=1"


caller: ContextVar[Parent | None] = ContextVar("caller", default=None)
"""Who calls the function, while a traced request runs; None when nobody traces."""


def new_id() -> str:
    """A segment id."""
    return secrets.token_hex(8)


def trace_id(header: str) -> str:
    """The trace that the client's tracing header names, else a new one."""
    found = _ROOT.search(header)
    return found[1] if found else f"1-{int(clock.now()):08x}-{secrets.token_hex(12)}"


@dataclass
class TraceStore:
    """Segments by Region and trace. Thread-safe."""

    _traces: dict[str, dict[str, list[Segment]]] = field(default_factory=lambda: defaultdict(dict))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, region: str, segment: Segment) -> None:
        """Keep one segment document."""
        with self._lock:
            self._traces[region].setdefault(str(segment["trace_id"]), []).append(segment)

    def all(self, region: str) -> dict[str, list[Segment]]:
        """Every trace of a Region, the root segment first, the others by the time they started."""
        with self._lock:
            kept = {key: list(segments) for key, segments in self._traces[region].items()}
        return {
            key: sorted(found, key=lambda each: ("parent_id" in each, each["start_time"]))
            for key, found in kept.items()
        }

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._traces.clear()


def marks(status: int | None) -> dict[str, bool]:
    """The flags of a segment by the HTTP status it ended with."""
    if status is None or status < 400:
        return {}
    if status >= 500:
        return {"fault": True}
    return {"error": True, "throttle": True} if status == 429 else {"error": True}


@dataclass(frozen=True)
class Run:
    """One invocation as Lambda traces it; times in seconds since the epoch, durations in seconds."""

    name: str
    arn: str
    active: bool
    request_id: str
    asked_at: float
    started_at: float
    seconds: float
    init_seconds: float | None
    error: dict[str, Any] | None


def invocation_segments(parent: Parent, run: Run) -> list[Segment]:
    """The service's segment, and the function's own when its tracing is active."""
    end = run.started_at + run.seconds
    service = _segment(parent.trace_id, parent.segment_id, run.name, "AWS::Lambda", run.asked_at, end)
    service |= {
        "http": {"response": {"status": 200}},
        "aws": {"request_id": run.request_id, "resource_names": [run.name]},
        "resource_arn": run.arn,
    }
    if not run.active:
        return [service]
    begun = run.started_at - (run.init_seconds or 0)
    function = _segment(parent.trace_id, service["id"], run.name, "AWS::Lambda::Function", begun, end)
    function |= {"aws": {"function_arn": run.arn, "request_id": run.request_id}, "resource_arn": run.arn}
    parts = []
    if run.init_seconds is not None:
        parts.append(_part("Init", begun, run.started_at))
    parts.append(_part("Invocation", run.started_at, end))
    if run.error is not None:
        for failed in (function, parts[-1]):
            failed |= {
                "fault": True,
                "cause": {"working_directory": "/var/task", "exceptions": [_exception(run.error)]},
            }
    return [service, {**function, "subsegments": parts}]


def throttled_segment(parent: Parent, name: str, arn: str) -> Segment:
    """The service's segment of a call that found no free concurrency."""
    now = clock.now()
    segment = _segment(parent.trace_id, parent.segment_id, name, "AWS::Lambda", now, now + 0.001)
    return {**segment, "http": {"response": {"status": 429}}, "resource_arn": arn, **marks(429)}


def _exception(error: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "type": str(error.get("errorType") or "Error"),
        "message": str(error.get("errorMessage") or ""),
    }


def _segment(trace: str, parent: str, name: str, origin: str, start: float, end: float) -> Segment:
    return {
        "id": new_id(), "trace_id": trace, "parent_id": parent, "name": name, "origin": origin,
        "start_time": round(start, 3), "end_time": round(end, 3),
    }  # fmt: skip


def _part(name: str, start: float, end: float) -> Segment:
    return {"id": new_id(), "name": name, "start_time": round(start, 3), "end_time": round(end, 3)}
