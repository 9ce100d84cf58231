"""The names of the report's formats; imports nothing, for the command line is read before anything is loaded."""

from __future__ import annotations

from pathlib import PurePath

FORMATS = ("text", "json", "markdown", "html", "junit", "mermaid", "dot", "svg")
# Formats in which a character that the stream lacks can stand as a numeric reference.
MARKUP = ("html", "junit", "svg")
_SUFFIXES = {
    ".txt": "text",
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xml": "junit",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
    ".svg": "svg",
}


def format_of(file: str | PurePath, otherwise: str = "text") -> str:
    """The format that the suffix of a file asks for."""
    return _SUFFIXES.get(PurePath(file).suffix.lower(), otherwise)
