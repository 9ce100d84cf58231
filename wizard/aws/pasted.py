"""A person in AWS's place: they run the command that is shown where there are credentials, and paste its output."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.aws import guard
from wizard.model.aws import HttpAnswer, Pages, Unanswered
from wizard.model.cli_line import OUTFILE, cli_line, curl_line, kebab

if TYPE_CHECKING:
    from wizard.aws.errors import Asked

# Listings without an end, and how many of their entries a page of a live call holds: as many are asked for here.
# https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html
_ENTRIES = {
    "cloudtrail:LookupEvents": 50,
    "lambda:ListFunctions": 50,
    "logs:FilterLogEvents": 1000,
    "xray:GetTraceSummaries": 100,
}
_JSON = ("--output", "json")
# A body and then the answer: each is written from the beginning of what stdout is, and in a file the second one would
# overwrite the first. A pipe has no beginning.
_THROUGH = " | cat"
LARGEST = 64 * 1024 * 1024  # bytes of a file
_LONGEST_NAME = 1024
SKIP, NOTHING, ENOUGH = "skip", "nothing", "enough"
_SKIPS = frozenset({"", SKIP, "s", "unsure", "u", "no", "n", "?"})
_NOTHINGS = frozenset({NOTHING, "none", "empty", "{}"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A command that somebody is to run, and what its output should be.

    `expected` names what the output holds, `refused` says why the last one could not be used. `may_be_empty`: it is no
    mistake when the command prints nothing. `runs` marks what calls the backend or costs; the person has said yes.
    """

    command: str
    what: str
    expected: str
    refused: str = ""
    may_be_empty: bool = False
    runs: bool = False


class PastedAws:
    """Aws whose answers are pasted. The same command is asked for once; the guard of a live connection holds.

    `asks` shows a command and returns what the person gave for it: the output, @file, or one of the words skip, nothing
    and enough (skip this and whatever comes). It is called in the threads of the probes, by one after the other.
    """

    def __init__(self, asks: Callable[[Wanted], str], region: str | None = None) -> None:
        self.region = region
        self._asks = asks
        self._known: dict[str, Any] = {}
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._enough = threading.Event()
        self._allows_invoke = False

    def consented(self) -> PastedAws:
        """The same person, for a probe whose invoking calls they have agreed to."""
        other = PastedAws(self._asks, self.region)
        other._known, other._turns, other._enough = self._known, self._turns, self._enough
        other._lock, other._turn = self._lock, self._turn
        other._allows_invoke = True
        return other

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        """One answer, see Aws.call. Raises Unanswered when the person has none."""
        guard.check(service, operation, params, consented=self._allows_invoke)
        if f"{service}:{operation}" in guard.LOOKING:  # names and certificates are looked at from here, by anybody
            from wizard.aws import network

            return network.ask(service, operation, params)
        return self._answer(service, operation, region, params, None)

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        """All pages as one: the AWS CLI puts them together, and tells when there is more than it was asked for."""
        guard.check(service, operation, params, consented=self._allows_invoke)
        from wizard.aws.shapes import tokens

        answer = dict(self._answer(service, operation, region, params, limit))
        cut = [answer.pop(token) for token in tokens(service, operation) & answer.keys()]
        return Pages((answer,), truncated=any(cut))

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        """The answer to a real request that the person sends with curl; only with consent."""
        guard.check_request(consented=self._allows_invoke)
        from wizard.aws.cli_answer import http_answer

        wanted = Wanted(curl_line(method, url, timeout_s), f"{method} {url}", "HTTP/… 502, headers and body", runs=True)
        found: HttpAnswer = self._until_good(wanted, http_answer)
        return found

    def _answer(
        self, service: str, operation: str, region: str | None, params: Mapping[str, Any], limit: int | None
    ) -> dict[str, Any]:
        name, where = f"{service}:{operation}", region or self.region
        most = ("--max-items", str(limit * _ENTRIES[name])) if limit and name in _ENTRIES else ()
        command = cli_line(service, operation, params, where, (*most, *_JSON))
        command += _THROUGH if OUTFILE in command else ""
        if guard.is_fresh(service, operation):
            return self._asked(service, operation, where, params, command)
        with self._lock:
            turn = self._turns.setdefault(command, threading.Lock())
        with turn:
            if command not in self._known:
                self._known[command] = self._kept(service, operation, where, params, command)
        found = self._known[command]
        if isinstance(found, Exception):
            raise found.with_traceback(None)
        answer: dict[str, Any] = found
        return answer

    def _kept(self, *question: Any) -> Any:
        from wizard.model.aws import AwsError

        try:
            return self._asked(*question)
        except AwsError as error:
            return error

    def _asked(
        self, service: str, operation: str, region: str | None, params: Mapping[str, Any], command: str
    ) -> dict[str, Any]:
        from wizard.aws import shapes
        from wizard.aws.cli_answer import unsupported
        from wizard.aws.errors import Asked

        asked = Asked(service, operation, region)
        with self._lock:  # whoever comes first asks first, however long the model of the service takes to be read
            if shapes.model(service, operation) is None:
                raise unsupported(asked)
            wanted = Wanted(
                command,
                f"{service} {kebab(operation)}",
                shapes.expected(service, operation),
                may_be_empty=shapes.may_be_empty(service, operation),
                runs=guard.is_asked_first(service, operation),
            )
        answer: dict[str, Any] = self._until_good(wanted, lambda text: _read(text, asked, params, wanted))
        return answer

    def _until_good(self, wanted: Wanted, read: Callable[[str], Any]) -> Any:
        """One question at a time: the next one comes when this one has its answer."""
        from wizard.aws.cli_answer import RefusedError

        with self._turn:
            while True:
                given = "" if self._enough.is_set() else self._asks(wanted)
                word = given.strip().lower()
                if word == ENOUGH:
                    self._enough.set()
                if word in _SKIPS or word == ENOUGH:
                    raise Unanswered(f"nobody could tell what {wanted.what} says", command=wanted.command)
                try:
                    return read(_content(given))
                except RefusedError as error:
                    wanted = replace(wanted, refused=str(error))


