"""Whatever names, summaries and log lines hold, a report is plain text and valid JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report import made
from wizard.model import events as ev
from wizard.model.case import Symptom
from wizard.model.path import Hop
from wizard.model.status import Proof, Status
from wizard.model.verdict import verdict
from wizard.report import ansi, cause, listing
from wizard.report.save import save
from wizard.ui.headless import Walked, text_report
from wizard.ui.terminal import rendered, save_report

EVIL = [
    "\x1b[31mred\x1b]0;t\x07",
    "\x9b2J",
    "a\u202eb\u200bc",
    "[bold]x[/] <script> {0} %s",
    "\ud800",
    "\r\nnew: line",
    "\x00",
]


def walked(evil: str) -> Walked:
    item = made.evidence(1, "lambda_fn.permission", "lambda-permission", Status.FAIL, evil, detail=evil, facts={
        evil: evil, "function": evil, "causes": [{"cause": made.MISSING.id, "texts": [evil + "!" * 50]}]},
        calls=(replace(made.GET_POLICY, params={"FunctionName": evil}, error=evil),))  # fmt: skip
    unknown = made.evidence(2, "lambda_fn.log", "lambda-function", Status.UNKNOWN, evil, needs=evil)
    events: list[ev.Event] = [
        *made.opened(Symptom(500, evil, evil, evil), replace(made.TARGET, stage=evil, path=evil, host=evil)),
        ev.HopDiscovered(Hop("lambda-permission", "permission", evil, f"arn:aws:lambda:x:1:function:{evil}"), None),
        ev.ProbeFinished(item),
        ev.ProbeFinished(unknown),
        ev.Found(made.MISSING.id, Proof.PROVEN, "e1", "lambda-permission"),
        ev.HopMarked("lambda-permission", Status.FAIL, evil),
        *made.closed(),
    ]
    return Walked(verdict(made.TREE, events), made.TREE)


@pytest.mark.parametrize("evil", EVIL)
def test_text(evil: str) -> None:
    text = ansi.render(text_report(walked(evil)))
    assert all(row.isprintable() for row in text.split("\n"))
    assert "\x1b[31mred" not in ansi.render(text_report(walked(evil)), colour=True)


@pytest.mark.parametrize("evil", EVIL)
def test_json(evil: str) -> None:
    text = rendered(walked(evil), "json")
    assert all(row.isprintable() for row in text.split("\n"))
    assert json.loads(text)["symptom"]["message"] == evil


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("output", ["text", "json"])
def test_saved(evil: str, output: str, tmp_path: Path) -> None:
    assert save_report(walked(evil), output, tmp_path / "r").read_text(encoding="utf-8")


@pytest.mark.parametrize("evil", EVIL)
def test_a_tree_of_ones_own(evil: str) -> None:
    bad = replace(made.MISSING, title=evil, why=evil, fix=(made.Fix("cli", evil),), docs=(evil,), code=evil, hop=evil)
    text = ansi.render([*cause.page(made.TREE, bad), *listing.table([{"a": evil, "b": evil}], ("a", "b"), 80)])
    assert all(row.isprintable() for row in text.split("\n"))


def test_a_save_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report"
    assert save("old", file) == file
    assert file.stat().st_mode & 0o077 == 0

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        save("new", file)
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
