"""What happens during a walk, in order. Screens, reports and replays are folds over these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from wizard.model.case import Case
from wizard.model.path import Hop, Link
from wizard.model.probe import Evidence
from wizard.model.status import Effect, Proof, Status


@dataclass(frozen=True, slots=True)
class Question:
    """Something only the person can say.

    kind "consent": may this run (answers yes, no); kind "manual": a check done by hand (answers yes, no,
    unsure). `command` is the AWS CLI line or address that it is about. `default` is the answer of somebody who
    just presses Enter. `effect` is what a yes to a consent leads to.
    """

    id: str
    kind: str
    title: str
    text: str
    command: str = ""
    default: str = "no"
    effect: Effect = Effect.NONE


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """The walk begins; the case as it was given."""

    case: Case
    at: datetime


@dataclass(frozen=True, slots=True)
class PathTraced:
    """The case with its traced path; replaces the case as it was given."""

    case: Case


@dataclass(frozen=True, slots=True)
class HopDiscovered:
    """A hop of this request's path; `link` leads to it from the hop before."""

    hop: Hop
    link: Link | None


@dataclass(frozen=True, slots=True)
class NodeEntered:
    """The walk has come to a step."""

    node: str
    hop: str


@dataclass(frozen=True, slots=True)
class ProbeStarted:
    """A probe has begun, perhaps in the background, before the walk is there."""

    probe: str
    hop: str


@dataclass(frozen=True, slots=True)
class ProbeFinished:
    """A probe has ended, with whatever it could tell."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Asked:
    """The person is being asked."""

    question: Question


@dataclass(frozen=True, slots=True)
class Answered:
    """The person answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class BranchTaken:
    """The answer of a step led somewhere.

    `branch` is the index of the branch in its node, None when none of them held.
    """

    node: str
    branch: int | None
    status: Status
    says: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence speaks for a cause. One cause may be found several times; the verdict adds them up."""

    cause: str
    proof: Proof
    evidence: str
    node: str


@dataclass(frozen=True, slots=True)
class HopMarked:
    """What is now known of a hop."""

    hop: str
    status: Status
    note: str = ""


@dataclass(frozen=True, slots=True)
class Concluded:
    """The walk has come to its end (or was stopped: `complete` is false)."""

    complete: bool = True


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """Nothing more will come; `took_ms` is the whole walk in milliseconds."""

    took_ms: float


Event: TypeAlias = (
    CaseOpened
    | PathTraced
    | HopDiscovered
    | NodeEntered
    | ProbeStarted
    | ProbeFinished
    | Asked
    | Answered
    | BranchTaken
    | Found
    | HopMarked
    | Concluded
    | CaseClosed
)
