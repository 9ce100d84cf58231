"""The report in three sentences, and what happened when."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import datetime

from wizard.model.status import Confidence, Outcome, Status
from wizard.model.tree import Tree
from wizard.model.verdict import Verdict, failing_cause
from wizard.report import evidence as read
from wizard.report.reading import against, last_before, person
from wizard.report.text import faults, headline, next_step
from wizard.report.words import ago, amount, clock, day

_MOST_CHANGES = 12


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened; `kind` is change, suspect (the last change before), onset, request or check.

    Changes have a `number`, by which a chart refers to them.
    """

    at: datetime
    kind: str
    text: str
    number: int | None = None


def summary(result: Verdict, tree: Tree) -> tuple[str, ...]:
    """What is wrong; what else; since when, how much, and how sure that is; what to do. One sentence each."""
    more = _others(result)
    return (headline(result, tree), *([more] if more else []), _extent(result), f"Next step: {next_step(result)}")


def timeline(result: Verdict) -> tuple[Moment, ...]:
    """Changes, the beginning of the errors, the failing request and the check itself, oldest first."""
    errors = read.errors(result.evidence)
    vague_s = errors.precise_to_s if errors else 0.0
    changes = read.changes(result.evidence)
    suspect = last_before(changes, vague_s)
    found = [_change(change, change is suspect, vague_s) for change in changes[:_MOST_CHANGES]]
    if errors and errors.onset:
        known = f" (known to {ago(errors.precise_to_s)})" if errors.precise_to_s else ""
        found.append(Moment(errors.onset, "onset", f"The errors begin{known}"))
    decides = next((line for line in read.story(result.evidence) if line.deciding and line.at), None)
    if decides and decides.at:
        found.append(Moment(decides.at, "request", f"A request fails: {decides.text}"))
    began = min((item.started for item in result.evidence if item.started), default=None)
    if began:
        found.append(Moment(began, "check", "This check looks at the configuration and the logs"))
    count = itertools.count(1)
    ordered = sorted(found, key=lambda moment: moment.at)
    numbered = (replace(m, number=next(count)) if m.kind in ("change", "suspect") else m for m in ordered)
    return tuple(numbered) if len(found) > 1 else ()


def _change(change: read.Change, suspect: bool, vague_s: float) -> Moment:
    by = f" by {person(change.who)}" if change.who else ""
    when = against(change, suspect, vague_s)
    text = f"{change.what or 'something changed'}{by}{f': {when}' if when else ''}"
    return Moment(change.at, "suspect" if suspect else "change", text)


def _others(result: Verdict) -> str:
    """The faults beside the one that the headline names: whoever mends only that one is not done."""
    named = failing_cause(result)
    others = [each.cause.title.rstrip(".") for each in faults(result) if named and each.cause.id != named.cause.id]
    if not others:
        return ""
    return (
        f"{'Another fault was' if len(others) == 1 else f'{len(others)} more faults were'} found: {'; '.join(others)}."
    )


def _extent(result: Verdict) -> str:
    """Since when and how often, as far as it is known, and how much stands behind the verdict."""
    errors = read.errors(result.evidence)
    said = []
    if errors and errors.total:
        since = f" since {day(errors.onset)} {clock(errors.onset)} UTC" if errors.onset else ""
        counts = errors.around(errors.onset)
        requests = sum(value for value in counts.count if value)
        of = f" of {amount(requests)}" if requests >= counts.total else ""
        said.append(f"{amount(counts.total)}{of} requests got a 5xx{since}")
    elif errors and (requests := sum(value for value in errors.window.count if value)):
        who = f"none of {amount(requests)} requests" if requests > 1 else "not the one request that was made"
        said.append(f"{who} got a 5xx in the time looked at")
    said.append(_certainty(result))
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def _certainty(result: Verdict) -> str:
    finding = failing_cause(result) or next(iter(result.findings), None)
    answered = sum(item.status not in (Status.UNKNOWN, Status.SKIPPED) for item in result.evidence)
    open_ = sum(not item.detail for item in result.not_checked)
    checks = f"{answered} check{'s' * (answered != 1)} answered" + (f", {open_} could not be made" if open_ else "")
    if finding is None or result.outcome in (Outcome.CLEAN, Outcome.INCONCLUSIVE):
        return checks
    proofs = len(finding.evidence)
    by = f"{proofs} piece{'s' * (proofs != 1)} of evidence"
    sure = {
        Confidence.CONFIRMED: f"the cause is confirmed by {by}",
        Confidence.LIKELY: f"the cause is likely, on {by}",
        Confidence.POSSIBLE: f"the cause is possible, no more, on {by}",
    }[finding.confidence]
    return f"{sure} ({checks})"
