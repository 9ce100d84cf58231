"""The decision tree as data: hops, nodes, branches, causes, signatures, fixes. Loaded and judged by wizard.tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from wizard.model.status import Level, Proof, Status


class Condition(Protocol):
    """A compiled `when:`."""

    def holds(self, scope: Mapping[str, Any]) -> bool:
        """Whether it is true of what is known: status, reason, facts, answer, symptom, target, trace, nodes, found."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """A text that betrays a cause.

    `place` is where it may stand: execution-log, access-log, function-log or client. Exactly one of `text` (a
    plain substring), `pattern` (a regular expression) and `payload` (a defect of a proxy response, judged by
    wizard.logs) is set. `seen` is false for a text that is inferred, not read in a source. The causes in `also`
    show the very same text, only configuration tells which; `refines` are those of its cause.
    """

    cause: str
    place: str
    text: str | None = None
    pattern: str | None = None
    payload: str | None = None
    seen: bool = False
    weight: int = 0
    also: tuple[str, ...] = ()
    refines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to mend a cause; `kind` is cli, sam, cloudformation, terraform, console or code."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that can be wrong.

    `statuses` are the HTTP statuses a client may see for it, by API type; none means any.
    `refines` names more general causes that need no mention when this one is found on the same evidence.
    """

    id: str
    code: str
    hop: str
    title: str
    why: str
    api_types: tuple[str, ...]
    statuses: Mapping[str, tuple[int, ...]]
    seen_in: tuple[str, ...]
    level: Level
    fix: tuple[Fix, ...]
    verify: str | None
    docs: tuple[str, ...]
    signatures: tuple[Signature, ...] = ()
    refines: tuple[str, ...] = ()
    line: int = 0

    @property
    def all_statuses(self) -> tuple[int, ...]:
        """The statuses of all API types, sorted."""
        return tuple(sorted({status for listed in self.statuses.values() for status in listed}))


@dataclass(frozen=True, slots=True)
class Branch:
    """What follows from a node's answer: a cause, several causes named by a fact, another node to ask, or nothing.

    `marks` is what the node's hop is marked with when that is not the evidence's own status.
    """

    when: Condition
    cause: str | None = None
    causes_from: str | None = None
    ask: str | None = None
    proof: Proof = Proof.PROVEN
    says: str | None = None
    marks: Status | None = None
    rules_out: tuple[str, ...] | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """One step of the walk: a probe to run or a question to put to the person.

    `only_if` guards the step. A step that only gives `context` leaves nothing open when it cannot be told.
    """

    id: str
    title: str
    why: str
    probe: str | None = None
    question: str | None = None
    how: str | None = None
    only_if: Condition | None = None
    branches: tuple[Branch, ...] = ()
    line: int = 0
    context: bool = False


@dataclass(frozen=True, slots=True)
class TreeHop:
    """A hop of the request path and the nodes asked about it, in order.

    One that no path is traced through, such as a quota, names the hop it stands `beside`: it is asked about wherever
    that hop is, and shown as its side trip once something is found there.
    """

    id: str
    title: str
    asks: tuple[str, ...]
    line: int = 0
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole decision tree. `path` is the file it came from, for messages only."""

    hops: tuple[TreeHop, ...]
    nodes: Mapping[str, Node]
    causes: Mapping[str, Cause]
    path: str = "decision_tree.yaml"
    signatures: tuple[Signature, ...] = field(default=())

    def cause(self, id_or_code: str) -> Cause | None:
        """A cause by its id or its code (case-insensitive)."""
        wanted = id_or_code.lower()
        return next((c for c in self.causes.values() if wanted in (c.id, c.code.lower())), None)

    def stations(self, on_path: Callable[[str], bool]) -> tuple[TreeHop, ...]:
        """The hops that are asked about: those on the path, and those that stand beside one of them."""
        return tuple(hop for hop in self.hops if on_path(hop.id) or (hop.beside and on_path(hop.beside)))

    def hop_title(self, hop_id: str) -> str:
        """The title of a hop, its id when the tree does not know it."""
        return next((hop.title for hop in self.hops if hop.id == hop_id), hop_id)
