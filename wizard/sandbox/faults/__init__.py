"""The faults of the sandbox: each breaks the shop with boto3 calls, as a careless person would.

A fault is named after the cause it produces, with ``.variant`` where one cause has several looks and ``.http`` where it
breaks an HTTP API. Wherever a scenario takes a fault id, the id may carry parameters: ``@45m`` lets the fault strike 45
minutes ago (s, m, h, d), ``%30`` lets it meet about 30 % of the requests: ``lambda-timeout.retries@2h%25`` has both.
Nothing here writes a symptom: what the clients and the logs show afterwards is the consequence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from wizard.sandbox.world import World

Strike = Callable[[World], None]
BOTH = ("rest", "http")
"""A fault that strikes a REST API and an HTTP API alike."""


class Complaint(Enum):
    """Where the client of a fault meets it."""

    URL = "a plain request to the stage"
    RUSH = "many requests at once"
    TEST_INVOKE = "the console's test button"
    PAUSE = "the first request after a pause"
    SOME = "some plain requests, not all"


@dataclass(frozen=True)
class Fault:
    """One way to break the shop. ``hop`` is the hop of the cause in the catalogue, ``needs`` names furnishings."""

    id: str
    cause: str
    hop: str
    api_type: str
    title: str
    strike: Strike
    complaint: Complaint
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """A fault as a scenario wants it: struck ``onset_s`` seconds ago (None: as usual), for a ``share`` of requests."""

    fault: Fault
    onset_s: float | None = None
    share: float = 1.0


_PARAMETER = re.compile(r"@(\d+(?:\.\d+)?)([smhd])|%(\d{1,2}|100)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
LONGEST_ONSET_S = 14 * 86_400.0
_registered: dict[str, Fault] = {}


def fault(
    fault_id: str,
    hop: str,
    title: str,
    complaint: Complaint = Complaint.URL,
    *,
    needs: Sequence[str] = (),
    api: tuple[str, ...] = ("rest",),
) -> Callable[[Strike], Strike]:
    """Register the decorated function as a fault of these types of API.

    ``needs`` names the furnishings that have to be there to break. A fault of a REST API that HTTP APIs know as well
    is registered twice, the second time as ``ID.http``. Raises ValueError for an id that is taken.
    """

    def register(strike: Strike) -> Strike:
        for api_type in api:
            own_id = f"{fault_id}.http" if api_type == "http" and "rest" in api else fault_id
            if own_id in _registered:
                raise ValueError(f"two faults are called {own_id}")
            cause = fault_id.partition(".")[0]
            _registered[own_id] = Fault(own_id, cause, hop, api_type, title, strike, complaint, tuple(needs))
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


def needed(names: Iterable[str]) -> list[str]:
    """The furnishings that these faults (parameters allowed) need. Raises KeyError for an unknown fault."""
    return list(dict.fromkeys(need for name in names for need in find(base(name)).needs))


def base(text: str) -> str:
    """The fault id without its parameters."""
    return re.split("[@%]", text, maxsplit=1)[0]


def ordered(text: str) -> Order:
    """A fault id with its parameters.

    Raises KeyError for an unknown fault, ValueError for parameters that mean nothing.
    """
    found, rest = find(base(text)), text[len(base(text)) :]
    onset: float | None = None
    share = 1.0
    while rest:
        match = _PARAMETER.match(rest)
        if match is None:
            raise ValueError(f"after the fault id stands @45m (s, m, h, d) or %30, not {rest}")
        if match[1]:
            onset = float(match[1]) * _SECONDS[match[2]]
        else:
            share = int(match[3]) / 100
        rest = rest[match.end() :]
    if not 0 < share <= 1 or (onset is not None and not 0 <= onset <= LONGEST_ONSET_S):
        raise ValueError("a share is between 1 and 100, an onset within the last 14 days")
    return Order(found, onset, share)
