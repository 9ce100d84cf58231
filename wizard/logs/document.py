"""A JSON document of any length, one element at a time: `aws logs filter-log-events` may print gigabytes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from wizard.logs.record import CONTAINERS

# An object whose list of events begins after some plain members, or a list of objects.
_BEGINS = re.compile(
    r'\s*\{\s*(?:"\w+"\s*:\s*(?:"(?:[^"\\]|\\.){0,500}"|[\w.+-]+|\[[^\][{}]{0,500}\])\s*,\s*){0,12}'
    rf'"(?:{"|".join(CONTAINERS)})"\s*:\s*\[(?=\s*[\[{{]|\s*$)'
    r"|\s*\[(?=\s*\{\s*\"|\s*\[\s*\{)"
)
_BETWEEN = re.compile(r"[\s,]*")
_FIRST = '{["-0123456789tfn'
_DECODER = json.JSONDecoder()
# An element longer than this is given up.
LONGEST_ELEMENT = 2_000_000


class Document:
    """Takes text in pieces and gives the elements of the document's list as they become whole.

    `rest` is what followed the list, once `done`; a document that turns out to be none is given up there too.
    `found` says whether it had any element.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.done = False
        self.rest = ""
        self.found = False
        self._held = ""
        self._retry = 0

    @staticmethod
    def begins(text: str, at: int) -> int | None:
        """Where the first element stands, when a document with a list of events begins at `at`."""
        found = _BEGINS.match(text, at, at + 20_000)
        return found.end() if found else None

    def feed(self, piece: str) -> Iterator[tuple[int, Any, str]]:
        """The elements that are whole now, to be taken to the last: the line on which each begins, its value, its
        text.
        """
        self._held += piece
        if len(self._held) < self._retry:
            return
        at = 0
        while not self.done:
            start = _BETWEEN.match(self._held, at).end()  # type: ignore[union-attr]  # matches the empty text too
            self.number += self._held.count("\n", at, start)
            at = start
            if at == len(self._held):
                break
            if self._held[at] == "]":
                self._end(at + 1)
                return
            try:
                value, end = _DECODER.raw_decode(self._held, at)
            except (ValueError, RecursionError) as error:
                if self._is_cut(error, at):
                    break
                self._end(at)
                return
            self.found = True
            yield self.number, value, self._held[at:end]
            self.number += self._held.count("\n", at, end)
            at = end
        self._held = self._held[at:]
        self._retry = 2 * len(self._held)

    def _is_cut(self, error: Exception, at: int) -> bool:
        """Whether the element only wants its end."""
        left = len(self._held) - at
        if isinstance(error, RecursionError) or left > LONGEST_ELEMENT or self._held[at] not in _FIRST:
            return False
        where = getattr(error, "pos", 0)
        return str(error).startswith("Unterminated string") or where >= len(self._held) - 12

    def _end(self, at: int) -> None:
        self.done, self.rest, self._held = True, self._held[at:], ""

    def finish(self) -> Iterator[tuple[int, Any, str]]:
        """The elements still held when the input ends; `rest` is what is left then."""
        self._retry = 0
        yield from self.feed("")
        if not self.done:
            self._end(0)
