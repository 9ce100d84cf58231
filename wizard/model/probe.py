"""A probe looks at one thing and says what it saw: Evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from wizard.model.aws import Aws, AwsError, Call, Denied
from wizard.model.case import Case
from wizard.model.json import Json, to_json
from wizard.model.status import Effect, Reason, Status


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one run of one probe showed.

    `needs` names what an UNKNOWN lacks: an IAM action, a Region, a setting. `detail` is longer text (a
    traceback, a log) for those who look closer. `started` and `took_ms` (milliseconds), `id` and `calls` are
    filled in by the engine.
    """

    probe: str
    hop: str
    status: Status
    summary: str
    facts: Mapping[str, Json] = field(default_factory=dict)
    reason: Reason | None = None
    needs: str | None = None
    detail: str | None = None
    id: str = ""
    calls: tuple[Call, ...] = ()
    started: datetime | None = None
    took_ms: float = 0.0


class Probe:
    """Base of every probe: a class in probes/<hop>/<name>.py; its id is that path.

    api_types  rest, http, websocket: for which it makes sense
    calls    "service:Operation" for every AWS operation it may use (the table of permissions is made from these)
    effect   INVOKES_BACKEND when running it really runs the person's backend, COSTS when AWS charges for it by what it
             reads: then it is asked for, every time
    warning  for such a probe, what will happen, said before the yes; {names} are filled from the case and `foresee`
    needs    what of the trace must be known: attributes of Trace such as "function" or "integration"
    """

    title: ClassVar[str]
    hop: ClassVar[str]
    api_types: ClassVar[frozenset[str]] = frozenset({"rest", "http", "websocket"})
    calls: ClassVar[frozenset[str]] = frozenset()
    effect: ClassVar[Effect] = Effect.NONE
    warning: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ()
    docs: ClassVar[tuple[str, ...]] = ()

    @property
    def id(self) -> str:
        """The path of the file below probes/, with dots: lambda_fn.permission."""
        return type(self).__module__.removeprefix("probes.")

    def run(self, case: Case, aws: Aws) -> Evidence:
        """Look once. May raise AwsError: the engine makes it UNKNOWN with the matching reason."""
        raise AssertionError(f"{type(self).__name__} defines no run()")

    def foresee(self, case: Case, aws: Aws) -> Mapping[str, str]:
        """What `warning` names beyond the case, found out by reading only, before the person is asked.

        `command`, when it is among them, is what will be sent. May raise AwsError: then nothing is asked.
        """
        return {}

    def sends(self, case: Case) -> str:
        """What exactly a yes sends, as an AWS CLI line or as method and address; empty for probes that only read."""
        return ""

    def passed(self, summary: str, **facts: Any) -> Evidence:
        """What was looked at is as it should be."""
        return self._evidence(Status.PASS, summary, facts)

    def warned(self, summary: str, **facts: Any) -> Evidence:
        """Works, but hides or threatens something."""
        return self._evidence(Status.WARN, summary, facts)

    def failed(self, summary: str, **facts: Any) -> Evidence:
        """What was looked at is broken."""
        return self._evidence(Status.FAIL, summary, facts)

    def unknown(self, reason: Reason, summary: str, needs: str | None = None, **facts: Any) -> Evidence:
        """It could not be told; `needs` says what would settle it."""
        return self._evidence(Status.UNKNOWN, summary, facts, reason, needs)

    def skipped(self, summary: str, **facts: Any) -> Evidence:
        """It does not apply here."""
        return self._evidence(Status.SKIPPED, summary, facts, Reason.NOT_APPLICABLE)

    def from_error(self, error: AwsError, what: str = "") -> Evidence:
        """UNKNOWN evidence of an AWS question that got no answer."""
        needs = error.action if isinstance(error, Denied) else None
        summary = f"{what}: {error}" if what else str(error)
        return self._evidence(Status.UNKNOWN, summary, {}, error.reason, needs)

    def _evidence(
        self,
        status: Status,
        summary: str,
        facts: Mapping[str, Any],
        reason: Reason | None = None,
        needs: str | None = None,
    ) -> Evidence:
        plain = to_json(facts)
        assert isinstance(plain, dict)
        return Evidence(self.id, self.hop, status, summary, plain, reason, needs)
