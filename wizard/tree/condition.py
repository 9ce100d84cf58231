"""The one evaluator of `when:` and `only_if:`. Data in, a compiled condition out; never eval.

{status: fail}                     equal
{status: [fail, warn]}             one of
{facts.reserved: {gt: 0}}          gt gte lt lte
{facts.causes: {contains: x}}      a member of a list, or a part of a text
{facts.causes: {exists: true}}     there and not empty
{answer: {not: yes}}               anything but
{all: [...]}, {any: [...]}, {not: {...}}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wizard.model.tree import Condition

ROOTS = ("status", "reason", "answer", "facts", "symptom", "target", "trace", "nodes", "found", "answers")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}


class BadConditionError(ValueError):
    """A condition that means nothing; the text says why."""


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is."""

    parts: tuple[Condition, ...]

    def holds(self, scope: Mapping[str, Any]) -> bool:
        """Every part holds; true for none."""
        return all(part.holds(scope) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when one part is."""

    parts: tuple[Condition, ...]

    def holds(self, scope: Mapping[str, Any]) -> bool:
        """At least one part holds."""
        return any(part.holds(scope) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is not."""

    part: Condition

    def holds(self, scope: Mapping[str, Any]) -> bool:
        """The part does not hold."""
        return not self.part.holds(scope)


@dataclass(frozen=True, slots=True)
class Holds:
    """One path of the scope against one expectation."""

    path: str
    expected: Any

    def holds(self, scope: Mapping[str, Any]) -> bool:
        """The value at the path is as expected; a path that leads nowhere has the value None."""
        return _matches(look_up(scope, self.path), self.expected)


def compile_condition(value: Any) -> Condition:
    """A condition from its YAML data.

    Raises:
        BadConditionError: an unknown path, an unknown operator, or not a mapping.
    """
    if not isinstance(value, Mapping) or not value:
        raise BadConditionError("a condition is a mapping like {status: fail}")
    parts: list[Condition] = []
    for key, expected in value.items():
        if key in ("all", "any"):
            if not isinstance(expected, list) or not expected:
                raise BadConditionError(f"{key}: wants a list of conditions")
            inner = tuple(compile_condition(item) for item in expected)
            parts.append(All(inner) if key == "all" else AnyOf(inner))
        elif key == "not":
            parts.append(Not(compile_condition(expected)))
        else:
            parts.append(_compile_path(key, expected))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def look_up(scope: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, None where it leads nowhere. A key may hold dots itself: the longest key wins."""
    value: Any = scope
    words = path.split(".")
    while words:
        if not isinstance(value, Mapping):
            return None
        for size in range(len(words), 0, -1):
            key = ".".join(words[:size])
            if key in value:
                value, words = value[key], words[size:]
                break
        else:
            return None
    return value


def _compile_path(path: str, expected: Any) -> Holds:
    root = path.split(".", 1)[0]
    if root not in ROOTS:
        raise BadConditionError(f"{path!r} is not known; a path begins with one of {', '.join(ROOTS)}")
    if root in ("facts", "symptom", "target", "nodes") and "." not in path:
        raise BadConditionError(f"{path!r} wants a name behind it, like {root}.name")
    _check_expected(path, expected)
    return Holds(path, expected)


def _check_expected(path: str, expected: Any) -> None:
    if not isinstance(expected, Mapping):
        return
    for operator, operand in expected.items():
        if operator in _COMPARE:
            if not isinstance(operand, int | float) or isinstance(operand, bool):
                raise BadConditionError(f"{path}: {operator} wants a number")
        elif operator == "exists":
            if not isinstance(operand, bool):
                raise BadConditionError(f"{path}: exists wants true or false")
        elif operator == "not":
            _check_expected(path, operand)
        elif operator != "contains":
            raise BadConditionError(f"{path}: {operator!r} is no comparison (gt gte lt lte contains exists not)")


def _matches(value: Any, expected: Any) -> bool:
    if isinstance(expected, Mapping):
        return all(_compare(value, operator, operand) for operator, operand in expected.items())
    if isinstance(expected, list):
        return any(_equal(value, item) for item in expected)
    return _equal(value, expected)


def _equal(value: Any, expected: Any) -> bool:
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    return bool(value == expected)


def _compare(value: Any, operator: str, operand: Any) -> bool:
    if operator == "exists":
        return (value not in (None, "", [], {}, ())) is operand
    if operator == "not":
        return not _matches(value, operand)
    if operator == "contains":
        return isinstance(value, str | list | tuple) and operand in value
    return isinstance(value, int | float) and not isinstance(value, bool) and _COMPARE[operator](value, operand)
