"""Whether Lambda turns calls of the function away for want of concurrency."""

from __future__ import annotations

from typing import Any

from probes._metrics import Metrics, metrics
from probes._together import together
from probes.lambda_fn._function import ask_whole, traced_function
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


class Concurrency(Probe):
    """Looks at the concurrency reserved for the function, the account's limit, and the throttles that were
    counted.
    """

    title = "Concurrency of the function"
    hop = "lambda-service"
    calls = frozenset({"lambda:GetFunctionConcurrency", "lambda:GetAccountSettings", "cloudwatch:GetMetricData"})
    needs = ("function",)
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when nothing may run at all or calls were throttled; UNKNOWN when a missing answer leaves that
        open.
        """
        function = traced_function(case)
        answers = together(
            {
                "reserved": lambda: ask_whole(case, aws, "GetFunctionConcurrency", function).get(
                    "ReservedConcurrentExecutions"
                ),
                "account": lambda: _account(case, aws),
                "measured": lambda: metrics(aws, case),
            }
        )
        if isinstance(answers["reserved"], NotFound):
            return self.skipped(f"{function.name} does not exist, so it has no concurrency.", exists=False)
        missing = {name: answer for name, answer in answers.items() if isinstance(answer, AwsError)}
        facts = _facts({name: answer for name, answer in answers.items() if name not in missing})
        facts |= {"not_asked": [str(error) for error in missing.values()]} if missing else {}
        name, reserved, throttles = function.name, facts.get("reserved"), facts.get("throttles") or 0
        if reserved == 0:
            return self.failed(
                f"{name} has a reserved concurrency of 0: Lambda refuses every call.",
                **facts,
                problem="reserved-zero",
            )
        if throttles:
            limit = (
                f"its reserved concurrency of {reserved}"
                if reserved
                else f"what the account leaves it ({facts.get('unreserved', 'unknown')})"
            )
            return self.failed(
                f"Lambda throttled {throttles} calls of {name} in this time window; the limit is {limit}.",
                **facts,
                problem="throttled",
            )
        for question in ("reserved", "measured"):
            if question in missing:
                return self._open(question, missing[question], facts)
        return self.passed(
            f"{name} was not throttled; reserved concurrency: {'none' if reserved is None else reserved}.", **facts
        )

    def _open(self, question: str, error: AwsError, facts: dict[str, Any]) -> Evidence:
        what = (
            "The reserved concurrency is not known"
            if question == "reserved"
            else "Whether calls were throttled is not known"
        )
        told = self.from_error(error, what)
        return self.unknown(error.reason, told.summary, told.needs, **facts)


def _account(case: Case, aws: Aws) -> dict[str, Any]:
    function = traced_function(case)
    region = function.region if function.region != case.target.region else None
    limits = aws.call("lambda", "GetAccountSettings", region=region).get("AccountLimit") or {}
    return {
        "account_limit": limits.get("ConcurrentExecutions"),
        "unreserved": limits.get("UnreservedConcurrentExecutions"),
    }


def _facts(answers: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = dict(answers.get("account") or {})
    if "reserved" in answers:
        facts["reserved"] = answers["reserved"]
    measured = answers.get("measured")
    if isinstance(measured, Metrics):
        facts |= {
            "throttles": measured.total("throttles"),
            "invocations": measured.total("invocations"),
            "function_errors": measured.total("function_errors"),
            "concurrent_max": measured.get("concurrent_max"),
        }
    return facts
