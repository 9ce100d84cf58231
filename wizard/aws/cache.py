"""The same question is put to AWS once: a cache for one case and all its threads, and views that note who asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from wizard.aws.guard import is_fresh
from wizard.model.aws import Aws, AwsError, Call, Denied, HttpAnswer, Pages

# What a real call took at the least, in milliseconds, so that it never looks like an answer that was already there.
_LEAST_MS = 0.001


@dataclass(frozen=True, slots=True)
class _Outcome:
    took_ms: float
    answer: Any = None
    error: AwsError | None = None


class CachedAws:
    """Aws with memory. Answers and errors are kept; who asks what is just being asked waits for that answer.

    Answers are shared: nobody may change them. Calls that run the backend and HTTP requests are sent every time.
    """

    def __init__(self, inner: Aws) -> None:
        self.inner = inner
        self._lock = threading.Lock()
        self._known: dict[str, Future[_Outcome]] = {}

    @property
    def region(self) -> str | None:
        """The Region of calls that name none, None where the inner Aws does not tell. Raises AwsError."""
        region: str | None = getattr(self.inner, "region", None)
        return region

    def fresh(self) -> CachedAws:
        """The same AWS with nothing remembered, for looking again."""
        return CachedAws(self.inner)

    def recorder(self) -> RecordingAws:
        """A view that notes the calls made through it."""
        return RecordingAws(self, self.inner)

    def consented(self) -> RecordingAws:
        """A view that may also run the backend."""
        return self.recorder().consented()

    def warm(self, services: Iterable[str] = ("apigateway", "lambda", "logs", "cloudwatch")) -> None:
        """Make the clients of these services ahead of time, where the inner Aws has any. Raises AwsError."""
        warm = getattr(self.inner, "warm", None)
        if warm is not None:
            warm(services)

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        """One answer, see Aws.call."""
        return self.recorder().call(service, operation, region=region, **params)

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        """All pages, see Aws.pages."""
        return self.recorder().pages(service, operation, region=region, limit=limit, **params)

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        """A real HTTP request, see Aws.request."""
        return self.inner.request(method, url, timeout_s=timeout_s)

    def _once(self, key: str, ask: Callable[[], Any]) -> _Outcome:
        """The outcome of a question; 0 ms for everybody but the first."""
        mine: Future[_Outcome] = Future()
        with self._lock:
            known = self._known.setdefault(key, mine)
        if known is not mine:
            return replace(known.result(), took_ms=0.0)
        try:
            mine.set_result(_timed(ask))
        finally:
            if not mine.done():  # a crash, which goes up to the one who asked; the others must not wait for ever
                with self._lock:
                    del self._known[key]
                mine.set_result(_Outcome(0.0, error=AwsError("the question was broken off")))
        return mine.result()


class RecordingAws:
    """A view of a CachedAws for one run of one probe; `calls` are the calls it used, in the order of their answers."""

    def __init__(self, cache: CachedAws, aws: Aws, calls: list[Call] | None = None) -> None:
        self._cache = cache
        self._aws = aws
        self.calls: list[Call] = [] if calls is None else calls

    @property
    def region(self) -> str | None:
        """The Region of calls that name none. Raises AwsError."""
        return self._cache.region

    def consented(self) -> RecordingAws:
        """The same view, `calls` included, for a probe whose invoking calls the person has agreed to."""
        allow = getattr(self._aws, "consented", None)
        return RecordingAws(self._cache, allow() if allow is not None else self._aws, self.calls)

    def recorder(self) -> RecordingAws:
        """A view that notes its own calls and may do what this one may."""
        return RecordingAws(self._cache, self._aws)

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        """One answer, see Aws.call."""
        answer: dict[str, Any] = self._ask(
            "call",
            service,
            operation,
            region,
            params,
            lambda: self._aws.call(service, operation, region=region, **params),
        )
        return answer

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        """All pages, see Aws.pages; noted as one call."""
        answer: Pages = self._ask(
            f"pages {limit}",
            service,
            operation,
            region,
            params,
            lambda: self._aws.pages(service, operation, region=region, limit=limit, **params),
        )
        return answer

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        """A real HTTP request, see Aws.request; it is no AWS call and not noted."""
        return self._aws.request(method, url, timeout_s=timeout_s)

    def _ask(
        self,
        how: str,
        service: str,
        operation: str,
        region: str | None,
        params: Mapping[str, Any],
        ask: Callable[[], Any],
    ) -> Any:
        where = region or self._cache.region
        if is_fresh(service, operation):
            outcome = _timed(ask)
        else:
            outcome = self._cache._once(_key(how, service, operation, where, params), ask)
        error = None if outcome.error is None else str(outcome.error)
        needs = outcome.error.action if isinstance(outcome.error, Denied) else None
        self.calls.append(Call(service, operation, dict(params), where, error is None, outcome.took_ms, error, needs))
        if outcome.error is not None:
            raise outcome.error.with_traceback(None)
        return outcome.answer


def _timed(ask: Callable[[], Any]) -> _Outcome:
    started = time.perf_counter()
    try:
        answer, error = ask(), None
    except AwsError as met:
        answer, error = None, met
    return _Outcome(max((time.perf_counter() - started) * 1000, _LEAST_MS), answer, error)


def _key(*parts: object) -> str:
    return json.dumps(parts, sort_keys=True, default=str)
