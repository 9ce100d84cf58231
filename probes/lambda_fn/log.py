"""What the function's own log says of failing invocations."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from probes._functions import region_of
from probes._together import attempt
from probes.lambda_fn._function import ask, traced_function
from wizard.logs import Match, clean, match
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws, NotFound, Pages
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

# Any of these words makes an event worth reading.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
WORDS = (
    *("ERROR", "Error", "error", "errorMessage", "errorType", "Exception", "Traceback", "panic", "fatal", "FATAL"),
    *("AccessDenied", "AccessDeniedException", "not authorized to perform", "Unable to import module", "INIT_REPORT"),
    *("Task timed out", "Status: timeout", "Runtime exited", "exceeded maximum allowed payload size"),
    "body size is too long",
)
PATTERN = " ".join(f'?"{word}"' for word in WORDS)
PAGES, NARROWINGS, LINES, LONGEST = 3, 5, 20, 600
# An event that nobody would log but for an error, whatever its cause.
_ERROR = re.compile(
    r"^\[ERROR\]|\b(?:ERROR|FATAL)\b|Task timed out after|Runtime exited|Status: (?:error|timeout)|\"errorType\":"
    r"|Traceback \(most recent call last\)|Uncaught Exception|Unhandled Promise Rejection|\bpanic: "
)


class Log(Probe):
    """Looks for the tree's function-log signatures among the function's error lines, newest first."""

    title = "Function log"
    hop = "lambda-function"
    calls = frozenset({"logs:FilterLogEvents", "lambda:GetFunctionConfiguration"})
    needs = ("function",)
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when lines show a known cause, WARN when they show errors of no known cause, PASS when the log
        shows none.
        """
        function = traced_function(case)
        settings = attempt(lambda: ask(case, aws, "GetFunctionConfiguration", function))
        group, shared = _log_group(settings, function)
        try:
            events, capped = _events(case, aws, function, group)
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
        return self._read(case, group, sorted(events, key=_in_stream), capped)

    def _read(self, case: Case, group: str, events: list[dict[str, Any]], capped: bool) -> Evidence:
        texts = [_text(event) for event in events]
        matches = match(texts, case.signatures, "function-log")
        shown = {number - 1 for found in matches for number in found.lines}
        bad = [event for index, event in enumerate(events) if index in shown or _ERROR.search(_text(event)[:LONGEST])]
        facts: dict[str, Any] = {"log_group": group, "capped": capped, "error_lines": len(bad)}
        if not bad:
            return self.passed(
                f"{group} shows no error in this time window{' as far as it was read' if capped else ''}.", **facts
            )
        newest_first = sorted(bad, key=_time, reverse=True)
        facts |= {
            "newest": datetime.fromtimestamp(_time(newest_first[0]) / 1000, UTC),
            "lines": [_line(event) for event in newest_first[:LINES]],
        }
        if not matches:
            return self.warned(
                f"{group} shows {_count(len(bad))} of no known kind, the newest: {_first(_text(newest_first[0]))}",
                **facts,
            )
        facts = {name: value for found in reversed(matches) for name, value in found.facts.items()} | facts
        facts |= {"causes": [found.fact() for found in matches], "requests": _requests(matches)}
        return self.failed(f"{group} shows {_count(len(bad))}: {_first(matches[0].texts[0])}", **facts)


def _log_group(settings: Any, function: FunctionRef) -> tuple[str, bool]:
    """Where the function logs, and whether it may share the group with others; `settings` may be an error.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
    """
    usual = f"/aws/lambda/{function.name}"
    logging = settings.get("LoggingConfig") if isinstance(settings, dict) else None
    group = str((logging or {}).get("LogGroup") or usual)
    return group, group != usual


def _events(case: Case, aws: Aws, function: FunctionRef, group: str) -> tuple[list[dict[str, Any]], bool]:
    """The events worth reading. The service gives the oldest first, so too much of them narrows the window to
    its newer half.
    """
    start, end = case.window.start_ms, case.window.end_ms
    pages = Pages(())
    for narrowed in range(NARROWINGS):
        pages = aws.pages(
            "logs",
            "FilterLogEvents",
            region=region_of(function, case),
            limit=PAGES,
            logGroupName=group,
            startTime=start,
            endTime=end,
            filterPattern=PATTERN,
        )
        if not pages.truncated:
            return pages.items("events"), narrowed > 0
        start = (start + end) // 2
    return pages.items("events"), True


def _of_function(event: dict[str, Any], function: FunctionRef) -> bool:
    """In a shared group the stream is called yyyy/mm/dd/function[version]id."""
    stream = str(event.get("logStreamName") or "")
    return "[" not in stream or stream.partition("[")[0].rpartition("/")[2] in ("", function.name)


def _in_stream(event: dict[str, Any]) -> tuple[str, int]:
    return str(event.get("logStreamName") or ""), _time(event)


def _time(event: dict[str, Any]) -> int:
    return int(event.get("timestamp") or 0)


def _text(event: dict[str, Any]) -> str:
    return str(event.get("message") or "").replace("\r", "\n").rstrip()


def _line(event: dict[str, Any]) -> dict[str, Any]:
    line = clean(_text(event))
    return {
        "at": datetime.fromtimestamp(_time(event) / 1000, UTC),
        "request_id": line.request_id,
        "text": line.text[:LONGEST],
    }


def _first(text: str) -> str:
    return text.partition("\n")[0].strip()[:160]


def _count(number: int) -> str:
    return "1 error line" if number == 1 else f"{number} error lines"


def _requests(matches: list[Match]) -> int:
    return len({request for found in matches for request in found.requests}) or max(found.count for found in matches)
