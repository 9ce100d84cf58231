"""Streams that close, terminals that show little, and people who press Ctrl+C."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.bad_days.conftest import FAULTS, PATIENCE_S, ROOT, Run
from tests.bad_days.door import Door

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(keys: dict[str, str]) -> Iterator[Start]:
    """Starts the command and leaves it running; it ends with the test at the latest."""
    running: list[subprocess.Popen[bytes]] = []

    def command(*words: str, env: dict[str, str] | None = None, **streams: Any) -> subprocess.Popen[bytes]:
        given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        wanted = {**os.environ, **keys, **(env or {})}
        child = subprocess.Popen([sys.executable, "-m", "wizard", *words], env=wanted, cwd=ROOT, **given)
        running.append(child)
        return child

    yield command
    for child in running:
        child.kill()
        child.wait()
        for stream in (child.stdout, child.stderr):
            if stream:
                stream.close()


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a pseudo terminal: the one a person looks at, the one a command writes to."""
    ours, theirs = pty.openpty()
    try:
        yield ours, theirs
    finally:
        for end in (ours, theirs):
            with suppress(OSError):
                os.close(end)


def shown(ours: int) -> str:
    """All that appears until the command closes its end."""
    parts: list[bytes] = []
    with suppress(OSError):  # Linux reports the other end's closing as an error
        while part := os.read(ours, 65536):
            parts.append(part)
    return b"".join(parts).decode()


def test_ctrl_c_keeps_what_is_known(start: Start, door: Door, ids: tuple[str, ...], tmp_path: Path) -> None:
    door.stall("lambda:GetFunctionConcurrency", "cloudwatch")
    file = tmp_path / "report.json"
    child = start("check", *ids, "--output", "json", "--save", str(file))
    assert door.stalled.wait(PATIENCE_S)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 130
    report = json.loads(out)
    assert (report["complete"], report["target"]["stage"]) == (False, "prod")
    assert [item["probe"] for item in report["evidence"]][0] == "path.trace"
    assert report["path"]["hops"]
    assert json.loads(file.read_text())["complete"] is False
    first, second = err.decode().splitlines()
    assert first == "apigw-wizard: interrupted; this is what was known by then"
    assert second.startswith("apigw-wizard: saved, redacted: ")


def test_ctrl_c_before_anything_is_known(start: Start, door: Door, ids: tuple[str, ...]) -> None:
    door.stall("sts")
    child = start("check", *ids, "--output", "json")
    assert door.stalled.wait(PATIENCE_S)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=PATIENCE_S)
    assert (child.returncode, out, err.strip()) == (130, b"", b"apigw-wizard: interrupted")


def test_ctrl_c_while_the_sandbox_starts(start: Start) -> None:
    with terminal() as (ours, theirs):
        child = start("demo", stderr=theirs, env={"TERM": "xterm"})
        os.close(theirs)
        said = os.read(ours, 65536).decode()
        child.send_signal(signal.SIGINT)
        said += shown(ours)
        child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 130
    waiting, rest = said.split("\r\x1b[K")
    assert waiting.startswith("starting the sandbox, an API on this machine with lambda-permission-missing")
    assert "\n" not in waiting
    assert rest.strip() == "apigw-wizard: interrupted"


def test_no_waiting_line_in_a_pipe(person: Run) -> None:
    result = person("demo", "--fault", "lambda-timeout")
    assert (result.code, result.err) == (0, "")
    assert "GW1002" in result.out


@pytest.mark.parametrize(
    "words", [("tree", "show"), ("list", "causes", "--output", "json"), ("--help",), ("cause", "GW0801"), None]
)
def test_nobody_reads_the_result(start: Start, ids: tuple[str, ...], words: tuple[str, ...] | None) -> None:
    child = start(*(words or ("check", *ids)))
    assert child.stdout
    assert child.stderr
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait(PATIENCE_S) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("output", ["text", "json"])
def test_a_full_disk(start: Start, ids: tuple[str, ...], output: str) -> None:
    with open("/dev/full", "wb") as full:
        child = start("check", *ids, "--output", output, stdout=full)
        _, err = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 1
    assert err == b"apigw-wizard: the result could not be written: No space left on device\n"


@pytest.mark.parametrize("closed", [1, 2])
def test_a_stream_that_is_closed_from_the_start(keys: dict[str, str], ids: tuple[str, ...], closed: int) -> None:
    words = [sys.executable, "-m", "wizard", "check", *ids, "--output", "json"]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *words],
        env={**os.environ, **keys}, cwd=ROOT, capture_output=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, b"")
    if closed == 2:
        assert json.loads(done.stdout)["outcome"] == "fault"


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour(start: Start, ids: tuple[str, ...], env: dict[str, str], coloured: bool) -> None:
    with terminal() as (ours, theirs):
        child = start("check", *ids, env={"TERM": "xterm", **env}, stdout=theirs)
        os.close(theirs)
        out = shown(ours)
        child.wait(PATIENCE_S)
    assert child.returncode == 3
    assert "GW0801" in out
    assert ("\x1b[" in out) is coloured


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_utf_8(start: Start, ids: tuple[str, ...], encoding: str) -> None:
    env = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    text = start("check", *ids, env=env).communicate(timeout=PATIENCE_S)[0].decode(encoding)
    assert "gets 500 at" in text
    assert "?" not in text.partition("Path\n")[2].partition("\n\n")[0], "no sign reads like UNKNOWN"
    assert "\n x Resource policy" in text
    assert "\n + Stage prod" in text
    found = start("check", *ids, "--output", "json", env=env).communicate(timeout=PATIENCE_S)[0]
    report = json.loads(found.decode("ascii"))
    assert {finding["cause"] for finding in report["findings"]} == set(FAULTS)


def test_remarks_on_a_terminal_without_utf_8(start: Start) -> None:
    child = start("cause", "größe\x1b[31m", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    _, err = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 2
    assert err.startswith(b"apigw-wizard: no such cause: gr\\xf6\\xdfe\\e[31m")
