"""A sandbox with faults on two hops, a door in front of it, and the command line as a person starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest

import wizard.tree
from tests.bad_days.door import Door
from wizard import cli
from wizard.aws import session
from wizard.sandbox.process import SandboxProcess

# Read once for all checks of this process; what cannot be read is read again.
_load = cache(wizard.tree.load)
_loader = cache(botocore.loaders.create_loader)
ROOT = Path(__file__).resolve().parents[2]
FAULTS = ("lambda-permission-missing", "lambda-integration-method-not-post")
PATIENCE_S = 120
Run = Callable[..., "Result"]


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON document on stdout; nothing but it may stand there."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def causes(self) -> set[str]:
        """The causes the report names."""
        return {finding["cause"] for finding in self.report["findings"]}

    def one_line(self) -> str:
        """The only line of stderr: short, about the matter, no traceback."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("apigw-wizard: ")
        assert "Traceback" not in self.err
        assert "defect" not in self.err
        assert "\\n" not in self.err
        return self.err.removeprefix("apigw-wizard: ").rstrip("\n")


@pytest.fixture(scope="session")
def world() -> Iterator[dict[str, Any]]:
    """The line that a sandbox with these faults prints; one for all bad days of this process."""
    with SandboxProcess(FAULTS) as line:
        yield line


@pytest.fixture(scope="session")
def one_door(world: dict[str, Any]) -> Iterator[Door]:
    with Door(world["endpoint_url"]) as door:
        yield door


@pytest.fixture
def door(one_door: Door) -> Iterator[Door]:
    """Everything passes, until the test says otherwise."""
    one_door.reset()
    yield one_door
    one_door.reset()


@pytest.fixture
def keys(world: dict[str, Any], door: Door) -> dict[str, str]:
    """The environment of a person whose AWS is the sandbox behind the door."""
    return {
        "AWS_ACCESS_KEY_ID": world["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": world["secret_access_key"],
        "AWS_REGION": world["region"],
        "AWS_ENDPOINT_URL": door.url,
    }


@pytest.fixture
def ids(world: dict[str, Any]) -> tuple[str, ...]:
    """The words that name the broken request."""
    return ("--api-id", world["api_id"], "--stage", world["stage"], "--path", world["path"])


@pytest.fixture
def person(tmp_path: Path) -> Run:
    """Runs the command in a process of its own; `env` comes on top of an environment without AWS settings."""

    def run(*words: str, env: dict[str, str] | None = None, text: str | None = None) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "wizard", *words],
            capture_output=True,
            input=(text or "").encode(),
            env={**os.environ, **(env or {})},
            cwd=ROOT,
            timeout=PATIENCE_S,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def inside(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs the command in this process, which is quicker; `env` as for `person`."""
    hook = sys.excepthook

    def run(*words: str, env: dict[str, str] | None = None) -> Result:
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        code = cli.run(words)
        shown = capsys.readouterr()
        return Result(code, shown.out, shown.err)

    yield run
    sys.excepthook = hook


@pytest.fixture
def check(inside: Run, monkeypatch: pytest.MonkeyPatch, keys: dict[str, str], ids: tuple[str, ...]) -> Run:
    """`check --output json` of the broken request in this process, without pauses between retries.

    The tree and the service models are read once for all of them.
    """
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("wizard.tree.load", _load)
    monkeypatch.setattr("botocore.session.create_loader", _loader)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    return lambda *words, output="json": inside("check", *ids, "--output", output, *words)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that takes longer than half a second is no answer; asked once."""
    patient = session.Settings

    def settings(**given: Any) -> Any:
        return replace(patient(**given), read_timeout_s=0.5, attempts=1)

    monkeypatch.setattr(session, "Settings", settings)
