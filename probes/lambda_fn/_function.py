"""Asking about the traced function, alias or version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from probes._functions import region_of
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


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


class SettingsProbe(Probe):
    """Base of the checks that judge the settings of exactly what is invoked; of a function that is not there no more
    is said than that.
    """

    needs = ("function",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """SKIPPED when there is no such function, else what `judged` says."""
        function = traced_function(case)
        try:
            settings = ask(case, aws, "GetFunctionConfiguration", function)
        except NotFound:
            return self.skipped(f"There is no {name_of(function)}.", exists=False)
        return self.judged(case, aws, name_of(function), settings)

    def judged(self, case: Case, aws: Aws, name: str, settings: dict[str, Any]) -> Evidence:
        """The evidence of a function that is there. May raise AwsError, as `run` does."""
        raise AssertionError(f"{type(self).__name__} defines no judged()")
