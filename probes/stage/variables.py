"""Whether the stage defines the variables that the integration uses."""

from __future__ import annotations

from wizard.model.arn import STAGE_VARIABLE
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


class StageVariables(Probe):
    """The ${stageVariables.x} of the integration's URI and credentials against the stage's variables."""

    title = "Stage variables"
    hop = "stage"
    needs = ("integration",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when one of them is missing or empty, SKIPPED when none is used."""
        trace, wired = case.traced, case.traced.integration
        texts = (wired.uri, wired.credentials or "") if wired else ()
        used = list(dict.fromkeys(name for text in texts for name in STAGE_VARIABLE.findall(text)))
        facts = {
            "used": used,
            "missing": trace.missing_variables,
            "defined": sorted(trace.stage_variables),
            "uri": wired.uri if wired else "",
        }
        if not used:
            return self.skipped("The integration uses no stage variables.", **facts)
        if trace.missing_variables:
            names = ", ".join(trace.missing_variables)
            return self.failed(
                f"Stage {trace.stage} does not define {names}, which the integration needs.",
                variable=trace.missing_variables[0],
                **facts,
            )
        return self.passed(
            f"Stage {trace.stage} defines every variable that the integration uses ({', '.join(used)}).", **facts
        )
