"""The resource policy of a function, told apart from a function that is not there."""

from __future__ import annotations

from typing import Any

from probes.lambda_fn._function import ask
from probes.lambda_fn._policy import statements
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case


def stated(case: Case, aws: Aws, function: FunctionRef) -> tuple[list[Any] | None, bool | None]:
    """The statements of the function's policy, [] when it has none, None when there is no such function; and whether
    there is one, None when that cannot be asked.

    Lambda answers ResourceNotFoundException in both cases; emulators give an empty policy in the first.

    Raises:
        ValueError: the policy is not JSON.
        AwsError: it cannot be read.
    """
    try:
        answer = ask(case, aws, "GetPolicy", function)
    except NotFound:
        exists = _exists(case, aws, function)
        return None if exists is False else [], exists
    return list(statements(answer.get("Policy") or {})), True


def _exists(case: Case, aws: Aws, function: FunctionRef) -> bool | None:
    try:
        ask(case, aws, "GetFunctionConfiguration", function)
    except NotFound:
        return False
    except AwsError:
        return None
    return True
