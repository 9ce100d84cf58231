"""Running the command line as a person would, with fakes where AWS would be."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wizard import cli
from wizard.model.aws import AwsError, HttpAnswer, Pages

Run = Callable[..., "Result"]


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass
class BrokenAws:
    """An Aws that answers every question with the same error."""

    error: AwsError
    region: str | None = "us-east-1"

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        raise self.error

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        raise self.error

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        raise self.error


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """Runs one command and returns exit code, stdout and stderr; neither is a terminal."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("APIGW_WIZARD_TREE", "APIGW_WIZARD_OUTPUT", "APIGW_WIZARD_SINCE"):
        monkeypatch.delenv(name, raising=False)
    hook = sys.excepthook

    def command(*words: str) -> Result:
        code = cli.run(words)
        shown = capsys.readouterr()
        return Result(code, shown.out, shown.err)

    yield command
    sys.excepthook = hook


@pytest.fixture
def aws_says(monkeypatch: pytest.MonkeyPatch) -> Callable[[AwsError], None]:
    """From now on AWS answers everything with this error."""

    def says(error: AwsError) -> None:
        monkeypatch.setattr("wizard.aws.session.connect", lambda *_, **__: BrokenAws(error))

    return says
