"""Whether Lambda stopped the function because it calls itself in a circle."""

from __future__ import annotations

from probes._metrics import metrics
from probes.lambda_fn._function import ask_whole, traced_function
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


class Recursion(Probe):
    """Counts the invocations that Lambda dropped as part of a loop; the setting is asked for only when there are any.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    """

    title = "Recursive loops"
    hop = "lambda-service"
    calls = frozenset({"cloudwatch:GetMetricData", "lambda:GetFunctionRecursionConfig"})
    needs = ("function",)
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when invocations were dropped; without the metric, PASS only where loops are allowed to go on."""
        function = traced_function(case)
        try:
            dropped = metrics(aws, case).total("recursive_dropped")
        except AwsError as error:
            return self._by_setting(case, aws, error)
        if not dropped:
            return self.passed(f"No call of {function.name} was stopped for recursion.", dropped=0)
        try:
            setting = ask_whole(case, aws, "GetFunctionRecursionConfig", function).get("RecursiveLoop")
        except AwsError:
            setting = None
        return self.failed(
            f"Lambda stopped {dropped} calls of {function.name} in this time window as part of a loop.",
            dropped=dropped,
            recursive_loop=setting,
        )

    def _by_setting(self, case: Case, aws: Aws, error: AwsError) -> Evidence:
        function = traced_function(case)
        try:
            setting = ask_whole(case, aws, "GetFunctionRecursionConfig", function).get("RecursiveLoop")
        except NotFound:
            return self.skipped(f"{function.name} does not exist, so it calls nobody.", exists=False)
        except AwsError:
            setting = None
        if setting == "Allow":
            return self.passed(f"{function.name} may call itself in a circle.", recursive_loop=setting)
        told = self.from_error(error, "Whether calls were stopped for recursion is not known")
        return self.unknown(error.reason, told.summary, told.needs, recursive_loop=setting)
