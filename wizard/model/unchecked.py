"""What a walk had to do without: checks that got no answer, and single questions of checks that did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wizard.model.case import Case
from wizard.model.fill import fill, placeholders
from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status
from wizard.model.tree import Tree

_WANTED = "an API, stage, method and path that exist in this account and Region"


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Something that got no answer; `needs` says what would settle it, `manual` how to do it by hand.

    A `detail` only gives context, or was refused to a check that came to its answer all the same: worth knowing, but it
    leaves nothing open.
    """

    probe: str
    reason: Reason
    summary: str
    needs: str | None
    manual: str | None
    detail: bool = False


def not_checked(tree: Tree, case: Case, evidence: Iterable[Evidence]) -> tuple[NotChecked, ...]:
    """All of it: the checks without an answer first, each refused detail once."""
    items = list(evidence)
    values = placeholders(case)
    by_hand = {node.probe: fill(node.how, values) for node in tree.nodes.values() if node.probe and node.how}
    context = _context(tree)
    found: list[NotChecked] = []
    for item in items:
        manual = by_hand.get(item.probe) or _command(item)
        if item.status is Status.UNKNOWN:
            reason, aside = item.reason or Reason.NO_DATA, item.probe in context
            found.append(NotChecked(item.probe, reason, item.summary, item.needs, manual, detail=aside))
        elif item.status is Status.FAIL and case.trace is None:
            found.append(NotChecked(item.probe, Reason.NO_DATA, item.summary, _WANTED, None))
        else:
            found += [NotChecked(item.probe, *part, manual, item.probe in context) for part in _left_out(item)]
    return (*found, *_refused(items, {item.needs for item in found}))


def _context(tree: Tree) -> set[str]:
    """The probes that no node asks but for context."""
    asked = [node for node in tree.nodes.values() if node.probe]
    deciding = {node.probe for node in asked if not node.context}
    return {str(node.probe) for node in asked if node.probe not in deciding}


def _left_out(item: Evidence) -> list[tuple[Reason, str, str | None]]:
    """The parts that evidence says it lacks, in its fact `partial`: {what, reason, needs}."""
    listed = item.facts.get("partial")
    parts = [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
    errors = {call.error for call in item.calls if call.error}
    why = f": {errors.pop()}" if len(errors) == 1 else "."
    return [
        (Reason(str(part["reason"])), f"{part['what']} could not be read{why}", str(part["needs"] or "") or None)
        for part in parts
    ]


def _refused(items: Iterable[Evidence], named: set[str | None]) -> list[NotChecked]:
    found: list[NotChecked] = []
    for item in items:
        for call in item.calls if item.status is not Status.UNKNOWN else ():
            if call.needs and call.needs not in named:
                named.add(call.needs)
                summary = f"A detail is missing: {call.error}"
                found.append(NotChecked(item.probe, Reason.DENIED, summary, call.needs, call.cli(), detail=True))
    return found


def _command(item: Evidence) -> str | None:
    failed = [call for call in item.calls if not call.ok] or list(item.calls)
    return failed[0].cli() if failed else None
