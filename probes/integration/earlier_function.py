"""What is wrong with a function that failing requests reached before the integration named another one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from probes._functions import region_of
from probes.lambda_fn.log import Log
from probes.path._backend import called
from probes.stage._execution_log import failures
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


class EarlierFunction(Probe):
    """Log and reserved concurrency of the newest other function that a failing request reached."""

    title = "Function that requests reached before"
    hop = "lambda-function"
    calls = frozenset({"logs:FilterLogEvents", "lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency"})
    needs = ("function",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """SKIPPED when all failing requests went to the traced function; FAIL when the other one shows a cause."""
        try:
            other = _other(case, aws)
        except NotFound:
            return self.skipped("No execution log tells which functions were called.")
        if other is None:
            return self.skipped("No failing request in the log reached another function.")
        look = Log().run(replace(case, trace=replace(case.traced, function=other)), aws)
        listed = look.facts.get("causes")
        causes = (
            [
                {**item, "proof": "suggested"}
                for item in listed
                if isinstance(item, dict) and item.get("proof") != "hinted"
            ]
            if isinstance(listed, list)
            else []
        )
        facts: dict[str, Any] = {
            "function": other.name,
            "function_arn": other.arn,
            "function_region": other.region,
            "causes": causes,
            "reserved": _reserved(case, aws, other),
        }
        if causes or facts["reserved"] == 0:
            return self.failed(f"Failing requests reached {other.name} before: {look.summary}", **facts)
        return self.passed(f"Failing requests reached {other.name} before; its log shows no known cause.", **facts)


def _other(case: Case, aws: Aws) -> FunctionRef | None:
    now = case.traced.function
    found = (called(story.uri or "") for story in failures(aws, case).stories)
    return next(
        (f for f in found if f and now and (f.name, f.region, f.account) != (now.name, now.region, now.account)), None
    )


def _reserved(case: Case, aws: Aws, function: FunctionRef) -> int | None:
    """The reserved concurrency; None when none is reserved or the function is gone."""
    try:
        answer = aws.call(
            "lambda", "GetFunctionConcurrency", region=region_of(function, case), FunctionName=function.arn
        )
    except NotFound:
        return None
    reserved: int | None = answer.get("ReservedConcurrentExecutions")
    return reserved
