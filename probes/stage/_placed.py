"""Which method a request went to, told by a path in a log or by the stage's access log."""

from __future__ import annotations

from collections.abc import Collection

from probes._gateway import stage
from probes._logs import any_of, filtered, text_of
from probes._together import attempt
from probes.stage._access_format import METHOD, PATHS, ROUTE, Format, Record
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case

_LATE_MS = 300_000
_NAMES = ("requestId", "extendedRequestId")


def serves(resource: list[str], path: list[str]) -> bool:
    """Whether a logged path is the resource itself or one that it serves."""
    for index, part in enumerate(resource):
        if part.startswith("{") and part.endswith("+}"):
            return len(path) > index
        if index >= len(path) or (part != path[index] and not (part.startswith("{") and part.endswith("}"))):
            return False
    return len(resource) == len(path)


def of_method(record: Record, case: Case) -> bool:
    """Whether a request went to the traced method, as far as its line tells; one that does not say counts."""
    method, path, route = record.first(METHOD), record.first(PATHS), record.first(ROUTE)
    if route and case.traced.route_key:
        return route == case.traced.route_key
    if method and method != case.target.method.upper():
        return False
    resource = (case.traced.resource_path or "").strip("/").split("/")
    if path is None or case.traced.resource_path == "$default":
        return True
    below = path.strip("/").removeprefix(f"{case.traced.stage}/") if "resourcePath" not in record.values else path
    return any(serves(resource, known.strip("/").split("/")) for known in {path, below})


def by_access_log(aws: Aws, case: Case, ids: Collection[str]) -> dict[str, bool]:
    """Request id -> whether its request went to the traced method; what the access log does not tell is left out."""
    answer = attempt(lambda: stage(aws, case))
    settings = {} if isinstance(answer, AwsError) else answer.get("accessLogSettings") or {}
    form, group = access_log(settings)
    if not group or not ids or not set(_NAMES) & set(form.names) or not {*METHOD, *PATHS, *ROUTE} & set(form.names):
        return {}
    window = case.window
    pages = attempt(lambda: filtered(aws, group, window.start_ms, window.end_ms + _LATE_MS, any_of(sorted(ids))))
    events = [] if isinstance(pages, AwsError) else pages.items("events")
    records = [record for event in events if (record := form.read(text_of(event)))]
    return {identity: of_method(record, case) for record in records for identity in record.ids() & set(ids)}


def access_log(settings: dict[str, str]) -> tuple[Format, str]:
    """A stage's format and log group; the group is empty when it writes to none."""
    group = str(settings.get("destinationArn") or "").partition(":log-group:")[2].removesuffix(":*")
    return Format(str(settings.get("format") or "")), group
