"""The other commands: explain, cause, list, tree, permissions, help and version."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

LOG = (
    "(5f0c) Execution failed due to configuration error: Invalid permissions on Lambda function\n"
    "(5f0c) Method completed with status: 500\n"
)


def test_explain_from_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    file.write_text(LOG)
    result = run("explain", str(file), "--output", "json")
    found = json.loads(result.out)
    assert result.code == 3
    assert (found["schema"], found["lines"]) == (1, 2)
    first = found["findings"][0]
    assert set(first) == {"cause", "code", "hop", "confidence", "count", "lines", "first", "last", "also"}
    assert first["hop"] == "lambda-permission"
    assert first["lines"] == [1]
    assert first["confidence"] == "possible"
    assert len(first["also"]) >= 5
    assert "The same text can also mean" in run("explain", str(file)).out


def test_explain_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"all is \xff well\n"), encoding="utf-8"))
    result = run("explain")
    assert result.code == 0
    assert "1 line read" in result.out


def test_explain_shows_how_to_mend_what_the_text_leaves_open_between_a_few(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    file.write_text("Execution failed due to configuration error: Rate Exceeded.\nMethod completed with status: 500\n")
    shown = run("explain", str(file)).out
    assert "The same text can also mean: lambda-reserved-concurrency-zero" in shown
    assert "Fix (AWS CLI), if it is this:" in shown
    file.write_text('{"message": "Internal server error"}\n')
    assert "Fix" not in run("explain", str(file)).out


def test_explain_says_what_to_do_about_a_log_that_does_not_tell(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    file.write_text('192.0.2.9 - - [01/May/2024:12:00:00 +0000] "GET /orders HTTP/1.1" 500 36 a-request\n')
    result = run("explain", str(file))
    assert (result.code, "$context.integrationErrorMessage" in result.out) == (0, True)


def test_explain_without_the_file(run: Run, tmp_path: Path) -> None:
    result = run("explain", str(tmp_path / "none"))
    assert (result.code, result.out) == (2, "")


def test_cause(run: Run) -> None:
    page = run("cause", "gw0801").out
    assert page == run("cause", "lambda-permission-missing").out
    for part in (
        "GW0801 lambda-permission-missing",
        "WHY",
        "SIGNS",
        "FIX: AWS CLI",
        "FIX: Terraform",
        "VERIFY",
        "DOCS",
        "<function_target>",
    ):
        assert part in page
    data = json.loads(run("cause", "GW0801", "--output", "json").out)
    assert (data["id"], data["code"], data["hop"]) == ("lambda-permission-missing", "GW0801", "lambda-permission")
    wrong = run("cause", "lambda-permision-missing")
    assert wrong.code == 2
    assert "Did you mean lambda-permission-missing" in wrong.err


@pytest.mark.parametrize(
    ("what", "keys"),
    [
        ("causes", {"id", "code", "hop", "title", "api"}),
        ("probes", {"id", "hop", "title"}),
        ("faults", {"id", "cause", "hop", "api_type", "title"}),
    ],
)
def test_list(run: Run, what: str, keys: set[str]) -> None:
    rows = json.loads(run("list", what, "--output", "json").out)[what]
    assert rows
    assert all(keys <= row.keys() for row in rows)
    text = run("list", what).out
    assert len(text.splitlines()) == len(rows)
    assert all(row["id"] in text for row in rows)


def test_every_fault_is_named_after_a_cause(run: Run) -> None:
    causes = {row["id"] for row in json.loads(run("list", "causes", "--output", "json").out)["causes"]}
    faults = json.loads(run("list", "faults", "--output", "json").out)["faults"]
    assert {row["cause"] for row in faults} <= causes
    assert all(row["id"].partition(".")[0] == row["cause"] for row in faults)


def test_tree(run: Run, tmp_path: Path) -> None:
    lint = run("tree", "lint")
    assert (lint.code, lint.out) == (0, "")
    shown = run("tree", "show").out
    assert "lambda_fn.permission" in shown
    assert "[GW0801] lambda-permission-missing" in shown
    file = tmp_path / "tree.yaml"
    file.write_text("hops: []\nnodes: {}\ncauses: {}\nmore: 1\n")
    broken = run("tree", "lint", str(file))
    assert broken.code == 3
    assert f"{file}:4:" in broken.out


def test_permissions(run: Run) -> None:
    policy = json.loads(run("permissions").out)
    assert policy["Version"] == "2012-10-17"
    assert "lambda:GetPolicy" in str(policy)


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help(run: Run, word: str) -> None:
    result = run(word)
    assert result.code == 0
    for command in ("ask", "cause", "check", "demo", "explain", "list", "permissions", "sandbox", "tree"):
        assert f"\n  {command} " in result.out
    assert run("check", word).code == 0


def test_version_and_a_closed_pipe() -> None:
    shown = subprocess.run([sys.executable, "-m", "wizard", "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("apigw-wizard ")
    piped = subprocess.Popen(
        [sys.executable, "-m", "wizard", "tree", "show"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert piped.stdout
    assert piped.stderr
    piped.stdout.close()
    errors = piped.stderr.read()
    piped.stderr.close()
    piped.wait()
    assert errors == b""
