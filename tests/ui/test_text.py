"""Text from outside: safe, measured, shortened, wrapped."""

from __future__ import annotations

import pytest

from wizard.model.text import cells, safe, safe_lines, shorten, wrap


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain [bold] {x} <b>", "plain [bold] {x} <b>"),
        ("\x1b]0;title\x07", "\\e]0;title\\x07"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b31m", "\\x9b31m"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("Grüße 日本 é 👍", "Grüße 日本 é 👍"),
        (502, "502"),
    ],
)
def test_safe(raw: object, shown: str) -> None:
    assert safe(raw) == shown
    assert safe(shown) == shown


def test_cells() -> None:
    assert (cells("abc"), cells("日本"), cells("e\u0301"), cells("👍")) == (3, 4, 1, 2)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abcdef", 6, "abcdef"), ("abcdef", 4, "abc…"), ("日本語", 4, "日…"), ("ab", 1, "…"), ("ab", 0, "")],
)
def test_shorten(text: str, width: int, shown: str) -> None:
    assert shorten(text, width) == shown
    assert cells(shown) <= width


def test_wrap_loses_nothing() -> None:
    text = "The function " + "x" * 50 + " 日本語日本語日本語 ends."
    lines = wrap(text, 20)
    assert all(cells(line) <= 20 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrap("", 20) == [""]


def test_safe_lines_keeps_the_shape_of_a_command() -> None:
    assert safe_lines("a \\\r\n\tb\x1b[0m\n") == ["a \\", "    b\\e[0m"]
