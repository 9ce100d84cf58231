"""Which faults and furnishings one shop can have at a time, so that each of them shows."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.sandbox.faults import Fault, needed, ordered
from wizard.sandbox.furnishings import ExclusiveError, Furnishing, together

# A mock, an HTTP backend or a table leaves the function out of the path; without a proxy its failures are no 5xx; where
# the integration has a role, the function's policy does not decide. What a furnishing hides, by hop or by cause:
_FUNCTION = frozenset({"lambda-function", "lambda-response"})
_BEHIND = _FUNCTION | {"lambda-permission", "lambda-service", "integration"}
_WRITES_THE_METHOD_ANEW = frozenset({"stage-cached-error"})
_OF_THE_FUNCTION = frozenset(
    {
        "integration-type-proxy-mismatch",
        "integration-uri-function-not-found",
        "lambda-integration-method-not-post",
        "stage-not-redeployed",
        "stage-variable-missing",
    }
)
_WITHOUT_FUNCTION = ("mock-cors", "http-backend", "http-proxy", "table")
_HIDES = {
    **dict.fromkeys(_WITHOUT_FUNCTION, _BEHIND | _OF_THE_FUNCTION | _WRITES_THE_METHOD_ANEW),
    "non-proxy": _FUNCTION | _WRITES_THE_METHOD_ANEW,
    "credentials": frozenset({"lambda-permission"}),
}
# Whoever is turned away at the door meets nothing else that is broken.
_TURNS_EVERYBODY_AWAY = frozenset({"gateway-response-template-broken"})
# The next deployment mends what only waits for one.
_DEPLOYS = frozenset({"integration-config", "integration-credentials", "request-mapping", "authorizer", "method"})
# Who gets an answer out of the cache never comes to what lies behind it.
_BEHIND_THE_CACHE = _BEHIND | {"integration-config", "integration-credentials", "request-mapping", "response-mapping"}


def furnishings_of(faults: Sequence[str], furnish: Sequence[str] = ()) -> list[Furnishing]:
    """What stands in the shop of a scenario: what was asked for, and what its faults need.

    Raises KeyError for an unknown name, ExclusiveError for two that exclude each other.
    """
    return together([*furnish, *needed(faults)])


def possible(faults: Sequence[str]) -> bool:
    """True when one shop can have all that these faults need, and each of them can show there beside the others.

    Raises KeyError for an unknown fault.
    """
    try:
        furnished = {each.id for each in furnishings_of(faults)}
    except ExclusiveError:
        return False
    struck = [ordered(name).fault for name in faults]
    at_door = len(struck) > 1 and any(fault.cause in _TURNS_EVERYBODY_AWAY for fault in struck)
    unreached = any(
        fault.hop in hidden or fault.cause in hidden
        for furnishing, hidden in _HIDES.items()
        if furnishing in furnished
        for fault in struck
        if furnishing not in fault.needs
    )
    return not at_door and not unreached and not _spared(struck)


def _spared(struck: Sequence[Fault]) -> bool:
    """True when one of these keeps another from being met, or mends it."""
    ids, causes, hops = ({getattr(fault, name) for fault in struck} for name in ("id", "cause", "hop"))
    cached = "stage-cached-error" in causes and not hops.isdisjoint(_BEHIND_THE_CACHE)
    return cached or ("stage-not-redeployed.timeout" in ids and not hops.isdisjoint(_DEPLOYS))
