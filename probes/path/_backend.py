"""Which function requests really reach: the one the integration names, or the one reached before that."""

from __future__ import annotations

from dataclasses import dataclass

from probes._functions import configuration
from probes._together import attempt
from probes.path._partial import Partial
from probes.stage._execution_log import log_group, of_method
from wizard.logs import stories
from wizard.model.arn import FunctionRef, parse_function_arn
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.trace import Trace

_PATTERN = (
    '?"Endpoint request URI" ?"Sending request to" ?"Resource Path" ?"Starting authorizer" ?"completed authorizer"'
)
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Reached:
    """The function to look at, where it was found (integration or execution-log), and one called but not there.

    `exists` is None when it could not be asked; `missing_in` is "settings" or "execution-log".
    """

    function: FunctionRef | None
    source: str = "integration"
    exists: bool | None = None
    missing: FunctionRef | None = None
    missing_in: str | None = None


def reached(aws: Aws, case: Case, trace: Trace, partial: Partial) -> Reached:
    """The function that the integration names if it is there, else the newest one that the execution log names."""
    named = trace.function
    there = exists(aws, case, named) if named else None
    missing = named if there is False else None
    if named and there is not False and not trace.missing_variables:
        return Reached(named, exists=there)
    missing_in = "settings" if missing else None
    seen = attempt(lambda: logged_functions(aws, case, trace))
    logged = [] if isinstance(seen, NotFound) else partial.noted("the functions that older requests called", seen) or []
    for function in [other for other in logged if other != named][:_TRIES]:
        if exists(aws, case, function) is not False:
            return Reached(function, "execution-log", there if named else None, missing, missing_in)
        if missing is None:
            missing, missing_in = function, "execution-log"
    return Reached(named, exists=there, missing=missing, missing_in=missing_in)


def logged_functions(aws: Aws, case: Case, trace: Trace) -> list[FunctionRef]:
    """The functions that logged requests to this method called, the newest first.

    Raises:
        AwsError: the log cannot be read.
    """
    if trace.api_type == "http":  # writes no execution log
        return []
    pages = aws.pages(
        "logs",
        "FilterLogEvents",
        limit=3,
        logGroupName=log_group(trace),
        startTime=case.window.start_ms,
        endTime=case.window.end_ms,
        filterPattern=_PATTERN,
    )
    events = sorted(pages.items("events"), key=lambda event: event.get("timestamp") or 0)
    told = [story for story in stories(str(e.get("message") or "") for e in events) if of_method(story, trace)]
    return list(dict.fromkeys(function for story in reversed(told) if (function := called(story.uri or ""))))


def called(uri: str) -> FunctionRef | None:
    """The function in the address that was called; an ARN that ends in a colon lost its alias and reached nobody."""
    arn = uri.partition("/functions/")[2].rpartition("/")[0]
    return None if arn.endswith(":") else parse_function_arn(arn)


def exists(aws: Aws, case: Case, function: FunctionRef) -> bool | None:
    """Whether a function is there; None when that cannot be asked."""
    answer = attempt(lambda: configuration(aws, case, function))
    return False if isinstance(answer, NotFound) else None if isinstance(answer, AwsError) else True
