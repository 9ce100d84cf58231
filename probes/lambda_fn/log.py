"""What the function's own log says of failing invocations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from probes._functions import log_group, region_of
from probes._logs import Event, any_of, filtered, newest, text_of, time_of
from probes._story import invocations, joined, tell
from probes._together import attempt, together
from probes.lambda_fn import _sharing, _ties
from probes.lambda_fn._function import ask, traced_function
from probes.lambda_fn._sharing import callers
from probes.lambda_fn._ties import tie
from probes.stage._execution_log import Failures, failures
from wizard.logs import Match, clean, match
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Proof, Reason

# Any of these words makes an event worth reading.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
WORDS = (
    *("ERROR", "Error", "error", "errorMessage", "errorType", "Exception", "Traceback", "panic", "fatal", "FATAL"),
    *("AccessDenied", "AccessDeniedException", "not authorized to perform", "Unable to import module", "INIT_REPORT"),
    *("Task timed out", "Status: timeout", "Runtime exited", "exceeded maximum allowed payload size"),
    "body size is too long",
)
PATTERN = any_of(WORDS)
LINES, LONGEST = 20, 600
# How far around a line its invocation is looked for, in milliseconds: as long as a function may run, and a bit.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_LONGEST_RUN_MS, _AROUND_MS = 900_000, 5_000
# An event that nobody would log but for an error, whatever its cause.
_ERROR = re.compile(
    r"^\[ERROR\]|\b(?:ERROR|FATAL)\b|Task timed out after|Runtime exited|Status: (?:error|timeout)|\"errorType\":"
    r"|Traceback \(most recent call last\)|Uncaught Exception|Unhandled Promise Rejection|\bpanic: "
)


class Log(Probe):
    """Looks for the tree's function-log signatures among the function's error lines, newest first."""

    title = "Function log"
    hop = "lambda-function"
    calls = frozenset(
        {
            "logs:FilterLogEvents",
            "lambda:GetFunctionConfiguration",
            "cloudwatch:GetMetricData",
            *_ties.CALLS,
            *_sharing.CALLS,
        }
    )
    needs = ("function",)
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when lines show a known cause, WARN when they show errors of no known cause, PASS when the log
        shows none.
        """
        function = traced_function(case)
        settings = attempt(lambda: ask(case, aws, "GetFunctionConfiguration", function))
        group, shared = log_group(settings, function)
        try:
            events, capped, one = _events(case, aws, function, group)
        except NotFound:
            if isinstance(settings, NotFound):
                return self.skipped(f"{function.name} does not exist, so it has no log.", exists=False)
            return self.unknown(
                Reason.NO_DATA,
                f"There is no log group {group}: {function.name} never ran, or may not write logs.",
                f"log group {group}, and logs:CreateLogStream and logs:PutLogEvents for the function's role",
                log_group=group,
            )
        if shared:
            events = [event for event in events if _of_function(event, function)]
        facts: dict[str, Any] = {"log_group": group, "capped": capped}
        if case.symptom.request_id:
            facts["reported"] = one
        events = sorted(events, key=_in_stream)
        told = Told(events) if one else _whose(case, aws, group, events)
        return self._read(case, aws, told, facts)

    def _read(self, case: Case, aws: Aws, told: Told, facts: dict[str, Any]) -> Evidence:
        group, events = facts["log_group"], told.events
        matches, bad = _matched(case, events)
        facts |= {"error_lines": len(bad), "other_lines": told.others, "tied": told.tied, "shared_with": told.callers}
        aside = f" of this method; {_count(told.others)} belong to other requests" if told.others else ""
        if not bad:
            which = "for the reported request" if facts.get("reported") else "in this time window"
            read = " as far as it was read" if facts["capped"] else ""
            return self.passed(f"{group} shows no error {which}{read}{aside}.", **facts)
        newest_first = sorted(bad, key=time_of, reverse=True)
        facts |= {
            "newest": datetime.fromtimestamp(time_of(newest_first[0]) / 1000, UTC),
            "lines": [_line(event) for event in newest_first[:LINES]],
            "story": _story(case, aws, group, newest_first[0], events),
        }
        if not matches:
            return self.warned(
                f"{group} shows {_count(len(bad))} of no known kind, the newest: {_first(text_of(newest_first[0]))}",
                **facts,
            )
        facts = {name: value for found in reversed(matches) for name, value in found.facts.items()} | facts
        facts |= {
            "causes": [told.weighed(found) for found in matches],
            "cause_ids": [found.cause for found in matches],
            "requests": _requests(matches),
        }
        first = _first(matches[0].texts[0])
        return self.failed(f"{group} shows {_count(len(bad))}{aside}: {first}{told.said()}", **facts)


@dataclass(frozen=True, slots=True)
class Told:
    """The lines that count, and what is known of whose they are.

    `others` are lines left out because they belong to requests of another method; `tied` tells whether the gateway's
    logs named any of these requests, `sure` the causes that lines of the traced method show; `callers` are the others
    that are known to use the function, asked for only when lines are tied to nobody.
    """

    events: list[Event]
    others: int = 0
    tied: bool = False
    sure: frozenset[str] | None = None
    callers: tuple[str, ...] = ()

    def weighed(self, found: Match) -> dict[str, Any]:
        """A cause as a fact. In a function that several call, a line that is tied to nobody proves nothing: it
        suggests, where nothing could be tied, and hints, where other lines were.
        """
        fact: dict[str, Any] = dict(found.fact())
        if self.callers and self.sure is not None and found.cause not in self.sure and fact["proof"] != Proof.HINTED:
            fact["proof"] = (Proof.HINTED if self.tied else Proof.SUGGESTED).value
        return fact

    def said(self) -> str:
        """A half-sentence about lines whose request is not known."""
        if not self.callers:
            return ""
        more = f" and {len(self.callers) - 3} more" if len(self.callers) > 3 else ""
        others = ", ".join(self.callers[:3])
        return f" (not all lines can be tied to this method; the function is shared: {others}{more})"


