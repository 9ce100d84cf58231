"""Bytes of a file or a pipe as pieces of text of one size: gzip by content, the encoding by its mark."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterable, Iterator

BLOCK = 1 << 18
_GZIP = b"\x1f\x8b"
# PowerShell writes UTF-16 when a command's output goes into a file.
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def texts(chunks: Iterable[bytes], progress: Callable[[int], None] | None = None) -> Iterator[str]:
    """The text of these bytes, in pieces that are the same however the bytes arrive.

    What is no valid text becomes U+FFFD; a gzip that breaks off gives what could be read. `progress` is told the
    number of bytes taken in so far.
    """
    yield from blocks(_decoded(_inflated(_counted(chunks, progress))))


def blocks(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in pieces of BLOCK characters, the last one shorter."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= BLOCK:
            text = "".join(held)
            whole = size - size % BLOCK
            for at in range(0, whole, BLOCK):
                yield text[at : at + BLOCK]
            held, size = [text[whole:]], size - whole
    if size:
        yield "".join(held)


def _counted(chunks: Iterable[bytes], progress: Callable[[int], None] | None) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if progress:
            progress(total)
        yield chunk


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes themselves, or what the gzip members among them hold, one after the other."""
    source = iter(chunks)
    head = b""
    for chunk in source:
        head += chunk
        if len(head) >= len(_GZIP):
            break
    if not head.startswith(_GZIP):
        yield head
        yield from source
        return
    inflater = zlib.decompressobj(wbits=31)
    try:
        for chunk in _chain(head, source):
            data = chunk
            while data:
                if inflater.eof:
                    inflater = zlib.decompressobj(wbits=31)
                yield inflater.decompress(data, BLOCK)
                data = inflater.unconsumed_tail or inflater.unused_data.lstrip(b"\0")
    except zlib.error:
        return


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    head = b""
    source = iter(chunks)
    for chunk in source:
        head += chunk
        if len(head) >= 3:
            break
    mark, encoding = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", "utf-8"))
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(head[len(mark) :])
    for chunk in source:
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)
