"""apigw-wizard redact, and check --no-redact: what leaves, what stays, who is asked."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.report import made
from wizard.model.verdict import verdict
from wizard.ui import headless, terminal

IDS = ("check", "--api-id", "a1b2c3d4e5", "--stage", "prod")
LOG = "account 111122223333 called arn:aws:lambda:us-east-1:111122223333:function:shop-orders with password=hunter2x\n"
CLEAN = "account account-1 called arn:aws:lambda:us-east-1:account-1:function:function-1 with password=[removed]\n"


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "x.log"
    file.write_text(LOG)
    return file


def test_a_log_to_stdout(run: Run, log: Path) -> None:
    result = run("redact", str(log))
    assert (result.code, result.out) == (0, CLEAN)
    assert "account ids (1), function names (1), removed secrets (1)" in result.err
    (kept,) = (log.parent / "state/apigw-wizard/maps").iterdir()
    assert str(kept) in result.err
    assert json.loads(kept.read_text())["names"] == {"account-1": "111122223333", "function-1": "shop-orders"}
    assert log.read_text() == LOG


def test_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LOG.encode())))
    assert run("redact", "-").out == CLEAN


def test_to_a_file_and_again(run: Run, log: Path) -> None:
    target = log.parent / "clean.log"
    result = run("redact", str(log), "--save", str(target))
    assert (result.code, result.out) == (0, "")
    assert f"saved: {target}" in result.err
    assert target.read_text() == CLEAN
    assert target.stat().st_mode & 0o077 == 0
    again = run("redact", str(target))
    assert again.out == CLEAN
    assert "nothing had to be withheld" in again.err


@pytest.mark.parametrize("name", ["none", ".", "binary", "itself", "empty"])
def test_what_cannot_be_read_is_one_line(run: Run, log: Path, name: str) -> None:
    (log.parent / "binary").write_bytes(b"\x7fELF\0\0")
    words = {"itself": (str(log), "--save", str(log)), "empty": (str(log), "--save", "")}
    result = run("redact", *words.get(name, (str(log.parent / name),)))
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert log.read_text() == LOG


def link(target: Path) -> None:
    (target.parent / "victim").write_text("mine")
    target.symlink_to(target.parent / "victim")


@pytest.mark.parametrize("make", [Path.mkdir, link, os.mkfifo])
def test_only_a_file_is_ever_replaced(run: Run, log: Path, make: Callable[[Path], None]) -> None:
    target = log.parent / "target"
    make(target)
    before = os.lstat(target)
    result = run("redact", str(log), "--save", str(target))
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert os.lstat(target) == before
    if target.is_symlink():
        assert target.read_text() == "mine"
    assert not list(log.parent.glob(".report*"))


def test_a_full_disk_is_one_line(run: Run, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    target = log.parent / "target"
    result = run("redact", str(log), "--save", str(target))
    assert result.code == 1
    assert result.err == f"apigw-wizard: {target}: No space left on device\n"
    assert not target.exists()
    assert not list(log.parent.glob(".report*"))


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> None:
    walked = headless.Walked(verdict(made.TREE, made.fault_events()), made.TREE)
    monkeypatch.setattr(headless, "check", lambda *_: walked)


@pytest.mark.usefixtures("fault")
def test_no_redact_needs_a_yes(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    assert run(*IDS, "--no-redact").code == 2
    refused = run(*IDS, "--no-redact", "--save", str(file))
    assert (refused.code, refused.out, file.exists()) == (2, "", False)
    assert "--yes" in refused.err
    done = run(*IDS, "--no-redact", "--yes", "--save", str(file))
    assert done.code == 3
    assert "NOT redacted" in done.err
    assert json.loads(file.read_text())["target"]["account"] == made.ACCOUNT


@pytest.mark.usefixtures("fault")
@pytest.mark.parametrize("answer", [True, False])
def test_in_a_terminal_it_asks(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    asked: list[str] = []

    def confirm(text: str, **_: Any) -> bool:
        asked.append(text)
        return answer

    monkeypatch.setattr("click.confirm", confirm)
    monkeypatch.setattr(terminal, "someone_is_there", lambda: True)
    file = tmp_path / "r.json"
    assert run(*IDS, "--no-redact", "--save", str(file)).code == 3
    assert len(asked) == 1
    assert (made.ACCOUNT in file.read_text()) is answer


@pytest.mark.usefixtures("fault")
def test_a_leak_is_refused_in_one_line_and_the_report_is_still_shown(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wizard.report.redact.Redactor.apply", lambda self, value: value)
    file = tmp_path / "r.txt"
    result = run(*IDS, "--save", str(file))
    assert result.code == 1
    assert "GW0801" in result.out
    assert "nothing was written, for it would still show" in result.err
    assert "account-1" in result.err
    assert (result.err.count("\n"), made.ACCOUNT in result.err, file.exists()) == (1, False, False)
