"""The sandbox as a child process: started, waited for, and ended with the one who wanted it. Standard library only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from threading import Timer
from types import TracebackType
from typing import IO, Any

START_S = 60.0
STOP_S = 3.0
REFUSED = 2
"""Exit code of a sandbox that was asked for a scenario it cannot play."""
_NEEDED = ("moto", "flask", "flask_cors", "psutil")


class SandboxError(Exception):
    """The sandbox did not start; one line that says why."""


class MissingExtraError(SandboxError):
    """What the sandbox needs is not installed."""


class ScenarioError(SandboxError):
    """There is no such scenario: an unknown fault, or faults that do not go together. A mistake of who asked."""


def require_extra() -> None:
    """Raises MissingExtraError, with the command that mends it, unless all that the sandbox needs can be found."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise MissingExtraError(f"the sandbox needs {', '.join(missing)}: pip install 'apigw-wizard[sandbox]'")


def command(faults: Sequence[str], furnish: Sequence[str] = (), port: int = 0) -> list[str]:
    """The words that start the sandbox; -P keeps modules of the current folder out of it."""
    return [sys.executable, "-P", "-m", "wizard.sandbox", *arguments(faults, furnish, port)]


def arguments(faults: Sequence[str], furnish: Sequence[str] = (), port: int = 0) -> list[str]:
    """What the sandbox is told on its command line."""
    words = [word for fault in faults for word in ("--fault", fault)]
    words += [word for name in furnish for word in ("--furnish", name)]
    return [*words, "--port", str(port)] if port else words


class SandboxProcess:
    """`with SandboxProcess(["lambda-timeout"]) as line:` serves until the block is left; `line` is what was printed.

    The child sees none of the AWS settings of this process, and Ctrl+C in the terminal does not reach it: it ends when
    its standard input does, even if this process is killed.
    """

    def __init__(self, faults: Sequence[str] = (), furnish: Sequence[str] = (), *, start_s: float = START_S) -> None:
        self._faults, self._furnish, self._start_s = tuple(faults), tuple(furnish), start_s
        self._child: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None

    def __enter__(self) -> dict[str, Any]:
        require_extra()
        self._errors = tempfile.TemporaryFile()  # lives as long as the child, closed in __exit__
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._child = subprocess.Popen(
            [*command(self._faults, self._furnish), "--until-stdin-closes"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            return self._first_line(self._child)
        except BaseException:  # whatever ends the wait, Ctrl+C included, must not leave the child behind
            self._stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _first_line(self, child: subprocess.Popen[bytes]) -> dict[str, Any]:
        assert child.stdout is not None
        timer = Timer(self._start_s, child.kill)
        timer.start()
        try:
            text = child.stdout.readline()
        finally:
            timer.cancel()
        try:
            line = json.loads(text)
        except ValueError:
            if not text and child.wait() == REFUSED:
                raise ScenarioError(self._last_words().removeprefix("apigw-wizard: ")) from None
            raise SandboxError(f"the sandbox did not start: {self._last_words() or 'no answer in time'}") from None
        if not isinstance(line, dict):
            raise SandboxError("the sandbox did not start: its first line is not a JSON object")
        return line

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self._errors is not None:
            self._errors.close()
            self._errors = None
