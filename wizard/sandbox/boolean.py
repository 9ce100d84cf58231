"""Reading ``a and (b or not c)``, as the filters of Logs Insights and of X-Ray both have it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Compare = Callable[[Any, Any], bool]
COMPARISONS: dict[str, Compare] = {
    "=": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


def tokens(token: re.Pattern[str], text: str) -> list[str]:
    """The text cut into tokens; what is none is a ValueError."""
    found: list[str] = []
    place = 0
    while text[place:].strip():
        match = token.match(text, place)
        if match is None:
            raise ValueError(f"unexpected {text[place:].strip()[:20]}")
        found.append(match[0].strip())
        place = match.end()
    return found


class BooleanReader(Generic[T]):
    """Reads tokens from left to right into a test of a T; ``and`` binds closer than ``or``.

    A subclass says in `leaf` what stands between the words. Anything unexpected is a ValueError.
    """

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0

    def whole(self) -> Callable[[T], bool]:
        """The test that all tokens amount to."""
        test = self.any_of()
        if self.peek():
            raise ValueError(f"unexpected {self.peek()}")
        return test

    def peek(self) -> str:
        """The token ahead, empty at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self, wanted: str = "") -> str:
        """The token ahead, which has to be the wanted one if there is one."""
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise ValueError(f"expected {wanted or 'more'}, not {token or 'the end'}")
        self._at += 1
        return token

    def any_of(self) -> Callable[[T], bool]:
        """One or more tests with ``or`` between them."""
        tests = [self._all_of()]
        while self.peek().lower() == "or":
            self.take()
            tests.append(self._all_of())
        return lambda item: any(test(item) for test in tests)

    def leaf(self) -> Callable[[T], bool]:
        """A test without and, or, not, brackets."""
        raise AssertionError(f"{type(self).__name__} reads nothing")

    def _all_of(self) -> Callable[[T], bool]:
        tests = [self._single()]
        while self.peek().lower() == "and":
            self.take()
            tests.append(self._single())
        return lambda item: all(test(item) for test in tests)

    def _single(self) -> Callable[[T], bool]:
        if self.peek().lower() in ("not", "!"):
            self.take()
            test = self._single()
            return lambda item: not test(item)
        if self.peek() == "(":
            self.take()
            inner = self.any_of()
            self.take(")")
            return inner
        return self.leaf()
