"""Which function requests really reached, from the execution log."""

from __future__ import annotations

from probes.stage._execution_log import log_group, of_method
from wizard.logs import stories
from wizard.model.arn import FunctionRef, parse_function_arn
from wizard.model.aws import Aws
from wizard.model.case import Window
from wizard.model.trace import Trace

_PATTERN = '?"Endpoint request URI" ?"Sending request to" ?"Resource Path"'


def last_function(aws: Aws, trace: Trace, window: Window) -> FunctionRef | None:
    """The function that the newest logged request of this method called, None when no line names one.

    Raises:
        AwsError: the log cannot be read.
    """
    pages = aws.pages(
        "logs",
        "FilterLogEvents",
        limit=3,
        logGroupName=log_group(trace),
        startTime=window.start_ms,
        endTime=window.end_ms,
        filterPattern=_PATTERN,
    )
    events = sorted(pages.items("events"), key=lambda event: event.get("timestamp") or 0)
    told = [story for story in stories(str(event.get("message") or "") for event in events) if of_method(story, trace)]
    return next((function for story in reversed(told) if (function := _function(story.uri or ""))), None)


def _function(uri: str) -> FunctionRef | None:
    """The function in the address that API Gateway called; an ARN that ends in a colon lost its alias and reached nobody."""
    arn = uri.partition("/functions/")[2].rpartition("/")[0]
    return None if arn.endswith(":") else parse_function_arn(arn)
