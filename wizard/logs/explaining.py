"""A pasted log of any kind in, causes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from wizard.logs.matching import Match, Reader
from wizard.logs.signature import compile_signatures
from wizard.model.tree import Signature


@dataclass(frozen=True, slots=True)
class Explanation:
    """How many lines were read and what they show, best first."""

    lines: int
    findings: tuple[Match, ...]


def explain(
    lines: Iterable[str], signatures: Iterable[Signature], refines: Mapping[str, Collection[str]] | None = None
) -> Explanation:
    """Look for the signatures of every place, in constant memory however many lines there are.

    A pasted log is nobody's live answer: whoever shows this takes a PROVEN for no more than SUGGESTED.
    """
    reader = Reader(compile_signatures(signatures, refines or {}), None, refines or {})
    count = reader.read(lines)
    return Explanation(count, tuple(reader.matches()))
