"""Guided mode sees what the live check sees: every fault of the sandbox, looked at through pasted answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.grid.arena import Arena, settings_for
from tests.grid.person import Person
from wizard.aws.pasted import NOTHING
from wizard.model.events import Question
from wizard.report.json import document
from wizard.sandbox.faults import all_faults
from wizard.ui.guided import Guide, Request
from wizard.ui.headless import walk


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as running:
        yield running


class Helper:
    """Puts each command to a person who has credentials and pastes the output, as it is."""

    def __init__(self, line: dict[str, Any]) -> None:
        self.person = Person(line)
        self.requests: list[Request] = []

    async def __call__(self, request: Request) -> str:
        assert not request.wanted.refused, (request.wanted.refused, request.wanted.command)
        self.requests.append(request)
        return self.person(request.wanted.command) or NOTHING


def guided(line: dict[str, Any], answer: str = "no") -> tuple[dict[str, Any], Helper]:
    """The report of a walk without credentials."""

    async def ask(question: Question) -> str:
        return answer if question.kind == "consent" else "unsure"

    helper = Helper(line)
    settings = settings_for(line)
    walked = walk(settings, settings.case(), lambda *_: None, ask, Guide(helper))
    report = document(walked.verdict)
    assert isinstance(report, dict)
    return report, helper


def essence(report: dict[str, Any]) -> dict[str, Any]:
    """What a report comes to."""
    return {
        "outcome": report["outcome"],
        "failing_hop": report["failing_hop"],
        "findings": [(each["cause"], each["confidence"], each["explains_symptom"]) for each in report["findings"]],
        "ruled_out": sorted(report["ruled_out"]),
        "evidence": {each["probe"]: each["status"] for each in report["evidence"]},
    }


@pytest.mark.parametrize("fault", sorted(fault.id for fault in all_faults()))
def test_the_same_verdict_as_live(arena: Arena, fault: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    live, _ = arena.play([fault])
    pasted, helper = guided(arena.line)
    assert essence(pasted) == essence(live)
    assert len(helper.person.commands) == len(set(helper.person.commands))
