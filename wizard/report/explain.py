"""What a pasted log shows, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from wizard.model.json import Json
from wizard.model.status import Confidence, Proof
from wizard.model.text import Line, shorten
from wizard.model.tree import Tree
from wizard.report.page import line, paragraph


class Matched(Protocol):
    """A cause that lines speak for, as wizard.logs finds it."""

    @property
    def cause(self) -> str:
        """The id of the cause."""
        ...

    @property
    def proof(self) -> Proof:
        """How much the text carries."""
        ...

    @property
    def lines(self) -> tuple[int, ...]:
        """Line numbers from 1, the first few."""
        ...

    @property
    def texts(self) -> tuple[str, ...]:
        """What these lines say."""
        ...

    @property
    def also(self) -> tuple[str, ...]:
        """Causes that the same text cannot tell from this one."""
        ...

    @property
    def count(self) -> int:
        """In how many requests it was seen."""
        ...

    @property
    def first(self) -> str | None:
        """The earliest time in the log, as it stands there."""
        ...

    @property
    def last(self) -> str | None:
        """The latest."""
        ...


def confidence(proof: Proof) -> Confidence:
    """A text alone is at most likely: nobody has looked at the configuration."""
    return Confidence.POSSIBLE if proof is Proof.HINTED else Confidence.LIKELY


def document(tree: Tree, count: int, found: Sequence[Matched]) -> dict[str, Json]:
    """{"schema", "lines", "findings"}, best first; `count` lines were read."""
    return {"schema": 1, "lines": count, "findings": [_entry(tree, match) for match in found]}


def lines(tree: Tree, count: int, found: Sequence[Matched], width: int = 80) -> list[Line]:
    """A finding a paragraph, then how to go on."""
    if not found:
        return paragraph(f"{count} line{'s' * (count != 1)} read; none of the known signs of a 5xx is in them.", width)
    out: list[Line] = []
    for match in found:
        cause = tree.causes[match.cause]
        sure = confidence(match.proof)
        level, look = ("Error", "fail") if sure is Confidence.LIKELY else ("Info", "dim")
        out += paragraph(f"[{cause.code}] ({cause.hop}) {cause.title}", width, look="strong", lead=(f"{level} ", look))
        where = f"line{'s' * (len(match.lines) > 1)} {', '.join(map(str, match.lines[:6]))}"
        seen = f"seen {match.count} time{'s' * (match.count != 1)}, {where}"
        out += paragraph(f"{sure.value} · {seen}{'…' * (len(match.lines) > 6)}", width, 2, "dim")
        out += [(("  ", ""), (shorten(text, width - 2), "")) for text in match.texts[:2]]
        out += paragraph(f"The same text can also mean: {', '.join(match.also)}.", width, 2) if match.also else []
        out += [line((f"  apigw-wizard cause {cause.code}", "code")), ()]
    return [
        *out,
        *paragraph("only the configuration can confirm it: apigw-wizard check URL.", width, lead=("Next: ", "strong")),
    ]


def _entry(tree: Tree, match: Matched) -> Json:
    cause = tree.causes[match.cause]
    return {
        "cause": cause.id,
        "code": cause.code,
        "hop": cause.hop,
        "confidence": confidence(match.proof).value,
        "count": match.count,
        "lines": list(match.lines),
        "first": match.first,
        "last": match.last,
        "also": list(match.also),
    }