def _read(text: str, asked: Asked, params: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    """The answer in a paste. Raises RefusedError, and the AwsError that was pasted."""
    from wizard.aws import shapes
    from wizard.aws.cli_answer import RefusedError, cleaned, documents, error_in, not_json

    clean = cleaned(text)
    if clean.lower() in _NOTHINGS:
        return shapes.read(asked.service, asked.operation, params, {})
    found = documents(clean)
    if not found:
        error = error_in(clean, asked)
        if error is not None:
            raise error
        raise RefusedError(f"{not_json(clean)}; expected {wanted.expected}")
    if asked.operation == "GetExport":
        body = next((text for data, text in found if "openapi" in data or "swagger" in data), None)
        if body is None:
            raise RefusedError("this is not the exported API; expected a JSON document that begins with openapi")
        return shapes.read(asked.service, asked.operation, params, {"body": body})
    if len(found) > 1:
        raise RefusedError(f"these are {len(found)} answers; paste one, {wanted.expected}")
    return shapes.read(asked.service, asked.operation, params, found[0][0])


def _content(given: str) -> str:
    """What was given, or what stands in the file that it names. Raises RefusedError."""
    from wizard.aws.cli_answer import RefusedError

    name = given.strip()
    marked = name.startswith("@")
    if "\n" in name or len(name) > _LONGEST_NAME or not (marked or _is_file(name)):
        return given
    try:
        return _file(name[1:].strip() if marked else name)
    except (OSError, ValueError, RuntimeError) as error:
        said = getattr(error, "strerror", None) or error
        raise RefusedError(f"the file {name.lstrip('@')} cannot be read: {said}") from error


def _is_file(name: str) -> bool:
    try:
        return Path(name).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):
        return False


def _file(name: str) -> str:
    """The text of a file; PowerShell writes UTF-16. Raises OSError, ValueError."""
    path = Path(name).expanduser()
    about = os.stat(path)
    if not stat.S_ISREG(about.st_mode):
        raise ValueError("it is no file")
    if about.st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    return raw.decode("utf-8-sig", "replace")
