"""A case on the disk is the case: the same verdict, whatever happened to the terminal, the disk or the file."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.report import made
from wizard.model import events as ev
from wizard.model.case import Symptom, Target
from wizard.model.record import dump
from wizard.model.status import Outcome, Status
from wizard.model.verdict import verdict
from wizard.report import casefile
from wizard.report.casefile import CaseFileError, CaseWriter, is_case, known_to, read, recent


def written(events: Iterable[ev.Event], folder: Path, outcome: Outcome | None = Outcome.FAULT) -> Path:
    said: list[str] = []
    writer = CaseWriter(said.append, folder)
    for event in events:
        writer(event)
    writer.close(outcome)
    assert not said
    assert writer.path is not None
    return writer.path


@pytest.mark.parametrize("story", made.STORIES)
def test_the_verdict_of_a_saved_case_is_that_of_the_walk(story: str, tmp_path: Path) -> None:
    saved = read(written(made.STORIES[story](), tmp_path))
    assert saved.events == tuple(made.STORIES[story]())
    assert verdict(made.TREE, saved.events) == made.told(story)
    assert not saved.remark
    assert known_to(made.TREE, saved) == saved


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = written(made.clean_events(), tmp_path / "state" / "cases")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_lies_in_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    writer = CaseWriter(pytest.fail)
    writer(made.clean_events()[0])
    writer.close()
    assert writer.path == tmp_path / "apigw-wizard/cases/20260304T060000-a1b2c3d4e5.jsonl"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert casefile.cases_folder() == tmp_path / ".local/state/apigw-wizard/cases"


def test_every_event_is_there_at_once_and_a_crash_costs_a_line_at_most(tmp_path: Path) -> None:
    events = made.fault_events()
    writer = CaseWriter(pytest.fail, tmp_path)
    for number, event in enumerate(events, 1):
        writer(event)
        assert writer.path is not None
        assert read(writer.path).events == tuple(events[:number])
    whole = writer.path.read_bytes() if writer.path else b""
    cut = tmp_path / "cut.jsonl"
    first_event_ends = whole.index(b"\n", whole.index(b"\n") + 1)
    for length in range(first_event_ends + 1, len(whole), 97):
        cut.write_bytes(whole[:length])
        saved = read(cut)
        assert saved.events == tuple(events[: len(saved.events)])
        assert bool(saved.remark) == (whole[length - 1 : length] != b"\n")
    writer.close()


def test_signatures_stay_with_the_tree(tmp_path: Path) -> None:
    signatures = made.MISSING.signatures
    opened = made.clean_events()[0]
    assert isinstance(opened, ev.CaseOpened)
    path = written([ev.CaseOpened(replace(opened.case, signatures=signatures), opened.at)], tmp_path)
    assert read(path).events == (opened,)


def test_what_is_said_before_the_case_is_opened_makes_no_file(tmp_path: Path) -> None:
    writer = CaseWriter(pytest.fail, tmp_path)
    writer(ev.Concluded(False))
    writer.close(Outcome.CLEAN)
    assert writer.path is None
    assert not list(tmp_path.iterdir())


def test_answers_and_newest_evidence_are_at_hand(tmp_path: Path) -> None:
    old = made.evidence(1, "stage.logging", "stage", Status.UNKNOWN, "old")
    new = made.evidence(2, "stage.logging", "stage", Status.PASS, "new")
    said: list[ev.Event] = [ev.Answered("q", "no"), ev.Answered("q", "yes")]
    path = written([*made.opened(Symptom()), ev.ProbeFinished(old), ev.ProbeFinished(new), *said], tmp_path)
    assert read(path).evidence == (new,)
    assert read(path).answers == {"q": "yes"}


def test_a_hostile_name_does_not_choose_the_file(tmp_path: Path) -> None:
    for host in ("../../etc/passwd", "\x1b[31m\n", "a" * 500, ".", "…"):
        path = written(made.opened(Symptom(), Target(host=host)), tmp_path / "cases")
        assert path.parent == tmp_path / "cases"
        assert len(path.name) < 80
    assert len(recent(tmp_path / "cases")) == 5


def test_recent_cases_newest_first_and_the_oldest_go(tmp_path: Path) -> None:
    opened = made.clean_events()[0]
    assert isinstance(opened, ev.CaseOpened)
    for minute in range(casefile.KEPT + 3):
        outcome = None if minute % 2 else Outcome.WARNING
        written([replace(opened, at=opened.at + timedelta(minutes=minute))], tmp_path, outcome)
    (tmp_path / "notes.txt").write_text("not ours")
    (tmp_path / "20260101T000000-x.jsonl").write_text("not a case")
    (tmp_path / "20260101T000001-x.jsonl").mkdir()
    cases = recent(tmp_path)
    assert len(cases) == casefile.KEPT
    assert [case.when for case in cases] == sorted((case.when for case in cases), reverse=True)
    assert cases[0].when == opened.at + timedelta(minutes=casefile.KEPT + 2)
    assert {case.outcome for case in cases} == {None, Outcome.WARNING}
    assert cases[0].target == made.TARGET
    assert (tmp_path / "notes.txt").exists()


def test_two_cases_of_one_second_are_two_files(tmp_path: Path) -> None:
    assert written(made.clean_events(), tmp_path) != written(made.clean_events(), tmp_path)
    assert len(recent(tmp_path)) == 2
    for case in recent(tmp_path):
        casefile.forget(case.path)
    assert not recent(tmp_path)


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said: list[str] = []
    writer = CaseWriter(said.append, tmp_path / "file" / "cases")
    for event in made.fault_events():
        writer(event)
    writer.close(Outcome.FAULT)
    assert said == ["the case is no longer saved as it goes: Not a directory"]
    assert writer.path is None


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_said_once_and_the_walk_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    writer = CaseWriter(said.append, tmp_path)
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, flags, mode=0o777: real("/dev/full", os.O_WRONLY))
    for event in made.fault_events():
        writer(event)
    monkeypatch.undo()
    writer.close(Outcome.FAULT)
    assert said == [f"the case is no longer saved as it goes: {os.strerror(errno.ENOSPC)}"]


HEADER = '{"schema": 1, "tool": "apigw-wizard", "version": "1"}\n'
OPENED = dump(made.clean_events()[0]) + "\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ":1: not a saved case"),
        ("\x00\xff\n", ":1: not a saved case"),
        ('{"schema": 1}\n', ":1: not a saved case"),
        ('{"schema": 2, "tool": "apigw-wizard", "version": "9\\u001b"}\n' + OPENED, r":1: written by version 9\e in"),
        ('{"schema": true, "tool": "apigw-wizard"}\n' + OPENED, ":1: written by version None"),
        (HEADER, "no case was opened"),
        (HEADER + OPENED + "nonsense\n" + OPENED, ":3: not a line of JSON"),
        (HEADER + OPENED + '{"event": "Teleported"}\n', ":3: not an event"),
        (HEADER + OPENED + '{"outcome": ["fault"]}\n', ":3: not an outcome"),
        (HEADER + OPENED + '{"outcome": \n', ":3: not an outcome"),
        (HEADER + "[" * 100_000 + "\n", ":2: not a line of JSON"),
    ],
)  # fmt: skip
def test_what_is_no_case_is_refused_with_its_line(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "case.jsonl"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(CaseFileError) as raised:
        read(file)
    assert says in str(raised.value)
    assert str(raised.value).startswith(str(file))
    assert "\n" not in str(raised.value)


def test_what_is_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ".", "none"):
        with pytest.raises(CaseFileError):
            read(tmp_path / name)
    monkeypatch.setattr(casefile, "LARGEST", 10)
    with pytest.raises(CaseFileError, match="larger than"):
        read(written(made.clean_events(), tmp_path))


def test_a_case_of_another_tree_keeps_what_is_known(tmp_path: Path) -> None:
    strange: list[ev.Event] = [
        ev.Found("no-such-cause", made.Proof.PROVEN, "e1", "stage-logging"),
        ev.BranchTaken("no-such-node", 0, Status.PASS),
        ev.BranchTaken("stage-logging", 77, Status.PASS),
        ev.NodeEntered("no-such-node", "stage"),
    ]
    events = made.fault_events()
    saved = known_to(made.TREE, read(written([*events[:-2], *strange, *events[-2:]], tmp_path)))
    assert saved.events == tuple(events)
    assert "another decision tree" in saved.remark
    assert verdict(made.TREE, saved.events) == made.told("fault")


def test_a_case_is_told_from_a_report(tmp_path: Path) -> None:
    assert is_case(written(made.clean_events(), tmp_path).read_text())
    assert not is_case(json.dumps({"schema": 1, "tool": "apigw-wizard", "outcome": "fault"}))
    assert not is_case("plain text")
