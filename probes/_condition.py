"""Conditions of a policy statement, evaluated as IAM does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Set
from typing import Any

from probes._glob import arn_like, glob

_Test = Callable[[str, str], bool]


def _in_network(wanted: str, given: str) -> bool:
    """Whether an address lies in a network in CIDR notation; a lone address is a network of one."""
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


_TESTS: dict[str, _Test] = {
    "stringequals": lambda wanted, given: wanted == given,
    "stringequalsignorecase": lambda wanted, given: wanted.lower() == given.lower(),
    "stringlike": glob,
    "arnequals": arn_like,
    "arnlike": arn_like,
    "bool": lambda wanted, given: wanted.lower() == given.lower(),
    "ipaddress": _in_network,
}
# The negated operators, and the one that each turns round.
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
}
# Keys that a call may carry and whose value is not known here: a condition on them cannot be decided.
UNKNOWABLE = frozenset(
    {"aws:sourceorgid", "aws:sourceorgpaths", "aws:currenttime", "aws:epochtime", "aws:requestedregion"}
)


def failing_keys(
    conditions: Any, context: Mapping[str, str], unknown: Set[str] = UNKNOWABLE
) -> tuple[frozenset[str], frozenset[str]]:
    """The condition keys that do not hold, and those that cannot be decided, both in lower case.

    `context` is what the call carries, `unknown` the keys that it may carry with a value that is not known here; keys
    in lower case. Condition keys are compared without regard to case, as IAM does.
    """
    failing, undecided = set(), set()
    for operator, tests in conditions.items() if isinstance(conditions, Mapping) else ():
        for key, wanted in tests.items() if isinstance(tests, Mapping) else ():
            name = str(key).lower()
            holds = None if name in unknown else _holds(str(operator), context.get(name), _texts(wanted))
            if holds is None:
                undecided.add(name)
            elif not holds:
                failing.add(name)
    return frozenset(failing), frozenset(undecided)


def _holds(operator: str, given: str | None, wanted: list[str]) -> bool | None:
    """Whether one operator holds for one key; None for an operator that is not known here."""
    name = operator.lower()
    every = name.startswith("forallvalues:")
    name = name.rpartition(":")[2]
    if name == "null":
        return (given is None) == (wanted[:1] == ["true"])
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    negated = name in _NEGATED
    test = _TESTS.get(_NEGATED.get(name, name))
    if given is None:
        return optional or negated or every
    if test is None:
        return None
    return any(test(value, given) for value in wanted) != negated


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]
