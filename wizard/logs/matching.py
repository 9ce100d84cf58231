"""Log lines in, causes out: which of the tree's signatures the lines show, and how much that proves."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice

from wizard.logs.line import Line
from wizard.logs.payload import inspect
from wizard.logs.record import lines_of
from wizard.logs.sift import Shown, sift
from wizard.logs.signature import Index, Sign, compile_signatures
from wizard.logs.story import Story, Teller, from_backend, from_client
from wizard.model.json import Json, to_json
from wizard.model.status import Proof
from wizard.model.tree import Signature

# Requests whose end has not been read yet; beyond this the oldest is judged by what is known of it.
OPEN_STORIES = 2_000
PATIENCE = 20
KEPT = 20
BATCH = 500
LONGEST_FACT, LONGEST_TEXT = 300, 4_000
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


@dataclass(slots=True)
class _Hits:
    """Where one request shows one signature: the first few lines, and how many there are."""

    kept: list[tuple[Line, dict[str, str]]] = field(default_factory=list)
    count: int = 0

    def add(self, line: Line, facts: dict[str, str]) -> None:
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append((line, facts))

    def join(self, other: _Hits) -> None:
        self.count += other.count
        self.kept = sorted(self.kept + other.kept, key=lambda hit: hit[0].number)[:KEPT]


@dataclass(slots=True)
class _Open:
    """A request that is being read."""

    story: Story
    hits: dict[Sign, _Hits] = field(default_factory=dict)

    def join(self, other: _Open) -> None:
        """Take in what another part of the log says of the same request."""
        self.story.join(other.story)
        for sign, hits in other.hits.items():
            self.hits.setdefault(sign, _Hits()).join(hits)


def match(
    lines: Iterable[str | Line],
    signatures: Iterable[Signature],
    place: str,
    refines: Mapping[str, Collection[str]] | None = None,
) -> list[Match]:
    """The causes that the lines of one log show, best first. `place` is execution-log, access-log, function-log
    or client; a Line is taken as it is.

    A text that is seen and belongs to one cause only is PROVEN, any other HINTED. Requests that ended well, or
    in a 4xx, show nothing. What a function says through the gateway's log is looked up among the function log's
    signatures too. `refines` maps a cause to more general ones that need no mention beside it; without it the
    signatures themselves say so.
    """
    known = tuple(signatures)
    general = _refined(known) if refines is None else refines
    signs = _compiled(known) if refines is None else compile_signatures(known, general)
    reader = Reader(signs, place, general)
    reader.read(lines)
    return reader.matches()


def _refined(signatures: Iterable[Signature]) -> dict[str, Collection[str]]:
    return {signature.cause: signature.refines for signature in signatures}


@lru_cache(maxsize=8)
def _compiled(signatures: tuple[Signature, ...]) -> list[Sign]:
    """The signs of these signatures, nobody's to change: a walk looks through many logs for the same ones."""
    return compile_signatures(signatures, _refined(signatures))


