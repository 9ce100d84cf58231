"""The faults of the sandbox: each breaks the shop with boto3 calls, as a careless person would.

A fault is named after the cause it produces, with ``.variant`` where one cause has several looks.
Nothing here writes a symptom: what the clients and the logs show afterwards is the consequence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from wizard.sandbox.world import World

Strike = Callable[[World], None]


class Complaint(Enum):
    """Where the client of a fault meets it."""

    URL = "a plain request to the stage"
    RUSH = "many requests at once"
    TEST_INVOKE = "the console's test button"


@dataclass(frozen=True)
class Fault:
    """One way to break the shop. ``hop`` is the hop of the cause in the catalogue."""

    id: str
    cause: str
    hop: str
    api_type: str
    title: str
    strike: Strike
    complaint: Complaint


_registered: dict[str, Fault] = {}


def fault(fault_id: str, hop: str, title: str, complaint: Complaint = Complaint.URL) -> Callable[[Strike], Strike]:
    """Register the decorated function as a fault. Raises ValueError for an id that is taken."""

    def register(strike: Strike) -> Strike:
        if fault_id in _registered:
            raise ValueError(f"two faults are called {fault_id}")
        cause = fault_id.partition(".")[0]
        _registered[fault_id] = Fault(fault_id, cause, hop, "rest", title, strike, complaint)
        return strike

    return register


@cache
def _load() -> dict[str, Fault]:
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return dict(sorted(_registered.items()))


def all_faults() -> list[Fault]:
    """Every fault, by id."""
    return list(_load().values())


def find(fault_id: str) -> Fault:
    """The fault of this id. Raises KeyError for an unknown one."""
    return _load()[fault_id]
