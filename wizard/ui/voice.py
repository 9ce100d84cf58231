"""How the plain front end speaks: lines as they come, without pictures where they help nobody."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wizard.model.path import Hop
from wizard.model.status import Status
from wizard.model.text import Line, safe
from wizard.report.marks import spine, style
from wizard.report.page import paragraph
from wizard.ui.output import put, simple
from wizard.ui.terminal import show, show_lines, width

if TYPE_CHECKING:
    from wizard.model.verdict import Verdict
    from wizard.ui.headless import Walked

_WORDS = {
    "pass": "in order",
    "warn": "warning",
    "fail": "FAILS",
    "unknown": "not known",
    "skipped": "does not apply",
    "blocked": "not reached",
    "pending": "not looked at",
}


class Voice:
    """Says things on stdout. A simple voice has no boxes, no rails and no signs: good for terminals that draw nothing,
    and to be read aloud.
    """

    def __init__(self, simple: bool | None = None) -> None:
        dumb = sys.stdout.isatty() and os.environ.get("TERM", "dumb") == "dumb"
        self.simple = dumb if simple is None else simple or dumb

    def lines(self, lines: Sequence[Line]) -> None:
        """Styled lines."""
        show_lines([tuple((simple(text), look) for text, look in line) for line in lines] if self.simple else lines)

    def words(self, text: str, look: str = "", indent: int = 0) -> None:
        """A paragraph."""
        self.lines(paragraph(text, width(), indent, look))

    def whole(self, text: str) -> None:
        """A line that is to be copied: never broken, however long."""
        put(f"{safe(text)}\n")

    def blank(self) -> None:
        """An empty line."""
        put("\n")

    def remark(self, word: str, text: str) -> None:
        """What a walk says as it goes."""
        lead = f"{word}: " if self.simple else f"{word:>9}  "
        self.lines(paragraph(text, width(), lead=(lead, "strong" if word == "found" else "dim")))

    def report(self, walked: Walked) -> None:
        """The verdict."""
        if not self.simple:
            show(walked, "text")
            return
        from wizard.report.text import lines

        self.lines(lines(walked.verdict, walked.tree, spoken(walked.verdict, width()), width()))


def spoken(result: Verdict, columns: int) -> list[Line]:
    """The path as sentences: 3. Permission to invoke: FAILS. The policy names another API."""
    hops = spine(result.path)
    beside = [hop for hop in result.path.hops if hop not in hops]
    out: list[Line] = []
    for number, hop in enumerate(hops, 1):
        out += paragraph(_sentence(hop), columns, lead=(f"{number:>2}. ", "dim"))
    for hop in beside:
        out += paragraph(_sentence(hop), columns, lead=("and ", "dim"))
    return out


def _sentence(hop: Hop) -> str:
    note = f". {hop.note}" if hop.note and hop.status is not Status.PASS else ""
    return f"{hop.label or hop.id}: {_WORDS[style(hop)]}{note}"
