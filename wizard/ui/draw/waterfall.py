"""Traced requests as waterfalls: which part began when, took how long and failed."""

from __future__ import annotations

from wizard.model.text import Line, cells, safe, shorten
from wizard.report.evidence import Segment, Trace
from wizard.report.page import paragraph
from wizard.report.words import stamp, took

_TROUBLE = {"fault": ("✖", "fail"), "error": ("◆", "warn"), "throttle": ("◆", "warn")}


def waterfall(trace: Trace, width: int, most: int = 20) -> list[Line]:
    """One trace: a headline, then a row for each of its first `most` segments."""
    head = [
        f"{stamp(trace.at)} UTC" if trace.at else "",
        took(trace.duration_ms) if trace.duration_ms is not None else "",
        f"fails at {trace.fault_hop}" if trace.fault_hop else "",
        trace.id,
    ]
    sign = ("✖ ", "fail") if trace.fault_hop else ("○ ", "dim")
    out = paragraph(" · ".join(filter(None, head)), width, look="strong", lead=sign)
    end = max((s.start_ms + s.duration_ms for s in trace.segments), default=0.0)
    whole = max(end, trace.duration_ms or 0.0, 1.0)
    name_width = min(max((cells(_name(s)) for s in trace.segments), default=0), max(width // 5, 8))
    out += [_row(segment, whole, name_width, width) for segment in trace.segments[:most]]
    left = len(trace.segments) - most
    return [*out, ((f"    and {left} more segments", "dim"),)] if left > 0 else out


def _name(segment: Segment) -> str:
    return safe(segment.name or segment.hop or "?")


def _row(segment: Segment, whole: float, name_width: int, width: int) -> Line:
    sign, look = _TROUBLE.get(segment.trouble, ("│", "dim"))
    name = shorten(_name(segment), name_width)
    remark = f"{took(segment.duration_ms)}{' ' + segment.trouble if segment.trouble else ''}"
    room = max(width - name_width - 24, 4)
    left = min(max(round(segment.start_ms / whole * room), 0), room - 1)
    long = min(max(round(segment.duration_ms / whole * room), 1), room - left)
    return (
        (f"  {sign} ", look),
        (name + " " * (name_width - cells(name)), "fail" if segment.trouble == "fault" else ""),
        ("  " + " " * left, ""),
        ("━" * long, look if segment.trouble else ""),
        (" " * (room - left - long) + "  ", ""),
        (remark, look),
    )
