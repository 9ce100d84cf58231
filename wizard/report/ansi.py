"""Styled lines as text, with or without colour."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TextIO

from wizard.model.text import Line

# Select Graphic Rendition parameters (ECMA-48) of each style.
_SGR = {
    "pass": "32",
    "warn": "33",
    "fail": "1;31",
    "unknown": "33",
    "skipped": "2",
    "blocked": "2",
    "pending": "2",
    "dim": "2",
    "strong": "1",
    "title": "1;36",
    "code": "36",
}


def wants_colour(stream: TextIO) -> bool:
    """Whether to colour: on a terminal that is not dumb and unless NO_COLOR is set (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def render(lines: Iterable[Line], colour: bool = False) -> str:
    """The lines as one text that ends in a newline; trailing blanks are dropped."""
    return "".join(_line(line, colour).rstrip() + "\n" for line in lines)


def _line(line: Line, colour: bool) -> str:
    if not colour:
        return "".join(text for text, _ in line)
    return "".join(f"\x1b[{_SGR[look]}m{text}\x1b[0m" if look in _SGR and text.strip() else text for text, look in line)
