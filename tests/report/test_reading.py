"""What would tell more the next time: commands of witnesses that are off, where something is left to prove."""

from __future__ import annotations

from typing import Any

import pytest

from tests.report import made
from wizard.model import events as ev
from wizard.model.case import Symptom
from wizard.model.probe import Evidence
from wizard.model.status import Proof, Status
from wizard.model.verdict import Verdict, verdict
from wizard.report import ansi, formats
from wizard.report.content import report
from wizard.report.reading import Switch, switches
from wizard.ui.headless import Walked, text_report

ON = "aws apigateway update-stage --rest-api-id a1 --patch-operations '<b>'"
RICH = "aws apigatewayv2 update-stage --api-id a1"


def off(number: int, summary: str, commands: Any) -> Evidence:
    facts = {"enable_commands": commands}
    return made.evidence(number, f"stage.witness{number}", "stage", Status.WARN, summary, facts=facts)


def told(*evidence: Evidence, proof: Proof = Proof.SUGGESTED) -> Verdict:
    shown = made.evidence(1, "lambda_fn.permission", "lambda-permission", Status.FAIL, "No statement.")
    found = ev.Found(made.MISSING.id, proof, "e1", "lambda-permission")
    finished = [ev.ProbeFinished(item) for item in (shown, *evidence)]
    return verdict(made.TREE, [*made.opened(Symptom(500)), *finished, found, *made.closed()])


def test_the_commands_of_a_witness_that_is_off_are_told_once() -> None:
    result = told(off(2, "Nothing.", [ON]), off(3, "Logging is off.", [RICH, ON]), off(4, "Nothing was logged.", [ON]))
    assert switches(result) == (Switch("Logging is off.", (RICH, ON)),)


def test_nothing_is_left_to_see_when_the_cause_is_proven_or_nothing_is_wrong() -> None:
    assert switches(told(off(2, "Logging is off.", [ON]), proof=Proof.PROVEN)) == ()
    passed = made.evidence(1, "stage.logging", "stage", Status.PASS, "Fine.", facts={"enable_commands": [ON]})
    assert switches(verdict(made.TREE, [*made.opened(Symptom()), ev.ProbeFinished(passed), *made.closed()])) == ()


@pytest.mark.parametrize("commands", [None, "aws", 3, [], [3, None], {"a": 1}])
def test_facts_of_another_shape_are_left_out(commands: Any) -> None:
    assert switches(told(off(2, "Logging is off.", commands))) == ()


def test_text_markdown_and_html_show_them() -> None:
    result = told(off(2, "Logging is off.", [ON]))
    shown = ansi.render(text_report(Walked(result, made.TREE), 200))
    assert "To see more the next time" in shown
    assert f"$ {ON}" in shown
    content = report(result, made.TREE)
    assert f"```sh\n{ON}\n```" in formats.RENDERERS["markdown"](content)
    page = formats.RENDERERS["html"](content)
    assert "To see more the next time" in page
    assert "&lt;b&gt;" in page
