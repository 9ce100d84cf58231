"""A resource policy, evaluated as IAM does for one call.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, Protocol

from probes._condition import failing_keys
from probes._glob import glob


class Request(Protocol):
    """One call as a policy sees it."""

    @property
    def action(self) -> str:
        """The IAM action, like lambda:InvokeFunction."""
        ...

    @property
    def unknown(self) -> Set[str]:
        """Condition keys, in lower case, that the call may carry and whose value is not known here."""
        ...

    def context(self) -> Mapping[str, str]:
        """The condition keys that the call carries, in lower case."""
        ...

    def is_named(self, principal: Any) -> bool | None:
        """Whether a Principal element means the caller; None when that cannot be told."""
        ...

    def is_covered(self, resources: Any) -> bool:
        """Whether a Resource element means what is called."""
        ...


@dataclass(frozen=True, slots=True)
class Weighed:
    """One statement held against a call: what of it does not fit. Nothing failing and nothing undecided: it applies."""

    statement: Mapping[str, Any]
    failing: frozenset[str]
    undecided: frozenset[str] = frozenset()

    @property
    def sid(self) -> str | None:
        """The statement's id."""
        sid = self.statement.get("Sid")
        return str(sid) if sid else None

    def values(self, key: str) -> list[str]:
        """The values that the statement's conditions want of a key."""
        found: list[str] = []
        conditions = self.statement.get("Condition")
        for tests in conditions.values() if isinstance(conditions, Mapping) else ():
            for name, wanted in tests.items() if isinstance(tests, Mapping) else ():
                if str(name).lower() == key:
                    found += [str(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
        return found


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the policy allows a call; None when a condition cannot be decided.

    `by` is the statement that decided, or the one that came nearest to allowing it, None when there is none at all.
    """

    allowed: bool | None
    by: Weighed | None = None
    denied: bool = False


def statements(document: Any) -> list[Mapping[str, Any]]:
    """The statements of a policy document, given as JSON text or already parsed.

    Raises:
        ValueError: the text is not JSON.
    """
    policy = json.loads(document) if isinstance(document, str) else document
    listed = policy.get("Statement") if isinstance(policy, Mapping) else None
    return [item for item in (listed if isinstance(listed, list) else [listed]) if isinstance(item, Mapping)]


def decide(policy: Iterable[Mapping[str, Any]], request: Request) -> Decision:
    """The policy's answer: a Deny that applies wins, else any Allow that applies."""
    weighed = [_weigh(statement, request) for statement in policy]
    denies = [item for item in weighed if str(item.statement.get("Effect")).lower() == "deny" and not item.failing]
    allows = [item for item in weighed if str(item.statement.get("Effect")).lower() == "allow"]
    for item in denies:
        if not item.undecided:
            return Decision(False, item, denied=True)
    fitting = [item for item in allows if not item.failing]
    sure = next((item for item in fitting if not item.undecided), None)
    if sure:
        return Decision(None, denies[0]) if denies else Decision(True, sure)
    if fitting:
        return Decision(None, fitting[0])
    return Decision(False, min(allows, key=_distance, default=None))


def _weigh(statement: Mapping[str, Any], request: Request) -> Weighed:
    failing, undecided = failing_keys(statement.get("Condition"), request.context(), request.unknown)
    named = _named(statement, request)
    if named is None:
        undecided |= {"principal"}
    elif not named:
        failing |= {"principal"}
    if not _fits(statement, "Action", lambda value: _covers(value, request.action)):
        failing |= {"action"}
    if not _fits(statement, "Resource", request.is_covered):
        failing |= {"resource"}
    return Weighed(statement, failing, undecided)


def _distance(item: Weighed) -> tuple[bool, bool, int]:
    return "principal" in item.failing, "action" in item.failing, len(item.failing)


def _named(statement: Mapping[str, Any], request: Request) -> bool | None:
    if "NotPrincipal" in statement:
        named = request.is_named(statement["NotPrincipal"])
        return None if named is None else not named
    return request.is_named(statement.get("Principal"))


def _fits(statement: Mapping[str, Any], element: str, test: Callable[[Any], bool]) -> bool:
    """Whether an element fits, or its negation, like NotAction, does not."""
    if f"Not{element}" in statement:
        return not test(statement[f"Not{element}"])
    return test(statement.get(element))


def _covers(actions: Any, wanted: str) -> bool:
    return any(glob(str(action).lower(), wanted.lower()) for action in listed(actions))


def listed(value: Any) -> list[Any]:
    """A value that may stand alone where a list is meant, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]
