"""The streams of the terminal, whatever they can show and however they end."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TextIO

import click

# What stands in for the tool's own signs where the encoding has none, so that no two of them look alike.
_SIMPLER = str.maketrans(
    {
        "●": "+",
        "◆": "!",
        "✖": "x",
        "○": "o",
        "◌": ".",
        "·": "-",
        "│": "|",
        "┊": ":",
        "├": "|",
        "└": "`",
        "─": "-",
        "⋮": ":",
        "…": "...",
        "“": '"',
        "”": '"',
        "’": "'",
    }
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


class OutputError(Exception):
    """The result cannot be written; one line that says why."""


def prepare() -> None:
    """Gives closed streams a place to write to, and the others a way to show what they have no character for."""
    # Lives as long as the process, in place of a stream that does.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def put(text: str, *, colour: bool = False) -> None:
    """A piece of the result on stdout.

    Raises:
        BrokenPipeError: nobody reads any more.
        OutputError: a full disk, a device that fails.
    """
    try:
        click.echo(fitted(text, sys.stdout), nl=False, color=colour or None)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"the result could not be written: {error.strerror or error}") from error


def simple(text: str) -> str:
    """The text with the tool's own signs in ASCII."""
    return text.translate(_SIMPLER)


def fitted(text: str, stream: TextIO) -> str:
    """The text in characters that the stream has; what it lacks stands as something simpler or as an escape."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_SIMPLER).encode(encoding, "backslashreplace").decode(encoding)
    return text


def fitted_json(text: str, stream: TextIO) -> str:
    """JSON text for the stream: whole in UTF-8, with JSON's own escapes in any other encoding."""
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "")
    return text if encoding == "utf8" else _BEYOND_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text)


def fitted_markup(text: str, stream: TextIO) -> str:
    """HTML or XML for the stream; a character that its encoding lacks stands as a numeric reference."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "xmlcharrefreplace").decode(encoding)


def let_go() -> None:
    """Nothing more goes to stdout, so that nothing is said about it at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
