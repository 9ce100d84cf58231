"""What time it is in the sandbox: now, or some seconds ago while a scenario plays what has happened before.

Everything in a scenario really runs now, one thing after the other. So that a fault can have an onset in the past, each
call may say how long ago it wants to have happened: the header ``X-Sandbox-Ago`` (seconds; nothing else sees it). Log
events, access-log lines, metrics, traces, change events and the dates of what such a call makes are then written with
that time, and durations stay what they really were. Only what a function reads from its own clock is not moved.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

HEADER = "X-Sandbox-Ago"
LONGEST_S = 90 * 86_400.0

_ago: ContextVar[float] = ContextVar("ago", default=0.0)


def ago() -> float:
    """How many seconds ago the present call happens."""
    return _ago.get()


def now() -> float:
    """Seconds since the epoch, as the present call has them."""
    return time.time() - _ago.get()


def now_ms() -> int:
    """Milliseconds since the epoch, as log events have them."""
    return int(now() * 1000)


def utcnow() -> datetime:
    """The time as moto keeps it: UTC, without a zone."""
    return datetime.fromtimestamp(now(), UTC).replace(tzinfo=None)


def iso(seconds: float) -> str:
    """Seconds since the epoch as 2026-11-20T09:30:00.123Z."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> float:
    """The seconds of a header; what is no number between 0 and 90 days is 0."""
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds <= LONGEST_S else 0.0


@contextmanager
def set_back(seconds: float) -> Iterator[None]:
    """Let everything in the block happen ``seconds`` ago."""
    token = _ago.set(seconds)
    try:
        yield
    finally:
        _ago.reset(token)