def _whose(case: Case, aws: Aws, group: str, events: list[Event]) -> Told:
    """The lines without those that other methods' requests left."""
    _, bad = _matched(case, events)
    if not bad:
        return Told(events)
    ties = tie(case, aws, group, bad)
    foreign = {id(event) for event in ties.others}
    kept = [event for event in events if id(event) not in foreign]
    if not ties.untied:
        return Told(kept, len(ties.others), ties.any)
    shared = tuple(callers(case, aws, traced_function(case))) or (("other methods",) if ties.others else ())
    sure = frozenset(found.cause for found in match(map(text_of, ties.ours), case.signatures, "function-log"))
    return Told(kept, len(ties.others), ties.any, sure, shared)


def _matched(case: Case, events: list[Event]) -> tuple[list[Match], list[Event]]:
    """The causes that these lines show, and the lines that show an error, known or not."""
    matches = match(map(text_of, events), case.signatures, "function-log")
    shown = {number - 1 for found in matches for number in found.lines}
    return matches, [
        event for index, event in enumerate(events) if index in shown or _ERROR.search(text_of(event)[:LONGEST])
    ]


def _events(case: Case, aws: Aws, function: FunctionRef, group: str) -> tuple[list[Event], bool, bool]:
    """The events worth reading, whether there are more, and whether they are those of the reported request.

    They are only when they name a cause: what broke the function may have been logged when it was initialised.
    """
    region = region_of(function, case)
    if not case.symptom.request_id:
        return *newest(aws, case, group, PATTERN, region, counted=False), False
    answers = together(
        {
            "errors": lambda: newest(aws, case, group, PATTERN, region, counted=False),
            "reported": lambda: _reported(case, aws, group, region),
        }
    )
    if isinstance(answers["errors"], AwsError):
        raise answers["errors"]
    reported = answers["reported"]
    if isinstance(reported, list) and match(map(text_of, reported), case.signatures, "function-log"):
        return reported, False, True
    return *answers["errors"], False


def _reported(case: Case, aws: Aws, group: str, region: str | None) -> list[Event]:
    """All lines of the invocation that the reported request made, by whichever of its ids; [] when it is not found."""
    given = str(case.symptom.request_id).removeprefix("Root=").partition(";")[0]
    ids = {given.lower()}
    seen = attempt(lambda: failures(aws, case))
    if isinstance(seen, Failures) and seen.reported:
        ids |= joined(line.text for line in seen.reported.lines)
    window = case.window
    named = filtered(aws, group, window.start_ms, window.end_ms, any_of(sorted({given, *ids})), region=region)
    found = named.items("events")
    if not found:
        return []
    stream = str(found[0].get("logStreamName") or "")
    start, end = time_of(found[0]) - _LONGEST_RUN_MS, time_of(found[-1]) + _LONGEST_RUN_MS
    lines = filtered(aws, group, start, end, limit=1, region=region, streams=[stream]).items("events")
    return [event for run in invocations(lines) if run.is_of(ids) for event in run.events] or found


def _story(case: Case, aws: Aws, group: str, last: Event, known: list[Event]) -> list[dict[str, Any]]:
    """The whole invocation around the newest line that decides; what is known of it when it cannot be read."""
    stream = str(last.get("logStreamName") or "")
    at, region = time_of(last), region_of(traced_function(case), case)
    limit = case.traced.integration.timeout_ms if case.traced.integration else 0
    pages = attempt(lambda: filtered(aws, group, at - limit, at + _AROUND_MS, limit=1, region=region, streams=[stream]))
    lines = known if isinstance(pages, AwsError) else pages.items("events")
    run = next((run for run in reversed(invocations(lines)) if any(_same(event, last) for event in run.events)), None)
    deciding = {clean(text_of(last)).text[:LONGEST]}
    return tell(case, [(event, "function") for event in (run.events if run else [last])], deciding)


def _same(one: Event, other: Event) -> bool:
    return time_of(one) == time_of(other) and text_of(one) == text_of(other)


def _of_function(event: dict[str, Any], function: FunctionRef) -> bool:
    """In a shared group the stream is called yyyy/mm/dd/function[version]id."""
    stream = str(event.get("logStreamName") or "")
    return "[" not in stream or stream.partition("[")[0].rpartition("/")[2] in ("", function.name)


def _in_stream(event: dict[str, Any]) -> tuple[str, int]:
    return str(event.get("logStreamName") or ""), time_of(event)


def _line(event: dict[str, Any]) -> dict[str, Any]:
    line = clean(text_of(event))
    return {
        "at": datetime.fromtimestamp(time_of(event) / 1000, UTC),
        "request_id": line.request_id,
        "text": line.text[:LONGEST],
    }


def _first(text: str) -> str:
    return text.partition("\n")[0].strip()[:160]


def _count(number: int) -> str:
    return "1 error line" if number == 1 else f"{number} error lines"


def _requests(matches: list[Match]) -> int:
    return len({request for found in matches for request in found.requests}) or max(found.count for found in matches)
