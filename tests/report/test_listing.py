"""A list loses nothing: whole in a pipe, on two lines where a terminal is narrow."""

from __future__ import annotations

from wizard.model.text import cells
from wizard.report.ansi import render
from wizard.report.listing import table

TITLE = "The function's answer is not in the form that API Gateway expects"
ROWS = [{"code": "GW1101", "id": "lambda-response-malformed", "title": TITLE}]


def shown(width: int | None) -> list[str]:
    return [line.rstrip() for line in render(table(ROWS, ("code", "id", "title"), width)).splitlines()]


def test_in_a_pipe_nothing_is_cut() -> None:
    assert shown(None) == [f"GW1101  lambda-response-malformed  {TITLE}"]


def test_a_narrow_terminal_shows_the_title_below() -> None:
    assert shown(70) == ["GW1101  lambda-response-malformed", f"    {TITLE}"]


def test_a_wide_one_shows_it_beside_and_cut() -> None:
    [line] = shown(90)
    assert line.startswith("GW1101  lambda-response-malformed  The function's answer is not")
    assert cells(line) <= 90
