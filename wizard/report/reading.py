"""What the typed evidence amounts to: the suspicious change, who gives up first, what would tell more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wizard.model.status import Confidence, Outcome
from wizard.model.verdict import Verdict
from wizard.report.evidence import Change, Durations, Limit, Told, support_text
from wizard.report.words import ago

FOR_SUPPORT = "For AWS Support, if nothing else is left"


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
    """Who gives up first while the backend works; an authorizer has ended by then."""
    waiting = [limit for limit in durations.limits if limit.who != "authorizer"]
    return next((limit for limit in waiting if limit.who == durations.first), (waiting or durations.limits)[0])


def used(limit: Limit) -> float | None:
    """The share of a limit that the slowest of what it waits for took; None when nothing was measured."""
    return None if limit.max is None else limit.max / limit.ms


def told_text(line: Told) -> str:
    """What a log line says, on one line, without the request id that it begins with."""
    return " ".join(line.text.removeprefix(f"({line.request_id})").split())


@dataclass(frozen=True, slots=True)
class Switch:
    """A witness that is off or says too little: what is amiss, and the AWS CLI lines that change it."""

    summary: str
    commands: tuple[str, ...]


def switches(result: Verdict) -> tuple[Switch, ...]:
    """What would tell more the next time; nothing when there is nothing left to prove."""
    proven = any(each.confidence is Confidence.CONFIRMED and each.explains_symptom for each in result.findings)
    if proven or result.outcome is Outcome.CLEAN:
        return ()
    found: list[Switch] = []
    for item in result.evidence:
        listed = item.facts.get("enable_commands")
        commands = tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
        if commands and not any(set(commands) <= set(known.commands) for known in found):
            found = [known for known in found if not set(known.commands) < set(commands)]
            found.append(Switch(item.summary, commands))
    return tuple(found)


def for_support(result: Verdict) -> str:
    """The text of a support case, once nothing explains the failures and nothing is left to look at; else empty."""
    unsettled = any(not item.detail for item in result.not_checked)
    settled = result.outcome is not Outcome.INCONCLUSIVE or unsettled
    return "" if settled else support_text(result.evidence)
