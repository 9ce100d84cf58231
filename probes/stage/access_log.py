"""What the stage's access log says of failing requests to this method."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from probes._gateway import STAGE_CALLS
from probes._gateway import stage as stage_of
from probes._logs import Event, any_of, filtered, newest, text_of, time_of
from probes._story import around, invocations, tell
from probes._together import together
from probes.stage._access_format import STATUS, Format, Record, enable_commands
from probes.stage._placed import of_method
from wizard.logs import Line, match
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

STATUSES = ("500", "501", "502", "503", "504", "505")
_LINES, _LONGEST, _KEPT = 20, 400, 60
_SHOWN = ("status", "error.responseType", "integration.integrationStatus", "integration.status", "integrationStatus")


class AccessLog(Probe):
    """Reads the stage's access log by the stage's own format, and what the service wrote of failing requests."""

    title = "Access log of the stage"
    hop = "stage"
    calls = frozenset(
        {
            *STAGE_CALLS,
            "logs:FilterLogEvents",
            "cloudwatch:GetMetricData",
            "lambda:GetFunctionConfiguration",
        }
    )
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with what failing requests left, PASS when the log shows none, SKIPPED when the stage writes none."""
        stage = stage_of(aws, case)
        settings = stage.get("accessLogSettings") or {}
        destination, form = str(settings.get("destinationArn") or ""), Format(str(settings.get("format") or ""))
        group = destination.partition(":log-group:")[2].removesuffix(":*")
        facts: dict[str, Any] = {"destination": destination or None, "log_group": group or None}
        if not destination:
            facts["enable_commands"] = enable_commands(case.target, None)
            return self.skipped(f"Stage {case.traced.stage} writes no access log.", **facts)
        lacking = form.missing(case.target.api_type)
        if lacking:
            facts |= {
                "missing_variables": lacking,
                "enable_commands": enable_commands(case.target, destination, form.text),
            }
        if not group:
            return self.skipped("The access log goes to Firehose, out of reach of this check.", **facts)
        if not form.tells:
            return self.skipped("The access log's format tells neither the status nor an error.", **facts)
        try:
            events, capped = _events(aws, case, group, any_of(STATUSES) if set(STATUS) & set(form.names) else "")
        except NotFound:
            return self.unknown(
                Reason.NO_DATA, f"There is no log group {group} for the access log.", f"log group {group}", **facts
            )
        return self._read(case, aws, form, events, facts | {"capped": capped})

    def _read(self, case: Case, aws: Aws, form: Format, events: list[Event], facts: dict[str, Any]) -> Evidence:
        read = [(event, form.read(text_of(event))) for event in sorted(events, key=time_of, reverse=True)]
        failed = [(event, record) for event, record in read if record and record.failed]
        ours = [(event, record) for event, record in failed if of_method(record, case)]
        reported = [pair for pair in ours if case.symptom.request_id and _is_reported(pair[1], case)]
        ours = reported + [pair for pair in ours if pair not in reported]
        facts |= {"requests": len(ours), "other_methods": len(failed) - len(ours)}
        facts["unread"] = sum(record is None for _, record in read)
        if not ours:
            return self._none(case, facts)
        facts |= _facts(case, aws, ours[:_KEPT])
        facts["answer"] = form.answer(ours[0][1]) if _is_proxy(case) else None
        first = ours[0][1]
        said = " ".join(next(iter(first.telling()), "it names no error").split())[:160]
        which = "reported one" if reported else "newest"
        return self.failed(f"{_count(len(ours))}, the {which} with {first.status or 'an error'}: {said}", **facts)

    def _none(self, case: Case, facts: dict[str, Any]) -> Evidence:
        where = f"{case.target.method} {case.traced.resource_path}"
        if facts["unread"] and not facts["other_methods"]:
            return self.unknown(
                Reason.NO_DATA,
                f"{facts['log_group']} holds lines that the stage's present format does not explain.",
                "a time window after the format was last changed (--since)",
                **facts,
            )
        if facts["capped"]:
            return self.unknown(
                Reason.NO_DATA,
                f"{facts['log_group']} holds more than could be read; nothing of what was read is a 5xx of {where}.",
                "a shorter time window (--since)",
                **facts,
            )
        return self.passed(f"{facts['log_group']} shows no 5xx of {where} in this time window.", **facts)


def _events(aws: Aws, case: Case, group: str, pattern: str) -> tuple[list[Event], bool]:
    """Lines that may tell of a 5xx, and those that name the reported request."""
    reported = case.symptom.request_id
    questions: dict[str, Any] = {"failing": lambda: newest(aws, case, group, pattern)}
    if reported:
        start, end = case.window.start_ms, case.window.end_ms
        named = any_of(dict.fromkeys((reported, reported.lower())))
        questions["reported"] = lambda: filtered(aws, group, start, end, named).items("events")
    answers = together(questions)
    for answer in answers.values():
        if isinstance(answer, AwsError):
            raise answer
    events, capped = answers["failing"]
    extra = [event for event in answers.get("reported") or [] if event not in events]
    return [*events, *extra], capped


def _facts(case: Case, aws: Aws, ours: list[tuple[Event, Record]]) -> dict[str, Any]:
    said = [Line(number, "\t".join(record.telling()), alone=True) for number, (_, record) in enumerate(ours, 1)]
    matches = match(said, case.signatures, "access-log")
    event, first = ours[0]
    facts: dict[str, Any] = {name: value for found in reversed(matches) for name, value in found.facts.items()}
    return facts | {
        "causes": [found.fact() for found in matches],
        "cause_ids": [found.cause for found in matches],
        "request_ids": [identity for _, record in ours[:_LINES] if (identity := record.values.get("requestId"))],
        "client_statuses": [first.status] if first.status else [],
        "newest": datetime.fromtimestamp(time_of(event) / 1000, UTC),
        "lines": [_line(record) for _, record in ours[:_LINES]],
        "response_type": first.values.get("error.responseType"),
        "story": _story(case, aws, event, first),
    }


def _line(record: Record) -> dict[str, str]:
    shown = [f"{name} {record.values[name]}" for name in _SHOWN if name in record.values]
    text = "; ".join([*shown, *record.telling()])[:_LONGEST]
    return {"request_id": record.values.get("requestId") or "", "text": text}


def _story(case: Case, aws: Aws, event: Event, record: Record) -> list[dict[str, Any]]:
    """The access-log line, and the invocation that it names by Lambda request id or trace id."""
    ids = record.ids()
    took = case.traced.integration.timeout_ms if case.traced.integration else 0
    lines = around(aws, case, time_of(event) - took, time_of(event)) if len(ids) > 1 else []
    ran: Iterable[Event] = [event for run in invocations(lines) if run.is_of(ids) for event in run.events]
    whole = {**event, "message": _line(record)["text"]}
    told = tell(case, [(whole, "access"), *((event, "function") for event in ran)], {whole["message"]})
    return [
        {**line, "request_id": record.values.get("requestId")} if line["source"] == "access" else line for line in told
    ]


def _is_proxy(case: Case) -> bool:
    """Whether the integration is a Lambda proxy: only then a 200 of Lambda is the function's own answer."""
    return case.traced.integration is not None and case.traced.integration.type == "AWS_PROXY"


def _is_reported(record: Record, case: Case) -> bool:
    given = str(case.symptom.request_id).removeprefix("Root=").partition(";")[0].lower()
    return given in record.ids()


def _count(number: int) -> str:
    return "1 request failed" if number == 1 else f"{number} requests failed"
