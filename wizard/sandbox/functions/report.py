"""The lines and error bodies that the Lambda service itself adds around an invocation.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html (START, END, REPORT),
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html (time-outs, Runtime.ExitError).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from wizard.sandbox import clock
from wizard.sandbox.functions.environment import Ending, Line
from wizard.sandbox.functions.model import MAX_RESPONSE_BYTES, Function


@dataclass(frozen=True)
class Failure:
    """What the service makes of an ending: JSON body, extra log text, and the REPORT line's status and error type."""

    payload: str
    log: str = ""
    status: str = "error"
    error_type: str = ""


def failure_of(ending: Ending, function: Function, request_id: str) -> Failure | None:
    """The failure behind an ending, or None when the handler answered well."""
    if ending.kind in ("error", "init-error"):
        kind = str(json.loads(ending.payload).get("errorType", ""))
        platform = kind if kind.startswith("Runtime.") else "Runtime.Unknown"
        return Failure(ending.payload, error_type=platform if ending.kind == "init-error" else "")
    if ending.kind == "timeout":
        text = f"{clock.iso(clock.now())} {request_id} Task timed out after {function.timeout:.2f} seconds"
        return Failure(json.dumps({"errorMessage": text}), log=text + "\n\n", status="timeout")
    if ending.kind in ("exit", "memory", "entrypoint"):
        kind, text = "Runtime.ExitError", _exit_text(ending)
        if ending.kind == "entrypoint":
            kind, text = "Runtime.InvalidEntrypoint", ending.payload
        message = f"RequestId: {request_id} Error: {text}"
        body = json.dumps({"errorType": kind, "errorMessage": message})
        return Failure(body, log=f"{message}\n{kind}\n", error_type=kind)
    if len(ending.payload.encode()) > MAX_RESPONSE_BYTES:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
        body = json.dumps({"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"})
        text = "LAMBDA_RUNTIME Failed to post handler success response. Http response code: 413."
        log = f"[ERROR] [{clock.now_ms()}] {text}\n"
        return Failure(body, log=log, error_type="Runtime.ExitError")
    return None


def log_lines(
    request_id: str,
    function: Function,
    started_at: int,
    init: Ending | None,
    ending: Ending,
    failure: Failure | None,
    peak_bytes: int,
    traced: str = "",
) -> list[Line]:
    """All that one invocation leaves in the log.

    ``init`` is None for a warm environment, and ``ending`` itself when the init has failed. ``traced`` names the trace.
    """
    start = Line(started_at, f"START RequestId: {request_id} Version: {function.version}\n")
    init_s = None
    if init is None:
        lines = [start, *ending.lines]
    elif init is ending:
        lines = [*init.lines, Line(started_at, _init_report(init, failure)), start]
    else:
        lines, init_s = [*init.lines, start, *ending.lines], init.seconds
    if failure is not None and failure.log:
        lines.append(Line(clock.now_ms(), failure.log))
    lines.append(Line(clock.now_ms(), f"END RequestId: {request_id}\n"))
    last = report(request_id, function, ending.seconds, peak_bytes, init_s, failure)
    lines.append(Line(clock.now_ms(), last + (f"{traced}\t\n" if traced else "")))
    return lines


def report(
    request_id: str, function: Function, seconds: float, peak_bytes: int, init_s: float | None, failure: Failure | None
) -> str:
    """The REPORT line; durations are billed by the whole millisecond."""
    peak = min(max(math.ceil(peak_bytes / 1048576), 1), function.memory)
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {seconds * 1000:.2f} ms",
        f"Billed Duration: {math.ceil((seconds + (init_s or 0)) * 1000)} ms",
        f"Memory Size: {function.memory} MB",
        f"Max Memory Used: {peak} MB",
    ]
    if init_s is not None:
        parts.append(f"Init Duration: {init_s * 1000:.2f} ms")
    if failure is not None and (failure.status == "timeout" or failure.error_type):
        parts.append(_status(failure))
    return "\t".join(parts) + "\t\n"


def _init_report(ending: Ending, failure: Failure | None) -> str:
    status = _status(failure) if failure is not None else "Status: error"
    return f"INIT_REPORT Init Duration: {ending.seconds * 1000:.2f} ms\tPhase: init\t{status}\n"


def _status(failure: Failure) -> str:
    return f"Status: {failure.status}" + (f"\tError Type: {failure.error_type}" if failure.error_type else "")


def _exit_text(ending: Ending) -> str:
    code = ending.exit_code
    if ending.kind == "memory" or code == -9:
        return "Runtime exited with error: signal: killed"
    if code is None or code == 0:
        return "Runtime exited without providing a reason"
    names = {-11: "segmentation fault", -6: "aborted", -15: "terminated"}
    what = f"signal: {names.get(code, -code)}" if code < 0 else f"exit status {code}"
    return f"Runtime exited with error: {what}"
