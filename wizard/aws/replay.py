"""Recorded answers in AWS's place, and the recorder that makes them from a real run.

A recording is plain data, a list of entries, so that it can be a YAML or JSON file:

    {service, operation, region?, params?, answer: {...}}              one answer
    {service, operation, region?, params?, pages: [{...}, ...]}        the pages of a listing
    {service, operation, region?, params?, error: {kind, message?, action?, code?}}

`params` is what must at least be asked for the entry to answer, null what must not be asked for; the kind of an error
is a class of wizard.model.aws. A real HTTP request is service "http", operation "Request", params {method, url}, answer
{status, headers, body, took_ms}.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.aws import guard
from wizard.aws.permissions import action_for
from wizard.model import aws as port
from wizard.model.aws import Aws, AwsError, Denied, HttpAnswer, Pages, Unsupported

HTTP, REQUEST = "http", "Request"
KINDS: dict[str, type[AwsError]] = {
    kind.__name__: kind
    for kind in vars(port).values()
    if isinstance(kind, type) and issubclass(kind, AwsError) and kind is not port.Forbidden
}
# They move with the clock: an answer that was recorded yesterday also answers today.
_TIMES = frozenset({"startTime", "endTime", "StartTime", "EndTime"})
_OUTCOMES = ("answer", "pages", "error")
_KEYS = frozenset({"service", "operation", "region", "params", *_OUTCOMES})


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry of a recording, read and checked. An answer is a single page."""

    service: str
    operation: str
    region: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    pages: tuple[dict[str, Any], ...] = ()
    error: AwsError | None = None

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Recorded:
        """The entry as it stands in a file.

        Raises:
            ValueError: it is not of the form that the module describes; says what is wrong.
        """
        name = f"{entry.get('service')}.{entry.get('operation')}"
        outcomes = [key for key in _OUTCOMES if key in entry]
        if unknown := sorted(set(entry) - _KEYS):
            raise ValueError(f"{name}: {', '.join(unknown)} is no part of a recorded answer")
        if not entry.get("service") or not entry.get("operation") or len(outcomes) != 1:
            raise ValueError(f"{name}: wants service, operation and one of {', '.join(_OUTCOMES)}")
        pages = entry.get("pages", [entry["answer"]] if "answer" in entry else [])
        if not isinstance(pages, list) or not all(isinstance(page, Mapping) for page in pages):
            raise ValueError(f"{name}: an answer is a mapping, pages are a list of them")
        return cls(
            str(entry["service"]),
            str(entry["operation"]),
            entry.get("region"),
            entry.get("params") or {},
            tuple(dict(page) for page in pages),
            _error(name, entry["error"]) if "error" in entry else None,
        )

    def answers(self, service: str, operation: str, region: str | None, params: Mapping[str, Any]) -> bool:
        """Whether this entry answers the question."""
        return (
            (self.service, self.operation) == (service, operation)
            and self.region in (None, region)
            and _within(self.params, params)
        )

    @property
    def weight(self) -> int:
        """How specific it is: the more it asks for, the more."""
        return _leaves(self.params) + (self.region is not None)


class ReplayAws:
    """Aws that knows nothing but recordings.

    The most specific entry of the first recording that answers wins, of equally specific ones the first. A question
    that none answers raises Unsupported and says what was asked. The guard of a live connection holds here as well.
    """

    def __init__(
        self, *recordings: Iterable[Mapping[str, Any]], region: str | None = None, allows_invoke: bool = False
    ) -> None:
        self.region = region
        self._allows_invoke = allows_invoke
        # A stable sort: of equal weight, the order of the file stays.
        self._recordings = tuple(
            sorted(map(Recorded.read, entries), key=lambda entry: -entry.weight) for entries in recordings
        )

    def consented(self) -> ReplayAws:
        """The same recordings for a probe whose invoking calls the person has agreed to."""
        other = ReplayAws(region=self.region, allows_invoke=True)
        other._recordings = self._recordings
        return other

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        """One answer, see Aws.call; of a listing, its first page."""
        guard.check(service, operation, params, consented=self._allows_invoke)
        return self._pages(service, operation, region, params)[0]

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        """All pages up to `limit`, see Aws.pages."""
        guard.check(service, operation, params, consented=self._allows_invoke)
        pages = self._pages(service, operation, region, params)
        return Pages(pages[:limit], truncated=len(pages) > limit)

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        """The recorded answer to a real request; only with consent."""
        guard.check_request(consented=self._allows_invoke)
        answer = self._pages(HTTP, REQUEST, None, {"method": method, "url": url})[0]
        return HttpAnswer(
            int(answer["status"]),
            answer.get("headers") or {},
            str(answer.get("body") or ""),
            float(answer.get("took_ms") or 0),
        )

    def _pages(
        self, service: str, operation: str, region: str | None, params: Mapping[str, Any]
    ) -> tuple[dict[str, Any], ...]:
        where = region or self.region
        for entries in self._recordings:
            found = next((entry for entry in entries if entry.answers(service, operation, where, params)), None)
            if found and found.error:
                raise copy.copy(found.error)
            if found:
                return copy.deepcopy(found.pages) or ({},)
        asked = ", ".join(f"{name}={value!r}" for name, value in params.items())
        raise Unsupported(f"{service}.{operation}: nothing recorded for {asked or 'it'} in {where or 'no Region'}")


