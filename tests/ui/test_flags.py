"""Options may stand before the command, or without one."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from wizard.ui.flags import Commands, aws_options, case_options


@click.group(cls=Commands)
def main() -> None:
    """A group like the tool's own."""


@main.command()
@case_options
@aws_options
def wizard(**given: object) -> str:
    return f"wizard {given['api_id']} {given['path']}"


@main.command()
@case_options
@aws_options
def check(**given: object) -> str:
    return f"check {given['api_id']} {given['path']}"


@pytest.mark.parametrize(
    ("words", "reached"),
    [
        (["--api-id", "abc", "--stage", "prod", "--path", "/x"], "wizard abc /x"),
        (["-r", "eu-west-1", "--api-id", "abc"], "wizard abc None"),
        (["--api-id", "abc", "check", "--path", "/x"], "check abc /x"),
        ([], "wizard None None"),
    ],
)
def test_options_first(words: list[str], reached: str) -> None:
    assert main.main(words, "tool", standalone_mode=False) == reached


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (["--help"], "COMMAND [ARGS]..."),
        (["--api-id", "abc", "--help"], "main wizard [OPTIONS]"),
        (["--path", "/x", "check", "--help"], "main check [OPTIONS]"),
    ],
)
def test_help_is_about_what_was_typed(words: list[str], about: str) -> None:
    shown = CliRunner().invoke(main, words)
    assert shown.exit_code == 0
    assert about in shown.output
