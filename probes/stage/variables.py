"""Whether the stage defines the variables that its method uses, wherever they may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from probes._method import CALLS, running
from probes._together import attempt
from wizard.model.arn import STAGE_VARIABLE
from wizard.model.aws import Aws, AwsError, Denied
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

# https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html
_REFERENCE = re.compile(r"""stageVariables(?:\.get\(['"](\w+)['"]\)|\[['"](\w+)['"]\]|\.(\w+))""")
_MAPPED = ("AWS", "HTTP", "HTTP_PROXY", "MOCK")
_ADDRESS = "address or role"


class StageVariables(Probe):
    """Stage variables of the integration's address and role, mapping templates and parameters, and the authorizer."""

    title = "Stage variables"
    hop = "stage"
    needs = ("integration",)
    calls = CALLS
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when one of address or role is missing or empty, WARN when one of another place is."""
        trace, wired = case.traced, case.traced.integration
        texts = (wired.uri, wired.credentials or "") if wired else ()
        named = [(name, _ADDRESS) for text in texts for name in STAGE_VARIABLE.findall(text)]
        elsewhere = attempt(lambda: list(_elsewhere(case, aws)))
        lost = elsewhere if isinstance(elsewhere, AwsError) else None
        named += [] if lost else elsewhere
        used = list(dict.fromkeys(name for name, _ in named))
        lacking = [
            {"variable": name, "place": place}
            for name, place in dict.fromkeys(named)
            if place != _ADDRESS and not trace.stage_variables.get(name)
        ]
        facts: dict[str, Any] = {
            "used": used,
            "missing": trace.missing_variables,
            "missing_elsewhere": lacking,
            "missing_places": sorted({each["place"] for each in lacking}),
            "defined": sorted(trace.stage_variables),
            "uri": wired.uri if wired else "",
            "partial": [_gap(lost)] if lost else [],
        }
        if trace.missing_variables:
            names = ", ".join(trace.missing_variables)
            return self.failed(
                f"Stage {trace.stage} does not define {names}, which the integration needs.",
                variable=trace.missing_variables[0],
                **facts,
            )
        if lacking:
            told = ", ".join(f"{each['variable']} ({each['place']})" for each in lacking)
            return self.warned(
                f"Stage {trace.stage} does not define {told}: it becomes an empty text there.",
                variable=lacking[0]["variable"],
                **facts,
            )
        if not used:
            return self.skipped("The method uses no stage variables.", **facts)
        return self.passed(
            f"Stage {trace.stage} defines every variable that the method uses ({', '.join(used)}).", **facts
        )


def _elsewhere(case: Case, aws: Aws) -> Iterator[tuple[str, str]]:
    """The variables that a REST method uses outside of the integration's address, each with its place.

    Raises:
        AwsError: the method cannot be read.
    """
    trace = case.traced
    for name in _names((trace.authorizer.uri or "") if trace.authorizer else ""):
        yield name, "authorizer"
    if trace.api_type != "rest" or trace.integration is None or trace.integration.type not in _MAPPED:
        return
    method = running(aws, case)
    texts = [("request template", text) for text in method.templates.values()]
    texts += [("request mapping", text) for text in method.parameters.values()]
    for row in method.rows:
        texts += [("response template", text) for text in row.templates.values()]
        texts += [("response mapping", text) for text in row.parameters.values()]
    for place, text in texts:
        for name in _names(text or ""):
            yield name, place


def _names(text: str) -> list[str]:
    return [next(filter(None, found)) for found in _REFERENCE.findall(text)]


def _gap(error: AwsError) -> dict[str, Any]:
    needs = error.action if isinstance(error, Denied) else None
    return {"what": "stage variables in the method's mappings", "reason": error.reason, "needs": needs}
