"""Log files as people have them: UTF-8, what PowerShell writes, and things that are no text at all."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

_HEAD = 4096  # bytes that are looked at to tell what a file is
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def open_log(file: str) -> Iterator[TextIO]:
    """The lines of a file, or of standard input for -; what is not in its encoding is replaced, never an error.

    Raises:
        OSError: it cannot be read.
        ValueError: it is compressed, or no text.
    """
    if file != "-":
        with open(file, "rb") as raw, _as_text(raw, file) as text:
            yield text
    elif hasattr(sys.stdin, "buffer"):
        with _as_text(sys.stdin.buffer, "standard input") as text:
            yield text
    else:
        yield sys.stdin


@contextmanager
def _as_text(raw: BinaryIO, name: str) -> Iterator[TextIO]:
    buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)  # type: ignore[type-var]
    head = buffered.peek(_HEAD)[:_HEAD]
    if head.startswith(_GZIP):
        packed = name if os.path.exists(name) else "FILE"
        raise ValueError(f"{name} is compressed; unpack it first: gunzip -c {packed} | apigw-wizard explain")
    is_utf16 = head.startswith(_UTF16)
    if b"\0" in head and not is_utf16:
        raise ValueError(f"{name} is no text; give a log or the text of an error")
    text = io.TextIOWrapper(buffered, encoding="utf-16" if is_utf16 else "utf-8-sig", errors="replace")
    try:
        yield text
    finally:
        text.detach()
