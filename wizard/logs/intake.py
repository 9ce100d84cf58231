"""Pieces of text in, lines out: finds out line by line what form a log has."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from wizard.logs.document import Document
from wizard.logs.gate import is_dull
from wizard.logs.line import LONGEST, Line, clean
from wizard.logs.record import parse, read

# A line that goes on for longer is read no further.
LONGEST_ROW = 1 << 20
BATCH = 500
# An object printed over several lines that has not ended after so much is taken for plain lines.
MOST_ROWS, LONGEST_OBJECT = 3_000, 262_144
_COLUMNS = re.compile(r'^\W{0,3}(?:"?@?[\w.]+"?\s*,\s*)*"?@?message"?\s*(?:,|$)', re.IGNORECASE)
_PREFIXED = re.compile(
    r'^(?:EVENTS\t)?(?:\d{4}-\d\d-\d\d[T ]\S{8,40}|\d{13})(?:\s+[\w$\[\]/.-]{1,120})?[\s|]*(?=\{\s*")'
)
_OPENS = re.compile(r"^\s*[{\[]")
# How an object looks that is printed over several rows: its first row, and how any other may begin.
_GOES_ON = re.compile(r'[{\[]\s*(?:$|"[^"]*"\s*:|[{\[]\s*$)')
_INSIDE = ("", " ", "\t", '"', "{", "}", "[", "]", ",")
# An error as Lambda's Python runtime logs it, perhaps behind a time and a stream, and how the rows below it begin.
# https://github.com/aws/aws-lambda-python-runtime-interface-client/blob/main/awslambdaric/bootstrap.py (log_error)
_ERROR = re.compile(r'(?:[^{"]{1,200}\s)?\[ERROR\]\s')
_FRAMES = ("Traceback (most recent call last)", " ", "\t")
# Texts that looked like a document of events so often and were none are no longer tried.
MOST_FAILED = 20


class Intake:
    """Reads text in pieces of any size and keeps no more than one event of it. `count` is the rows read so far."""

    def __init__(self, dull: Callable[[str], bool] | None = None) -> None:
        """`dull` may say of whole rows of plain text that nothing in them is worth a look."""
        self.count = 0
        self._dull = dull
        self._tail = ""
        self._overlong = False
        self._document: Document | None = None
        self._failed = 0
        self._inside = False  # on a row on which a document has ended
        self._columns: list[str] = []
        self._held: list[tuple[int, str]] = []
        self._size = self._depth = self._quotes = 0
        self._trace: list[tuple[int, str]] = []

    def batches(self, pieces: Iterable[str]) -> Iterator[list[Line]]:
        """Everything in the text as lines, in order; of dull rows only those right before something else.

        A batch is to be used up before the next is asked for: what it shows may decide what is dull.
        """
        skipped = ""
        first = True
        for piece in pieces:
            if self._document:
                yield from _sliced(self._take(piece))
                continue
            text = self._whole(piece)
            if not first and self._is_dull(text):
                self.count += text.count("\n")
                skipped = text
                continue
            first = False
            self.count -= skipped.count("\n")
            yield from _sliced(self._take(skipped + text))
            skipped = ""
        while self._document or self._tail:
            if self._document:
                yield from _sliced(self._elements(self._document.finish()))
                rest = self._left()
            else:
                rest, self._tail = self._tail, ""
            yield from _sliced(self._take(rest))
        self.count += self._inside
        yield [*self._traced(), *self._give_up()]

    def _is_dull(self, text: str) -> bool:
        if self._dull is None or self._held or self._columns or self._trace or not text:
            return False
        return self._dull(text) and Document.begins(text, 0) is None

    def _whole(self, piece: str) -> str:
        """The rows that are complete with this piece; what is left waits for the next."""
        if self._overlong:
            end = piece.find("\n")
            if end < 0:
                return ""
            self._overlong, piece = False, piece[end + 1 :]
        end = piece.rfind("\n") + 1
        if end:
            text, self._tail = self._tail + piece[:end], piece[end:]
            return text
        self._tail += piece
        if len(self._tail) <= LONGEST_ROW:
            return ""
        text, self._tail = self._tail, ""
        if self._document_at(text, 0, -1) is None:
            self._overlong = True
            return text[:LONGEST] + "\n"
        return text

    def _take(self, text: str) -> Iterator[Line]:
        """Rows, or a piece of a document; one may follow the other within the text."""
        while text:
            if self._document:
                yield from self._elements(self._document.feed(text))
                text = self._whole(self._left()) if self._document.done else ""
                continue
            start = yield from self._rows(text)
            if start:
                text, self._tail = text[start:] + self._tail, ""
            else:
                text = ""

    def _left(self) -> str:
        """What stands behind a document's list: its end, and perhaps other things."""
        document, self._document = self._document, None
        if document is None:
            return ""
        self.count = document.number - 1
        self._failed += not document.found
        self._inside = True
        return document.rest

    def _elements(self, whole: Iterable[tuple[int, Any, str]]) -> Iterator[Line]:
        for number, value, raw in whole:
            yield from _numbered(read(value, number, raw), number, raw)

    def _rows(self, text: str) -> Generator[Line, None, int]:
        """The rows of a text; ends early, and says where, when a document begins in it."""
        at = 0
        while at < len(text):
            end = text.find("\n", at)
            if end > 0 and not self._held and not self._columns and not self._trace and is_dull(text, at):
                self.count, at, self._inside = self.count + 1, end + 1, False
                continue
            if self._trace and text[at : at + 1] in ("{", "["):
                yield from self._traced()
            begins = not self._held and not self._columns and text[at : at + 64].lstrip()[:1] in ("{", "[")
            if begins and (start := self._document_at(text, at, end)) is not None:
                self._document = Document(self.count + 1 + text.count("\n", at, start))
                return start
            row, at = (text[at:end], end + 1) if end >= 0 else (text[at:], len(text))
            self.count += 1
            self._inside = False
            yield from self._row(row.rstrip("\r"))
        return 0

    def _document_at(self, text: str, at: int, end: int) -> int | None:
        """Where the list of a document begins that does not end on its own line."""
        if self._failed > MOST_FAILED or (0 <= end - at <= LONGEST and text[at:end].rstrip().endswith(("}", "]"))):
            return None
        return Document.begins(text, at)

    def _row(self, row: str) -> Iterator[Line]:
        if self._trace:
            if row.startswith(_FRAMES) and len(self._trace) < MOST_ROWS:
                self._trace.append((self.count, row))
                return
            yield from self._traced()
        if self._columns:
            yield from self._cells(row)
        elif self._held and row[:1] in _INSIDE:
            yield from self._go_on(row)
        elif self._held:
            yield from self._give_up()
            yield from self._row(row)
        elif "[ERROR]" in row and _ERROR.match(row):
            self._trace.append((self.count, row))
        elif _OPENS.match(row):
            yield from self._object(row)
        elif "essage" in row and len(row) < 400 and _COLUMNS.match(row):
            self._columns = [name.strip().strip('"\ufeff').lower() for name in row.split(",")]
        else:
            yield from self._plain(row)

    def _plain(self, row: str) -> Iterator[Line]:
        """A row of text; JSON behind a time is an event of its own (`aws logs tail` prints it so)."""
        if "{" in row and row.rstrip().endswith("}") and (found := _PREFIXED.match(row)):
            value = parse(row[found.end() :])
            if isinstance(value, dict):
                at = clean(found[0], self.count).at
                for line in read(value, self.count, row[found.end() :]):
                    yield line if line.at else replace(line, at=at)
                return
        yield clean(row, self.count)

    def _object(self, row: str) -> Iterator[Line]:
        """A row that begins like JSON: a whole value, the first row of one, or something else."""
        text = row.strip()
        if text.endswith(("}", "]")) and len(text) <= LONGEST_ROW:
            value: Any = parse(text)
            if isinstance(value, dict | list):
                yield from read(value, self.count, text)
                return
        if _GOES_ON.match(text):
            yield from self._go_on(row)
        else:
            yield clean(row, self.count)

    def _go_on(self, row: str) -> Iterator[Line]:
        self._held.append((self.count, row))
        self._size += len(row)
        self._depth += row.count("{") + row.count("[") - row.count("}") - row.count("]")
        if self._depth <= 0:
            parts = tuple(self._held)
            raw = "\n".join(text for _, text in parts)
            value = parse(raw.strip().rstrip(","))
            if isinstance(value, dict | list):
                self._release()
                yield from _numbered(read(value, parts[0][0], raw), parts[0][0], raw)
            else:
                yield from self._give_up()
        elif len(self._held) > MOST_ROWS or self._size > LONGEST_OBJECT:
            yield from self._give_up()

    def _release(self) -> list[tuple[int, str]]:
        held, self._held, self._depth, self._size, self._quotes = self._held, [], 0, 0, 0
        return held

    def _give_up(self) -> Iterator[Line]:
        """What began like an object and is none: plain rows."""
        for number, text in self._release():
            yield clean(text, number)

    def _traced(self) -> Iterator[Line]:
        """An error of Python's with the traceback that was printed below it: one event, as it was logged."""
        parts, self._trace = tuple(self._trace), []
        if parts:
            whole = clean("\n".join(text for _, text in parts), parts[0][0])
            yield replace(whole, parts=parts) if len(parts) > 1 else whole

    def _cells(self, row: str) -> Iterator[Line]:
        """A row of a table with a message column; a quoted cell may hold line breaks."""
        self._held.append((self.count, row))
        self._quotes += row.count('"')
        self._size += len(row)
        if self._quotes % 2 and len(self._held) < MOST_ROWS and self._size < LONGEST_OBJECT:
            return
        parts = tuple(self._release())
        raw = "\n".join(text for _, text in parts)
        try:
            cells = next(csv.reader([f"{text}\n" for _, text in parts]), [])
        except csv.Error:
            cells = []
        if len(cells) != len(self._columns):
            yield clean(raw, parts[0][0])
            return
        table = dict(zip(self._columns, cells, strict=True))
        message = table.get("@message") or table.get("message") or ""
        at: Any = table.get("@timestamp") or table.get("timestamp")
        at = int(at) if isinstance(at, str) and at.isascii() and at.isdecimal() else at
        event = {"@message": message, "@timestamp": at}
        for line in read(event, parts[0][0]):
            yield replace(line, parts=parts)


def _sliced(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _numbered(lines: Iterable[Line], number: int, raw: str) -> Iterator[Line]:
    """Lines of an element that is spread over several rows know the rows, so that a match can name its own."""
    if "\n" not in raw or len(raw) > LONGEST_OBJECT:
        yield from lines
        return
    parts = tuple(enumerate(raw.split("\n"), number))
    for line in lines:
        yield replace(line, parts=parts)
