"""Text from outside made fit for a terminal: nothing in it can move the cursor, colour, hide or reorder anything."""

from __future__ import annotations

import unicodedata
from typing import TypeAlias

# A piece of a line and what it stands for: pass, warn, fail, unknown, skipped, blocked, pending, dim, strong, title,
# code, or "" for plain.
Segment: TypeAlias = tuple[str, str]
Line: TypeAlias = tuple[Segment, ...]

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}
# Control, format (bidi overrides, zero-width), surrogate, private use, unassigned, line and paragraph separator.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe(text: object) -> str:
    """One line in which every control, bidi, zero-width or unassigned character stands as a visible escape."""
    raw = str(text)
    return raw if raw.isascii() and raw.isprintable() else "".join(map(_visible, raw))


def safe_lines(text: object) -> list[str]:
    """The lines of a text, each made safe; tabs become four spaces."""
    return [safe(line.rstrip("\r").replace("\t", "    ")) for line in str(text).rstrip("\n").split("\n")]


def cells(text: str) -> int:
    """How many terminal columns a safe text takes: wide characters two, combining marks none."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def shorten(text: object, width: int) -> str:
    """The text made safe and cut to `width` columns, the cut shown as an ellipsis."""
    clean = safe(text)
    if cells(clean) <= width:
        return clean
    kept, used = "", 0
    for char in clean:
        if used + _cells(char) > width - 1:
            break
        kept, used = kept + char, used + _cells(char)
    return f"{kept.rstrip()}…" if width > 0 else ""


def wrap(text: object, width: int) -> list[str]:
    """The words of a text, made safe, in lines of at most `width` columns; a longer word is broken, never lost."""
    lines: list[str] = []
    line = ""
    for word in safe(" ".join(str(text).split())).split(" "):
        joined = f"{line} {word}" if line else word
        if cells(joined) <= width:
            line = joined
            continue
        lines += [line] if line else []
        *full, line = _broken(word, max(width, 2))
        lines += full
    return [*lines, line]


def plain(line: Line) -> str:
    """A styled line without its styles."""
    return "".join(text for text, _ in line)


def _broken(word: str, width: int) -> list[str]:
    parts: list[str] = []
    part = ""
    for char in word:
        if cells(part) + _cells(char) > width:
            parts, part = [*parts, part], ""
        part += char
    return [*parts, part]


def _visible(char: str) -> str:
    if unicodedata.category(char) not in _UNSAFE:
        return char
    code = ord(char)
    return _NAMED.get(char) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
