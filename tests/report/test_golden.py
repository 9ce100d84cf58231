"""Whole reports against files; UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.report import made
from wizard import __version__
from wizard.model.verdict import verdict
from wizard.report import ansi, cause
from wizard.report.json import document
from wizard.ui.headless import Walked, text_report

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def check(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("story", made.STORIES)
def test_text(story: str) -> None:
    text = ansi.render(text_report(Walked(made.told(story), made.TREE)))
    assert max(len(line) for line in text.splitlines() if "docs.aws" not in line and "aws lambda" not in line) <= 80
    check(f"{story}.txt", text)


@pytest.mark.parametrize("story", made.STORIES)
def test_json(story: str) -> None:
    text = json.dumps(document(made.told(story)), indent=2, ensure_ascii=False) + "\n"
    check(f"{story}.json", text.replace(f'"version": "{__version__}"', '"version": "*"'))


def test_page_of_a_cause() -> None:
    check("cause.txt", ansi.render(cause.page(made.TREE, made.MISSING)))


def test_interrupted() -> None:
    events = [*made.fault_events()[:8], *made.closed(complete=False)]
    text = ansi.render(text_report(Walked(verdict(made.TREE, events), made.TREE, interrupted=True)))
    assert "stopped before the end" in text
