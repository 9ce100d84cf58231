"""What was changed on this path, and how long before the errors began."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from probes._functions import configuration, region_of
from probes._gateway import STAGE_CALLS, deployments
from probes._gateway import stage as stage_of
from probes._metrics import moment
from probes._together import together
from probes._window import Errors, errors
from wizard.model.aws import Aws, AwsError, NotFound, Pages, Unsupported
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

# How far before the window changes are listed, how many pages of fifty events are read, how many changes are told.
_BEFORE, _PAGES, _KEPT, _LONGEST = timedelta(days=1), 2, 40, 120
# A change is one shortly before the onset up to this long before it.
_SHORTLY_S = 3600
# CloudTrail adds the API version to operations of Lambda: UpdateAlias20150331, UpdateFunctionCode20150331v2.
# https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
_API_VERSION = re.compile(r"20\d{6}(?:v\d+)?$")
_WHAT = {
    "deployments": "the deployments of the API",
    "stage": "the stage",
    "function": "the function",
    "trail": "what CloudTrail recorded of the API",
    "trail_function": "what CloudTrail recorded of the function",
    "errors": "when the errors began",
}


class Changes(Probe):
    """Deployments, the stage, the function and CloudTrail's write events on them, newest first, against the onset."""

    title = "What changed"
    hop = "stage"
    calls = frozenset(
        {
            "apigateway:GetDeployments",
            "apigatewayv2:GetDeployments",
            *STAGE_CALLS,
            "lambda:GetFunctionConfiguration",
            "cloudtrail:LookupEvents",
            "cloudwatch:GetMetricData",
        }
    )
    docs = (
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html",
        "https://docs.aws.amazon.com/apigateway/latest/api/API_GetDeployments.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """PASS with the changes; UNKNOWN, with those that are known, when something could not be asked."""
        answers = together(_questions(case, aws))
        seen = answers["errors"]
        onset = seen.onset if isinstance(seen, Errors) else None
        found = [change for name in answers if name != "errors" for change in _told(name, answers[name], case)]
        within = [change for change in found if case.window.start - _BEFORE <= change["at"] <= case.window.end]
        told = sorted(_once(within), key=lambda change: change["at"], reverse=True)
        for change in told:
            change["seconds_before_onset"] = round((onset - change["at"]).total_seconds()) if onset else None
        # The onset is no more exact than the period of the series.
        latest = -seen.step_s if isinstance(seen, Errors) else 0
        shortly = [change for change in told if onset and latest <= change["seconds_before_onset"] <= _SHORTLY_S]
        facts: dict[str, Any] = {
            "changes": told[:_KEPT],
            "onset": onset,
            "before_onset": len(shortly),
            "capped": len(told) > _KEPT
            or any(isinstance(answer, Pages) and answer.truncated for answer in answers.values())
            or (isinstance(answers["deployments"], tuple) and answers["deployments"][1]),
        }
        silent = {
            name: answer
            for name, answer in answers.items()
            if isinstance(answer, AwsError) and not isinstance(answer, NotFound | Unsupported)
        }
        if silent:
            facts["partial"] = [
                {"what": _WHAT[name], "reason": error.reason, "needs": getattr(error, "action", None)}
                for name, error in silent.items()
            ]
        silent.pop("errors", None)  # the changes are known all the same
        if silent:
            return self._in_part(silent, facts)
        if shortly:
            last = shortly[0]
            minutes = round(last["seconds_before_onset"] / 60)
            when = f"{minutes} min before" if minutes > 0 else "just when"
            return self.passed(f"{last['what']}, {when} the errors began.", **facts)
        if told:
            return self.passed(f"The last change: {told[0]['what']}, {told[0]['at']:%Y-%m-%d %H:%M} UTC.", **facts)
        return self.passed("Nothing was changed in this time window or the day before.", **facts)

    def _in_part(self, silent: Mapping[str, AwsError], facts: dict[str, Any]) -> Evidence:
        name, error = next(iter(silent.items()))
        told = self.from_error(error, f"Not all changes are known, {_WHAT[name]} could not be read")
        return self.unknown(error.reason, told.summary, told.needs, **facts)


def _questions(case: Case, aws: Aws) -> dict[str, Callable[[], Any]]:
    function = case.traced.function

    def trail(source: str, region: str | None) -> Pages:
        return aws.pages(
            "cloudtrail",
            "LookupEvents",
            region=region,
            limit=_PAGES,
            LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": source}],
            StartTime=case.window.start - _BEFORE,
            EndTime=case.window.end,
        )

    questions: dict[str, Callable[[], Any]] = {
        "errors": lambda: errors(aws, case),
        "deployments": lambda: deployments(aws, case, _PAGES),
        "stage": lambda: stage_of(aws, case),
        "trail": lambda: trail("apigateway.amazonaws.com", None),
    }
    if function:
        questions |= {
            "function": lambda: configuration(aws, case, function),
            "trail_function": lambda: trail("lambda.amazonaws.com", region_of(function, case)),
        }
    return questions


def _told(name: str, answer: Any, case: Case) -> Iterable[dict[str, Any]]:
    """The changes that one answer tells of."""
    trace, function = case.traced, case.traced.function
    if isinstance(answer, AwsError):
        return
    if name == "deployments":
        for item in answer[0]:
            said = f" ({str(item['description'])[:_LONGEST]})" if item.get("description") else ""
            live = ", which the stage runs" if item.get("id") == trace.deployment_id else ""
            yield from _change(
                item.get("createdDate"), f"Deployment {item.get('id')}{said}{live}", "stage", "deployment"
            )
    elif name == "stage":
        yield from _change(answer.get("lastUpdatedDate"), f"Stage {trace.stage} was updated", "stage", "stage")
    elif name == "function" and function:
        version = answer.get("Version")
        which = f" (version {version})" if version not in (None, "$LATEST") else ""
        what = f"Function {function.name}{which} was updated"
        yield from _change(answer.get("LastModified"), what, "lambda-function", "function")
    else:
        hop = "lambda-function" if name == "trail_function" else "stage"
        for event in answer.items("Events"):
            detail = _detail(event)
            if _writes(event, detail) and _concerns(detail, case):
                action = _API_VERSION.sub("", str(event.get("EventName")))
                what = f"{action} ({str(event.get('EventSource')).partition('.')[0]})"
                failed = f", refused: {str(detail['errorCode'])[:_LONGEST]}" if detail.get("errorCode") else ""
                who = str(event.get("Username") or "")[:_LONGEST] or None
                yield from _change(event.get("EventTime"), what + failed, hop, "cloudtrail", who)


def _change(at: Any, what: str, hop: str, source: str, who: str | None = None) -> Iterable[dict[str, Any]]:
    """One change, if its time is known; Lambda writes +0000 behind its own."""
    when = moment(at)
    if when is not None:
        when = when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
        yield {"at": when, "what": what, "who": who, "hop": hop, "source": source}


def _once(found: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Every change once, however many pages or answers tell of it."""
    seen: set[tuple[datetime, str]] = set()
    for change in found:
        key = (change["at"], change["what"])
        if key not in seen:
            seen.add(key)
            yield change


def _detail(event: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = json.loads(str(event.get("CloudTrailEvent") or ""))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _writes(event: Mapping[str, Any], detail: Mapping[str, Any]) -> bool:
    return str(event.get("ReadOnly", detail.get("readOnly"))).lower() == "false"


def _concerns(detail: Mapping[str, Any], case: Case) -> bool:
    """Whether a write was about this API (and stage, if it names one) or this function; an account-wide one counts."""
    asked = detail.get("requestParameters")
    asked = asked if isinstance(asked, dict) else {}
    trace, function = case.traced, case.traced.function
    if named := asked.get("functionName"):
        names = str(named).split(":")
        return function is not None and function.name in names
    if api := asked.get("restApiId") or asked.get("apiId"):
        stage = asked.get("stageName")
        return api == trace.api_id and stage in (None, trace.stage)
    return str(detail.get("eventName")) == "UpdateAccount"
