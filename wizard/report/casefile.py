"""Saved cases: one file of events a case, written as the walk goes on, so that nothing is lost with the terminal.

Format: JSON lines. The first is {"schema", "tool", "version"}, then one event a line (wizard.model.record), at last
{"outcome"} when the walk came to its end. What stands there is not redacted: the folder is the person's own.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from wizard import __version__
from wizard.model import events as ev
from wizard.model.case import Target
from wizard.model.probe import Evidence
from wizard.model.record import LONGEST_LINE, RecordError, dump, load, parse
from wizard.model.status import Outcome
from wizard.model.text import safe
from wizard.model.tree import Tree

SCHEMA = 1
KEPT = 50  # cases; the oldest go first
LARGEST = 128 * 1024 * 1024  # bytes
_TAIL = 4096  # bytes at the end of a file in which its last line is looked for
_ENDING = ".jsonl"
_NAME = re.compile(r"\d{8}T\d{6}-[\w-]{1,40}(?:\.\d+)?\.jsonl")


class CaseFileError(Exception):
    """The file is no saved case that can be read; one line that names file and line."""


@dataclass(frozen=True, slots=True)
class SavedCase:
    """A case as it was saved. `remark` says what is missing of it, in one sentence; empty when it is whole."""

    path: Path
    version: str
    events: tuple[ev.Event, ...]
    outcome: Outcome | None = None
    remark: str = ""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What each probe showed last."""
        newest = {e.evidence.probe: e.evidence for e in self.events if isinstance(e, ev.ProbeFinished)}
        return tuple(newest.values())

    @property
    def answers(self) -> dict[str, str]:
        """What the person answered, by question; the last answer counts."""
        return {e.question: e.answer for e in self.events if isinstance(e, ev.Answered)}


@dataclass(frozen=True, slots=True)
class RecentCase:
    """One line of the list of recent cases. `outcome` None: the walk did not come to its end."""

    path: Path
    when: datetime
    target: Target
    outcome: Outcome | None


class CaseWriter:
    """Saves a case as it goes: call it with every event, then `close` it with the outcome.

    The file begins with CaseOpened; each event is on its way to the disk when the call returns. It never raises: when
    the file cannot be written, `remark` hears so once and the walk goes on unsaved. `path` is None until then.
    """

    def __init__(self, remark: Callable[[str], None], folder: Path | None = None) -> None:
        self._remark, self._folder = remark, folder
        self._stream: FileIO | None = None
        self._ended = False
        self.path: Path | None = None

    def __call__(self, event: ev.Event) -> None:
        """Appends one event."""
        if self._ended or (self._stream is None and not isinstance(event, ev.CaseOpened)):
            return
        try:
            if self._stream is None and isinstance(event, ev.CaseOpened):
                self._open(event)
            self._line(dump(_lean(event)))
        except (OSError, RuntimeError) as error:
            self._give_up(error)

    def close(self, outcome: Outcome | None = None) -> None:
        """Ends the file; `outcome` None leaves it as a case that did not come to its end."""
        if self._stream is None:
            return
        try:
            if outcome is not None:
                self._line(json.dumps({"outcome": outcome.value}))
        except OSError as error:
            self._give_up(error)
        self._end()

    def _open(self, event: ev.CaseOpened) -> None:
        folder = self._folder or cases_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        _prune(folder, KEPT - 1)
        target = event.case.target
        about = re.sub(r"[^A-Za-z0-9-]+", "-", target.api_id or target.host or "")[:40].strip("-") or "case"
        stem = f"{event.at.astimezone(UTC):%Y%m%dT%H%M%S}-{about}"
        for number in range(1, 100):
            path = folder / f"{stem}{f'.{number}' if number > 1 else ''}{_ENDING}"
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            self._stream, self.path = os.fdopen(handle, "wb", buffering=0), path
            self._line(json.dumps({"schema": SCHEMA, "tool": "apigw-wizard", "version": __version__}))
            return
        raise FileExistsError(0, "too many cases of this second")

    def _line(self, text: str) -> None:
        """Unbuffered, so that each line is out of our hands at once."""
        rest = text.encode("ascii") + b"\n"
        while rest and self._stream is not None:
            rest = rest[self._stream.write(rest) :]

    def _end(self) -> None:
        if self._stream is not None:
            with suppress(OSError):
                self._stream.close()
        self._stream, self._ended = None, True

    def _give_up(self, error: OSError | RuntimeError) -> None:
        self._end()
        why = getattr(error, "strerror", None) or error
        self._remark(f"the case is no longer saved as it goes: {why}")


def cases_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """$XDG_STATE_HOME/apigw-wizard/cases (https://specifications.freedesktop.org/basedir-spec/).

    Raises:
        RuntimeError: the person has no home folder.
    """
    return state_folder(environ) / "cases"


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """$XDG_STATE_HOME/apigw-wizard. Raises RuntimeError: the person has no home folder."""
    home = environ.get("XDG_STATE_HOME", "")
    base = Path(home) if os.path.isabs(home) else Path("~/.local/state").expanduser()
    return base / "apigw-wizard"


