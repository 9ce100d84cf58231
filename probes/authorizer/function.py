"""Whether Lambda runs the authorizer's function: its state, its concurrency, its time."""

from __future__ import annotations

from typing import Any

from probes._together import together
from probes.authorizer._authorizer import CALLS, running
from probes.authorizer._measured import CALLS as MEASURED
from probes.authorizer._measured import measured
from probes.lambda_fn._function import ask, ask_whole, name_of
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

# What API Gateway gives an authorizer at the most, in milliseconds.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
_LONGEST_MS = 29_000
_READY = frozenset({"Active", "", None})


class Function(Probe):
    """The settings of the authorizer's function, the concurrency it may use, what was counted and how long it took."""

    title = "Function of the authorizer"
    hop = "authorizer"
    api_types = frozenset({"rest"})
    calls = CALLS | MEASURED | {"lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency"}
    needs = ("authorizer",)
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with the fact `problem` (reserved-zero, throttled, state, ran-out); UNKNOWN without an answer."""
        guard = running(aws, case)
        function, facts = guard.function, guard.facts()
        if function is None:
            return self.skipped(f"Authorizer {guard.name} calls no Lambda function.", **facts)
        answers = together(
            {
                "settings": lambda: ask(case, aws, "GetFunctionConfiguration", function),
                "concurrency": lambda: ask_whole(case, aws, "GetFunctionConcurrency", function),
                "measured": lambda: measured(aws, case, function),
            }
        )
        name = name_of(function)
        if isinstance(answers["settings"], NotFound):
            return self.skipped(f"{name} does not exist.", **facts, exists=False)
        facts |= _facts({key: answer for key, answer in answers.items() if not isinstance(answer, AwsError)})
        problem = _problem(facts)
        if problem:
            return self.failed(_said(problem, name, facts), **facts, problem=problem)
        for key, answer in answers.items():
            if isinstance(answer, AwsError):
                told = self.from_error(answer, _OPEN[key])
                return self.unknown(answer.reason, told.summary, told.needs, **facts)
        if facts["limit_ms"] and facts["max_ms"] and facts["max_ms"] > 0.8 * facts["limit_ms"]:
            return self.warned(f"{name} took {facts['max_ms']:.0f} of {facts['limit_ms']} ms.", **facts, near=True)
        return self.passed(f"{name} is ready, was not throttled and answered in time.", **facts)


_OPEN = {
    "settings": "The settings of the authorizer's function are not known",
    "concurrency": "The reserved concurrency of the authorizer's function is not known",
    "measured": "Whether the authorizer's function was throttled is not known",
}


def _facts(answers: dict[str, Any]) -> dict[str, Any]:
    settings, counted = answers.get("settings") or {}, answers.get("measured") or {}
    timeout_ms = int(settings.get("Timeout") or 0) * 1000
    return {
        "reserved": (answers.get("concurrency") or {}).get("ReservedConcurrentExecutions"),
        "timeout_s": settings.get("Timeout"),
        "limit_ms": min(timeout_ms, _LONGEST_MS) if timeout_ms else None,
        "memory_mb": settings.get("MemorySize"),
        "handler": settings.get("Handler"),
        "runtime": settings.get("Runtime"),
        "state": settings.get("State"),
        "state_reason": settings.get("StateReason"),
        "in_vpc": bool((settings.get("VpcConfig") or {}).get("VpcId")),
        "max_ms": counted.get("max_ms"),
        "p50_ms": counted.get("p50_ms"),
        "throttles": round(counted.get("authorizer_throttles") or 0),
        "invocations": round(counted.get("authorizer_invocations") or 0),
        "function_errors": round(counted.get("authorizer_errors") or 0),
    }


def _problem(facts: dict[str, Any]) -> str | None:
    if facts["reserved"] == 0:
        return "reserved-zero"
    if facts["throttles"]:
        return "throttled"
    if facts["state"] not in _READY:
        return "state"
    if facts["limit_ms"] and (facts["max_ms"] or 0) >= facts["limit_ms"]:
        return "ran-out"
    return None


def _said(problem: str, name: str, facts: dict[str, Any]) -> str:
    reserved = facts["reserved"]
    limit = f"its reserved concurrency is {reserved}" if reserved else "it has none reserved"
    reasons = {
        "reserved-zero": f"{name} has a reserved concurrency of 0: Lambda refuses every call.",
        "throttled": f"Lambda throttled {facts['throttles']} calls of {name} in this time window; {limit}.",
        "state": f"{name} is {facts['state']}: {facts['state_reason'] or 'no reason given'}.",
        "ran-out": f"{name} took {facts['max_ms'] or 0:.0f} ms, all of the {facts['limit_ms']} ms that it may take.",
    }
    return reasons[problem]
