"""The furnishings of the shop: other ways to build a healthy API, put in before the first customers come.

A fault names those that it needs (an authorizer has to stand before it can break); a scenario gets the union of what
its faults need. Each is a function that changes the shop with boto3 calls and leaves it healthy. What cannot stand
together says so with ``excludes``; what builds on another names it in ``needs``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from wizard.sandbox.world import World

Furnish = Callable[[World], None]


class ExclusiveError(ValueError):
    """Two furnishings that cannot stand in one shop were asked for."""


@dataclass(frozen=True)
class Furnishing:
    """One way to build the shop otherwise. ``slot`` names what it settles: two of one slot exclude each other."""

    id: str
    title: str
    furnish: Furnish
    needs: tuple[str, ...]
    excludes: frozenset[str]
    slots: frozenset[str]


_registered: dict[str, Furnishing] = {}


def furnishing(
    furnishing_id: str,
    title: str,
    *,
    needs: Sequence[str] = (),
    excludes: Sequence[str] = (),
    slots: Sequence[str] = (),
) -> Callable[[Furnish], Furnish]:
    """Register the decorated function as a furnishing; ``slots`` such as ``integration`` of which a shop has one.

    Raises ValueError for an id that is taken.
    """

    def register(furnish: Furnish) -> Furnish:
        if furnishing_id in _registered:
            raise ValueError(f"two furnishings are called {furnishing_id}")
        made = Furnishing(furnishing_id, title, furnish, tuple(needs), frozenset(excludes), frozenset(slots))
        _registered[furnishing_id] = made
        return furnish

    return register


@cache
def _load() -> dict[str, Furnishing]:
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return dict(sorted(_registered.items()))


def all_furnishings() -> list[Furnishing]:
    """Every furnishing, by id."""
    return list(_load().values())


def find(furnishing_id: str) -> Furnishing:
    """The furnishing of this id. Raises KeyError for an unknown one."""
    return _load()[furnishing_id]


def together(names: Iterable[str]) -> list[Furnishing]:
    """The furnishings of these names with what they need, in the order in which they are put in.

    The integration comes first: it makes the method anew, and what others put on the method would be gone.

    Raises KeyError for an unknown name, ExclusiveError for two that cannot stand together.
    """
    wanted: dict[str, Furnishing] = {}
    for name in names:
        _add(name, wanted)
    chosen = list(wanted.values())
    for position, one in enumerate(chosen):
        for other in chosen[position + 1 :]:
            if clash(one, other):
                raise ExclusiveError(f"{one.id} and {other.id} cannot stand in one shop")
    return sorted(chosen, key=lambda each: "integration" not in each.slots)


def clash(one: Furnishing, other: Furnishing) -> bool:
    """True when the two exclude each other."""
    return other.id in one.excludes or one.id in other.excludes or bool(one.slots & other.slots)


def _add(name: str, wanted: dict[str, Furnishing]) -> None:
    if name in wanted:
        return
    found = find(name)
    for needed in found.needs:
        _add(needed, wanted)
    wanted[name] = found
