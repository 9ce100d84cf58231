"""What of a trace could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wizard.model.aws import AwsError, Denied, Expired, NoCredentials, Unanswered


@dataclass(slots=True)
class Partial:
    """Questions that got no answer: `missing` as {what, reason, needs}, `sentences` in words."""

    missing: list[dict[str, Any]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    first: AwsError | None = None

    def noted(self, what: str, answer: Any) -> Any:
        """The answer; None in place of an error, which is noted down.

        Raises:
        Expired, NoCredentials: nothing else will be answered either.
        """
        if not isinstance(answer, AwsError):
            return answer
        if isinstance(answer, Expired | NoCredentials):
            raise answer
        self.missing.append({"what": what, "reason": answer.reason, "needs": _needs(answer)})
        self.sentences.append(f"{what} could not be read: {answer}")
        self.first = self.first or answer
        return None

    @property
    def needs(self) -> str | None:
        """The first IAM action, or the command, that was missing."""
        return next((item["needs"] for item in self.missing if item["needs"]), None)


def _needs(error: AwsError) -> str | None:
    if isinstance(error, Unanswered):
        return error.needs
    return error.action if isinstance(error, Denied) else None
