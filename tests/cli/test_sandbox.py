"""The sandbox as a child process, and the check on it from end to end."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

import pytest

from tests.cli.conftest import Run
from wizard.sandbox import process
from wizard.sandbox.process import MissingExtraError, SandboxError, SandboxProcess

READY = """
import json, os, sys
print(json.dumps({"pid": os.getpid(), "env": dict(os.environ)}), flush=True)
sys.stdin.read()
"""


def plays(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    def command(faults: Sequence[str], furnish: Sequence[str] = (), port: int = 0) -> list[str]:
        return [sys.executable, "-c", code]

    monkeypatch.setattr(process, "command", command)


def test_it_ends_with_the_block_and_sees_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    plays(monkeypatch, READY)
    with SandboxProcess() as line:
        os.kill(line["pid"], 0)
    with pytest.raises(ProcessLookupError):
        os.kill(line["pid"], 0)
    assert "canary" not in json.dumps(line)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("raise SystemExit('no port is free')", "no port is free"),
        ("print('hello')", "no answer in time"),
        ("print('[]')", "not a JSON object"),
        ("import time; time.sleep(60)", "no answer in time"),
    ],
)
def test_it_does_not_start(monkeypatch: pytest.MonkeyPatch, code: str, says: str) -> None:
    plays(monkeypatch, code)
    with pytest.raises(SandboxError, match=says), SandboxProcess(start_s=1.0):
        pass


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setattr(process, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError):
        process.require_extra()
    for words in (("demo",), ("check", "--sandbox"), ("sandbox",), ("list", "faults")):
        result = run(*words)
        assert result.code == 1
        assert "pip install 'apigw-wizard[sandbox]'" in result.err
        assert result.err.count("\n") == 1


def test_check_from_end_to_end(run: Run) -> None:
    result = run(
        "check", "--sandbox", "--fault", "lambda-permission-missing", "--furnish", "proxy-any", "--output", "json"
    )
    found = json.loads(result.out)
    assert result.code == 3
    assert result.err == ""
    assert (found["outcome"], found["failing_hop"]) == ("fault", "lambda-permission")
    first = found["findings"][0]
    assert (first["cause"], first["confidence"], first["explains_symptom"]) == (
        "lambda-permission-missing",
        "confirmed",
        True,
    )
    assert found["symptom"]["status"] == 500
    assert "{proxy+}" in result.out, "the shop is furnished"
    assert "<" not in first["fix"][0]["text"]
    assert {call["operation"] for call in found["calls"]} >= {"GetPolicy", "GetStage"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("check", "--sandbox", "--furnish", "nope"), "no such furnishing: nope; there are "),
        (("check", "--furnish", "vpc"), "--furnish needs --sandbox"),
        (("sandbox", "--furnish", "proxy-any", "--furnish", "non-proxy"), "cannot stand in one shop"),
        (("demo", "--furnish", "nope"), "no such furnishing: nope"),
    ],
)
def test_furnishings_that_cannot_be_are_one_line(words: tuple[str, ...], says: str, run: Run) -> None:
    result = run(*words)
    assert (result.code, result.out) == (2, "")
    assert says in result.err
    assert result.err.count("\n") == 1
