"""Whether the canary of a stage fails where the stage itself does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from probes._gateway import stage
from probes._metrics import Metrics, stage_metrics
from probes._together import together
from probes.path._assemble import filled
from probes.path._backend import exists
from probes.stage._execution_log import Failures, failures, log_group
from probes.stage._told import CALLS, facts_of
from wizard.model.arn import is_lambda_uri, parse_lambda_uri
from wizard.model.aws import Aws, AwsError, Denied, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason


class Canary(Probe):
    """The canary's share, deployment and variables, and its failing requests beside those of the stage."""

    title = "Canary"
    hop = "stage"
    needs = ("canary",)
    api_types = frozenset({"rest"})
    calls = CALLS | {"apigateway:GetStage", "lambda:GetFunctionConfiguration"}
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when only the canary fails or its variables name no function, WARN when the stage fails as well."""
        shown = stage(aws, case)
        settings: Mapping[str, Any] = shown.get("canarySettings") or {}
        overrides = settings.get("stageVariableOverrides") or {}
        own = replace(case, trace=replace(case.traced, stage=f"{case.traced.stage}/Canary"))
        answers = together(
            {
                "canary": lambda: failures(aws, own),
                "stage": lambda: failures(aws, case),
                "canary metrics": lambda: stage_metrics(aws, own),
                "stage metrics": lambda: stage_metrics(aws, case),
                "function": lambda: _function(aws, case, overrides),
            }
        )
        lines, counts = answers["canary"], answers["canary metrics"]
        facts: dict[str, Any] = {
            "percent": settings.get("percentTraffic"),
            "canary_deployment": settings.get("deploymentId"),
            "deployment_id": shown.get("deploymentId"),
            "overrides": [
                {"name": name, "stage": case.traced.stage_variables.get(name), "canary": value}
                for name, value in sorted(overrides.items())
            ],
            "log_group": log_group(own.traced),
            "partial": _gaps(answers),
            **(facts_of(own, lines, log_group(own.traced)) if isinstance(lines, Failures) and lines.stories else {}),
            **_counted("canary", counts),
            **_counted("stage", answers["stage metrics"]),
            "missing_function": answers["function"] if isinstance(answers["function"], str) else None,
        }
        facts.pop("causes", None)  # they are the canary's, not the stage's: shown, not found
        facts["own_causes"] = _own_causes(case, facts, answers["stage"])
        return self._judged(case, answers, facts)

    def _judged(self, case: Case, answers: Mapping[str, Any], facts: dict[str, Any]) -> Evidence:
        share = f"The canary ({facts['percent']:g} % of the requests)" if facts["percent"] is not None else "The canary"
        mine = 0 if isinstance(answers["canary"], NotFound) else _failed(answers["canary"])
        stages = _failed(answers["stage"])
        facts |= {"canary_failing": mine, "stage_failing": stages, "only_canary": bool(mine) and stages == 0}
        counted, steady = facts.get("canary_errors"), facts.get("stage_errors")
        facts["only_canary_counted"] = bool(counted) and steady == 0
        if facts["missing_function"]:
            return self.failed(f"{share} calls {facts['missing_function']}, which does not exist.", **facts)
        if facts["only_canary"]:
            lines = facts.get("lines") or [{"text": "its log names no cause"}]
            return self.failed(f"{share} fails and the stage does not: {lines[0]['text'][:200]}", **facts)
        if facts["only_canary_counted"]:
            return self.failed(f"{share} answered {counted} times with a 5xx, the stage itself never did.", **facts)
        if facts["own_causes"]:
            text = facts["lines"][0]["text"][:200]
            return self.failed(f"{share} fails for another reason than the stage: {text}", **facts)
        if mine and stages is None and not steady:
            facts["stage_unknown"] = True
            return self.warned(f"{share} fails; whether the stage does could not be read.", **facts)
        if mine or counted:
            return self.warned(f"{share} fails, and so does the stage: the canary makes no difference.", **facts)
        if mine is None and counted is None:
            lost = next((a for a in (answers["canary"], answers["canary metrics"]) if isinstance(a, AwsError)), None)
            needs = lost.action if isinstance(lost, Denied) else None
            reason = lost.reason if lost else Reason.NO_DATA
            return self.unknown(reason, "How the canary fares could not be read.", needs, **facts)
        return self.passed(f"{share} shows no failing request to this method.", **facts)


def _own_causes(case: Case, facts: Mapping[str, Any], steady: Any) -> list[str]:
    """The causes that the canary's lines show and the stage's do not."""
    if not isinstance(steady, Failures) or not steady.stories:
        return []
    known = facts_of(case, steady, log_group(case.traced))["cause_ids"]
    return [cause for cause in facts.get("cause_ids") or [] if cause not in known]


def _failed(seen: Any) -> int | None:
    """How many requests failed, None when that is not known."""
    return len(seen.stories) if isinstance(seen, Failures) else None


def _counted(whose: str, measured: Any) -> dict[str, Any]:
    if not isinstance(measured, Metrics) or measured.get("count") is None:
        return {}
    return {f"{whose}_requests": measured.total("count"), f"{whose}_errors": measured.total("errors")}


def _function(aws: Aws, case: Case, overrides: Mapping[str, str]) -> str | None:
    """The function or alias that the canary's variables lead to when it does not exist; None when nothing is wrong."""
    wired = case.traced.integration
    changed = {**case.traced.stage_variables, **overrides}
    if wired is None or not is_lambda_uri(wired.uri) or changed == case.traced.stage_variables:
        return None
    uri, missing = filled(wired, changed)
    function = parse_lambda_uri(uri or "")
    if missing or function is None or function == case.traced.function:
        return None
    named = f"{function.name}:{function.qualifier}" if function.qualifier else function.name
    return named if exists(aws, case, function) is False else None


def _gaps(answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    what = {
        "canary": "the canary's execution log",
        "canary metrics": "the canary's metrics",
        "function": "the function that the canary calls",
    }
    return [
        {"what": told, "reason": error.reason, "needs": error.action if isinstance(error, Denied) else None}
        for name, told in what.items()
        if isinstance(error := answers[name], AwsError) and not isinstance(error, NotFound)
    ]
