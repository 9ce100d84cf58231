"""Whether AWS still looks after the runtime that the function is written for."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from probes.lambda_fn._function import SettingsProbe
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence

_TABLE = Path(__file__).with_name("runtimes.toml")


class Runtime(SettingsProbe):
    """Looks the runtime up in a table of dates (runtimes.toml), for the end of the case's window.

    A deprecated runtime is run all the same: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    """

    title = "Runtime of the function"
    hop = "lambda-service"
    calls = frozenset({"lambda:GetFunctionConfiguration"})
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",)

    def judged(self, case: Case, aws: Aws, name: str, settings: dict[str, Any]) -> Evidence:
        """WARN for a runtime past its date; SKIPPED where the runtime is in the container image."""
        runtime = str(settings.get("Runtime") or "")
        if not runtime:
            return self.skipped(f"{name} is a container image, which brings its own runtime.")
        ends = deprecations().get(runtime)
        facts = {"runtime": runtime, "deprecated_on": ends.isoformat() if ends else None}
        if ends is not None and ends <= case.window.end.date():
            return self.warned(f"{name} runs on {runtime}, deprecated since {ends}.", **facts, deprecated=True)
        until = f", looked after until {ends}" if ends else ", for which no end is known here"
        return self.passed(f"{name} runs on {runtime}{until}.", **facts, deprecated=False)


@cache
def deprecations() -> dict[str, date]:
    """The runtimes and their deprecation dates."""
    table: dict[str, date] = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["deprecated"]
    return table
