"""An access log that cannot name the cause: harmless while all is well, a command where a 5xx stands unexplained."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from tests.cases.playing import play
from wizard.model.verdict import Verdict

POOR = {
    "DestinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:shop-access",
    "Format": "$context.status $context.path",
}
WANTED = "by-hand.access-log-wanted"
FAILED: dict[str, Any] = {"status": 500}


def case(settings: dict[str, str] | None, **more: Any) -> dict[str, Any]:
    """The HTTP shop with these access-log settings; None for no access log."""
    merges = [
        {"service": "apigatewayv2", "operation": "GetStage", "merge": {"AccessLogSettings": settings}},
    ]
    return {"shop": "http", "answers": merges, **more}


def wanted(result: Verdict) -> list[str]:
    return [str(item.needs) for item in result.not_checked if item.probe == WANTED]


@pytest.mark.parametrize("settings", [None, POOR], ids=["no log", "poor format"])
def test_a_healthy_api_stays_clean(settings: dict[str, str] | None) -> None:
    result = play(case(settings))
    assert (result.outcome, result.findings, wanted(result)) == ("clean", (), [])
    told = next(item for item in result.evidence if item.probe == "stage.access_format")
    assert "error.message" in str(told.facts["missing_variables"])


def test_an_unexplained_5xx_asks_for_the_fields_and_keeps_the_others() -> None:
    result = play(case(POOR, symptom=FAILED))
    assert result.outcome == "inconclusive"
    (command,) = wanted(result)
    words = shlex.split(command)
    assert words[:3] == ["aws", "apigatewayv2", "update-stage"]
    assert words[words.index("--stage-name") + 1] == "$default"
    settings = json.loads(words[words.index("--access-log-settings") + 1])
    assert settings["DestinationArn"] == POOR["DestinationArn"]
    assert settings["Format"].startswith(POOR["Format"])
    assert "$context.integration.error" in settings["Format"]


def test_without_a_log_the_group_is_made_first() -> None:
    (commands,) = wanted(play(case(None, symptom=FAILED)))
    first, second = commands.split(" && ")
    assert first.startswith("aws logs create-log-group --log-group-name /apigateway/a1b2c3d4e5/default")
    settings = json.loads(shlex.split(second)[shlex.split(second).index("--access-log-settings") + 1])
    assert settings["DestinationArn"].endswith(":log-group:/apigateway/a1b2c3d4e5/default")
    assert json.loads(settings["Format"])["status"] == "$context.status"


def test_a_complete_format_is_not_asked_for() -> None:
    assert wanted(play({"shop": "http", "symptom": FAILED})) == []


def test_an_explained_5xx_asks_for_nothing() -> None:
    policy = {"service": "lambda", "operation": "GetPolicy", "error": {"kind": "NotFound", "message": "no policy"}}
    explained = case(POOR, symptom=FAILED)
    result = play({**explained, "answers": [*explained["answers"], policy]})
    assert (result.outcome, wanted(result)) == ("fault", [])
