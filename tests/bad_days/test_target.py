"""What is asked for is not there: the report says what was tried and what there is, never that all is well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bad_days.conftest import Run
from tests.bad_days.door import Door


def _said(check: Run, *words: str) -> str:
    """The one sentence about a target that cannot be traced, the same in every form of the report."""
    result = check(*words)
    report = result.report
    assert (result.code, result.err) == (5, "")
    assert (report["outcome"], report["findings"], report["failing_hop"]) == ("inconclusive", [], None)
    (item,) = report["not_checked"]
    assert (item["probe"], item["reason"], item["manual"]) == ("path.trace", "no-data", None)
    text = check(*words, output="text")
    flat = " ".join(text.out.split())
    assert (text.code, text.err) == (5, "")
    assert "could not be traced, so nothing behind it was checked" in flat
    assert "nothing wrong" not in flat
    assert "<" not in flat
    assert f"✖ {item['summary']}" in flat
    return str(item["summary"])


def test_the_wrong_region(check: Run, world: dict[str, Any]) -> None:
    said = _said(check, "-r", "eu-west-1")
    assert f"no API {world['api_id']} in eu-west-1 of account {world['account']}" in said
    assert "GetRestApi" in said
    assert "Check the Region (-r) and the profile (-p)." in said


def test_no_such_api(check: Run) -> None:
    assert "no API a1b2c3d4e5 in us-east-1" in _said(check, "--api-id", "a1b2c3d4e5")


def test_no_such_stage(check: Run) -> None:
    assert _said(check, "--stage", "live").endswith("has no stage live; it has: prod.")


def test_no_such_stage_and_nobody_may_list_them(door: Door, check: Run) -> None:
    door.deny("apigateway:GetStages")
    result = check("--stage", "live")
    stage, refused = result.report["not_checked"]
    assert result.code == 5
    assert stage["summary"].endswith("has no stage live.")
    assert (refused["needs"], refused["reason"]) == ("apigateway:GET", "denied")


def test_no_such_path(check: Run) -> None:
    assert "serves /ordrs/42; nearest: /orders, /orders/{id}." in _said(check, "--path", "/ordrs/42")


def test_no_path_like_it(check: Run) -> None:
    assert "serves /zzzzz; nearest: " in _said(check, "--path", "/zzzzz")


def test_no_such_method(check: Run) -> None:
    assert _said(check, "--method", "DELETE").endswith("has no method DELETE; it has: GET.")


def test_a_hostile_id_is_shown_not_obeyed(check: Run) -> None:
    result = check("--api-id", "a\x1b[31m\u202e/../b", output="text")
    assert result.code == 5
    assert "\x1b" not in result.out + result.err
    assert "\u202e" not in result.out + result.err


@pytest.mark.parametrize("output", ["text", "json"])
def test_saved_too(check: Run, tmp_path: Path, output: str) -> None:
    file = tmp_path / "report"
    result = check("--api-id", "a1b2c3d4e5", "--save", str(file), output=output)
    assert result.code == 5
    assert str(file) in result.one_line()
    saved = file.read_text()
    assert "no API" in " ".join(saved.split())
    if output == "json":
        assert [item["probe"] for item in json.loads(saved)["not_checked"]] == ["path.trace"]
        assert result.report["outcome"] == "inconclusive"
