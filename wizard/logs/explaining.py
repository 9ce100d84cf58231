"""A log of any kind in, causes out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from wizard.logs.feed import blocks, texts
from wizard.logs.gate import gate
from wizard.logs.intake import Intake
from wizard.logs.matching import Match, Reader
from wizard.logs.signature import Sign, compile_signatures
from wizard.model.tree import Signature

# With more unfinished requests than this to be watched for, every line is read.
MOST_WATCHED = 20


@dataclass(frozen=True, slots=True)
class Explanation:
    """How many lines were read and what they show, best first."""

    lines: int
    findings: tuple[Match, ...]


def explain(
    lines: Iterable[str],
    signatures: Iterable[Signature],
    refines: Mapping[str, Collection[str]] | None = None,
    statuses: Mapping[str, Collection[int]] | None = None,
) -> Explanation:
    """Look for the signatures of every place, in constant memory however many lines there are.

    `statuses` are those that a client may see for a cause. A pasted log is nobody's live answer: whoever shows this
    takes a PROVEN for no more than SUGGESTED.
    """
    rows = (line if line.endswith("\n") else f"{line}\n" for line in lines)
    return _explain(blocks(rows), signatures, refines or {}, statuses or {})


def explain_bytes(
    chunks: Iterable[bytes],
    signatures: Iterable[Signature],
    refines: Mapping[str, Collection[str]] | None = None,
    statuses: Mapping[str, Collection[int]] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Explanation:
    """The same for the bytes of a file, plain or gzipped, in chunks of any size; `progress` is told how many bytes
    have been taken in.
    """
    return _explain(texts(chunks, progress), signatures, refines or {}, statuses or {})


def _explain(
    pieces: Iterable[str],
    signatures: Iterable[Signature],
    refines: Mapping[str, Collection[str]],
    statuses: Mapping[str, Collection[int]],
) -> Explanation:
    signs = _compiled(tuple(signatures), tuple((cause, tuple(general)) for cause, general in refines.items()))
    reader = Reader(list(signs), None, refines, statuses)

    def dull(text: str) -> bool:
        nothing_in = _gate(signs)
        if nothing_in is None or not nothing_in(text):
            return False
        watched = reader.waits
        return len(watched) <= MOST_WATCHED and not any(name in text for name in watched)

    intake = Intake(dull)
    for batch in intake.batches(pieces):
        reader.take(batch)
    return Explanation(intake.count, tuple(reader.matches()))


@lru_cache(maxsize=2)
def _compiled(signatures: tuple[Signature, ...], refines: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Sign, ...]:
    """The signs of these signatures, made once for all logs that somebody pastes."""
    return tuple(compile_signatures(signatures, dict(refines), anywhere=True))


@lru_cache(maxsize=2)
def _gate(signs: tuple[Sign, ...]) -> Callable[[str], bool] | None:
    return gate(signs)
