"""Whether the authorizer's settings lead to a function that is there."""

from __future__ import annotations

import re
from typing import Any

from probes._together import attempt
from probes.authorizer._authorizer import CALLS, COGNITO, Guard, configured, running
from probes.lambda_fn._function import ask, name_of, unqualified
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

_DATE = "2015-03-31"
_DATED = re.compile(r":lambda:path/(?P<date>[^/]*)/functions/")


class Settings(Probe):
    """Reads the authorizer and judges its URI: the API date, blanks, stage variables, the function that it names.

    https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html
    """

    title = "Settings of the authorizer"
    hop = "authorizer"
    api_types = frozenset({"rest"})
    calls = CALLS | {"lambda:GetFunctionConfiguration"}
    needs = ("authorizer",)
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with the fact `problem` when the URI leads nowhere; WARN when only the next deployment breaks it."""
        guard = running(aws, case)
        draft = attempt(lambda: configured(aws, case))
        facts: dict[str, Any] = {
            **guard.facts(),
            "deployed_known": case.traced.deployed_known,
            "ttl_s": guard.ttl_s,
            "identity_source": guard.identity,
            "missing_variables": guard.missing,
            "user_pools": guard.pools,
        }
        if guard.type == COGNITO:
            return self.passed(f"Authorizer {guard.name} asks a Cognito user pool.", **facts)
        problem = _problem(aws, case, guard)
        if isinstance(draft, Guard) and draft.invoked != guard.invoked:
            facts |= {"configured_uri": draft.uri, "configured_problem": _problem(aws, case, draft)}
        if isinstance(problem, AwsError):
            told = self.from_error(problem, "Whether the authorizer's function exists is not known")
            return self.unknown(problem.reason, told.summary, told.needs, **facts)
        if problem:
            facts |= {"variable": guard.missing[0]} if guard.missing else {}
            return self.failed(_said(problem, guard), **facts, problem=problem)
        later = facts.get("configured_problem")
        if later and isinstance(draft, Guard) and not isinstance(later, AwsError):
            return self.warned(f"The next deployment breaks it: {_said(later, draft)}", **facts, exists=True)
        function = guard.function
        return self.passed(
            f"Authorizer {guard.name} ({guard.type}) calls {name_of(function) if function else 'no function'}; its "
            f"answers are kept for {guard.ttl_s} s.",
            **{**facts, "configured_problem": None if isinstance(later, AwsError) else later},
            exists=True,
        )


def _problem(aws: Aws, case: Case, guard: Guard) -> str | AwsError | None:
    """What is wrong with the URI in one word, None when it leads to a function, the error when that cannot be told."""
    if guard.missing:
        return "variable"
    if re.search(r"\s", guard.invoked):
        return "blank"
    dated = _DATED.search(guard.invoked)
    if dated and dated["date"] != _DATE:
        return "date"
    function = guard.function
    if dated is None or function is None:
        return "no-function"
    try:
        ask(case, aws, "GetFunctionConfiguration", function)
    except NotFound:
        if not function.qualifier:
            return "function-missing"
        whole = attempt(lambda: ask(case, aws, "GetFunctionConfiguration", unqualified(function)))
        return "function-missing" if isinstance(whole, NotFound) else "qualifier-missing"
    except AwsError as error:
        return error
    return None


def _said(problem: str, guard: Guard) -> str:
    function = guard.function
    name = name_of(function) if function else ""
    where = f" in {function.region}, account {function.account}" if function else ""
    reasons = {
        "variable": f"Authorizer {guard.name} needs {', '.join(guard.missing)}, which the stage does not define.",
        "blank": f"The URI of authorizer {guard.name} has a blank in it.",
        "date": f"The URI of authorizer {guard.name} has another API date than {_DATE}: {guard.uri}",
        "no-function": f"The URI of authorizer {guard.name} names no Lambda function: {guard.uri or 'it is empty'}",
        "function-missing": f"Authorizer {guard.name} calls the function {name}, which is not there{where}.",
        "qualifier-missing": f"Authorizer {guard.name} calls {name}; the function has no such alias or version.",
    }
    return reasons[problem]
