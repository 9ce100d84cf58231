"""Whether function and integration agree on how an answer is sent: in one piece, or streamed."""

from __future__ import annotations

from typing import Any

from probes import _method
from probes._functions import configuration
from probes._together import together
from probes.lambda_fn._function import traced_function
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

# The Lambda Web Adapter: a layer or an extension that turns events into HTTP requests; this variable sets its form.
# https://github.com/awslabs/aws-lambda-web-adapter
_VARIABLE, _LAYER = "AWS_LWA_INVOKE_MODE", "LambdaAdapterLayer"
_STREAMS, _WHOLE = "response_stream", "buffered"


class TransferMode(Probe):
    """The integration's response transfer mode against the form in which the function is set up to answer."""

    title = "Streamed or whole"
    hop = "lambda-response"
    api_types = frozenset({"rest"})
    needs = ("function", "integration")
    calls = frozenset({*_method.CALLS, "lambda:GetFunctionConfiguration"})
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when one streams and the other does not; PASS with the modes otherwise."""
        wired = case.traced.integration or case.traced.configured
        if wired is None or wired.type != "AWS_PROXY":
            return self.skipped("Only a proxy integration can stream.")
        function = traced_function(case)
        answers = together(
            {"method": lambda: _method.running(aws, case), "function": lambda: configuration(aws, case, function)}
        )
        for answer in answers.values():
            if isinstance(answer, AwsError):
                raise answer
        mode, form = answers["method"].transfer_mode, _form(answers["function"])
        facts = {"transfer_mode": mode, "adapter_mode": form, "mismatch": _mismatch(mode, form)}
        if facts["mismatch"]:
            return self.failed(
                f"The integration's response transfer mode is {mode}, the web adapter in the function answers in the "
                f"form {form}.",
                **facts,
            )
        said = f"the web adapter in the function answers in the form {form}" if form else "no web adapter is set up"
        return self.passed(f"The integration's response transfer mode is {mode}; {said}.", **facts)


def _form(settings: dict[str, Any]) -> str | None:
    """How the web adapter answers; None when nothing shows that there is one. By itself it answers whole."""
    said = ((settings.get("Environment") or {}).get("Variables") or {}).get(_VARIABLE)
    if said is not None:
        return _STREAMS if str(said).strip().lower() == _STREAMS else _WHOLE
    layers = [str(layer.get("Arn") or "") for layer in settings.get("Layers") or []]
    return _WHOLE if any(_LAYER in arn for arn in layers) else None


def _mismatch(mode: str, form: str | None) -> str | None:
    if form == _STREAMS and mode != "STREAM":
        return "function-streams"
    return "integration-streams" if form == _WHOLE and mode == "STREAM" else None
