"""Files that are not as they should be: the tree, the configuration, what is saved and what is explained."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.bad_days.conftest import FAULTS, ROOT, Run

SIGN = "Execution failed due to configuration error: Invalid permissions on Lambda function\n"
TREE = ROOT / "decision_tree.yaml"


def _slip(tmp_path: Path, kind: str) -> tuple[Path, str]:
    """A tree file and what has to be said of it."""
    file = tmp_path / "tree.yaml"
    good = TREE.read_text(encoding="utf-8")
    if kind == "missing":
        return file, "cannot be read: No such file or directory"
    if kind == "folder":
        return tmp_path, "cannot be read: Is a directory"
    if kind == "binary":
        file.write_bytes(b"\xff\xfe\x00\x9f" * 99)
        return file, ":1: not UTF-8 text"
    if kind == "empty":
        file.write_text("")
        return file, ":1: "
    lines = good.splitlines()
    if kind == "yaml":
        number = lines.index("nodes:") + 3
        lines[number - 1] = "      title: [never closed"
        file.write_text("\n".join(lines))
        return file, f":{number + 1}: "
    number = next(n for n, line in enumerate(lines, 1) if "says: Nothing serves this request." in line)
    lines[number - 1] = lines[number - 1].replace("says:", "sais:")
    file.write_text("\n".join(lines))
    return file, f":{number}: "


@pytest.mark.parametrize("kind", ["missing", "folder", "binary", "empty", "yaml", "slip"])
def test_a_broken_tree(check: Run, inside: Run, keys: dict[str, str], tmp_path: Path, kind: str) -> None:
    file, says = _slip(tmp_path, kind)
    result = check("--tree", str(file))
    assert (result.code, result.out) == (1, "")
    assert f"{file}{says}" in result.one_line() or f"{file}: {says}" in result.one_line()
    assert inside("tree", "show", str(file)).code == 1
    lint = inside("tree", "lint", str(file))
    assert (lint.code, lint.err) == (3, "")
    assert str(file) in lint.out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"region: eu-west-1\nprofil: x\n", ":2: unknown option 'profil'. Did you mean profile?"),
        (b"region: [eu-west-1\n", ":2: "),
        (b"- region\n", ":1: expected lines of the form name: value"),
        (
            b"region: eu-west-1\noutput: pdf\n",
            ":2: output is text, json, markdown, html, junit, mermaid, dot or svg, not",
        ),
        (b"since: soon\n", ":1: 'soon' is not a length of time"),
        (b"region: \xff\xfe\n", ":1: not UTF-8 text"),
        (None, ": cannot be read: Is a directory"),
    ],
)
def test_a_broken_configuration(inside: Run, tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "apigw-wizard" / "config.yaml"
    file.parent.mkdir()
    file.mkdir() if content is None else file.write_bytes(content)
    result = inside("check", "--api-id", "a1b2c3d4e5", "--stage", "prod", env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert (result.code, result.out) == (2, "")
    assert f"{file}{says}" in result.one_line()


@pytest.mark.parametrize("output", ["text", "json"])
@pytest.mark.parametrize(
    ("place", "says"),
    [("none/report", "No such file or directory"), (".", "it is a folder"), ("file/report", "Not a directory")],
)
def test_a_report_that_cannot_be_saved(check: Run, tmp_path: Path, place: str, says: str, output: str) -> None:
    (tmp_path / "file").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    result = check("--save", str(tmp_path / place), output=output)
    assert result.code == 1
    assert "GW0801" in result.out
    assert says in result.one_line()
    assert "could not be saved" in result.err
    assert sorted(tmp_path.rglob("*")) == before
    if output == "json":
        assert result.causes == set(FAULTS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(check: Run, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = check("--save", str(tmp_path / "report"))
    tmp_path.chmod(0o700)
    assert result.code == 1
    assert "Permission denied" in result.one_line()
    assert result.causes == set(FAULTS)


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "Is a directory"), (b"\x7fELF\0\0\1", "is no text")],
)
def test_nothing_to_explain(inside: Run, tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "log"
    file.mkdir() if content is None else file.write_bytes(content)
    result = inside("explain", str(file), "--output", "json")
    assert (result.code, result.out) == (2, "")
    assert str(file) in result.one_line()
    assert says in result.err


def test_no_file_to_explain(inside: Run, tmp_path: Path) -> None:
    result = inside("explain", str(tmp_path / "none"))
    assert (result.code, result.out) == (2, "")
    assert "No such file or directory" in result.one_line()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_encodings_that_people_have(inside: Run, tmp_path: Path, encoding: str) -> None:
    bom = "\ufeff" if encoding == "utf-16-le" else ""
    (tmp_path / "log").write_bytes(f"{bom}{SIGN}größe\n".encode(encoding))
    result = inside("explain", str(tmp_path / "log"), "--output", "json")
    assert (result.code, result.err) == (3, "")
    found: Any = json.loads(result.out)
    assert found["lines"] == 2
    assert found["findings"][0]["hop"] == "lambda-permission"


def test_binary_on_standard_input(person: Run) -> None:
    result = person("explain", text="\0\1\2")
    assert (result.code, result.out) == (2, "")
    assert "standard input is no text" in result.one_line()
    empty = person("explain", text="")
    assert (empty.code, empty.err) == (0, "")
    assert empty.out.startswith("0 lines read")
