"""What one request shows, weighed: the special before the general, the told before the merely possible."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from wizard.logs.line import Line
from wizard.logs.signature import Sign
from wizard.model.status import Proof


@dataclass(frozen=True, slots=True)
class Shown:
    """A signature on a line. `cause` and `also` may be fewer than the signature's own, once all lines of the request
    are weighed; `count` is on how many of its lines it stands; `weaker` that it was inferred.
    """

    sign: Sign
    line: Line
    facts: dict[str, str]
    cause: str
    also: tuple[str, ...]
    count: int = 1
    weaker: bool = False

    @property
    def proof(self) -> Proof:
        """How much it carries."""
        if not self.sign.seen or self.also or self.sign.faint:
            return Proof.HINTED
        return Proof.SUGGESTED if self.weaker else Proof.PROVEN

    @property
    def number(self) -> int:
        """The line of the input on which it stands."""
        texts = (self.sign.text,) if self.sign.text else ()
        regex: re.Pattern[str] | None = self.sign.regex
        for number, text in self.line.parts:
            if any(wanted in text for wanted in texts) or (regex and regex.search(text)):
                return number
        begins = json.dumps(self.line.text[:40], ensure_ascii=False)[1:-1]
        return next((number for number, text in self.line.parts if begins in text), self.line.number)


def sift(
    shown: Iterable[Shown],
    refines: Mapping[str, Collection[str]],
    statuses: Mapping[str, Collection[int]],
    status: int | None,
) -> list[Shown]:
    """What is left of a request's signs: none of a cause that another one refines, no shared text where one of its
    causes is told by another line, and of several shared texts the causes that fit them all.
    """
    hits = list(shown)
    hits = [hit for hit in hits if not hit.sign.faint] or _fitting(hits, statuses, status)
    named = {hit.cause for hit in hits if not hit.also}
    general = {cause for name in named for cause in refines.get(name, ())}
    told = [hit for hit in hits if not hit.also and hit.cause not in general]
    shared = [hit for hit in hits if hit.also and hit.cause not in general and not named & {hit.cause, *hit.also}]
    return told + _common(shared)


def _common(shared: list[Shown]) -> list[Shown]:
    """Shared texts of one request, narrowed to the causes that show them all, if there are any."""
    if not shared:
        return []
    common = set.intersection(*({hit.cause, *hit.also} for hit in shared))
    if not common:
        return shared
    order = min(shared, key=lambda hit: hit.sign.rank)
    left = [cause for cause in (order.cause, *order.also) if cause in common]
    whole = all(len(hit.also) + 1 == len(common) for hit in shared)
    return [replace(hit, cause=left[0], also=tuple(left[1:]), weaker=hit.weaker or not whole) for hit in shared]


def _fitting(hits: list[Shown], statuses: Mapping[str, Collection[int]], status: int | None) -> list[Shown]:
    """Faint texts, without the causes that never end in the status that the client got."""
    if status is None:
        return hits
    fitting: list[Shown] = []
    for hit in hits:
        causes = {cause for cause in (hit.cause, *hit.also) if status in (statuses.get(cause) or (status,))}
        left = [cause for cause in (hit.cause, *hit.also) if cause in causes]
        fitting.append(replace(hit, cause=left[0], also=tuple(left[1:])) if left else hit)
    return fitting
