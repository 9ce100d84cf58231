"""Walking a case again: what counts as it stands, and what is looked at or asked anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wizard.model import events as ev
from wizard.model.case import Case, Symptom, Window
from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status
from wizard.model.verdict import Finding

TRACE = "path.trace"
# The checks that make a request of their own.
_SENDS = {"client.request", "method.test_invoke"}
# An UNKNOWN for these reasons may well be told at the next try.
_PASSING = (Reason.EXPIRED, Reason.OFFLINE, Reason.TIMED_OUT, Reason.THROTTLED, Reason.CRASHED)
# What these say is about requests of a time: without one since then they say nothing.
_OF_REQUESTS = {"logs", "cloudwatch", "xray"}
# Time for a test request and for its traces in logs and metrics.
_AHEAD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Begin:
    """What a walk begins with. `case` None is a case of its own, with nothing known.

    `same`: it is the case of the walk before, whose file it takes the place of.
    """

    case: Case | None = None
    known: tuple[Evidence, ...] = ()
    same: bool = True


def resumed(events: Sequence[ev.Event]) -> Begin:
    """Where a walk was broken off: what is known is not asked again, but for what only lacked a network or a login."""
    return Begin(_case(events, _answers(events)), _but(events, lambda item: item.reason in _PASSING))


def retried(events: Sequence[ev.Event], probe: str) -> Begin:
    """Everything as it was but this one check; with another path everything may be different."""
    known = () if probe == TRACE else _but(events, lambda item: item.probe == probe)
    return Begin(_case(events, _answers(events)), known)


def reanswered(events: Sequence[ev.Event], node: str) -> Begin:
    """Everything as it was but the answer to this question."""
    answers = {name: answer for name, answer in _answers(events).items() if name != node}
    return Begin(_case(events, answers), _but(events, lambda item: False))


def mended(events: Sequence[ev.Event], finding: Finding, now: datetime, since: datetime | None = None) -> Begin:
    """After a fix: what is configured and was in order stays so; all else is looked at anew, from the fix on.

    `since`: when the fix was made, if that was said before. The error that the client saw lies before the fix, so the
    case is without it. A request that was declined is offered again where nothing but a request can show the fix.
    """
    case = _case(events, _answers(events))
    case = replace(case, window=Window(since or now, now + _AHEAD), symptom=Symptom(seen_in=case.symptom.seen_in))
    verify = finding.cause.verify
    anew = {TRACE, verify}
    asks = any(of_requests(item) for item in _but(events, lambda item: item.probe != verify))

    def stale(item: Evidence) -> bool:
        if item.reason is Reason.DECLINED:
            return asks
        return item.probe in anew or item.id in finding.evidence or item.status is not Status.PASS or of_requests(item)

    return Begin(case, _but(events, stale), same=False)


def of_requests(item: Evidence) -> bool:
    """Whether this tells of requests that were made in a time, not of what is configured."""
    return any(call.service in _OF_REQUESTS for call in item.calls)


def requested(evidence: Iterable[Evidence]) -> bool:
    """Whether any of this shows that a request was made."""
    counts = (item.facts.get("requests") for item in evidence)
    answered = (item for item in evidence if item.probe in _SENDS)
    return any(isinstance(n, int) and n > 0 for n in counts) or any(item.status is Status.PASS for item in answered)


def last_question(events: Iterable[ev.Event]) -> ev.Question | None:
    """The question that was answered last."""
    asked = {event.question.id: event.question for event in events if isinstance(event, ev.Asked)}
    answered = [event.question for event in events if isinstance(event, ev.Answered) and event.question in asked]
    return asked[answered[-1]] if answered else None


def _case(events: Sequence[ev.Event], answers: Mapping[str, str]) -> Case:
    opened = next(event for event in events if isinstance(event, ev.CaseOpened))
    return replace(opened.case, answers=answers, trace=None)


def _answers(events: Sequence[ev.Event]) -> dict[str, str]:
    """The answers to checks by hand; a yes to a request counts for that one request only."""
    manual = {e.question.id for e in events if isinstance(e, ev.Asked) and e.question.kind == "manual"}
    given: dict[str, str] = {}
    for event in events:
        if isinstance(event, ev.CaseOpened):
            given |= event.case.answers
        elif isinstance(event, ev.Answered) and event.question in manual:
            given[event.question] = event.answer
    return given


def _but(events: Sequence[ev.Event], anew: Callable[[Evidence], bool]) -> tuple[Evidence, ...]:
    newest = {e.evidence.probe: e.evidence for e in events if isinstance(e, ev.ProbeFinished)}
    return tuple(item for item in newest.values() if not anew(item))
