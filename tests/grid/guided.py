"""A walk without credentials through a scenario of the sandbox, and what a report comes to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from tests.grid.arena import settings_for
from tests.grid.person import Person
from wizard.aws.pasted import NOTHING
from wizard.model.events import Question
from wizard.report.json import document
from wizard.ui.guided import Guide, Request
from wizard.ui.headless import walk


def guided(
    line: dict[str, Any], *, allow_invoke: bool = False, run: Callable[[str], str] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The report of a walk in which somebody runs each printed command and pastes its output, and the commands."""
    person = run or Person(line)
    commands: list[str] = []

    async def put(request: Request) -> str:
        assert not request.wanted.refused, (request.wanted.refused, request.wanted.command)
        commands.append(request.wanted.command)
        return person(request.wanted.command) or NOTHING

    async def ask(question: Question) -> str:
        return "yes" if question.kind == "consent" and allow_invoke else question.default

    settings = settings_for(line)
    walked = walk(settings, settings.case(), lambda *_: None, ask, Guide(put))
    report = document(walked.verdict)
    assert isinstance(report, dict)
    return report, commands


def essence(report: dict[str, Any], probes: Collection[str] | None = None) -> dict[str, Any]:
    """What a report comes to: everything that the same question asked again must answer in the same way.

    Without credentials only the checks that the walk comes to are made; `probes` leaves out all others.
    """
    return {
        "outcome": report["outcome"],
        "failing_hop": report["failing_hop"],
        "findings": [(each["cause"], each["confidence"], each["explains_symptom"]) for each in report["findings"]],
        "ruled_out": sorted(report["ruled_out"]),
        "evidence": {
            each["probe"]: each["status"] for each in report["evidence"] if probes is None or each["probe"] in probes
        },
    }
