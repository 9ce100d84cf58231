"""A text as it reads once its escapes are undone, editable without touching the escapes of what stays.

Ids hide behind encodings: `%3A`, `&quot;`, `#58;` of Mermaid, the backslashes of JSON within JSON and of Markdown,
zero-width characters, a long word broken over two lines. Patterns look at `view`; an edit there changes just that place
of the text behind it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable

# Start and end of a place in the view, and what shall stand there.
Edit = tuple[int, int, str]

_ESCAPE = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|quot|amp|lt|gt|apos|nbsp);|#\d{2,5};"
    r"|%(?:25)*[2-7][0-9a-fA-F]|%(?:25)*0[aAdD9]"
    r"|\\+u[0-9a-fA-F]{4}|\\+[nrt]|\\+[\"'/_*.#+!~$^`|<>\[\](){}@:-]"
    r"|[\u00ad\u200b-\u200f\u2060\ufeff]"
)
# A word that a narrow column may have broken: the line is full, the next one goes on behind its indentation.
_BROKEN = re.compile(r"(?m)^(?=.{37,129}\S(\n[ \t│┊|>]+)[^\s│┊|>])")
_HIDDEN = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])


class View:
    """`view` is what patterns search; `text()` gives the text back, edited."""

    def __init__(self, text: str, *, joined: bool = False) -> None:
        self._joined = joined
        # For each character of the view, what stands for it in the text; None while the two are the same.
        self._raw: list[str] | None = None
        self.view = text
        found = [match.span(1) for match in _BROKEN.finditer(text)] if joined else _escapes(text)
        if found:
            self._build(text, found)

    @property
    def changed_by_reading(self) -> bool:
        """Whether the text reads otherwise than it stands there."""
        return self._raw is not None

    def text(self) -> str:
        """The text with all edits."""
        return self.view if self._raw is None else "".join(self._raw)

    def edit(self, pattern: re.Pattern[str], edits: Callable[[re.Match[str]], Iterable[Edit]]) -> None:
        """Applies the edits that `edits` makes of each match; in a joined view only where a match spans a break."""
        if not pattern.search(self.view):
            return
        todo = [edit for match in pattern.finditer(self.view) if self._counts(match) for edit in edits(match)]
        apart: list[Edit] = []
        for edit in sorted(todo):
            if self.view[edit[0] : edit[1]] != edit[2] and (not apart or edit[0] >= apart[-1][1]):
                apart.append(edit)
        if apart:
            self._apply(apart)

    def _counts(self, match: re.Match[str]) -> bool:
        if not self._joined:
            return True
        return self._raw is not None and any("\n" in raw for raw in self._raw[match.start() + 1 : match.end()])

    def _apply(self, edits: list[Edit]) -> None:
        view: list[str] = []
        raw: list[str] = []
        last = 0
        for start, end, new in [*edits, (len(self.view), len(self.view), "")]:
            view += [self.view[last:start], new]
            if self._raw is not None:
                raw += [*self._raw[last:start], *new]
            last = end
        self.view = "".join(view)
        if self._raw is not None:
            self._raw = raw

    def _build(self, text: str, found: list[tuple[int, int]]) -> None:
        view: list[str] = []
        raw: list[str] = []
        last = 0
        waiting = ""  # what shows nothing goes with the character after it
        for start, end in [*found, (len(text), len(text))]:
            plain = text[last:start]
            view.append(plain)
            raw += plain
            if waiting and plain:
                raw[len(raw) - len(plain)] = waiting + plain[0]
                waiting = ""
            escape, last = text[start:end], end
            read = "" if self._joined else _read(escape)
            if read:
                view.append(read)
                raw.append(waiting + escape)
            waiting = "" if read else waiting + escape
        if waiting:
            view.append(" ")
            raw.append(waiting)
        self.view, self._raw = "".join(view), raw


def _escapes(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _ESCAPE.finditer(text)]


def _read(escape: str) -> str:
    """The one character that an escape stands for; empty for one that shows nothing."""
    if escape.startswith("&"):
        char = html.unescape(escape).translate(_HIDDEN)
    elif escape.startswith("#"):
        char = html.unescape(f"&{escape}").translate(_HIDDEN)
    elif escape.startswith("%"):
        char = chr(int(escape[-2:], 16))
    elif escape.startswith("\\"):
        name = escape.lstrip("\\")
        char = chr(int(name[1:], 16)) if len(name) == 5 else " " if name in "nrt" else name
    else:
        char = ""
    return char if len(char) < 2 else "?"
