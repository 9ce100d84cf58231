"""How the full-screen wizard is told to look and listen: flags, environment, configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from wizard.cli import run
from wizard.ui.options import keymap
from wizard.ui.settings import Settings


@dataclass
class Started:
    """The settings that the full screen was started with."""

    settings: list[Settings] = field(default_factory=list)

    def __call__(self, settings: Settings) -> int:
        self.settings.append(settings)
        return 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    made = Started()
    monkeypatch.setattr("wizard.ui.tui.app.run", made)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    return made


def looks(settings: Settings) -> tuple[str, bool, bool, Mapping[str, str]]:
    return settings.theme, settings.still, settings.step, settings.keys


def test_flags(started: Started) -> None:
    assert run(["--theme", "contrast", "--still", "--step", "--keys", "quit=x, fixed=f2"]) == 0
    assert looks(started.settings[0]) == ("contrast", True, True, {"quit": "x", "fixed": "f2"})


def test_the_environment_and_what_counts_without_it(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([]) == 0
    monkeypatch.setenv("APIGW_WIZARD_THEME", "light")
    monkeypatch.setenv("APIGW_WIZARD_STILL", "1")
    assert run([]) == 0
    assert [looks(settings)[:2] for settings in started.settings] == [("dark", False), ("light", True)]


def test_the_configuration(started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "apigw-wizard"
    folder.mkdir()
    (folder / "config.yaml").write_text("theme: light\nstill: yes\nstep: yes\nkeys: quit=x\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert run(["--theme", "dark"]) == 0
    assert looks(started.settings[0]) == ("dark", True, True, {"quit": "x"})


@pytest.mark.parametrize("text", ["quit", "=x", "quit=", "quit=x,rerun"])
def test_keys_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="--keys wants action=key"):
        keymap(text)


def test_an_action_that_there_is_not(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert run(["--keys", "quiet=x"]) == 2
    assert "no action 'quiet' to give a key to. Did you mean quit?" in capsys.readouterr().err
