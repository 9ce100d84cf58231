"""Log lines in, causes out: which of the tree's signatures the lines show, and how much that proves."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from wizard.logs.line import Line, clean
from wizard.logs.payload import inspect
from wizard.logs.signature import Index, Sign, compile_signatures
from wizard.logs.story import Story, Teller, from_backend, from_client
from wizard.model.json import Json, to_json
from wizard.model.status import Proof
from wizard.model.tree import Signature

# Requests whose end has not been read yet; beyond this the oldest is judged by what is known of it.
OPEN_STORIES = 2_000
KEPT = 20
BATCH = 500
LONGEST_FACT = 300
_FUNCTION_SAYS = re.compile(
    r"(?:customer function error|Customer Function Error):?\s*(?P<said>.*)"
    r"|^Endpoint response body before transformations:\s*(?P<body>\{.*\"error(?:Message|Type)\".*)",
    re.DOTALL,
)
_FUNCTION_HINTS = ("ustomer function error", "ustomer Function Error", '"errorMessage"', '"errorType"')


@dataclass(frozen=True, slots=True)
class Match:
    """A cause that lines speak for.

    `lines` are line numbers counted from 1 (the first twenty), `texts` what they say; `count` is in how many
    requests it was seen (on how many lines where they name none), `requests` their ids; `also` are the causes
    that the same text cannot tell from this one; `facts` what the text itself names; `first` and `last` are the
    times as they stand in the log.
    """

    cause: str
    proof: Proof
    lines: tuple[int, ...]
    also: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    count: int = 1
    first: str | None = None
    last: str | None = None
    rank: tuple[int, int] = (0, 0)

    def fact(self) -> dict[str, Json]:
        """The entry for the fact `causes` that a tree branch `causes: facts.causes` reads."""
        entry = {
            **self.facts,
            "cause": self.cause,
            "proof": self.proof,
            "also": self.also,
            "count": self.count,
            "texts": self.texts[:3],
            "requests": self.requests[:3],
        }
        plain = to_json(entry)
        assert isinstance(plain, dict)
        return plain


@dataclass(frozen=True, slots=True)
class _Hit:
    sign: Sign
    line: Line
    facts: dict[str, str]
    weaker: bool = False

    @property
    def proof(self) -> Proof:
        if not self.sign.seen or self.sign.also:
            return Proof.HINTED
        return Proof.SUGGESTED if self.weaker else Proof.PROVEN


@dataclass(slots=True)
class _Hits:
    """Where one request shows one signature: the first few lines, and how many there are."""

    kept: list[_Hit] = field(default_factory=list)
    count: int = 0

    def add(self, hit: _Hit) -> None:
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(hit)


def match(
    lines: Iterable[str],
    signatures: Iterable[Signature],
    place: str,
    refines: Mapping[str, Collection[str]] | None = None,
) -> list[Match]:
    """The causes that the lines of one log show, best first. `place` is execution-log, access-log, function-log
    or client.

    A text that is seen and belongs to one cause only is PROVEN, any other HINTED. Requests that ended well, or
    in a 4xx, show nothing. What a function says through the gateway's log is looked up among the function log's
    signatures too. `refines` maps a cause to more general ones that need no mention beside it; without it the
    signatures themselves say so.
    """
    known = list(signatures)
    general = {signature.cause: signature.refines for signature in known} if refines is None else refines
    reader = Reader(compile_signatures(known, general), place, general)
    reader.read(lines)
    return reader.matches()


class Reader:
    """Reads lines in constant memory. `place` None means that anything may stand anywhere."""

    def __init__(self, signs: list[Sign], place: str | None, refines: Mapping[str, Collection[str]]) -> None:
        texts = [sign for sign in signs if sign.payload is None]
        through_gateway = place in ("execution-log", "access-log")
        self._signs = Index(sign for sign in texts if place is None or sign.place == place)
        self._spoken = Index(sign for sign in texts if through_gateway and sign.place == "function-log")
        self._payloads = {sign.payload: sign for sign in signs if sign.payload is not None}
        self._refines = refines
        self._open: OrderedDict[str, tuple[Story, dict[Sign, _Hits]]] = OrderedDict()
        self._found: dict[str, Match] = {}
        self._teller = Teller()

    def read(self, lines: Iterable[str]) -> int:
        """Take in lines, numbered from 1; says how many there were."""
        numbered = enumerate(lines, 1)
        count = 0
        while batch := [clean(raw, number) for number, raw in islice(numbered, BATCH)]:
            index = self._signs.narrowed("\n".join(line.text for line in batch))
            for line in batch:
                self._take(line, index)
            count = batch[-1].number
        return count

    def _take(self, line: Line, index: Index) -> None:
        key = self._teller.story_of(line)
        if key not in self._open:
            self._open[key] = (Story(None if key.startswith("#") else key), {})
            if len(self._open) > OPEN_STORIES:
                self._close(*self._open.popitem(last=False)[1])
        story, hits = self._open[key]
        story.add(line)
        for hit in self._hits(line, index):
            hits.setdefault(hit.sign, _Hits()).add(hit)

    def matches(self) -> list[Match]:
        """All causes seen so far, best first; what was read counts as complete."""
        while self._open:
            self._close(*self._open.popitem(last=False)[1])
        refined = {general for cause in self._found for general in self._refines.get(cause, ())}
        return sorted(self._found.values(), key=lambda m: (-m.proof.weight, m.cause in refined, m.rank))

    def _hits(self, line: Line, index: Index) -> list[_Hit]:
        if from_client(line.text):
            return []
        quoted = from_backend(line.text)
        hits = [_Hit(sign, line, facts) for sign, facts in index.find(line.text) if not (quoted and sign.of_gateway)]
        if any(hint in line.text for hint in _FUNCTION_HINTS) and (found := _FUNCTION_SAYS.search(line.text)):
            hits += [_Hit(sign, line, facts) for sign, facts in self._spoken.find(found["said"] or found["body"] or "")]
        return [hit for hit in hits if not any(other.sign.outdoes(hit.sign) for other in hits)]

    def _close(self, story: Story, hits: dict[Sign, _Hits]) -> None:
        if story.harmless:
            return
        shown = [hit for several in hits.values() for hit in several.kept] + self._judged(story)
        named = {hit.sign.cause for hit in shown if not hit.sign.also}
        general = {cause for name in named for cause in self._refines.get(name, ())}
        told: dict[str, list[_Hit]] = {}
        for hit in shown:
            if hit.sign.cause in general or (hit.sign.also and named & {hit.sign.cause, *hit.sign.also}):
                continue
            told.setdefault(hit.sign.cause, []).append(hit)
        for cause, spoken in told.items():
            seen = 1 if story.request_id else max(hits[hit.sign].count if hit.sign in hits else 1 for hit in spoken)
            self._count(cause, story, spoken, seen)

    def _judged(self, story: Story) -> list[_Hit]:
        line = story.body_line
        judged = inspect(story.body) if story.body is not None else None
        defect = judged.defect if judged else None
        inferred = False
        if defect in (None, "truncated", "returned-5xx"):
            if not (story.succeeded and story.failed) and not (defect == "returned-5xx" and not story.failures):
                return []
            defect, inferred = "returned-5xx", defect != "returned-5xx"
        elif (
            story.succeeded
            or story.function_error
            or (story.failures and not any("Malformed" in f for f in story.failures))
        ):
            return []
        sign = self._payloads.get(defect or "")
        if sign is None or story.calls_lambda is False:
            return []
        where = line or Line(0, f"Method completed with status: {story.status}", story.request_id)
        facts = {"defect": defect or "", "key": judged.key if judged and judged.key else ""}
        return [_Hit(sign, where, {name: value for name, value in facts.items() if value}, weaker=inferred)]

    def _count(self, cause: str, story: Story, hits: list[_Hit], seen: int) -> None:
        hits = sorted(hits, key=lambda hit: (-hit.proof.weight, hit.sign.rank, hit.line.number))
        best, old = hits[0], self._found.get(cause)
        also = best.sign.also if all(hit.sign.also for hit in hits) else ()
        facts = {name: value[:LONGEST_FACT] for hit in reversed(hits) for name, value in hit.facts.items()}
        lines = tuple(dict.fromkeys(hit.line.number for hit in hits if hit.line.number))[:KEPT]
        texts = tuple(dict.fromkeys(hit.line.text for hit in hits))[:KEPT]
        times = [hit.line.at for hit in sorted(hits, key=lambda hit: hit.line.number) if hit.line.at]
        new = Match(
            cause,
            best.proof,
            lines,
            also,
            facts,
            texts,
            (story.request_id,) if story.request_id else (),
            seen,
            times[0] if times else None,
            times[-1] if times else None,
            best.sign.rank,
        )
        self._found[cause] = new if old is None else _joined(old, new)


def _joined(old: Match, new: Match) -> Match:
    best = old if old.proof.weight >= new.proof.weight else new
    return replace(
        best,
        lines=(old.lines + new.lines)[:KEPT],
        texts=tuple(dict.fromkeys(old.texts + new.texts))[:KEPT],
        also=old.also if old.also and new.also else (),
        facts={**new.facts, **old.facts},
        requests=tuple(dict.fromkeys(old.requests + new.requests))[:KEPT],
        count=old.count + new.count,
        first=old.first or new.first,
        last=new.last or old.last,
        rank=min(old.rank, new.rank),
    )
