"""Requests to the traced method that API Gateway itself refused with a 4xx, as the stage's two logs tell of them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from probes._gateway import STAGE_CALLS, stage
from probes._logs import Event, any_of, newest, text_of
from probes._together import together
from probes.stage._access_format import Record
from probes.stage._execution_log import log_group
from probes.stage._placed import access_log, of_method
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case

CALLS = frozenset({*STAGE_CALLS, "logs:FilterLogEvents", "cloudwatch:GetMetricData"})
# What the execution log says of a request that found no room; the second text is not public word for word.
_NO_ROOM = ("limit exceeded for RestApi", "used up the quota")
_PLACE = re.compile(r"Resource (\w+), HttpMethod (\w+)")
_INTEGRATION = ("integration.status", "integration.integrationStatus", "integrationStatus", "integration.latency")
_KEPT = 20


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often the gateway refused requests to the method, what it said, and which ids they had, newest first.

    `types` are gateway response types, where the access log names them. `passed_on` counts such answers that came from
    the integration. `gaps` are logs that could not be read.
    """

    count: int = 0
    texts: tuple[str, ...] = ()
    request_ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    passed_on: int = 0
    gaps: tuple[AwsError, ...] = ()


def refused(aws: Aws, case: Case, statuses: Collection[int]) -> Refusals:
    """Requests to the method that got one of these statuses without the integration being asked.

    Raises:
        AwsError: the stage cannot be read.
    """
    form, group = access_log(stage(aws, case).get("accessLogSettings") or {})
    questions: dict[str, Any] = {}
    if group and "status" in form.names:
        wanted = any_of(str(status) for status in statuses)
        questions["access"] = lambda: newest(aws, case, group, wanted, counted=False)[0]
    if 429 in statuses and case.traced.api_type == "rest":
        questions["execution"] = lambda: newest(aws, case, log_group(case.traced), any_of(_NO_ROOM), counted=False)[0]
    answers = together(questions)
    gaps = tuple(a for a in answers.values() if isinstance(a, AwsError) and not isinstance(a, NotFound))
    seen = {name: answer for name, answer in answers.items() if not isinstance(answer, AwsError)}
    records = [record for event in seen.get("access", ()) if (record := form.read(text_of(event)))]
    answered = [each for each in records if each.status in statuses and of_method(each, case)]
    ours = [each for each in answered if _by_gateway(each)]
    lines = [text for event in seen.get("execution", ()) if (text := _of_method(event, case))]
    ids = dict.fromkeys(record.values.get("requestId") or "" for record in reversed(ours))
    return Refusals(
        max(len(ours), len(lines)),
        tuple(dict.fromkeys(reversed(lines)))[:_KEPT],
        tuple(identity for identity in ids if identity)[:_KEPT],
        tuple(dict.fromkeys(each.values["error.responseType"] for each in ours if "error.responseType" in each.values)),
        tuple(dict.fromkeys(each.status for each in reversed(ours) if each.status)),
        len(answered) - len(ours),
        gaps,
    )


def _by_gateway(record: Record) -> bool:
    """Whether no integration was asked: then the status is the gateway's own."""
    return record.first(_INTEGRATION) is None


def _of_method(event: Event, case: Case) -> str | None:
    """What a line of the execution log says, without the request's id; None when it is about another method."""
    text = text_of(event)
    place = _PLACE.search(text)
    own = (case.traced.resource_id, case.traced.method_key)
    if place and own[0] and (place[1], place[2]) != own:
        return None
    return text.partition(") ")[2] if text.startswith("(") else text
