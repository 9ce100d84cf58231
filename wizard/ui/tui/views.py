"""What the walk screen says: the current step, the evidence so far, progress. Pure functions of the snapshot."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.model.json import Json
from wizard.model.probe import Evidence
from wizard.model.status import Status
from wizard.model.text import Line, Segment, cells, shorten
from wizard.report.page import line, paragraph, verbatim
from wizard.ui.tui.paint import NOW, cut, field, glyph, seconds
from wizard.ui.tui.state import Looks, Phase, Place, Step, Walk
from wizard.ui.tui.verdict_view import sure

_BAR = 12
_LONGEST_FACT = 300
_INDENT = 10
# What a step shows of its calls before the details are opened.
_CALLS, _CALL_LINES, _ASKS = 3, 2, 4


def progress(walk: Walk) -> list[Segment]:
    """A bar, how many steps are behind, and the phase in a word."""
    total = len(walk.steps)
    mode: list[Segment] = [(" · step by step", "dim")] if walk.stepping and walk.phase is Phase.WALKING else []
    if walk.phase is Phase.LOADING or not total:
        return [("stopped" if walk.phase is Phase.FAILED else "starting…", "dim")]
    full = round(_BAR * walk.done / total)
    word = "c goes on" if walk.paused else f"{len(walk.running)} running" if walk.running else "asking"
    word = {Phase.DONE: "done", Phase.FAILED: "stopped"}.get(walk.phase, word)
    return [
        ("━" * full, "now"),
        ("━" * (_BAR - full), "edge"),
        (f" {walk.done}/{total}", ""),
        (f" {word}", "now" if walk.paused else "dim"),
        *mode,
    ]


def step_view(
    step: Step, looks: Looks, width: int, brief: bool = True, waits: bool = False, facts: bool = False
) -> list[Line]:
    """One step: title, why, what it looks at, what it showed, the same as CLI lines (cut short when `brief`).

    `waits`: it waits for the person. `facts` unfolds what it showed.
    """
    sign: Segment = (NOW, "now") if step.place is Place.NOW else glyph(step.status)
    lines = paragraph(step.node.title, width, look="title", lead=(f"{sign[0]} ", sign[1]))
    lines += [*paragraph(f"{step.because} {step.node.why}".strip(), width, 2, "dim"), ()]
    if waits:
        lines += [*paragraph("c looks, s leaves it out, p goes on without waiting.", width, 2, "now"), ()]
    if probe := step.node.probe:
        lines += field("Looks at", f"{looks.at} ({probe})" if looks.at else probe, width)
    lines += _outcome(step, width, waits)
    if step.evidence is None:
        shown = looks.asks[:_ASKS] if brief else looks.asks
        for number, asks in enumerate(shown):
            lines += field("" if number else "As CLI", f"{asks} …", width, "code")
        if len(shown) < len(looks.asks):
            lines += field("", f"and {len(looks.asks) - len(shown)} more", width, "dim")
    calls = step.evidence.calls if step.evidence else ()
    for number, call in enumerate(calls[:_CALLS] if brief else calls):
        rows = field("" if number else "As CLI", call.cli(), width, "code", "" if call.ok else call.error or "refused")
        lines += cut(rows, _CALL_LINES) if brief else rows
    if brief and len(calls) > _CALLS:
        lines += field("", f"and {len(calls) - _CALLS} more; Enter shows all", width, "dim")
    if step.evidence and step.evidence.took_ms and step.evidence.status is not Status.SKIPPED:
        lines += field("Took", seconds(step.evidence.took_ms), width)
    if brief and step.evidence:
        lines += facts_of(step.evidence, width, facts)
    return lines


def facts_of(evidence: Evidence, width: int, unfolded: bool) -> list[Line]:
    """The facts behind a piece of evidence, or how many there are."""
    if unfolded:
        return _facts(evidence, width, title=False)
    count = len(flat(evidence.facts))
    return [line((f"  ▹ {count} fact{'s' if count > 1 else ''}; f unfolds", "dim"))] if count else []


def command(step: Step) -> str:
    """The AWS CLI line of a step: the one without an answer first; empty as long as there is none."""
    calls = step.evidence.calls if step.evidence else ()
    return next((call.cli() for call in calls if not call.ok), calls[0].cli() if calls else "")


def _outcome(step: Step, width: int, waits: bool = False) -> list[Line]:
    evidence = step.evidence
    if evidence is None:
        words = "still ahead" if step.place is Place.AHEAD else "not asked for this request"
        if waits:
            return field("Shows", "nothing yet", width, "dim")
        return field("Shows", "looking…" if step.running or step.place is Place.NOW else words, width, "dim")
    sign, look = glyph(evidence.status)
    head, *rest = paragraph(evidence.summary, width, _INDENT, lead=(f"{sign} ", look))
    lines = [((f"{'Shows':<{_INDENT}}", "dim"), *head[1:]), *rest]
    if step.says and step.says != evidence.summary:
        lines += field("So", step.says, width)
    if evidence.needs:
        lines += field("Needs", evidence.needs, width, "warn")
    return lines


def evidence_list(walk: Walk, width: int) -> list[Line]:
    """What has been found, what is still being looked at, all evidence so far, newest first, then what was left out."""
    findings = walk.verdict.findings if walk.verdict else ()
    lines: list[Line] = []
    for finding in findings:
        look, sign = sure(finding), "✖ " if finding.explains_symptom else "◆ "
        lines += paragraph(f"{finding.cause.title}, {finding.confidence.value}", width, look=look, lead=(sign, look))
    lines += [()] if findings else []
    lines += [line((f"{NOW} ", "now"), (f"{probe}…", "dim")) for probe in walk.running]
    newest = reversed(walk.verdict.evidence if walk.verdict else ())
    for item in sorted(newest, key=lambda item: item.status is Status.SKIPPED):
        sign, look = glyph(item.status)
        lines += paragraph(
            item.summary, width, look="dim" if item.status is Status.SKIPPED else "", lead=(f"{sign} ", look)
        )
    return lines or [line(("nothing yet", "dim"))]


def evidence_page(step: Step, looks: Looks, width: int, waits: bool = False) -> list[Line]:
    """The step with all its facts and details, for those who look closer."""
    lines = step_view(step, looks, width, brief=False, waits=waits)
    if evidence := step.evidence:
        lines += _facts(evidence, width)
        if evidence.detail:
            lines += [(), line(("Detail", "strong")), *verbatim(evidence.detail, 2, "")]
    return lines


def _facts(evidence: Evidence, width: int, title: bool = True) -> list[Line]:
    rows = [(shorten(name, max(width // 2, 8)), text) for name, text in flat(evidence.facts)]
    if not rows:
        return []
    longest = max(cells(name) for name, _ in rows)
    lines: list[Line] = [(), line(("Facts", "strong"))] if title else []
    for name, text in rows:
        lines += paragraph(text, width, 2, lead=(name + " " * (longest + 2 - cells(name)), "dim"))
    return lines


def flat(facts: Mapping[str, Json], prefix: str = "") -> list[tuple[str, str]]:
    """Nested facts as (dotted name, text) rows."""
    rows: list[tuple[str, str]] = []
    for name, value in facts.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            rows += flat(value, f"{path}.")
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            rows += flat({str(number): item for number, item in enumerate(value)}, f"{path}.")
        else:
            rows.append((path, _text(value)))
    return rows


def _text(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value) or "none"
    if value is None or isinstance(value, bool):
        return "none" if value is None else "yes" if value else "no"
    text = str(value)
    return text if len(text) <= _LONGEST_FACT else f"{text[:_LONGEST_FACT]}…"