class Recorder:
    """Aws that passes every question on and notes what came back; `entries` is then a recording."""

    def __init__(self, inner: Aws, entries: list[dict[str, Any]] | None = None) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self.entries: list[dict[str, Any]] = [] if entries is None else entries

    @property
    def region(self) -> str | None:
        """The Region of calls that name none. Raises AwsError."""
        region: str | None = getattr(self._inner, "region", None)
        return region

    def consented(self) -> Recorder:
        """The same list behind a door that may run the backend."""
        allow = getattr(self._inner, "consented", None)
        return Recorder(allow() if allow else self._inner, self.entries)

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        """One answer, see Aws.call."""
        try:
            answer = self._inner.call(service, operation, region=region, **params)
        except AwsError as error:
            self._note(service, operation, region, params, error=_plain_error(error))
            raise
        self._note(service, operation, region, params, answer=copy.deepcopy(answer))
        return answer

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        """All pages, see Aws.pages; that there were more than `limit` is not noted."""
        try:
            pages = self._inner.pages(service, operation, region=region, limit=limit, **params)
        except AwsError as error:
            self._note(service, operation, region, params, error=_plain_error(error))
            raise
        self._note(service, operation, region, params, pages=copy.deepcopy(list(pages.pages)))
        return pages

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        """A real HTTP request, see Aws.request."""
        params = {"method": method, "url": url}
        try:
            got = self._inner.request(method, url, timeout_s=timeout_s)
        except AwsError as error:
            self._note(HTTP, REQUEST, None, params, error=_plain_error(error))
            raise
        answer = {"status": got.status, "headers": dict(got.headers), "body": got.body, "took_ms": got.took_ms}
        self._note(HTTP, REQUEST, None, params, answer=answer)
        return got

    def _note(
        self, service: str, operation: str, region: str | None, params: Mapping[str, Any], **outcome: Any
    ) -> None:
        where = {"region": region} if region else {}
        asked = copy.deepcopy({name: value for name, value in params.items() if name not in _TIMES})
        entry = {"service": service, "operation": operation, **where, "params": asked, **outcome}
        with self._lock:
            if entry not in self.entries:
                self.entries.append(entry)


def _error(name: str, given: Any) -> AwsError:
    kind = KINDS.get(str(given.get("kind"))) if isinstance(given, Mapping) else None
    if kind is None:
        raise ValueError(f"{name}: an error is {{kind, message}}, its kind one of {', '.join(sorted(KINDS))}")
    message = str(given.get("message") or "")
    if issubclass(kind, Denied):
        return kind(str(given.get("action") or action_for(*name.split(".", 1))), message, given.get("code"))
    return kind(message or f"{name}: {kind.__name__}", given.get("code"))


def _plain_error(error: AwsError) -> dict[str, str]:
    told = {"kind": type(error).__name__, "message": str(error), "code": error.code}
    told |= {"action": error.action} if isinstance(error, Denied) else {}
    return {name: value for name, value in told.items() if value}


def _within(wanted: Any, given: Any) -> bool:
    """Whether all that is wanted is given: mappings key by key, None for what is not given, all else as it is."""
    if isinstance(wanted, Mapping):
        return isinstance(given, Mapping) and all(_within(value, given.get(key)) for key, value in wanted.items())
    return bool(wanted == given)


def _leaves(value: Any) -> int:
    return sum(_leaves(item) for item in value.values()) if isinstance(value, Mapping) else 1