def read(path: str | Path) -> SavedCase:
    """A saved case, whatever of it can be read.

    A last line that a crash has cut off is left out and said in `remark`.

    Raises:
        CaseFileError: no such file, too big, not a saved case, a newer schema, a line that is no event.
    """
    file = Path(path)
    lines = _text(file).split("\n")
    version = _header(file, lines[0])
    whole, last = lines[1:-1], lines[-1]
    events, outcome, remark = [], None, ""
    for number, line in enumerate(whole, 2):
        try:
            ended = _outcome(line)
            outcome = ended or outcome
            events += [] if ended else [load(line)]
        except RecordError as error:
            raise CaseFileError(f"{file}:{number}: {safe(error)}") from error
    if last:
        remark = "The last line was cut off; everything before it is here."
    if not any(isinstance(event, ev.CaseOpened) for event in events):
        raise CaseFileError(f"{file}: no case was opened in it")
    return SavedCase(file, version, tuple(events), outcome, remark)


def known_to(tree: Tree, saved: SavedCase) -> SavedCase:
    """The case less what this tree does not know (it was saved with another one); `remark` says so."""
    kept = tuple(event for event in saved.events if _known_to(tree, event))
    if len(kept) == len(saved.events):
        return saved
    said = "It was saved with another decision tree: what this one does not know is left out."
    return replace(saved, events=kept, remark=f"{saved.remark} {said}".strip())


def recent(folder: Path | None = None) -> list[RecentCase]:
    """The saved cases, newest first; files that cannot be read are passed over."""
    try:
        files = _files(folder or cases_folder())
    except (OSError, RuntimeError):
        return []
    found = [_glance(file) for file in files]
    return sorted((case for case in found if case), key=lambda case: case.when, reverse=True)


def forget(path: Path) -> None:
    """Deletes a saved case. Raises OSError."""
    path.unlink(missing_ok=True)


def is_case(text: str) -> bool:
    """Whether a text is a saved case: its first line is the header of one."""
    try:
        header = parse(text.partition("\n")[0])
    except RecordError:
        return False
    return header.get("tool") == "apigw-wizard" and "schema" in header and "outcome" not in header


def _lean(event: ev.Event) -> ev.Event:
    """The event without the signatures: they are the tree's, many, and every walk gives them anew."""
    if isinstance(event, ev.CaseOpened | ev.PathTraced):
        return replace(event, case=replace(event.case, signatures=()))
    return event


def _text(file: Path) -> str:
    try:
        # Not blocking: a pipe in the file's place has no end.
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            about = os.fstat(stream.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise CaseFileError(f"{file}: not a file")
            if about.st_size > LARGEST:
                raise CaseFileError(f"{file}: larger than {LARGEST >> 20} MiB, not a saved case")
            return stream.read(LARGEST + 1).decode("utf-8", "replace")
    except OSError as error:
        raise CaseFileError(f"{file}: {error.strerror or error}") from error


def _header(file: Path, line: str) -> str:
    """The version of the tool that wrote the file. Raises CaseFileError."""
    if not is_case(line):
        raise CaseFileError(f"{file}:1: not a saved case of apigw-wizard")
    header = parse(line)
    schema, version = header["schema"], safe(str(header.get("version")))[:40]
    if type(schema) is not int or schema > SCHEMA or schema < 1:
        raise CaseFileError(f"{file}:1: written by version {version} in a schema that this tool does not read")
    return version


def _outcome(line: str) -> Outcome | None:
    """The outcome in the line that ends a case, None for an event. Raises RecordError."""
    if not line.startswith('{"outcome"'):
        return None
    try:
        return Outcome(parse(line)["outcome"])
    except ValueError as error:
        raise RecordError("not an outcome") from error


def _known_to(tree: Tree, event: ev.Event) -> bool:
    if isinstance(event, ev.Found):
        return event.cause in tree.causes
    if isinstance(event, ev.BranchTaken):
        node = tree.nodes.get(event.node)
        return node is not None and (event.branch is None or 0 <= event.branch < len(node.branches))
    return not isinstance(event, ev.NodeEntered) or event.node in tree.nodes


def _glance(file: Path) -> RecentCase | None:
    """What the list shows of a case, from its first two lines and its last."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                return None
            _header(file, stream.readline(_TAIL).decode("utf-8", "replace"))
            opened = load(stream.readline(LONGEST_LINE).decode("utf-8", "replace"))
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - _TAIL))
            last = stream.read(_TAIL).decode("utf-8", "replace")
        outcome = _outcome(last.rstrip("\n").rpartition("\n")[2]) if last.endswith("\n") else None
    except (OSError, CaseFileError, RecordError):
        return None
    return RecentCase(file, opened.at, opened.case.target, outcome) if isinstance(opened, ev.CaseOpened) else None


def _files(folder: Path) -> list[Path]:
    """The saved cases of a folder, oldest first: their names begin with the time. Raises OSError."""
    return sorted(file for file in folder.iterdir() if _NAME.fullmatch(file.name))


def _prune(folder: Path, keep: int) -> None:
    files = _files(folder)
    for file in files[: max(0, len(files) - keep)]:
        file.unlink(missing_ok=True)
