"""Asking Lambda about the function on the path, always in the same words: one answer serves all checks."""

from __future__ import annotations

from typing import Any

from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws
from wizard.model.case import Case


def region_of(function: FunctionRef, case: Case) -> str | None:
    """The function's Region where it is another than the API's, else None."""
    return function.region if function.region and function.region != case.target.region else None


def configuration(aws: Aws, case: Case, function: FunctionRef) -> dict[str, Any]:
    """GetFunctionConfiguration of exactly what is invoked: by ARN (it may live in another account) and qualifier.

    https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
    """
    qualifier = {"Qualifier": function.qualifier} if function.qualifier else {}
    return aws.call(
        "lambda", "GetFunctionConfiguration", region=region_of(function, case), FunctionName=function.arn, **qualifier
    )


def log_group(settings: Any, function: FunctionRef) -> tuple[str, bool]:
    """Where the function logs, and whether it may share the group with others; `settings` may be an error.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
    """
    usual = f"/aws/lambda/{function.name}"
    logging = settings.get("LoggingConfig") if isinstance(settings, dict) else None
    group = str((logging or {}).get("LogGroup") or usual)
    return group, group != usual
