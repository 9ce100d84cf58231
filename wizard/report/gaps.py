"""What a verdict has to do without: checks that got no answer, and single questions of checks that did."""

from __future__ import annotations

import re

from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status
from wizard.model.verdict import NotChecked, Verdict

# How the port words a refusal; a call that was noted keeps these words alone.
_REFUSED = re.compile(r"^[\w.]+: not allowed, needs (?P<action>[\w-]+:\w+)")


def untraced(result: Verdict) -> list[Evidence]:
    """What stood in the way of the trace, when that found no path: nothing behind it was checked."""
    return [item for item in result.evidence if item.status is Status.FAIL] if result.case.trace is None else []


def done_without(result: Verdict) -> list[NotChecked]:
    """Refused questions that a check came to its answer without; each IAM action that is not named yet, once."""
    named = {item.needs for item in result.not_checked}
    found: list[NotChecked] = []
    for item in result.evidence:
        for call in item.calls if item.status is not Status.UNKNOWN else ():
            refused = _REFUSED.match(call.error or "")
            if refused and refused["action"] not in named:
                named.add(refused["action"])
                summary = f"A detail is missing: {call.error}"
                found.append(NotChecked(item.probe, Reason.DENIED, summary, refused["action"], call.cli()))
    return found


def not_checked(result: Verdict) -> list[NotChecked]:
    """All of it in one list, the checks without an answer first."""
    needs = "an API, stage, method and path that exist in this account and Region"
    lost = [NotChecked(item.probe, Reason.NO_DATA, item.summary, needs, None) for item in untraced(result)]
    return [*result.not_checked, *lost, *done_without(result)]
