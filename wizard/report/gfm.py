"""Texts from outside as GitHub Flavored Markdown that says just these texts: https://github.github.com/gfm/.

Jira's editor and ServiceNow read the same when it is pasted. Nothing in a text may become markup, a link, a mention
of a person, a reference to an issue or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wizard.model.text import safe, safe_lines, shorten

LONGEST = 1500  # columns of one text; beyond that a report hides more than it shows
_APART = "&#8203;"  # a zero-width space: GitHub looks for mentions and issues after escapes are gone
_SPECIAL = re.compile(
    r"(?i)(?P<entity>[<>|&])"
    r"|(?P<mark>[\\`*\[\]~$]|(?<![a-z0-9])_|_(?![a-z0-9]))"  # an underscore between letters means nothing
    r"|(?P<call>[@#](?=\w))"
    r"|(?P<link>\b(?:https?|ftp|mailto|xmpp|javascript|data)(?=:)|\bwww(?=\.))"
)
_LEADS = re.compile(r"^(\s*)([-+=#>]|\d{1,9}[.)])(?=\s|$|[-=])")


def plain(text: object) -> str:
    """One line of plain words."""
    out = _SPECIAL.sub(_harmless, shorten(text, LONGEST))
    return _LEADS.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", out)


def _harmless(found: re.Match[str]) -> str:
    if found["entity"]:
        return f"&#{ord(found[0])};"
    return f"\\{found[0]}" if found["mark"] else f"{found[0]}{_APART}"


def code(text: object) -> str:
    """One line as a code span; as plain words where a span cannot hold it (nothing in it, a pipe in a table)."""
    clean = shorten(text, LONGEST)
    if "|" in clean or not clean.strip():
        return plain(clean)
    fence = "`" * (_longest_run(clean) + 1)
    pad = " " if clean[0] in "` " or clean[-1] in "` " else ""
    return f"{fence}{pad}{clean}{pad}{fence}"


def block(text: object, language: str = "") -> list[str]:
    """Lines as a fenced block that nothing in them can close."""
    rows = safe_lines(text)
    fence = "`" * max(_longest_run("\n".join(rows)) + 1, 3)
    return [f"{fence}{language}", *rows, fence]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table; the cells are Markdown already."""
    marks = ["---"] * len(header)
    return [f"| {' | '.join(cells)} |" for cells in (header, marks, *rows)]


def link(url: str) -> str:
    """A link to a page of documentation; anything but a plain https address is words."""
    return f"<{url}>" if re.fullmatch(r"https://[\w.~:/?#=&%+,-]+", safe(url), re.ASCII) else plain(url)


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
