"""What the typed evidence amounts to: the suspicious change, who gives up first."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.report.evidence import Change, Durations, Limit, Told
from wizard.report.words import ago


def last_before(changes: Sequence[Change], vague_s: float = 0.0) -> Change | None:
    """The last change that can have come before the errors, whose beginning is known to `vague_s` seconds, or None."""
    before = [
        change
        for change in changes
        if change.before_s is not None and (change.before_s >= 0 or change.before_s > -vague_s)
    ]
    return min(before, key=lambda change: change.before_s or 0.0, default=None)


def person(who: str) -> str:
    """The last part of an ARN: the session or the user."""
    return who.rpartition("/")[2] if who.startswith("arn:") else who


def against(change: Change, suspect: bool, vague_s: float) -> str:
    """How the time of a change lies to the beginning of the errors, in words; `suspect` is the last one before."""
    if change.before_s is None:
        return ""
    if -vague_s < change.before_s < 0:
        return f"just when the errors began (known to {ago(vague_s)})"
    if change.before_s < 0:
        return f"{ago(change.before_s)} after the errors began"
    if suspect:
        return f"the last change before the errors began, by {ago(change.before_s)}"
    return f"{ago(change.before_s)} before the errors began"


def first_to_go(durations: Durations) -> Limit:
    """Who gives up first."""
    return next((limit for limit in durations.limits if limit.who == durations.first), durations.limits[0])


def used(durations: Durations, limit: Limit) -> float | None:
    """The share of a limit that the slowest call took; None when nothing was measured."""
    return None if durations.max is None else durations.max / limit.ms


def told_text(line: Told) -> str:
    """What a log line says, on one line, without the request id that it begins with."""
    return " ".join(line.text.removeprefix(f"({line.request_id})").split())
