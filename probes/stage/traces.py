"""Which segment of failing requests X-Ray saw fail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from probes.stage._placed import serves
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

# X-Ray refuses long time spans; the newest six hours are enough to see who fails. BatchGetTraces takes five traces.
# https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html
_LONGEST, _AT_ONCE, _PAGES, _SEGMENTS, _LONGEST_NAME = timedelta(hours=6), 5, 2, 30, 80
# Whose segment it is, by its origin.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-understanding-xray-traces.html
_HOPS = {
    "AWS::ApiGateway::Stage": "stage",
    "AWS::Lambda": "lambda-service",
    "AWS::Lambda::Function": "lambda-function",
}
_TRACE_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_ORDER = list(_HOPS.values())


class Traces(Probe):
    """The newest traces of failing requests to the method; the innermost segment with a fault is where it began."""

    title = "X-Ray traces"
    hop = "stage"
    api_types = frozenset({"rest"})
    calls = frozenset({"apigateway:GetStage", "xray:GetTraceSummaries", "xray:BatchGetTraces"})
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-understanding-xray-traces.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """WARN with the hop of the fault when traces show one, PASS when no failing request was traced."""
        trace = case.traced
        stage = aws.call("apigateway", "GetStage", restApiId=trace.api_id, stageName=trace.stage)
        if not stage.get("tracingEnabled"):
            where = f" --region {case.target.region}" if case.target.region else ""
            line = (
                f"aws apigateway update-stage --rest-api-id {trace.api_id} --stage-name {trace.stage} "
                f"--patch-operations op=replace,path=/tracingEnabled,value=true{where}"
            )
            return self.skipped(f"X-Ray tracing is off on stage {trace.stage}.", enable_commands=[line])
        found, capped = _summaries(case, aws)
        ours = [summary for summary in found if _of_method(summary, case)]
        ids = [_reported(case), *(str(summary["Id"]) for summary in ours if summary.get("Id"))]
        wanted = list(dict.fromkeys(identity for identity in ids if identity))[:_AT_ONCE]
        whole = aws.pages("xray", "BatchGetTraces", TraceIds=wanted).items("Traces") if wanted else []
        told = [read(item, case) for item in sorted(whole, key=lambda item: wanted.index(str(item.get("Id"))))]
        told = [item for item in told if item["segments"]]
        hops = list(dict.fromkeys(item["fault_hop"] for item in told if item["fault_hop"]))
        facts: dict[str, Any] = {
            "traces": told,
            "failing": len(ours),
            "other_methods": len(found) - len(ours),
            "fault_hop": hops[0] if hops else None,
            "fault_hops": hops,
            "capped": capped,
        }
        if not told:
            return self.passed("X-Ray traced no failing request to this method.", **facts)
        if not hops:
            return self.passed(f"{_count(len(ours))}; none of their segments has a fault of its own.", **facts)
        culprit = next(segment["name"] for segment in reversed(told[0]["segments"]) if segment["fault"])
        return self.warned(f"{_count(len(ours))}; in the newest the fault is in {culprit}.", **facts)


def _summaries(case: Case, aws: Aws) -> tuple[list[dict[str, Any]], bool]:
    """Traces of 5xx answers of this stage, newest first, and whether there are more."""
    start = max(case.window.start, case.window.end - _LONGEST)
    name = f"{case.traced.api_name}/{case.traced.stage}".replace("\\", "").replace('"', "")
    pages = aws.pages(
        "xray",
        "GetTraceSummaries",
        limit=_PAGES,
        StartTime=start,
        EndTime=case.window.end,
        FilterExpression=f'service("{name}") AND http.status >= 500',
    )
    failed = [summary for summary in pages.items("TraceSummaries") if _failed(summary)]
    return sorted(failed, key=lambda summary: _begin(str(summary.get("Id"))), reverse=True), pages.truncated


def _failed(summary: Mapping[str, Any]) -> bool:
    status = (summary.get("Http") or {}).get("HttpStatus")
    return status >= 500 if isinstance(status, int) else bool(summary.get("HasFault"))


def _reported(case: Case) -> str | None:
    """The trace id that was reported instead of a request id, if it is one."""
    given = str(case.symptom.request_id or "").removeprefix("Root=").partition(";")[0].lower()
    return given if _TRACE_ID.fullmatch(given) else None


def _begin(trace_id: str) -> int:
    """The time in a trace id: 1-<seconds since the epoch in hexadecimal>-<24 digits>.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
    """
    try:
        return int(trace_id.split("-")[1], 16)
    except (IndexError, ValueError):
        return 0


def _of_method(summary: Mapping[str, Any], case: Case) -> bool:
    """Whether the traced request went to the traced method; one that does not say counts."""
    http = summary.get("Http") or {}
    method, url = str(http.get("HttpMethod") or ""), str(http.get("HttpURL") or "")
    if method and method.upper() != case.target.method.upper():
        return False
    try:
        path = urlsplit(url).path.strip("/")
    except ValueError:
        return True
    resource = (case.traced.resource_path or "").strip("/").split("/")
    below = path.removeprefix(f"{case.traced.stage}").lstrip("/")
    return not url or any(serves(resource, known.split("/")) for known in {path, below})


def read(item: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """One trace as facts: its segments in order of their beginnings, times in milliseconds from the first."""
    documents = [document for segment in item.get("Segments") or [] if (document := _document(segment))]
    flat = sorted(
        (part for document in documents for part in _parts(document, None, 0)), key=lambda part: (part[0], part[1])
    )[:_SEGMENTS]
    first = flat[0][0] if flat else 0.0
    segments = [
        {
            "name": str(part.get("name") or "")[:_LONGEST_NAME],
            "hop": hop,
            "start_ms": round((start - first) * 1000),
            "duration_ms": round(max(0.0, _number(part.get("end_time")) - start) * 1000),
            **{flag: bool(part.get(flag)) for flag in ("fault", "error", "throttle")},
        }
        for start, _, part, hop in flat
    ]
    faulty = [str(segment["hop"]) for segment in segments if segment["fault"] and segment["hop"]]
    return {
        "id": item.get("Id"),
        "at": datetime.fromtimestamp(first, UTC) if first else None,
        "duration_ms": round(_number(item.get("Duration")) * 1000),
        "fault_hop": max(faulty, key=_ORDER.index, default=None),
        "segments": segments,
    }


def _parts(
    part: Mapping[str, Any], hop: str | None, depth: int
) -> Iterable[tuple[float, int, Mapping[str, Any], str | None]]:
    """A segment and the subsegments within it, as (start, depth, data, hop); what a hop calls is its own."""
    hop = _HOPS.get(str(part.get("origin") or ""), hop)
    if depth > 10:
        return
    yield _number(part.get("start_time")), depth, part, hop
    for inner in part.get("subsegments") or []:
        if isinstance(inner, dict):
            yield from _parts(inner, hop, depth + 1)


def _document(segment: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        found = json.loads(str(segment.get("Document") or ""))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _count(number: int) -> str:
    return "1 failing request was traced" if number == 1 else f"{number} failing requests were traced"
