"""Asking about the traced function, alias or version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from probes._functions import region_of
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws
from wizard.model.case import Case


def traced_function(case: Case) -> FunctionRef:
    """The function that the integration calls.

    Raises:
        LookupError: the path has none; the engine does not run probes that need one then.
    """
    if case.traced.function is None:
        raise LookupError("the traced path calls no function")
    return case.traced.function


def ask(case: Case, aws: Aws, operation: str, function: FunctionRef) -> dict[str, Any]:
    """One Lambda operation on exactly what is invoked.

    Raises:
        AwsError: whatever the port raises.
    """
    qualifier = {"Qualifier": function.qualifier} if function.qualifier else {}
    return aws.call("lambda", operation, region=region_of(function, case), FunctionName=function.arn, **qualifier)


def ask_whole(case: Case, aws: Aws, operation: str, function: FunctionRef) -> dict[str, Any]:
    """One Lambda operation that knows no alias or version; by name, or by ARN when it belongs to another account.

    Raises:
        AwsError: whatever the port raises.
    """
    name = function.name if function.account == case.target.account else function.arn
    return aws.call("lambda", operation, region=region_of(function, case), FunctionName=name)


def unqualified(function: FunctionRef) -> FunctionRef:
    """The function without its alias or version."""
    return replace(function, qualifier=None)


def name_of(function: FunctionRef) -> str:
    """How people write it: name or name:alias."""
    return f"{function.name}:{function.qualifier}" if function.qualifier else function.name
