"""The small closed vocabularies: status, reason, confidence, outcome, effect."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What a check says of its hop. UNKNOWN is never read as PASS or FAIL; SKIPPED means "does not apply here"."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


# From the status that matters least to the one that matters most, when several checks speak of one hop.
_WEIGHT = (Status.SKIPPED, Status.PASS, Status.UNKNOWN, Status.WARN, Status.FAIL)


def worst(*statuses: Status) -> Status:
    """The status that stands for a hop several checks looked at; SKIPPED for none."""
    return max(statuses, key=_WEIGHT.index, default=Status.SKIPPED)


class Reason(StrEnum):
    """Why an answer is UNKNOWN, or why a check was SKIPPED (the last two)."""

    DENIED = "denied"
    THROTTLED = "throttled"
    TIMED_OUT = "timed-out"
    EXPIRED = "expired"
    OFFLINE = "offline"
    NO_DATA = "no-data"
    CRASHED = "crashed"
    DECLINED = "declined"
    NOT_APPLICABLE = "not-applicable"


class Proof(StrEnum):
    """How much one piece of evidence carries for a cause.

    PROVEN: live configuration or a live answer shows it. SUGGESTED: a text seen in real reports points to it.
    HINTED: an inferred text or a bare correlation; alone never more than "possible".
    """

    HINTED = "hinted"
    SUGGESTED = "suggested"
    PROVEN = "proven"

    @property
    def weight(self) -> int:
        """0 for the weakest."""
        return list(Proof).index(self)


class Confidence(StrEnum):
    """How sure a finding is, weakest first."""

    POSSIBLE = "possible"
    LIKELY = "likely"
    CONFIRMED = "confirmed"

    @property
    def weight(self) -> int:
        """0 for the weakest."""
        return list(Confidence).index(self)


class Level(StrEnum):
    """Whether a cause breaks requests (fault) or only hides or threatens them (warning)."""

    FAULT = "fault"
    WARNING = "warning"


class Outcome(StrEnum):
    """The verdict in one word."""

    FAULT = "fault"
    WARNING = "warning"
    CLEAN = "clean"
    INCONCLUSIVE = "inconclusive"


class Effect(StrEnum):
    """What running a probe does beyond reading."""

    NONE = "none"
    INVOKES_BACKEND = "invokes-backend"
    COSTS = "costs"
