"""What was changed at an HTTP or WebSocket API after the deployment that its stage runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from probes._gateway import stage
from probes._metrics import moment
from wizard.model.aws import Aws, AwsError, Denied
from wizard.model.case import Case
from wizard.model.status import Reason

CALLS = frozenset({"apigatewayv2:GetStage", "apigatewayv2:GetDeployment", "cloudtrail:LookupEvents"})
# What changes a route or its integration, as CloudTrail names it.
# https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/operations.html
_EVENTS = ("UpdateIntegration", "UpdateRoute", "CreateRoute", "ReimportApi")
# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
_KEPT_BY_CLOUDTRAIL, _PAGES, _LISTED = timedelta(days=90), 2, 10


@dataclass(frozen=True, slots=True)
class Automatic:
    """How the last automatic deployment went."""

    failed: bool
    message: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Why it cannot be told whether something was changed."""

    reason: Reason
    why: str
    needs: str | None


@dataclass(frozen=True, slots=True)
class Since:
    """The changes after the deployment, newest first, as {at, what, who}; `gap` says what may be missing in them."""

    deployed_at: datetime | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    gap: Gap | None = None


def automatic(aws: Aws, case: Case) -> Automatic:
    """How the last automatic deployment went, by the stage's own message.

    https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html

    Raises:
        AwsError: the stage cannot be read.
    """
    message = stage(aws, case).get("deploymentMessage")
    return Automatic("fail" in str(message or "").lower(), str(message) if message else None)


def undeployed(aws: Aws, case: Case) -> Since:
    """What CloudTrail recorded of this route and its integration since the deployment.

    Raises:
        AwsError: the deployment cannot be read.
    """
    trace = case.traced
    if not trace.deployment_id:
        return Since(gap=Gap(Reason.NO_DATA, "the stage has no deployment.", "a deployment of the API"))
    answer = aws.call("apigatewayv2", "GetDeployment", ApiId=trace.api_id, DeploymentId=trace.deployment_id)
    made = moment(answer.get("CreatedDate"))
    if made is None:
        return Since(gap=Gap(Reason.NO_DATA, "the deployment does not say when it was made.", None))
    made = made if made.tzinfo else made.replace(tzinfo=UTC)
    changes, gap = _recorded(aws, case, max(made, case.window.end - _KEPT_BY_CLOUDTRAIL))
    if gap is None and made < case.window.end - _KEPT_BY_CLOUDTRAIL:
        why = "the deployment is older than what CloudTrail keeps (90 days)."
        gap = Gap(Reason.NO_DATA, why, "somebody who knows when the API was changed")
    listed = sorted(changes, key=lambda change: str(change["at"]), reverse=True)[:_LISTED]
    return Since(made, listed, gap)


def _recorded(aws: Aws, case: Case, start: datetime) -> tuple[list[dict[str, Any]], Gap | None]:
    found: list[dict[str, Any]] = []
    for name in _EVENTS:
        try:
            pages = aws.pages(
                "cloudtrail",
                "LookupEvents",
                limit=_PAGES,
                LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}],
                StartTime=start,
                EndTime=case.window.end,
            )
        except AwsError as error:
            return found, Gap(error.reason, str(error), error.action if isinstance(error, Denied) else None)
        found += [_change(event) for event in pages.items("Events") if _is_ours(event, case)]
        if pages.truncated and not found:
            return found, Gap(Reason.NO_DATA, f"CloudTrail holds too many {name} events.", "a newer deployment")
    return found, None


def _change(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": event.get("EventTime"), "what": str(event.get("EventName")), "who": event.get("Username")}


def _is_ours(event: Mapping[str, Any], case: Case) -> bool:
    """Whether the event went through and was about this API and, where it names one, this route or integration."""
    try:
        detail = json.loads(str(event.get("CloudTrailEvent") or ""))
    except (ValueError, RecursionError):
        return False
    asked = detail.get("requestParameters") if isinstance(detail, dict) else None
    if not isinstance(asked, dict) or detail.get("errorCode") or asked.get("apiId") != case.traced.api_id:
        return False
    own = {"routeId": case.traced.route_id, "integrationId": case.traced.integration_id}
    return all(asked.get(name) in (None, known) for name, known in own.items())
