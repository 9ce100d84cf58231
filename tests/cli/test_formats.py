"""The formats of a report on the command line: the same exit codes, the right format in the right file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Run
from tests.cli.test_check import CODES, IDS, story
from tests.report import made
from wizard.report.names import FORMATS
from wizard.ui.output import fitted_markup

__all__ = ["story"]
DOCUMENTS = FORMATS[2:]
BEGINS = {"text": "GET /orders", "json": "{", "markdown": "# ", "html": "<!doctype html>", "junit": "<?xml",
          "mermaid": "flowchart TD", "dot": "digraph path {", "svg": "<?xml"}  # fmt: skip
FILES = {"r.md": "markdown", "r.html": "html", "r.xml": "junit", "r.svg": "svg", "r.mmd": "mermaid", "r.dot": "dot",
         "r.json": "json", "r.txt": "text", "r": "text"}  # fmt: skip


@pytest.mark.parametrize("output", DOCUMENTS)
@pytest.mark.parametrize("name", CODES)
def test_exit_codes(run: Run, story: Any, name: str, output: str) -> None:  # noqa: F811
    story(name)
    result = run("check", *IDS, "--output", output)
    assert (result.code, result.err) == (CODES[name], "")
    assert result.out.startswith(BEGINS[output])
    assert "\x1b" not in result.out
    assert "GET /orders/" in result.out.replace("&#47;", "/")


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_written_in_the_format_of_its_suffix(run: Run, story: Any, tmp_path: Path, file: str) -> None:  # noqa: F811
    story("fault")
    result = run("check", *IDS, "--save", str(tmp_path / file))
    saved = (tmp_path / file).read_text(encoding="utf-8")
    assert result.code == 3
    assert result.out.startswith(BEGINS["text"])
    assert saved.startswith(BEGINS[FILES[file]])
    assert made.ACCOUNT not in saved
    assert made.API not in saved


def test_a_format_that_was_typed_wins_over_the_suffix(run: Run, story: Any, tmp_path: Path) -> None:  # noqa: F811
    story("fault")
    run("check", *IDS, "--output", "html", "--save", str(tmp_path / "r.json"))
    assert (tmp_path / "r.json").read_text(encoding="utf-8").startswith(BEGINS["html"])


def test_what_was_withheld_is_told_in_every_document(run: Run, story: Any, tmp_path: Path) -> None:  # noqa: F811
    story("fault")
    for file in ("r.md", "r.html", "r.xml"):
        run("check", *IDS, "--save", str(tmp_path / file))
        assert "withheld" in (tmp_path / file).read_text(encoding="utf-8")
    assert "withheld" not in run("check", *IDS, "--output", "html").out


def test_a_default_for_reports_does_not_break_other_commands(
    run: Run,
    story: Any,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story("fault")
    file = tmp_path / "config" / "apigw-wizard" / "config.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("output: markdown\n")
    assert run("check", *IDS).out.startswith("# Fault found")
    assert run("cause", "GW0801").out.startswith("GW0801 ")
    monkeypatch.setenv("APIGW_WIZARD_OUTPUT", "html")
    assert run("check", *IDS).out.startswith("<!doctype html>")
    assert run("cause", "GW0801").code == 0
    assert run("cause", "GW0801", "--output", "html").code == 2
    assert run("check", *IDS, "--output", "pdf").code == 2
    monkeypatch.setenv("APIGW_WIZARD_OUTPUT", "pdf")
    assert run("cause", "GW0801").code == 2


def test_markup_for_a_stream_that_lacks_characters() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    shown = fitted_markup("<p>“✖” é</p>", stream)
    assert shown.isascii()
    assert ElementTree.fromstring(shown).text == "“✖” é"
