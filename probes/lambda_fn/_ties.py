"""Whose requests the lines of a function's log belong to: a function may serve many methods, and other callers too.

The gateway's logs name Lambda's own request id of every call they tell of; the stage's access log may name the trace
instead. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
"""

from __future__ import annotations

from dataclasses import dataclass, field

from probes._functions import region_of
from probes._gateway import STAGE_CALLS
from probes._gateway import stage as stage_of
from probes._logs import Event, any_of, filtered, text_of, time_of
from probes._story import Invocation, invocations, joined
from probes._together import together
from probes.lambda_fn._function import traced_function
from probes.stage._execution_log import log_group, of_method, request_ids
from probes.stage._placed import access_log
from probes.stage._placed import of_method as line_of_method
from wizard.logs import clean, stories
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case

# Runs that are looked up, the newest first: as many ids as a filter pattern of 1,024 characters holds.
AT_ONCE = 12
_STREAMS, _LONGEST_RUN_MS = 20, 900_000
# The gateway writes its lines when the request has ended, which may be after the window.
_LATE_MS = 300_000
_STARTS, _ENDS = ("START RequestId", "platform.start"), ("REPORT RequestId", "platform.report")
_BORDERS = any_of((*_STARTS, *_ENDS))
_BY_ID, _BY_TRACE = ("integration.requestId", "awsEndpointRequestId"), ("xrayTraceId",)
CALLS = frozenset({"logs:FilterLogEvents", *STAGE_CALLS})


@dataclass(frozen=True, slots=True)
class Ties:
    """Error lines by whose request they belong to: of the traced method, of another one, or not known."""

    ours: list[Event] = field(default_factory=list)
    others: list[Event] = field(default_factory=list)
    untied: list[Event] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether the gateway's logs tell of any of these requests."""
        return bool(self.ours or self.others)


def tie(case: Case, aws: Aws, group: str, bad: list[Event]) -> Ties:
    """Ties these lines of the function's log to requests of the stage; what cannot be read leaves them untied."""
    runs = _runs(case, aws, group, bad)[:AT_ONCE]
    known = [(run, _ids(run), _traces(run)) for run in runs]
    ids = sorted({identity for _, mine, _ in known for identity in mine})
    traces = sorted({trace for _, _, mine in known for trace in mine})
    if not ids:
        return Ties(untied=bad)
    answers = together(
        {
            "execution": lambda: _in_execution_log(case, aws, ids),
            "access": lambda: _in_access_log(case, aws, ids, traces),
        }
    )
    told: dict[str, bool] = {}
    for name in ("access", "execution"):
        told |= {} if isinstance(answers[name], AwsError) else answers[name]
    verdicts = {
        _key(event): told[identity]
        for run, mine, its_traces in known
        for identity in mine | its_traces
        if identity in told
        for event in run.events
    }
    return Ties(
        [event for event in bad if verdicts.get(_key(event)) is True],
        [event for event in bad if verdicts.get(_key(event)) is False],
        [event for event in bad if _key(event) not in verdicts],
    )


def _runs(case: Case, aws: Aws, group: str, bad: list[Event]) -> list[Invocation]:
    """The invocations that these lines belong to, the newest first; where they begin and end is looked up."""
    newest = sorted(bad, key=time_of, reverse=True)
    streams = list(dict.fromkeys(str(event.get("logStreamName") or "") for event in newest))[:_STREAMS]
    region = region_of(traced_function(case), case)
    start, end = time_of(newest[-1]) - _LONGEST_RUN_MS, time_of(newest[0]) + _LONGEST_RUN_MS
    answers = together(
        {"borders": lambda: filtered(aws, group, start, end, _BORDERS, region=region, streams=filter(None, streams))}
    )
    borders = [] if isinstance(answers["borders"], AwsError) else answers["borders"].items("events")
    # Lines of the same millisecond: what was said stands between the beginning and the end.
    begins = [event for event in borders if not any(mark in text_of(event)[:100] for mark in _ENDS)]
    every = {_key(event): event for event in [*begins, *bad, *borders]}
    wanted = {_key(event) for event in bad}
    told = [run for run in invocations(every.values()) if any(_key(event) in wanted for event in run.events)]
    return sorted(told, key=lambda run: max(map(time_of, run.events)), reverse=True)


def _ids(run: Invocation) -> set[str]:
    """The run's own request id, in lower case."""
    lines = (clean(text_of(event)).request_id for event in run.events)
    named = run.request_id or next((identity for identity in lines if identity), None)
    return {named.lower()} if named else set()


def _traces(run: Invocation) -> set[str]:
    """The trace that the run's report names, in lower case."""
    return {identity for identity in joined(map(text_of, run.events)) if identity.startswith("1-")} - _ids(run)


def _in_execution_log(case: Case, aws: Aws, ids: list[str]) -> dict[str, bool]:
    """Lambda request id -> whether its request went to the traced method."""
    group, start, end = log_group(case.traced), case.window.start_ms, case.window.end_ms + _LATE_MS
    naming = filtered(aws, group, start, end, any_of(ids)).items("events")
    named: dict[str, str] = {}
    for event in naming:
        gateway = clean(text_of(event)).request_id
        text = text_of(event).lower()
        named |= {identity: gateway for identity in ids if gateway and gateway != identity and identity in text}
    if not named:
        return {}
    lines = filtered(aws, group, start - _LONGEST_RUN_MS, end, any_of(sorted(set(named.values())))).items("events")
    told = {story.request_id: story for story in stories(map(text_of, sorted(lines, key=time_of)))}
    known = set(request_ids(told.values()))
    return {
        identity: of_method(told[gateway], case.traced, case.target.method)
        for identity, gateway in named.items()
        if gateway in known and told[gateway].resource_path is not None
    }


def _in_access_log(case: Case, aws: Aws, ids: list[str], traces: list[str]) -> dict[str, bool]:
    """Lambda request id, or trace -> whether its request went to the traced method."""
    form, group = access_log(stage_of(aws, case).get("accessLogSettings") or {})
    wanted = ids if set(_BY_ID) & set(form.names) else traces if set(_BY_TRACE) & set(form.names) else []
    if not group or not wanted:
        return {}
    pages = filtered(aws, group, case.window.start_ms, case.window.end_ms + _LATE_MS, any_of(wanted))
    records = [record for event in pages.items("events") if (record := form.read(text_of(event)))]
    return {identity: line_of_method(record, case) for record in records for identity in record.ids() & set(wanted)}


def _key(event: Event) -> tuple[str, int, str]:
    return str(event.get("logStreamName") or ""), time_of(event), text_of(event)
