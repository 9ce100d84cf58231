"""The tree's signatures, made ready for looking through many lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from wizard.logs.literal import literals
from wizard.model.tree import Signature

# A text of this weight or less (but some) is what every failing request shows; it speaks only where nothing else does.
FAINT = 2
_GATEWAY_SAYS = (
    "Execution failed",
    "Lambda execution failed",
    "Lambda invocation failed",
    "due to customer function error",
)


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """One text, pattern or payload defect, and the cause it stands for.

    `also` are the other causes with the very same one at the same place. `rank` sorts the more telling first:
    by the weight that the tree gives it, then by place in the tree.
    """

    cause: str
    place: str
    text: str | None
    regex: re.Pattern[str] | None
    payload: str | None
    seen: bool
    also: tuple[str, ...] = ()
    rank: tuple[int, int] = (0, 0)

    @property
    def faint(self) -> bool:
        """Whether every failing request shows this."""
        return 0 < -self.rank[0] <= FAINT

    def find(self, text: str) -> dict[str, str] | None:
        """What the pattern's named groups caught, {} for a plain text that is there, None when it is not there."""
        if self.text is not None:
            return {} if self.text in text else None
        found = self.regex.search(text) if self.regex else None
        return {name: value.strip() for name, value in found.groupdict().items() if value} if found else None

    @property
    def of_gateway(self) -> bool:
        """Whether these are words that only the gateway says of itself; in a quoted answer they mean nothing."""
        return (self.text or (self.regex.pattern if self.regex else "")).startswith(_GATEWAY_SAYS)

    def outdoes(self, other: Sign) -> bool:
        """Whether this is a longer plain text around the other one of another cause."""
        if not self.text or not other.text or self.cause == other.cause:
            return False
        return self.text != other.text and other.text in self.text


class Index:
    """Finds the few signatures worth trying on a line by the plain text that each of them cannot do without."""

    def __init__(self, signs: Iterable[Sign]) -> None:
        self._always: list[Sign] = []
        self._by_text: dict[str, list[Sign]] = {}
        for sign in signs:
            needed = [sign.text] if sign.text is not None else literals(sign.regex.pattern) if sign.regex else None
            if needed is None:
                self._always.append(sign)
            for text in needed or ():
                self._by_text.setdefault(text, []).append(sign)

    def narrowed(self, text: str) -> Index:
        """An index of only what can be found anywhere in this text."""
        narrow = Index(())
        narrow._always = self._always
        narrow._by_text = {needed: signs for needed, signs in self._by_text.items() if needed in text}
        return narrow

    def find(self, text: str) -> Iterator[tuple[Sign, dict[str, str]]]:
        """Every signature that the text shows, once, with what it caught."""
        worth = self._always + [sign for needed, signs in self._by_text.items() if needed in text for sign in signs]
        for sign in dict.fromkeys(worth) if len(worth) > 1 else worth:
            if (caught := sign.find(text)) is not None:
                yield sign, caught


def compile_signatures(
    signatures: Iterable[Signature], refines: Mapping[str, Collection[str]], anywhere: bool = False
) -> list[Sign]:
    """One Sign for each different text at each place, or for each different text when it counts `anywhere`.

    Several causes with the same text become one Sign, the others in `also`. It goes to a cause that has the text
    as seen, of those to the one that most of the others refine, then to the one that gives it most weight, then to
    the first.
    """
    same: dict[tuple[str, str | None, str | None, str | None], list[Signature]] = {}
    for signature in signatures:
        place = "" if anywhere else signature.place
        same.setdefault((place, signature.text, signature.pattern, signature.payload), []).append(signature)
    return [_sign(group, order, refines) for order, group in enumerate(same.values())]


def _sign(group: list[Signature], order: int, refines: Mapping[str, Collection[str]]) -> Sign:
    names = [signature.cause for signature in group]

    def claim(one: Signature) -> tuple[bool, int, int, int]:
        faint = one.weight if one.weight <= FAINT else 0
        return one.seen, faint, sum(one.cause in refines.get(name, ()) for name in names), one.weight

    first = max(group, key=claim)
    also = tuple(dict.fromkeys(name for s in group for name in (s.cause, *s.also) if name != first.cause))
    regex = re.compile(first.pattern) if first.pattern else None
    return Sign(first.cause, first.place, first.text, regex, first.payload, first.seen, also, (-first.weight, order))
