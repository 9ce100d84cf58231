"""The panes of evidence that every front end shows: when it failed, how long it took, its log, changes, traces.

Pure functions of what the probes said. A pane without facts says which probe would fill it and why it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wizard.model.probe import Evidence
from wizard.model.status import Outcome, Reason, Status
from wizard.model.text import Line
from wizard.model.verdict import Verdict
from wizard.report import evidence as read
from wizard.report.page import heading, line, paragraph
from wizard.ui.draw import chart, story, timeline, waterfall
from wizard.ui.draw.marks import GLYPH
from wizard.ui.draw.scale import ago, stamp, took

_WORTH = 0.5  # share of a timeout from which on a report speaks of durations
_FURTHER = 2  # times the window that a look further back must be long to tell more
_REPORTED_LINES, _REPORTED_CHANGES = 12, 5


@dataclass(frozen=True, slots=True)
class Pane:
    """A kind of evidence and the probes that bring it, the one that says most first."""

    id: str
    title: str
    probes: tuple[str, ...]


WHEN = Pane("when", "When", (read.ERRORS,))
DURATIONS = Pane("durations", "Durations", (read.DURATIONS,))
LOG = Pane("log", "Log", read.STORIES)
CHANGES = Pane("changes", "Changes", (read.CHANGES, read.HEALTH))
TRACES = Pane("traces", "Traces", (read.TRACES,))
PANES = (WHEN, DURATIONS, LOG, CHANGES, TRACES)


def pane_of(probe: str | None) -> Pane | None:
    """The pane that shows what a probe found; None for probes whose words say it all."""
    return next((pane for pane in PANES if probe in pane.probes), None)


def has(pane: Pane, evidence: Sequence[Evidence]) -> bool:
    """Whether there is anything to draw in a pane."""
    if pane is WHEN:
        return read.errors(evidence) is not None
    if pane is DURATIONS:
        return read.durations(evidence) is not None
    if pane is LOG:
        return bool(read.story(evidence))
    return bool(read.traces(evidence) if pane is TRACES else read.changes(evidence) or read.health(evidence))


def draw(pane: Pane, evidence: Sequence[Evidence], width: int, height: int) -> list[Line]:
    """A pane: what its probes say in a sentence, then the picture."""
    lines = _said(pane, evidence, width)
    if not has(pane, evidence):
        return lines
    if pane is WHEN:
        return [*lines, (), *_when(evidence, width)]
    if pane is DURATIONS:
        return [*lines, (), *_durations(evidence, width, height - len(lines))]
    if pane is LOG:
        return [*lines, (), *story.story(read.story(evidence), width)]
    if pane is CHANGES:
        return [*lines, (), *_changes(evidence, width)]
    return [*lines, *(row for trace in read.traces(evidence) for row in ((), *waterfall.waterfall(trace, width)))]


def sections(result: Verdict, width: int) -> list[Line]:
    """What of this belongs into a report: only where there are facts, and only what helps to explain a failure."""
    if result.outcome is Outcome.CLEAN:
        return []
    seen = result.evidence
    out: list[Line] = []
    if (errors := read.errors(seen)) and errors.total:
        out += [(), heading("When"), *_indented(_when_in_short(errors, seen, width - 2))]
    durations = read.durations(seen)
    if durations and any((chart.used(limit) or 0) >= _WORTH for limit in durations.limits):
        out += [
            (),
            heading("Durations"),
            *_indented([*chart.patience(durations, width - 2), *_first(durations, width - 2)]),
        ]
    if told := read.story(seen):
        out += [(), heading("Story"), *story.short_story(told, width, _REPORTED_LINES)]
    if changes := read.changes(seen):
        drawn = timeline.timeline(errors if errors and errors.total else None, changes, width - 2, _REPORTED_CHANGES)
        out += [(), heading("Changes"), *_indented(drawn)]
    return out


def _said(pane: Pane, evidence: Sequence[Evidence], width: int) -> list[Line]:
    items = [item for probe in pane.probes for item in evidence if item.probe == probe]
    lines: list[Line] = []
    for item in items:
        look = item.status.value
        lines += paragraph(
            item.summary, width, look="" if item.status is not Status.SKIPPED else "dim", lead=(f"{GLYPH[look]} ", look)
        )
        if item.needs:
            needs = f"the IAM permission {item.needs}" if item.reason is Reason.DENIED else item.needs
            lines += paragraph(needs, width, 2, "warn", lead=("needs ", "dim"))
    return lines or [line((f"Not looked at yet ({', '.join(pane.probes)}).", "dim"))]


def _when(evidence: Sequence[Evidence], width: int) -> list[Line]:
    errors = read.errors(evidence)
    if errors is None:
        return []
    lines = timeline.when(errors.window, errors.onset, width)
    if errors.history and errors.history.total and _length(errors.history) >= _FURTHER * _length(errors.window):
        lines += [(), line((f"The {ago(_length(errors.history))} up to then", "dim"))]
        lines += timeline.when(errors.history, errors.onset, width)
    if errors.narrowed:
        start, end = errors.narrowed
        text = f"Logs were read from {stamp(start)} to {stamp(end, start)} UTC."
        lines += [(), *paragraph(text, width, look="dim")]
    return lines


def _when_in_short(errors: read.Errors, evidence: Sequence[Evidence], width: int) -> list[Line]:
    counts = errors.around(errors.onset)
    return [*_said(WHEN, evidence, width), *timeline.when(counts, errors.onset, width)]


def _length(counts: read.Counts) -> float:
    return (counts.end - counts.span.start).total_seconds()


def _durations(evidence: Sequence[Evidence], width: int, height: int) -> list[Line]:
    durations = read.durations(evidence)
    if durations is None:
        return []
    table = [*chart.patience(durations, width), *_first(durations, width)]
    if durations.latency is None:
        return table
    room = min(max(height - len(table) - 6, 5), 24)
    drawn = chart.chart(durations.latency, durations.threshold_ms, width, room)
    return [*table, (), *drawn, *chart.legend(durations, width)]


def _first(durations: read.Durations, width: int) -> list[Line]:
    """Who gives up first, and how far the slowest call was from it."""
    limit = chart.first_to_go(durations)
    share = chart.used(limit)
    measured = ""
    if share is not None and limit.max is not None:
        reached = "reached it" if share >= 1 else f"used {share * 100:.0f} % of it"
        measured = f"; the slowest call took {took(limit.max)} and {reached}"
    text = f"First to give up: {limit.who}, after {took(limit.ms)}{measured}."
    return paragraph(text, width, look=chart.share_look(share) and "strong", lead=("▸ ", "strong"))


def _changes(evidence: Sequence[Evidence], width: int) -> list[Line]:
    changes, events = read.changes(evidence), read.health(evidence)
    lines = timeline.timeline(read.errors(evidence), changes, width, len(changes)) if changes else []
    if events:
        lines += [(), line(("AWS Health", "title"))] if lines else [line(("AWS Health", "title"))]
        for event in events:
            text = " · ".join(filter(None, (event.service, event.code, event.status, event.region, event.start)))
            lines += paragraph(text, width, lead=("◆ ", "warn"))
    return lines


def _indented(lines: Sequence[Line]) -> list[Line]:
    return [(("  ", ""), *row) if row else row for row in lines]
