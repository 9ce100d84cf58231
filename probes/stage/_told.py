"""What failing requests in an execution log amount to, as facts and as a sentence."""

from __future__ import annotations

from typing import Any

from probes._gateway import STAGE_CALLS
from probes._story import tell
from probes.stage._execution_log import Failures, request_ids
from wizard.logs import Match, clean, match
from wizard.model.case import Case
from wizard.model.json import Json
from wizard.model.status import Proof
from wizard.model.tree import Signature

# What reading failing requests may ask.
CALLS = frozenset({"logs:FilterLogEvents", "cloudwatch:GetMetricData", "lambda:GetFunctionConfiguration", *STAGE_CALLS})
_LINES, _LONGEST = 20, 400


def facts_of(case: Case, seen: Failures, group: str) -> dict[str, Any]:
    """The causes that the lines show, the requests, the lines that decide, and the first request's whole story.

    `may_be` are the causes that the lines show and those that the same texts may mean as well.
    """
    matches = match(seen.lines, _signatures(case), "execution-log")
    newest, deciding = seen.stories[0], _deciding(matches, seen)
    facts: dict[str, Any] = {name: value for found in reversed(matches) for name, value in found.facts.items()}
    return facts | {
        "causes": [_weighed(found, seen) for found in matches],
        "cause_ids": [found.cause for found in matches],
        "may_be": list(dict.fromkeys(each for found in matches for each in (found.cause, *found.also))),
        "requests": len(seen.stories),
        "request_ids": request_ids(seen.stories),
        "client_statuses": [newest.status] if newest.status else [],
        "lines": deciding,
        "story": tell(case, seen.whole, {line["text"] for line in deciding}),
        "log_group": group,
        "other_methods": seen.others,
        "unplaced": len(seen.unplaced),
        "capped": seen.capped,
        **reported_fact(case, seen),
    }


def summary(case: Case, seen: Failures, facts: dict[str, Any]) -> str:
    """How many requests failed, and why the first of them did."""
    newest = seen.stories[0]
    more = " (the newest ones; there are more)" if seen.capped else ""
    count = f"{len(seen.stories)} request{'s' * (len(seen.stories) > 1)}"
    mine = seen.reported is not None and newest.request_id == seen.reported.request_id
    which = ("the reported one" if mine else "the newest") + (f" with {newest.status}" if newest.status else "")
    said = f"{count} to {where(case)} failed{more}, {which}{_said(facts['lines'])}"
    if not seen.unplaced:
        return said
    return (
        f"{said} No log tells which method {len(seen.unplaced)} of them went to: at level ERROR the log leaves it out."
    )


def _weighed(found: Match, seen: Failures) -> dict[str, Json]:
    """A cause as a fact; what only requests show that may be another method's suggests it and proves nothing."""
    fact = found.fact()
    if found.requests and set(found.requests) <= seen.unplaced and fact["proof"] == Proof.PROVEN:
        fact["proof"] = Proof.SUGGESTED.value
    return fact


def where(case: Case) -> str:
    """The method as people name it."""
    return f"{case.target.method} {case.traced.resource_path}"


def reported_fact(case: Case, seen: Failures) -> dict[str, Any]:
    """`reported`: the gateway's id of the request that was reported, and how it ended; None when it is not logged."""
    if not case.symptom.request_id:
        return {}
    found = seen.reported
    if found is None:
        return {"reported": None}
    return {"reported": {"request_id": found.request_id, "status": found.status, "failed": found.failed}}


def _signatures(case: Case) -> list[Signature]:
    """Payload signatures judge proxy responses; no other integration has to answer in that form."""
    wired = case.traced.integration
    proxy = wired is None or wired.type == "AWS_PROXY"
    return [signature for signature in case.signatures if proxy or signature.payload is None]


def _deciding(matches: list[Match], seen: Failures) -> list[dict[str, str]]:
    """Why the newest request failed, then the lines that the signatures know, then why the others failed."""
    numbers = dict.fromkeys(number for found in matches for number in found.lines if 0 < number <= len(seen.lines))
    known = [clean(seen.lines[number - 1]) for number in numbers]
    newest, *others = [[(story.request_id, text) for text in story.failures] for story in seen.stories]
    told = newest + [(line.request_id, line.text) for line in known] + [line for lines in others for line in lines]
    return [{"request_id": request or "", "text": text[:_LONGEST]} for request, text in dict.fromkeys(told)][:_LINES]


def _said(lines: list[dict[str, str]]) -> str:
    return f": {' '.join(lines[0]['text'].split())[:160]}" if lines else "."
