"""What the stage runs against what is configured."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from probes._together import attempt
from probes.path._snapshot import configured, deployed
from probes.stage._differences import differences as other_differences
from probes.stage._undeployed import CALLS, automatic, undeployed
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason
from wizard.model.trace import Integration, Trace


class Deployment(Probe):
    """Compares this method's integration in the stage's deployment with the one that would be deployed now."""

    title = "Deployed against configured"
    hop = "stage"
    calls = CALLS | {
        "apigateway:GetDeployment",
        "apigateway:GetExport",
        "apigateway:GetResources",
        "apigateway:GetRestApi",
    }
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """PASS when both are the same, WARN when something waits for a deployment, FAIL when the method itself does."""
        trace = case.traced
        if trace.api_type != "rest":
            return self._of_v2(case, aws)
        if not trace.deployed_known:  # ask again for the reason, which the trace does not keep
            deployed(aws, str(trace.api_id), str(trace.stage))
            return self.unknown(
                Reason.NO_DATA, "What the stage runs could not be read.", "a readable export of the stage"
            )
        if trace.resource_id is None and trace.configured is None:
            draft = configured(aws, str(trace.api_id))
            if trace.resource_path in draft.ids:
                return self.unknown(
                    Reason.NO_DATA, "What is configured could not be read.", "a readable working copy of the API"
                )
        differences = compare(trace.integration, trace.configured)
        facts: dict[str, Any] = {
            "differences": differences,
            "undeployed": bool(differences),
            "timeout_raised": _timeout_raised(trace),
            "method_deployed": trace.integration is not None,
            "deployment_id": trace.deployment_id,
            **_deployed_at(aws, trace),
        }
        where = f"{trace.method_key} {trace.resource_path}"
        if trace.integration is None:
            return self.failed(f"{where} is configured but was never deployed to stage {trace.stage}.", **facts)
        if trace.configured is None:
            return self.warned(
                f"{where} runs on stage {trace.stage} but is no longer configured; the next deployment removes it.",
                **facts,
            )
        beside = attempt(lambda: other_differences(aws, case))
        if isinstance(beside, AwsError):
            missing = {
                "what": "what else was changed",
                "reason": beside.reason,
                "needs": getattr(beside, "action", None),
            }
            facts["partial"] = [*facts.get("partial", []), missing]
            beside = []
        facts["told"] = [_in_words(difference) for difference in differences] + [each["told"] for each in beside]
        facts["changed_parts"] = [str(each["field"]) for each in differences] + [each["what"] for each in beside]
        facts["undeployed"] = bool(facts["told"])
        if differences:
            names = ", ".join(str(difference["field"]) for difference in differences)
            return self.warned(
                f"{where} was changed ({names}) and not deployed: stage {trace.stage} still runs the old settings.",
                **facts,
            )
        if beside:
            more = f" (and {len(beside) - 3} more)" if len(beside) > 3 else ""
            told = "; ".join(each["told"] for each in beside[:3])
            return self.warned(f"{where} was changed and not deployed to stage {trace.stage}: {told}{more}.", **facts)
        return self.passed(f"Stage {trace.stage} runs what is configured for {where}.", **facts)

    def _of_v2(self, case: Case, aws: Aws) -> Evidence:
        """The service shows no snapshot of an HTTP or WebSocket API: CloudTrail tells what was changed since."""
        trace = case.traced
        if trace.auto_deploy:
            told = automatic(aws, case)
            facts: dict[str, Any] = {"auto_deploy": True, "undeployed": told.failed, "message": told.message}
            if told.failed:
                return self.warned(f"Automatic deployment to stage {trace.stage} failed: {told.message}", **facts)
            return self.passed(f"Stage {trace.stage} deploys every change by itself.", **facts)
        since = undeployed(aws, case)
        facts = {"auto_deploy": False, "deployed_at": since.deployed_at, "changed_since": since.changes}
        if since.changes:
            told_by = f"{since.changes[0]['what']} came after the deployment that stage {trace.stage} runs"
            return self.warned(f"{told_by} ({since.deployed_at:%Y-%m-%d %H:%M} UTC).", **facts, undeployed=True)
        if gap := since.gap:
            told_by = f"Whether every change was deployed is not known: {gap.why}"
            return self.unknown(gap.reason, told_by, gap.needs, **facts)
        return self.passed(f"Nothing of {trace.route_key} was changed after its deployment.", **facts, undeployed=False)


def compare(live: Integration | None, draft: Integration | None) -> list[dict[str, Any]]:
    """Where two integrations differ, as {field, deployed, configured}; a missing one differs as a whole."""
    if live is None or draft is None:
        whole = {"field": "method", "deployed": live is not None, "configured": draft is not None}
        return [whole] if live is not draft else []
    return [
        {"field": field.name, "deployed": was, "configured": now}
        for field in fields(Integration)
        if (was := getattr(live, field.name)) != (now := getattr(draft, field.name))
    ]


def _in_words(difference: dict[str, Any]) -> str:
    was, now = (difference[side] if difference[side] is not None else "none" for side in ("deployed", "configured"))
    return f"{str(difference['field']).replace('_', ' ')} is {was} on the stage and {now} as configured"


def _timeout_raised(trace: Trace) -> bool:
    """Whether a longer timeout is configured than the stage runs."""
    live, draft = trace.integration, trace.configured
    return bool(live and draft and draft.timeout_ms > live.timeout_ms)


def _deployed_at(aws: Aws, trace: Trace) -> dict[str, Any]:
    """When the stage's deployment was made; nothing else depends on it, so an error is told beside it."""
    if not trace.deployment_id:
        return {"deployed_at": None}
    answer = attempt(
        lambda: aws.call("apigateway", "GetDeployment", restApiId=trace.api_id, deploymentId=trace.deployment_id)
    )
    if isinstance(answer, AwsError):
        return {
            "deployed_at": None,
            "partial": [
                {
                    "what": "the time of the deployment",
                    "reason": answer.reason,
                    "needs": getattr(answer, "action", None),
                }
            ],
        }
    return {"deployed_at": str(answer.get("createdDate") or "") or None}
