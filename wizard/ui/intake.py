"""Reading a log file for `explain`: in chunks, with a word on stderr of how far it is."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import IO

CHUNK = 1 << 20
# Seconds before the first word and between two.
PAUSE = 0.5


def chunks(log: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a file or a pipe, as they come."""
    read = getattr(log, "read1", log.read)
    while chunk := read(CHUNK):
        yield chunk


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
