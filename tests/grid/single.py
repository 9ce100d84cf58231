"""What the check has to say of one fault alone, and which faults which file of the grid plays."""

from __future__ import annotations

from dataclasses import dataclass

from tests.grid.arena import Arena
from tests.grid.drawn import FAULTS
from tests.grid.guided import essence, guided
from tests.sandbox.shown import assert_shown

AT_THE_FUNCTION = frozenset({"lambda-permission", "lambda-service", "lambda-function", "lambda-response"})


@dataclass(frozen=True)
class Expected:
    """How the check of one fault ends, where it is not as usual."""

    outcome: str = "fault"
    code: int = 3
    at_its_hop: bool = True
    explains: bool = True


USUAL = Expected()
EXPECTED = {
    # It breaks no request: it takes away the logs that would tell of one.
    "logging-role-missing": Expected("warning", 4, at_its_hop=False, explains=False),
}
"""The faults that end otherwise than the rest; every other one, also one that is new, ends as usual."""


def gateway_faults() -> list[str]:
    """The faults of the gateway and of what stands before it."""
    return [name for name, fault in FAULTS.items() if fault.hop not in AT_THE_FUNCTION]


def function_faults() -> list[str]:
    """The faults of the function and of the way into it and back."""
    return [name for name, fault in FAULTS.items() if fault.hop in AT_THE_FUNCTION]


def assert_named_first(arena: Arena, name: str) -> None:
    """The fault's own cause stands first, at its hop, with a fix that names the things of this API.

    The fault is no act: the client saw it and the logs keep it. Somebody who runs the printed commands and pastes
    their output gets the same.
    """
    fault, expected = FAULTS[name], EXPECTED.get(name, USUAL)
    report, code = arena.play([name])
    assert_shown(arena.line, fault)
    assert report["findings"], report["not_checked"]
    first = report["findings"][0]
    assert (first["cause"], first["explains_symptom"]) == (fault.cause, expected.explains), report["findings"]
    assert first["confidence"] in ("confirmed", "likely")
    hop = fault.hop if expected.at_its_hop else None
    assert (report["outcome"], report["failing_hop"], code) == (expected.outcome, hop, expected.code)
    assert [fix for fix in first["fix"] if "<function>" in fix["text"] or "<api_id>" in fix["text"]] == []
    assert [each["probe"] for each in report["evidence"] if len(set(each["calls"])) < len(each["calls"])] == []
    assert [each["probe"] for each in report["evidence"] if each["probe"].startswith("by-hand.")] == [], (
        "nobody is needed"
    )
    assert hop is None or [each["status"] for each in report["path"]["hops"] if each["id"] == hop] == ["fail"]
    pasted, commands = guided(arena.line)
    assert essence(pasted) == essence(report, {each["probe"] for each in pasted["evidence"]})
    assert len(commands) == len(set(commands))
