"""Stable pseudonyms: account-1, api-1, host-1 … The same value has the same one wherever it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

# What a kind of pseudonym stands for, as the manifest of a report says it.
KINDS = {
    "account": "account ids",
    "api": "API ids",
    "api-name": "API names",
    "host": "hosts and domains",
    "ip": "IP addresses",
    "request": "request ids",
    "trace": "trace ids",
    "email": "e-mail addresses",
    "person": "people",
    "function": "function names",
    "role": "role and user names",
    "log": "log group names",
    "name": "other names in ARNs",
    "network": "ids of networks and instances",
    "header": "header values",
    "query": "query values",
    "path": "path values",
}
_PSEUDONYM = re.compile(rf"(?i)(?<![\w-])(?:{'|'.join(sorted(KINDS, key=len, reverse=True))})-\d{{1,5}}(?![\w-])")
# Values that show what they are wherever they stand: these are found by their form, however many there are.
EVIDENT = re.compile(
    r"(?i)(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d)"
    r"|(?<!\w)1-[0-9a-f]{8}-[0-9a-f]{24}(?![0-9a-f])"
)
_SHORTEST_ANYWHERE = 4  # characters; a shorter value means too many other things to be replaced wherever it stands


class Names:
    """The pseudonyms of one report. Case does not matter: hosts and ids are written either way.

    `own` are words of the tool: a name that is one of them says nothing about its owner and stays.
    """

    def __init__(self, own: Collection[str] = ()) -> None:
        self._own = frozenset(word.casefold() for word in own)
        self._names: dict[str, str] = {}
        self._originals: dict[str, str] = {}
        self._local: set[str] = set()
        self._evident: set[str] = set()
        self._taken: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._pattern: re.Pattern[str] | None = None

    def reserve(self, text: str) -> None:
        """Pseudonyms that a text shows already keep their meaning: none of them is given out for anything new."""
        self._taken.update(found.casefold() for found in _PSEUDONYM.findall(text))

    def name(self, kind: str, value: str, *, anywhere: bool = True) -> str:
        """The pseudonym of a value; `anywhere` false: only where it was found, for it may be a word like any other."""
        if self.stays(value):
            return value
        known = value.casefold()
        if known not in self._names:
            self._names[known] = self._new(kind)
            self._originals[self._names[known]] = value
            self._local.add(known)
        if anywhere and known in self._local and len(value) >= _SHORTEST_ANYWHERE:
            self._local.remove(known)
            self._evident.update({known} if EVIDENT.fullmatch(value) else ())
            self._pattern = None
        return self._names[known]

    def alias(self, value: str, instead: str) -> None:
        """Another text for a value, which is no pseudonym: the template of a path."""
        if len(value) >= _SHORTEST_ANYWHERE:
            self._names[value.casefold()] = instead
            self._pattern = None

    def stays(self, value: str) -> bool:
        """Whether a value needs no pseudonym: empty, one already, removed, or a word of the tool."""
        return not value or value.casefold() in self._own or value == "[removed]" or bool(_PSEUDONYM.fullmatch(value))

    def known(self, value: str) -> str | None:
        """The pseudonym of a value that has one."""
        return self._names.get(value.casefold())

    def pattern(self) -> re.Pattern[str] | None:
        """Matches every value that is replaced wherever it stands, the longest first."""
        if self._pattern is None:
            names = sorted(self._names.keys() - self._local - self._evident, key=lambda name: (-len(name), name))
            if names:
                # A path stands behind a host or a stage; only names that begin with a letter or digit need a border.
                borders = [("(?<![A-Za-z0-9])" if name[0].isalnum() else "") + re.escape(name) for name in names]
                ends = [each + ("(?![A-Za-z0-9])" if each[-1].isalnum() else "") for each in borders]
                self._pattern = re.compile(f"({'|'.join(ends)})", re.I)
        return self._pattern

    def originals(self) -> dict[str, str]:
        """The value behind each pseudonym, in the order in which they were met."""
        return dict(self._originals)

    def distinct(self) -> dict[str, str]:
        """The values that cannot be a word by chance, with their pseudonyms: none may be in a finished report.

        Without those that are evident.
        """
        apart = self._local | self._evident
        found = {value: name for name, value in self._originals.items() if value.casefold() not in apart}
        return {value: name for value, name in found.items() if len(value) >= 6 and not value.isalpha()}

    def evident_in(self, text: str) -> list[str]:
        """The pseudonyms of the evident values that a text shows."""
        found = {match[0].casefold() for match in EVIDENT.finditer(text)} & self._evident
        return sorted(self._names[value] for value in found)

    def counts(self) -> dict[str, int]:
        """How many values of each kind have a pseudonym, in the words of the manifest."""
        return {words: self._counts[kind] for kind, words in KINDS.items() if self._counts[kind]}

    def _new(self, kind: str) -> str:
        number = self._counts[kind] = self._counts[kind] + 1
        while f"{kind}-{number}" in self._taken:
            number += 1
        self._taken.add(f"{kind}-{number}")
        return f"{kind}-{number}"
