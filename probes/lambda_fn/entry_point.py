"""What Lambda starts, and for which processor: the runtime, the container image's command, the architecture."""

from __future__ import annotations

from typing import Any

from probes._functions import configuration
from probes._metrics import metrics
from probes._together import attempt
from probes.lambda_fn._function import traced_function
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

# Runtimes whose program the person brings along.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
_CUSTOM = ("provided", "go1.")


class EntryPoint(Probe):
    """The program that a custom runtime or a container image names, and whether any invocation ever got past it."""

    title = "Entry point and architecture"
    hop = "lambda-function"
    needs = ("function",)
    calls = frozenset({"lambda:GetFunctionConfiguration", "cloudwatch:GetMetricData"})
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when Lambda itself reports an error of the image's settings; PASS with the settings otherwise."""
        settings = configuration(aws, case, traced_function(case))
        image = settings.get("ImageConfigResponse") or {}
        runtime, packed = str(settings.get("Runtime") or ""), str(settings.get("PackageType") or "Zip")
        facts: dict[str, Any] = {
            "custom": packed == "Image" or runtime.startswith(_CUSTOM),
            "package_type": packed,
            "runtime": runtime or None,
            "architecture": next(iter(settings.get("Architectures") or []), "x86_64"),
            "entry_point": (image.get("ImageConfig") or {}).get("EntryPoint"),
            "command": (image.get("ImageConfig") or {}).get("Command"),
            "working_directory": (image.get("ImageConfig") or {}).get("WorkingDirectory"),
            "image_error": (image.get("Error") or {}).get("Message"),
        }
        if not facts["custom"]:
            return self.skipped(
                f"The program is Lambda's own ({runtime}); only the handler is the function's.", **facts
            )
        if facts["image_error"]:
            return self.failed(f"Lambda cannot use the image's settings: {facts['image_error']}", **facts)
        measured = attempt(lambda: metrics(aws, case))
        calls, errors = (0, 0) if isinstance(measured, AwsError) else _counted(measured)
        facts |= {"invocations": calls, "function_errors": errors, "always_fails": 0 < calls <= errors}
        kept = f"every one of {calls} invocations failed" if facts["always_fails"] else "not every invocation failed"
        what = "a container image" if packed == "Image" else f"a program of its own ({runtime})"
        return self.passed(f"The function is {what} for {facts['architecture']}; {kept}.", **facts)


def _counted(measured: Any) -> tuple[int, int]:
    return measured.total("invocations"), measured.total("function_errors")
