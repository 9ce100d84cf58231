"""Reading a log file for `explain`: in chunks, with a word on stderr of how far it is."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import monotonic
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.logs import Explanation
    from wizard.model.tree import Tree

CHUNK = 1 << 20
# Bytes that are looked at to tell what a file is, and how those with NULs in them begin that are texts: gzip, UTF-16.
HEAD = 4096
_KNOWN = (b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")
# Seconds before the first word and between two.
PAUSE = 0.5


def read_log(file: str, tree: Tree) -> Explanation:
    """What the bytes of a file, or of standard input for -, speak for.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no text.
    """
    from wizard.logs import explain_bytes

    refines = {cause.id: cause.refines for cause in tree.causes.values()}
    statuses = {cause.id: cause.all_statuses for cause in tree.causes.values()}
    with _opened(file) as log, progress(log) as told:
        return explain_bytes(
            chunks(log, "standard input" if file == "-" else file), tree.signatures, refines, statuses, told
        )


def chunks(log: IO[bytes], name: str = "this") -> Iterator[bytes]:
    """The bytes of a file or a pipe, as they come.

    Raises:
        ValueError: they begin like something that is no text.
    """
    read = getattr(log, "read1", log.read)
    first = True
    while chunk := read(CHUNK):
        if first and b"\0" in chunk[:HEAD] and not chunk.startswith(_KNOWN):
            raise ValueError(f"{name} is no text; give a log or the text of an error")
        first = False
        yield chunk


def _opened(file: str) -> AbstractContextManager[IO[bytes]]:
    return nullcontext(sys.stdin.buffer) if file == "-" else open(file, "rb")


@contextmanager
def progress(log: IO[bytes]) -> Iterator[Callable[[int], None] | None]:
    """What is told how many bytes have been read; says so on stderr when that is a terminal, and clears the line."""
    if not sys.stderr.isatty():
        yield None
        return
    size, said, last = _size(log), False, monotonic()

    def told(done: int) -> None:
        nonlocal said, last
        if monotonic() - last < PAUSE:
            return
        said, last = True, monotonic()
        share = f" of {size / 1e6:.0f} MB ({100 * done // size} %)" if size else " MB"
        sys.stderr.write(f"\r\033[Kreading: {done / 1e6:.0f}{share}")
        sys.stderr.flush()

    try:
        yield told
    finally:
        if said:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def _size(log: IO[bytes]) -> int:
    """The size of a regular file in bytes; 0 for anything else."""
    try:
        about = os.fstat(log.fileno())
    except (OSError, ValueError):
        return 0
    return about.st_size if stat.S_ISREG(about.st_mode) else 0
