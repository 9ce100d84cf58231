"""Which scenarios the grid plays: every fault, and pairs and triples of them that are the same in every run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from itertools import count, islice

from wizard.sandbox.compatible import possible
from wizard.sandbox.faults import Fault, all_faults

SEED = 20261120
FAULTS: dict[str, Fault] = {fault.id: fault for fault in all_faults() if fault.api_type == "rest"}
PAIRS, TRIPLES = 100, 30


MASKED: dict[tuple[str, ...], str] = {
    ("integration-method-or-path-mismatch.path", "resource-policy-deny.explicit"): (
        "a backend's 404 handed on is no error of itself, and the client complains of the policy's 403"
    ),
    ("authorizer-timeout", "stage-throttled.quota"): (
        "whom the authorizer keeps waiting uses up no quota: the 429 of before is no part of the client's 500"
    ),
}
"""Groups that were drawn of which one fault leaves no trace of another, and why: nobody could tell."""


@cache
def drawn(size: int, wanted: int) -> tuple[tuple[str, ...], ...]:
    """``wanted`` groups of ``size`` faults on different hops that one shop can have and show, without those masked.

    A new fault changes the few groups that it comes into, and leaves the others as they were.
    """
    groups = (_group(f"{SEED} {size} {number}", size) for number in count())
    return tuple(islice((group for group in _once(groups) if group not in MASKED), wanted))


def _group(seed: str, size: int) -> tuple[str, ...]:
    """The first faults, in an order of this seed's own, that go together."""
    group: list[str] = []
    for name in sorted(FAULTS, key=lambda each: sha256(f"{seed} {each}".encode()).digest()):
        apart = FAULTS[name].hop not in {FAULTS[other].hop for other in group}
        if apart and possible([*group, name]):
            group.append(name)
        if len(group) == size:
            return tuple(sorted(group))
    return ()


def _once(groups: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Each group the first time it comes; the empty one never."""
    seen: set[tuple[str, ...]] = {()}
    for group in groups:
        if group not in seen:
            seen.add(group)
            yield group


def named(group: Iterable[str]) -> set[str]:
    """The causes of these faults."""
    return {FAULTS[name].cause for name in group}
