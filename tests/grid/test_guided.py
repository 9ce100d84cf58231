"""Guided mode with the AWS CLI itself: a whole walk in which every printed line is really run and its output pasted.

That every fault gets the verdict of a live check stands in test_faults, beside that check.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import awscli
import pytest

from tests.grid.arena import Arena
from tests.grid.guided import essence, guided
from tests.grid.person import Person, really


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as running:
        yield running


def test_every_line_is_taken_by_the_aws_cli(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    live, _ = arena.play(["lambda-unhandled-exception"], allow_invoke=True)
    monkeypatch.setenv("AWS_DATA_PATH", str(Path(awscli.__file__).parent / "data"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", arena.line["access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", arena.line["secret_access_key"])
    ran: set[str] = set()

    def run(command: str) -> str:
        words = shlex.split(command)
        ran.add(" ".join(words[1:3]) if words[0] == "aws" else "curl")
        return really(command, arena.line) if words[0] == "aws" else Person(arena.line)(command)

    report, commands = guided(arena.line, allow_invoke=True, run=run)
    assert essence(report) == essence(live, {each["probe"] for each in report["evidence"]})
    assert len(commands) == len(set(commands))
    assert ran >= {"apigateway get-export", "apigateway test-invoke-method", "cloudwatch get-metric-data", "curl"}
    assert len(ran) >= 15, sorted(ran)


def test_healthy_through_pasted_answers(arena: Arena) -> None:
    live, _ = arena.play([])
    report, _ = guided(arena.line)
    assert essence(report) == essence(live, {each["probe"] for each in report["evidence"]})
