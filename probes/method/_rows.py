"""Which integration response a backend's answer meets: selection patterns tried as the service tries them."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from probes._method import Method, Row
from probes.method._logged import Logged
from wizard.model.arn import is_lambda_uri

# Patterns and texts are other people's: one that backtracks without end is given up, not waited for.
_PATIENCE_S, _LONGEST = 0.2, 20_000
_SUCCESSES = ("200", "201", "202", "204")


def matches(pattern: str, text: str) -> bool | None:
    """Whether a pattern fits a whole text, as in Java: a dot stops at a line end. None when that cannot be told.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html
    """
    try:
        return regex.fullmatch(pattern, text[:_LONGEST], timeout=_PATIENCE_S) is not None
    except (regex.error, TimeoutError):
        return None


def select(rows: Sequence[Row], text: str) -> tuple[Row | None, bool]:
    """The row that answers, and whether that is sure. An empty text meets no pattern."""
    default = next((row for row in rows if row.pattern is None), None)
    if not text:
        return default, True
    unsure = False
    for row in rows:
        fits = matches(row.pattern, text) if row.pattern is not None else False
        if fits:
            return row, not unsure
        unsure = unsure or fits is None
    return default, not unsure


def selector(live: Method, request: Logged) -> str | None:
    """What patterns are tried on: the errorMessage of a function, the status of any other backend; None: not logged."""
    if live.type == "AWS" and is_lambda_uri(live.uri):
        return request.error_message if request.answered else None
    return str(request.status) if request.status else None


def misses_success(live: Method) -> bool:
    """Whether an answer of the backend that all went well with certainly meets no row."""
    if live.type == "AWS" and is_lambda_uri(live.uri):
        return select(live.rows, "") == (None, True)
    return all(select(live.rows, status) == (None, True) for status in _SUCCESSES)