class Reader:
    """Reads lines in constant memory. `place` None means that anything may stand anywhere; `statuses` are those that
    a client may see for a cause, where that is known.
    """

    def __init__(
        self,
        signs: list[Sign],
        place: str | None,
        refines: Mapping[str, Collection[str]],
        statuses: Mapping[str, Collection[int]] | None = None,
    ) -> None:
        texts = [sign for sign in signs if sign.payload is None]
        through_gateway = place in ("execution-log", "access-log")
        self._signs = Index(sign for sign in texts if place is None or sign.place == place)
        self._spoken = Index(sign for sign in texts if through_gateway and sign.place == "function-log")
        self._payloads = {sign.payload: sign for sign in signs if sign.payload is not None}
        self._refines = refines
        self._statuses = statuses or {}
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._found: dict[str, Match] = {}
        self._teller = Teller()

    def read(self, events: Iterable[str | Line]) -> int:
        """Take in log events, numbered from 1; says how many there were."""
        count = 0

        def told() -> Iterable[Line]:
            nonlocal count
            for count, raw in enumerate(events, 1):
                yield from (raw,) if isinstance(raw, Line) else lines_of(raw, count)

        self.take(told())
        return count

    def take(self, lines: Iterable[Line]) -> None:
        """Take in lines."""
        told = iter(lines)
        while batch := list(islice(told, BATCH)):
            index = self._signs.narrowed("\n".join(line.text for line in batch))
            for line in batch:
                self._take(line, index)

    @property
    def waits(self) -> Collection[str]:
        """The requests that have shown something and whose end has not been read."""
        return [key for key, told in self._open.items() if told.hits and told.story.status is None]

    def _take(self, line: Line, index: Index) -> None:
        key = self._teller.story_of(line)
        if key not in self._open:
            if len(self._open) >= OPEN_STORIES:
                self._close(self._oldest())
            self._open[key] = _Open(Story(None if key.startswith("#") else key))
        for linked in line.links:
            key = self._link(key, linked)
        told = self._open[key]
        told.story.add(line)
        for sign, facts in self._hits(line, index):
            told.hits.setdefault(sign, _Hits()).add(line, facts)

    def _oldest(self) -> _Open:
        """The request to give up waiting for: one that has shown nothing, if there is any among the oldest."""
        for _ in range(PATIENCE):
            key, told = self._open.popitem(last=False)
            if not told.hits or told.story.status is not None:
                return told
            self._open[key] = told
        return self._open.popitem(last=False)[1]

    def _link(self, key: str, linked: str) -> str:
        """Another id of the same request: what was read under it belongs to this one, and what will be.

        The gateway's log tells how the request ended, so the story keeps its name.
        """
        known = self._teller.link(key, linked)
        other = self._open.get(known)
        if known == key or other is None:
            return key
        if other.story.of_gateway:
            if self._open[key].story.of_gateway:
                return key
            known, key = key, known
        self._open[key].join(self._open.pop(known))
        self._teller.move(known, key)
        return key

    def matches(self) -> list[Match]:
        """All causes seen so far, best first; what was read counts as complete."""
        while self._open:
            self._close(self._open.popitem(last=False)[1])
        refined = {general for cause in self._found for general in self._refines.get(cause, ())}
        return sorted(self._found.values(), key=lambda m: (-m.proof.weight, m.cause in refined, m.rank))

    def _hits(self, line: Line, index: Index) -> list[tuple[Sign, dict[str, str]]]:
        if from_client(line.text):
            return []
        quoted = from_backend(line.text)
        hits = [(sign, facts) for sign, facts in index.find(line.text) if not (quoted and sign.of_gateway)]
        if any(hint in line.text for hint in _FUNCTION_HINTS) and (found := _FUNCTION_SAYS.search(line.text)):
            hits += self._spoken.find(found["said"] or found["body"] or "")
        return [hit for hit in hits if not any(other.outdoes(hit[0]) for other, _ in hits)]

    def _close(self, told: _Open) -> None:
        if told.story.harmless:
            return
        shown = [
            Shown(sign, line, facts, sign.cause, sign.also, hits.count)
            for sign, hits in told.hits.items()
            for line, facts in hits.kept
        ]
        by_cause: dict[str, list[Shown]] = {}
        for hit in sift(shown + self._judged(told.story), self._refines, self._statuses, told.story.status):
            by_cause.setdefault(hit.cause, []).append(hit)
        for cause, hits in by_cause.items():
            self._count(cause, told.story, hits, 1 if told.story.request_id else max(hit.count for hit in hits))

    def _judged(self, story: Story) -> list[Shown]:
        line, body = story.body_line, story.body
        if body is None and story.loose and any("Malformed" in failure for failure in story.failures):
            line, body = story.loose, story.loose.text
        judged = inspect(body) if body is not None else None
        defect = judged.defect if judged else None
        inferred = False
        if defect in (None, "truncated", "returned-5xx"):
            if not (story.succeeded and story.failed) and not (defect == "returned-5xx" and not story.failures):
                return []
            defect, inferred = "returned-5xx", defect != "returned-5xx"
        elif defect == "body-not-base64":
            if not any("base64 decode" in failure for failure in story.failures):
                return []
        elif (
            story.succeeded
            or story.function_error
            or (story.failures and not any("Malformed" in f for f in story.failures))
            or (not story.failures and story.status not in (None, 502))  # a refused answer of a proxy is a 502
        ):
            return []
        sign = self._payloads.get(defect or "")
        if sign is None or story.calls_lambda is False:
            return []
        where = line or Line(0, f"Method completed with status: {story.status}", story.request_id)
        facts = {"defect": defect or "", "key": judged.key if judged and judged.key else ""}
        plain = {name: value for name, value in facts.items() if value}
        return [Shown(sign, where, plain, sign.cause, sign.also, weaker=inferred)]

    def _count(self, cause: str, story: Story, hits: list[Shown], seen: int) -> None:
        hits = sorted(hits, key=lambda hit: (-hit.proof.weight, hit.sign.rank, hit.line.number))
        best, old = hits[0], self._found.get(cause)
        also = best.also if all(hit.also for hit in hits) else ()
        facts = {name: value[:LONGEST_FACT] for hit in reversed(hits) for name, value in hit.facts.items()}
        lines = tuple(dict.fromkeys(hit.number for hit in hits if hit.line.number))[:KEPT]
        texts = tuple(dict.fromkeys(hit.line.text[:LONGEST_TEXT] for hit in hits))[:KEPT]
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
