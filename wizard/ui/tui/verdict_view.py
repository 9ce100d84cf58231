"""What the verdict screen says. Pure functions of the verdict; the words about causes come from the tree."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wizard.model.probe import Evidence
from wizard.model.status import Confidence, Level, Outcome, Reason, Status
from wizard.model.text import Line, Segment
from wizard.model.tree import Fix, Tree
from wizard.model.unchecked import NotChecked
from wizard.model.verdict import Finding, Verdict
from wizard.report.page import line, paragraph, verbatim
from wizard.report.text import headline, log_texts
from wizard.ui.again import of_requests, requested
from wizard.ui.tui.paint import cut, glyph

_REASONS = {
    Reason.DENIED: "not allowed",
    Reason.THROTTLED: "throttled",
    Reason.TIMED_OUT: "no answer in time",
    Reason.EXPIRED: "no usable credentials",
    Reason.OFFLINE: "unreachable",
    Reason.NO_DATA: "no data",
    Reason.CRASHED: "check crashed",
}
_OUTCOMES: dict[Outcome, Segment] = {
    Outcome.FAULT: ("✖ ", "fail"),
    Outcome.WARNING: ("◆ ", "warn"),
    Outcome.CLEAN: ("● ", "pass"),
    Outcome.INCONCLUSIVE: ("? ", "unknown"),
}
_CALL_LINES = 3
# From so many columns on the reason may take so many lines: a second sentence, where it fits.
_ROOMY, _REASON_LINES = 100, 3
_LEVELS: dict[str, Segment] = {"Error": ("✖ ", "fail"), "Warning": ("◆ ", "warn"), "Info": ("? ", "dim")}


def top(result: Verdict, tree: Tree, width: int) -> list[Line]:
    """What fails, in one sentence, the same in every front end; then why, in another."""
    lines = paragraph(headline(result, tree), width, look="strong", lead=_OUTCOMES[result.outcome])
    return [*lines, *_reason(result, width)]


def after_fix(finding: Finding, before: Verdict, result: Verdict, width: int) -> list[Line]:
    """Whether a cause that the person has mended is gone: what its check showed before, and what it shows now."""
    title, verify = finding.cause.title, finding.cause.verify
    then, now = (next((e for e in v.evidence if e.probe == verify), None) for v in (before, result))
    if any(item.cause.id == finding.cause.id for item in result.findings):
        words, sign, look = f"Still there: {title}.", "✖ ", "fail"
    elif now is not None and of_requests(now) and not requested(result.evidence):
        words, sign, look = f"Not seen since, but nothing was requested since either: {title}.", "? ", "unknown"
    elif now is not None and now.status in (Status.PASS, Status.WARN):
        words, sign, look = f"Fixed: {title}.", "● ", "pass"
    else:
        words, sign, look = f"Not found any more, but no check proves that it is gone: {title}.", "? ", "unknown"
    lines = paragraph(words, width, look="strong", lead=(sign, look))
    for name, item in (("before", then), ("now", now)):
        if item is not None:
            mark, tone = glyph(item.status)
            look = tone if item is now else "dim"
            lines += cut(paragraph(item.summary, width, 2, look, lead=(f"  {name:<7}{mark} ", look)), 2)
    if sign == "? ":
        lines += paragraph(
            "Send a request that failed before, wait a minute for its log, then press x.", width, 2, "now"
        )
    return lines


def _reason(result: Verdict, width: int) -> list[Line]:
    if not result.findings:
        return paragraph(_no_finding(result), width, 2)
    told = sentences(result.findings[0].cause.why)
    two = paragraph(" ".join(told[:2]), width, 2)
    return two if width >= _ROOMY and len(two) <= _REASON_LINES else paragraph(told[0], width, 2)


def _no_finding(result: Verdict) -> str:
    if result.outcome is Outcome.CLEAN:
        return "Every check that was made on this request's path passed."
    trace = next((item for item in result.evidence if item.probe == "path.trace"), None)
    if trace and not result.path.hops:
        return trace.summary
    if result.not_checked:
        return "What could not be looked at stands below, each with what would settle it."
    return "A longer time window may show more, and so may the status that the client saw."


def sentences(text: str) -> list[str]:
    """The sentences of a text; a full stop inside a name or an abbreviation ends none."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z\"'(])", " ".join(text.split()))


def stands(result: Verdict) -> list[Segment]:
    """Code and confidence, for the right of the headline."""
    if not result.findings:
        return [(result.outcome.value, _OUTCOMES[result.outcome][1])]
    first = result.findings[0]
    return [(f"{first.cause.code}  ", "dim"), (first.confidence.value, sure(first))]


