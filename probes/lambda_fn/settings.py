"""Whether the function is there, and how it is set up."""

from __future__ import annotations

from typing import Any

from probes.lambda_fn._function import ask, name_of, traced_function, unqualified
from wizard.model.arn import FunctionRef, fill_stage_variables, parse_lambda_uri
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


class Settings(Probe):
    """Reads the configuration of the function, alias or version that is invoked.

    A function that should be and is not there is told from a missing alias or version by asking for the
    function alone.
    """

    title = "Function settings"
    hop = "lambda-function"
    calls = frozenset({"lambda:GetFunctionConfiguration"})
    needs = ("function",)
    docs = ("https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """PASS with the settings; FAIL when there is no such function. Its state is judged elsewhere."""
        function = traced_function(case)
        configured = _configured(case, aws, function)
        try:
            found = ask(case, aws, "GetFunctionConfiguration", function)
        except NotFound:
            return self._missing(case, aws, function, configured)
        facts = {**_facts(found), **configured, "exists": True, "invoked": function.qualified_arn}
        return self.passed(
            f"{name_of(function)} exists: {facts['runtime'] or facts['package_type']}, handler {facts['handler']}, "
            f"{facts['timeout_s']} s, {facts['memory_mb']} MB.",
            **facts,
        )

    def _missing(self, case: Case, aws: Aws, function: FunctionRef, configured: dict[str, Any]) -> Evidence:
        missing = "function"
        if function.qualifier:
            try:
                ask(case, aws, "GetFunctionConfiguration", unqualified(function))
                missing = "qualifier"
            except NotFound:
                pass
            except AwsError:
                missing = "function or qualifier"
        what = (
            f"alias or version {function.qualifier} of {function.name}"
            if missing == "qualifier"
            else f"function {name_of(function)}"
        )
        return self.failed(
            f"There is no {what} in {function.region}, account {function.account}.",
            exists=False,
            missing=missing,
            invoked=function.qualified_arn,
            **configured,
        )


def _configured(case: Case, aws: Aws, invoked: FunctionRef) -> dict[str, Any]:
    """Whether the function of the working copy exists, when it is another one than the stage calls."""
    working = case.traced.configured
    if working is None:
        return {}
    function = parse_lambda_uri(fill_stage_variables(working.uri, case.traced.stage_variables)[0])
    if function is None or function == invoked:
        return {}
    facts: dict[str, Any] = {"configured_function": function.qualified_arn}
    try:
        ask(case, aws, "GetFunctionConfiguration", function)
    except NotFound:
        return facts | {"configured_exists": False}
    except AwsError as error:
        return facts | {"configured_exists": None, "configured_unknown": str(error)}
    return facts | {"configured_exists": True}


def _facts(found: dict[str, Any]) -> dict[str, Any]:
    """The settings that causes and fixes speak of; of environment variables the names only, their values may be
    secrets.
    """
    role_arn = str(found.get("Role") or "")
    environment = (found.get("Environment") or {}).get("Variables") or {}
    return {
        "timeout_s": found.get("Timeout"),
        "memory_mb": found.get("MemorySize"),
        "handler": found.get("Handler"),
        "runtime": found.get("Runtime"),
        "package_type": found.get("PackageType"),
        "role_arn": role_arn or None,
        "role_name": role_arn.rpartition("/")[2] or None,
        "version": found.get("Version"),
        "last_modified": found.get("LastModified"),
        "architectures": found.get("Architectures"),
        "environment": sorted(environment),
        "layers": [layer.get("Arn") for layer in found.get("Layers") or []],
        "in_vpc": bool((found.get("VpcConfig") or {}).get("VpcId")),
        "log_group": (found.get("LoggingConfig") or {}).get("LogGroup"),
    }
