"""What the set-up screen says. Pure functions."""

from __future__ import annotations

from wizard.model.case import Target
from wizard.model.text import Line
from wizard.report.page import line, paragraph
from wizard.ui.tui.paint import cut
from wizard.ui.tui.services import Told


def what_happens(width: int) -> list[Line]:
    """The three things that come next."""
    steps = (
        (
            "1  Trace",
            "The way of this request is read from the stage as it is deployed: method, integration, function.",
        ),
        ("2  Look", "Every hop on it is checked: settings, permissions, logs, metrics. Reading only."),
        ("3  Verdict", "The hop that fails, the proof, and the fix with your ids filled in."),
    )
    lines: list[Line] = []
    for title, words in steps:
        lines += [line((title, "now")), *paragraph(words, width, 3), ()]
    return lines + paragraph(
        "A test request to your backend is sent only after your yes, every time.", width, look="dim"
    )


def told_lines(told: Told, width: int) -> list[Line]:
    """What a pasted log gives away."""
    found = told.clues.words()
    lines = paragraph(f"{told.lines} lines of log: {found or 'no id or address in them, pick the API below'}.", width)
    title = told.causes[0] if told.causes else "no cause that is known"
    more = f" and {len(told.causes) - 1} more" if len(told.causes) > 1 else ""
    return [*cut(lines, 2), *cut(paragraph(f"{title}{more}.", width, lead=("points to ", "dim")), 2)]


def summary(target: Target) -> str:
    place = f"API {target.api_id}" if target.api_id else f"custom domain {target.host}" if target.host else ""
    stage = f"stage {target.stage}" if target.stage else ""
    return " · ".join(part for part in (place, stage, f"{target.method} {target.path}", target.region) if part)
