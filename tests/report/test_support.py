"""The text for AWS Support in the report: only when nothing explains the failures and nothing is left to look at."""

from __future__ import annotations

from typing import Any

from tests.cases.playing import play, tree
from wizard.report import formats
from wizard.report.content import report
from wizard.report.redact import redact
from wizard.report.text import lines

UNHEARD_OF: dict[str, Any] = {
    "symptom": {"status": 500, "message": "Internal server error", "error_type": "InternalServerErrorException"},
    "logs": {"execution": [{"request": 1, "says": ["Execution failed due to reasons unheard of"], "status": 500}]},
}
TITLE = "For AWS Support, if nothing else is left"


def shown(case: dict[str, Any], *, clean: bool = False) -> str:
    result = play(case)
    rows = lines(redact(result) if clean else result, tree(), width=110)
    return "\n".join("".join(text for text, _ in row) for row in rows)


def test_what_nothing_explains_goes_to_support() -> None:
    text = shown(UNHEARD_OF)
    assert TITLE in text
    assert "request id: 00000000-0000-4000-8000-000000000001, extended request id: ExtendedReqId1=" in text


def test_its_ids_are_redacted() -> None:
    text = shown(UNHEARD_OF, clean=True)
    assert TITLE in text
    assert not [secret for secret in ("123456789012", "a1b2c3d4e5", "ExtendedReqId1", "00000000-") if secret in text]


def test_what_is_explained_does_not() -> None:
    refused = ["Execution failed due to configuration error: Invalid permissions on Lambda function"]
    policy = {"service": "lambda", "operation": "GetPolicy", "error": {"kind": "NotFound", "message": "none"}}
    logs = {"execution": [{"request": 1, "says": refused, "status": 500}]}
    assert TITLE not in shown({**UNHEARD_OF, "logs": logs, "answers": [policy]})


def test_while_something_is_left_to_look_at_it_is_too_early() -> None:
    denied = {
        "service": "lambda",
        "operation": "GetPolicy",
        "error": {"kind": "Denied", "message": "no", "action": "x:Y"},
    }
    assert TITLE not in shown({**UNHEARD_OF, "answers": [denied]})


def test_markdown_and_html_hold_it_as_well() -> None:
    content = report(play(UNHEARD_OF), tree())
    for form in ("markdown", "html"):
        document = formats.RENDERERS[form](content)
        assert TITLE in document
        assert "extended request id: ExtendedReqId1=" in document
