"""Times, durations and amounts as people say them."""

from __future__ import annotations

from datetime import datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(at: datetime) -> str:
    """4 Mar."""
    return f"{at.day} {_MONTHS[at.month - 1]}"


def clock(at: datetime) -> str:
    """05:06."""
    return f"{at:%H:%M}"


def stamp(at: datetime, near: datetime | None = None) -> str:
    """05:06:07, the day before it unless it is the day of `near`."""
    return f"{at:%H:%M:%S}" if near is not None and near.date() == at.date() else f"{day(at)} {at:%H:%M:%S}"


def amount(value: float) -> str:
    """3, 1.2k, 4.5M."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if value >= size * (10 if unit == "k" else 1):
            return f"{value / size:.1f}".removesuffix(".0") + unit
    return f"{value:.0f}"


def took(ms: float) -> str:
    """A duration in milliseconds as people say it: 41 ms, 2.95 s, 29 s, 15 min."""
    if ms < 999.5:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    if seconds >= 600:
        return ago(seconds)
    return f"{seconds:.0f} s" if seconds >= 100 else f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"


def ago(seconds: float) -> str:
    """A length of time in its largest units: 40 s, 2 min 30 s, 25 min, 3 h, 5 days."""
    size = round(abs(seconds))
    if size >= 2 * _DAY:
        return f"{size / _DAY:.0f} days"
    if size >= 100 * _MINUTE:
        return f"{size / _HOUR:.0f} h"
    if size >= _MINUTE:
        rest = size % _MINUTE
        return f"{size // _MINUTE} min {rest} s" if rest and size < 10 * _MINUTE else f"{size / _MINUTE:.0f} min"
    return f"{size} s"
