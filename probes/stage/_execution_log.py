"""Reading a stage's execution log: which requests to this method failed, and their whole stories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from probes._logs import Event, any_of, filtered, newest, text_of, time_of
from probes._story import around, invocations, joined
from probes._together import together
from probes.stage._placed import by_access_log, serves
from wizard.logs import Story, clean, stories
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.trace import Trace

# What a failing request leaves behind. The statuses are spelt out: a filter pattern matches whole words.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
WORDS = (
    "Execution failed",
    "Lambda execution failed",
    "Lambda invocation failed",
    *(f"Method completed with status: {status}" for status in (500, 501, 502, 503, 504, 505)),
)
FAILING = any_of(WORDS)
AT_ONCE, ROUNDS, KEPT = 20, 3, 20
_AROUND_MS = 60_000


@dataclass(frozen=True, slots=True)
class Failures:
    """Failing requests to one method, newest first, and all their log lines in order.

    `others` counts failing requests to other methods; `unplaced` are the ids of those of whose method neither this log
    nor the access log tells; `capped` is true when older or further requests were left unread.
    `reported` is the request that the client reported, failed or not; None when it is not there. `whole` are the
    events of the first request, each with its source (gateway or function), for its whole story. `times` are request
    ids and when they were first heard of, in milliseconds since the epoch.
    """

    stories: list[Story]
    lines: list[str]
    others: int = 0
    capped: bool = False
    reported: Story | None = None
    whole: list[tuple[Event, str]] = field(default_factory=list)
    times: dict[str, int] = field(default_factory=dict)
    unplaced: frozenset[str] = frozenset()


def log_group(trace: Trace) -> str:
    """Where API Gateway writes the stage's execution log.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html
    """
    if trace.api_type == "websocket":
        return f"/aws/apigateway/{trace.api_id}/{trace.stage}"
    return f"API-Gateway-Execution-Logs_{trace.api_id}/{trace.stage}"


def of_method(story: Story, trace: Trace, method: str | None = None) -> bool:
    """Whether a request went to the traced method, as far as its log tells; one that does not say counts."""
    if method and story.method and story.method != method.upper():
        return False
    return story.resource_path is None or serves(
        (trace.resource_path or "").strip("/").split("/"), story.resource_path.strip("/").split("/")
    )


def failures(aws: Aws, case: Case, known: tuple[list[Event], bool] | None = None) -> Failures:
    """The newest failing requests to the traced method in the case's window; a request that was reported comes first.

    `known` are the lines of failing requests, and whether there are more, when they have been searched already.

    Raises:
        AwsError: the log cannot be read; NotFound when there is no such log group.
    """
    (found, capped), reported = _sought(aws, case, known)
    found = [*reported, *found]
    named = _ids(reported)
    ids = list(dict.fromkeys([*named, *_ids(sorted(found, key=time_of, reverse=True))]))
    ours: dict[str, Story] = {}
    kept: list[Event] = []
    others, named_story = 0, None
    unplaced: set[str] = set()
    late: list[Event] = []
    for portion in list(_portions(ids))[:ROUNDS]:
        events, late_now = _read(aws, case, portion, found, first=not ours)
        late = late or late_now
        told = {story.request_id: story for story in stories(map(text_of, events))}
        named_story = named_story or next((told[i] for i in named if i in told), None)
        failed = {i: story for i, story in told.items() if story.failed}
        silent = {i for i, story in failed.items() if i and story.resource_path is None and i not in named}
        placed = by_access_log(aws, case, silent) if silent else {}
        unplaced |= (silent - set(placed)) if case.traced.api_type == "rest" else set()
        mine = {
            i: failed[i]
            for i in portion
            if i in failed and placed.get(i, of_method(failed[i], case.traced, case.target.method))
        }
        others += len(failed) - len(mine)
        ours |= mine
        kept += [event for event in events if clean(text_of(event)).request_id in mine]
        if len(ours) >= KEPT:
            break
    left = len(ids) > AT_ONCE * ROUNDS or bool(ids[AT_ONCE:] and len(ours) >= KEPT and portion[-1] != ids[-1])
    lines = [text_of(event) for event in kept]
    whole = _whole_story(ours, kept, late)
    silent = unplaced & set(ours)
    times: dict[str, int] = {}
    for event in kept:
        times.setdefault(clean(text_of(event)).request_id or "", time_of(event))
    return Failures(list(ours.values()), lines, others, capped or left, named_story, whole, times, frozenset(silent))


def _sought(
    aws: Aws, case: Case, known: tuple[list[Event], bool] | None
) -> tuple[tuple[list[Event], bool], list[Event]]:
    """The lines of failing requests, and those that name the reported request (by whichever of its ids)."""
    group, reported = log_group(case.traced), case.symptom.request_id
    questions = {} if known else {"found": lambda: newest(aws, case, group, FAILING)}
    if reported:
        terms = any_of(dict.fromkeys((reported, reported.lower())))
        questions["reported"] = lambda: (
            filtered(aws, group, case.window.start_ms, case.window.end_ms, terms).items("events"),
            False,
        )
    answers = together(questions)
    for answer in answers.values():
        if isinstance(answer, AwsError):
            raise answer
    return known or answers["found"], answers["reported"][0] if reported else []


def _read(aws: Aws, case: Case, ids: list[str], found: list[Event], *, first: bool) -> tuple[list[Event], list[Event]]:
    """All lines of these requests and, for the first portion, what the function wrote around the first of them."""
    times = {i: [time_of(event) for event in found if clean(text_of(event)).request_id == i] for i in ids}
    every = [at for listed in times.values() for at in listed]
    longest = case.traced.integration.timeout_ms if case.traced.integration else 0
    group = log_group(case.traced)
    start, end = min(every) - longest - _AROUND_MS, max(every) + _AROUND_MS
    questions = {"lines": lambda: filtered(aws, group, start, end, any_of(ids)).items("events")}
    if first:
        begin, done = min(times[ids[0]]) - longest, max(times[ids[0]])
        questions["function"] = lambda: around(aws, case, begin, done)
    answers = together(questions)
    if isinstance(answers["lines"], AwsError):
        raise answers["lines"]
    return sorted(answers["lines"], key=time_of), answers.get("function") or []


def _whole_story(ours: dict[str, Story], kept: list[Event], function: list[Event]) -> list[tuple[Event, str]]:
    first = next(iter(ours), None)
    gateway = [event for event in kept if clean(text_of(event)).request_id == first]
    ids = joined(map(text_of, gateway))
    ran = [run for run in invocations(function) if ids and run.is_of(ids)]
    return [(event, "gateway") for event in gateway] + [(event, "function") for run in ran for event in run.events]


def _ids(events: Iterable[Event]) -> list[str]:
    return list(dict.fromkeys(identity for event in events if (identity := clean(text_of(event)).request_id)))


def _portions(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def request_ids(told: Iterable[Story]) -> list[str]:
    """The ids of these requests."""
    return [story.request_id for story in told if story.request_id]
