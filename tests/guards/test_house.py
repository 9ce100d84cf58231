"""The house rules that a linter does not know."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from wizard.engine.catalog import all_probes, probe_ids
from wizard.model.status import Effect
from wizard.tree import load

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("wizard/**/*.py"), *ROOT.glob("probes/**/*.py")])
HEAVY = ("boto3", "botocore", "networkx", "textual", "questionary", "yaml", "moto", "asyncio")


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(' '.join(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return set(shown.split())


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_short_and_say_what_they_are_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    if "functions_src" not in path.parts and text.strip():
        assert ast.get_docstring(syntax(path)), "a module begins by saying what it is for"


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import wizard.__main__", ()),
        ("import wizard.cli", ()),
        ("import wizard.model.verdict", ()),
        ("import wizard.tree", ("yaml",)),
        ("import wizard.aws.session", ()),
        ("import wizard.logs, wizard.report", ()),
        ("import wizard.ui.tui.app", ("textual", "asyncio")),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(statement: str, allowed: tuple[str, ...]) -> None:
    before = imported_by("pass")
    assert {name for name in HEAVY if name in imported_by(statement) - before} <= set(allowed)


def test_the_version_needs_no_import_at_all() -> None:
    code = (
        "import sys; sys.argv = ['apigw-wizard', '--version']; import wizard.__main__ as m\n"
        "try: m.main()\nexcept SystemExit: pass\n"
        "print(' '.join(n for n in sys.modules if n.startswith(('wizard', 'click', 'probes'))))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert set(shown.splitlines()[-1].split()) == {"wizard", "wizard.__main__"}


def test_every_probe_says_what_it_needs_to_say() -> None:
    assert len(probe_ids()) >= 10
    for probe in all_probes():
        assert probe.title, probe.id
        assert probe.docs or not probe.calls, probe.id
        assert all(url.startswith("https://") for url in probe.docs), probe.id
        assert all(call.count(":") == 1 for call in probe.calls), probe.id
        assert bool(probe.warning) is (probe.effect is not Effect.NONE), probe.id


@pytest.mark.parametrize("path", sorted(ROOT.glob("probes/**/*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_probe_runs_in_80_lines_or_fewer(path: Path) -> None:
    for item in ast.walk(syntax(path)):
        if isinstance(item, ast.FunctionDef):
            assert (item.end_lineno or 0) - item.lineno < 80, item.name


def test_no_cause_is_named_in_python() -> None:
    """Which answer means which cause is said in the tree alone."""
    ids = {cause for cause in load().causes if "-" in cause}
    for path in SOURCES:
        if "sandbox" in path.parts or path.name == "cli.py":  # cli names the fault that the demo shows
            continue
        constants = [node.value for node in ast.walk(syntax(path)) if isinstance(node, ast.Constant)]
        assert ids & {text for text in constants if isinstance(text, str)} == set(), path


def test_every_probe_is_asked_for_in_the_tree() -> None:
    asked = {node.probe for node in load().nodes.values() if node.probe}
    assert set(probe_ids()) == asked
