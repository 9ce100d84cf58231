"""What a pasted log shows, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Protocol

from wizard.model.fill import fill
from wizard.model.json import Json
from wizard.model.status import Confidence, Proof
from wizard.model.text import Line, shorten
from wizard.model.tree import Tree
from wizard.report.page import FORMS, line, paragraph, verbatim

MOST_SHOWN, MOST_LINES, MOST_ALSO = 8, 3, 6


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
    def facts(self) -> Mapping[str, str]:
        """What the text itself names: values for the placeholders of the fix."""
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
    """A finding a paragraph, best first, then how to go on."""
    if not found:
        return _nothing(count, width)
    out: list[Line] = []
    for match in found[:MOST_SHOWN]:
        out += [*_finding(tree, match, width, match is found[0]), ()]
    if len(found) > MOST_SHOWN:
        out += [*paragraph(f"{len(found) - MOST_SHOWN} less telling findings: --output json lists them.", width), ()]
    return [*out, *_next(tree, found[0], width)]


def _nothing(count: int, width: int) -> list[Line]:
    """What to do about a log that does not tell; a bare 500 or 504 in it is no reason."""
    out = paragraph(f"{count} line{'s' * (count != 1)} read; none of the known signs of a 5xx is in them.", width)
    if not count:
        return out
    more = (
        "if requests did fail, this log does not say why. Execution logs do (REST, WebSocket), or an access log with "
        "$context.error.message and $context.integrationErrorMessage in its format; apigw-wizard check URL prints the "
        "commands that turn them on, and looks without them."
    )
    return [*out, *paragraph(more, width, lead=("Next: ", "strong"))]


def _finding(tree: Tree, match: Matched, width: int, best: bool) -> list[Line]:
    """The cause, the lines that speak for it, and how to mend it; the fix where the text tells the cause from others,
    and of the best one also where it leaves only a few.
    """
    cause = tree.causes[match.cause]
    sure = confidence(match.proof)
    level, look = ("Error", "fail") if sure is Confidence.LIKELY else ("Info", "dim")
    out = paragraph(f"[{cause.code}] ({cause.hop}) {cause.title}", width, look="strong", lead=(f"{level} ", look))
    where = f"line{'s' * (len(match.lines) > 1)} {', '.join(map(str, match.lines[:6]))}"
    when = f", {match.first}" + (f" to {match.last}" if match.last != match.first else "") if match.first else ""
    seen = f"seen {match.count} time{'s' * (match.count != 1)}, {where}{'…' * (len(match.lines) > 6)}{when}"
    out += paragraph(f"{sure.value} · {seen}", width, 2, "dim")
    numbers = match.lines if len(match.lines) == len(match.texts) else match.lines[:1]
    for number, text in zip_longest(numbers[:MOST_LINES], match.texts[:MOST_LINES]):
        lead = f"  {number} > " if number else "  > "
        told = " ".join(text.split())
        out.append((("", ""), (lead, "dim"), (shorten(told, width - len(lead)), look if look == "fail" else "strong")))
    if match.also:
        named = ", ".join(match.also[:MOST_ALSO]) + (
            f" and {len(match.also) - MOST_ALSO} more" * (len(match.also) > MOST_ALSO)
        )
        out += paragraph(f"The same text can also mean: {named}.", width, 2)
    if sure is Confidence.LIKELY:
        out += paragraph(cause.why, width, 2)
    if sure is Confidence.LIKELY or (best and len(match.also) <= MOST_ALSO):
        for fix in cause.fix[:1]:
            provided = "" if sure is Confidence.LIKELY else ", if it is this"
            out += [line((f"  Fix ({FORMS.get(fix.kind, fix.kind)}){provided}:", "strong"))]
            out += verbatim(fill(fix.text, dict(match.facts), fix.kind), 4)
    return [*out, line((f"  apigw-wizard cause {cause.code}", "code"))]


def _next(tree: Tree, best: Matched, width: int) -> list[Line]:
    """How to go on: the probe that looks at the configuration, or the page of the cause."""
    verify = tree.causes[best.cause].verify
    probe = f"; the probe {verify} settles it" if verify else ""
    return paragraph(
        f"only the configuration can confirm it: apigw-wizard check URL{probe}.", width, lead=("Next: ", "strong")
    )


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