def sure(finding: Finding) -> str:
    """The colour of a confidence: red only for what explains the symptom."""
    look = {Confidence.CONFIRMED: "fail", Confidence.LIKELY: "warn", Confidence.POSSIBLE: "dim"}[finding.confidence]
    return look if finding.explains_symptom or look == "dim" else "warn"


def cause_row(finding: Finding) -> tuple[Line, Line]:
    """A cause in the list: title first, confidence and code below."""
    remark = (
        ""
        if finding.explains_symptom
        else " · a warning"
        if finding.cause.level is Level.WARNING
        else " · not the symptom"
    )
    about = f"{remark} · {finding.cause.code} {finding.cause.id}"
    return (
        line(_LEVELS[finding.level], finding.cause.title),
        line("  ", (finding.confidence.value, sure(finding)), (about, "dim")),
    )


def proof(finding: Finding, evidence: Iterable[Evidence], width: int) -> list[Line]:
    """What shows that this is the cause, why it does what it does, how to look oneself, where to read more."""
    known = {item.id: item for item in evidence}
    seen = [known[name] for name in finding.evidence if name in known]
    lines: list[Line] = []
    for item in seen:
        sign, look = glyph(item.status)
        lines += paragraph(item.summary, width, lead=(f"{sign} ", look))
        for text in log_texts(item, finding.cause.id):
            if text not in item.summary:
                lines += paragraph(text, width, 2, "dim", lead=("│ ", "edge"))
    lines += [(), *paragraph(finding.cause.title, width, look="strong"), *paragraph(finding.cause.why, width), ()]
    for call in (call for item in seen for call in item.calls):
        lines += cut(paragraph(call.cli(), width - 2, look="code", lead=("$ ", "dim")), _CALL_LINES)
    for url in finding.cause.docs:
        lines += [(), *paragraph(url, width, look="link")]
    return lines


def fix_text(fix: Fix, width: int) -> list[Line]:
    """A fix: what does not fit is wrapped below its own indentation, everything else stands as it is."""
    lines: list[Line] = []
    for text in fix.text.rstrip().split("\n"):
        comment = text.lstrip().startswith("#")
        look = "dim" if comment else "" if fix.kind == "console" else "code"
        if len(text) > width or (fix.kind == "console" and text.strip()):
            lead = len(text) - len(text.lstrip())
            sign = ("# ", look) if comment else None
            # The sign that a shell command goes on stays on the line it belongs to.
            goes_on = " \\" if text.endswith(" \\") else ""
            words = text.strip().removeprefix("# ").removesuffix(goes_on)
            rows = paragraph(words, width - len(goes_on), lead, look, sign)
            lines += [*rows[:-1], (*rows[-1], (goes_on, look))]
        else:
            lines += verbatim(text, 0, look)
    return lines


def not_checked(items: Iterable[NotChecked], width: int) -> list[Line]:
    """What got no answer, and what would settle it."""
    lines: list[Line] = []
    for item in items:
        lines += [
            line(
                ("? ", "unknown"), (item.probe, "strong"), (f"  {_REASONS.get(item.reason, item.reason.value)}", "warn")
            )
        ]
        lines += paragraph(item.summary, width, 2)
        lines += paragraph(item.needs, width, 2, "warn", lead=("needs    ", "dim")) if item.needs else []
        lines += paragraph(item.manual, width, 2, "code", lead=("by hand  ", "dim")) if item.manual else []
    return lines or [line(("Everything that applies was looked at.", "dim"))]


def looked_at(evidence: Iterable[Evidence], width: int) -> list[Line]:
    """Every piece of evidence, in the order it came; what does not apply here comes last."""
    lines: list[Line] = []
    for item in sorted(evidence, key=lambda item: item.status is Status.SKIPPED):
        sign, look = glyph(item.status)
        tone = "dim" if item.status is Status.SKIPPED else ""
        lines += paragraph(item.summary, width, look=tone, lead=(f"{sign} ", look))
    return lines or [line(("Nothing.", "dim"))]


def ruled_out(ids: Iterable[str], tree: Tree, width: int) -> list[Line]:
    """The causes that cannot be it."""
    lines: list[Line] = []
    for cause in (tree.causes[id] for id in ids if id in tree.causes):
        lines += paragraph(f"{cause.title} ({cause.code})", width, look="dim", lead=("○ ", "dim"))
    return lines or [line(("Nothing.", "dim"))]
