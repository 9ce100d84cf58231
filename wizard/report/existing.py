"""Redacting what is there already: a report of any format, a saved case, a log."""

from __future__ import annotations

import json
from typing import Any

from wizard.model.tree import Tree
from wizard.report.manifest import must_be_clean
from wizard.report.redact import Redactor

LARGEST = 64 * 1024 * 1024  # bytes


def redact_text(text: str, tree: Tree | None = None) -> tuple[str, Redactor]:
    """The text redacted in its own form, and its pseudonyms; JSON and JSON lines stay what they are.

    Doing it once more changes nothing.

    Raises:
        LeakError: something that was withheld is still to be seen in what would come out.
    """
    redactor = Redactor(tree=tree)
    data = _whole(text)
    lines = None if data is not None else _lines(text)
    if data is not None:
        redactor.learn(data)
        indent = 2 if "\n" in text.strip() else None
        out = json.dumps(redactor.apply(data), indent=indent, ensure_ascii=not text.isascii()) + "\n"
    elif lines is not None:
        redactor.learn(lines)
        out = "".join(json.dumps(each) + "\n" for each in redactor.apply(lines))
    else:
        redactor.learn(text)
        out = redactor.text(text)
    must_be_clean(out, redactor)
    return out, redactor


def _whole(text: str) -> Any:
    """The JSON object or list that the text is, None when it is none."""
    return _parsed(text) if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else None


def _lines(text: str) -> list[Any] | None:
    """One object a line, None when it is anything else; a last line that was cut off is left out."""
    rows = text.split("\n")
    data = [_parsed(row) for row in rows if row.strip()]
    if rows[-1].strip() and len(data) > 2 and data[-1] is None:
        data.pop()
    return data if len(data) > 1 and all(isinstance(each, dict) for each in data) else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
