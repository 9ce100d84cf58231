"""What a Lambda authorizer of a REST API may answer, and what is wrong with an answer.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_FIELDS = ("principalId", "policyDocument", "context", "usageIdentifierKey")
_LONGEST_RESOURCE = 512
# The one error that is an answer: 401.
UNAUTHORIZED = "Unauthorized"
_TIMED_OUT = "Task timed out after"
_LONGEST = 200
_ERROR = re.compile(
    r"\{\s*(?:\"errorType\":\s*\"[^\"]*\",\s*)?\"errorMessage\":\s*\"(?P<message>(?:[^\"\\]|\\.)*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Judged:
    """`defect` in one word, None for a policy that can be read; `what` names the field, value or error at fault.

    function-error, timed-out: the function failed. refused: it said Unauthorized. nothing, no-object, unknown-field,
    no-principal, no-policy, statement, resource-too-long: no policy. context: a context value of a kind that is not
    allowed. truncated: the log cut it, nothing can be said. `usage_key` tells whether it names a key.
    """

    defect: str | None
    what: str = ""
    usage_key: bool = False

    @property
    def decides(self) -> bool:
        """Whether API Gateway can act on it."""
        return self.defect in (None, "refused")


def judge(text: str) -> Judged:
    """What is wrong with an answer, as the execution log has it."""
    try:
        answer = json.loads(text)
    except ValueError:
        failed = _ERROR.match(text)  # an error with a long trace is cut off
        return _error(failed["message"]) if failed else Judged("truncated")
    if answer is None:
        return Judged("nothing")
    if not isinstance(answer, dict):
        return Judged("no-object", type(answer).__name__)
    if "errorMessage" in answer or "errorType" in answer:
        return _error(str(answer.get("errorMessage") or answer.get("errorType")))
    defect, what = next(_defects(answer), (None, ""))
    return Judged(defect, what, bool(answer.get("usageIdentifierKey")))


def _error(message: str) -> Judged:
    if message == UNAUTHORIZED:
        return Judged("refused")
    return Judged("timed-out" if _TIMED_OUT in message else "function-error", message[:_LONGEST])


def _defects(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("unknown-field", name) for name in answer if name not in _FIELDS)
    if not isinstance(answer.get("principalId"), str | int):
        yield "no-principal", "principalId"
    policy = answer.get("policyDocument")
    listed = policy.get("Statement") if isinstance(policy, dict) else None
    statements = listed if isinstance(listed, list) else [listed] if isinstance(listed, dict) else []
    if not statements:
        yield "no-policy", "policyDocument"
    for statement in statements:
        yield from _in_statement(statement)
    context = answer.get("context")
    if context is not None and not isinstance(context, dict):
        yield "context", "context"
    for name, value in context.items() if isinstance(context, dict) else ():
        if not isinstance(value, str | int | float):
            yield "context", f"{name} ({_KINDS.get(type(value), 'null')})"


_KINDS: dict[type, str] = {dict: "an object", list: "a list"}


def _in_statement(statement: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(statement, dict):
        yield "statement", "Statement"
        return
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "statement", "Effect"
    yield from (
        ("statement", name)
        for name in ("Action", "Resource")
        if name not in statement and f"Not{name}" not in statement
    )
    resources = statement.get("Resource")
    for resource in resources if isinstance(resources, list) else [resources]:
        if len(str(resource)) > _LONGEST_RESOURCE:
            yield "resource-too-long", f"{len(str(resource))} characters"


def failures_of(texts: Iterable[str]) -> list[str]:
    """Why executions failed, without the words that all these lines begin with."""
    return list(dict.fromkeys(text.removeprefix("Execution failed due to configuration error: ") for text in texts))
