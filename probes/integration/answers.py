"""Whether the HTTP backend knows the method and the path that the integration calls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from probes._logs import Event, any_of, filtered, text_of, time_of
from probes.stage._execution_log import AT_ONCE, log_group, of_method
from wizard.logs import clean, stories
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

_ANSWER = "Received response. Status: {}"
_STATUS = re.compile(r"Received response\. Status: (\d{3})")
_REFUSALS, _GOOD = (404, 405), (200, 201, 202, 204)
_HALVES, _AROUND_MS = 4, 60_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the method: what the backend answered, what the client got, the address called, and when (ms)."""

    backend: int
    client: int | None
    uri: str | None
    at: int


class Answers(Probe):
    """Reads in the execution log what the backend answered: 404 and 405 mean that it serves no such thing."""

    title = "Answers of the HTTP backend"
    hop = "integration-config"
    api_types = frozenset({"rest"})
    calls = frozenset({"logs:FilterLogEvents"})
    needs = ("integration",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when a 404 or 405 of the backend became what the client complains of, PASS when the log shows none."""
        wired = case.traced.integration
        if wired is None or wired.type not in ("HTTP", "HTTP_PROXY"):
            return self.skipped("The integration calls no HTTP backend.")
        start, end = case.window.start_ms, case.window.end_ms
        try:
            refused = [each for each in _asked(case, aws, _REFUSALS, start, end) if _complained_of(case, each)]
        except NotFound:
            return self.unknown(
                Reason.NO_DATA,
                "There is no execution log, so what the backend answers is not known.",
                f"execution logging at INFO on stage {case.traced.stage}",
            )
        if not refused:
            return self.passed("No logged answer of the backend says that it does not know what is called.", refused=0)
        newest = max(refused, key=lambda each: each.at)
        others = _asked(case, aws, _GOOD, min(each.at for each in refused), end)
        facts: dict[str, Any] = {
            "refused": len(refused),
            "refusal": newest.backend,
            "called": newest.uri,
            "integration_method": wired.http_method,
            "request_method": case.target.method,
            "always": not others,
            "client_statuses": [newest.client] if newest.client and newest.client >= 500 else [],
        }
        as_well = ", and to no other request did it give an answer" if facts["always"] else "; others it does answer"
        return self.failed(
            f"The backend answered {newest.backend} to {wired.http_method} {newest.uri or wired.uri}{as_well}.", **facts
        )


def _complained_of(case: Case, each: Asked) -> bool:
    """Whether a refusal is what the client got: passed on as it was reported, or turned into a 5xx."""
    wanted = case.symptom.status
    if each.client is None:
        return False
    # A 4xx may be of something that stands before the API: the 5xx behind it counts all the same.
    return each.client == wanted or (each.client >= 500 and (wanted is None or wanted < 500))


def _asked(case: Case, aws: Aws, statuses: Iterable[int], start: int, end: int) -> list[Asked]:
    """The newest requests of the traced method that the backend answered with one of these statuses."""
    group, pattern = log_group(case.traced), any_of(_ANSWER.format(status) for status in statuses)
    found = sorted(_newest(aws, group, pattern, start, end), key=time_of, reverse=True)
    times = {identity: time_of(event) for event in found if (identity := clean(text_of(event)).request_id)}
    ids = list(times)[:AT_ONCE]
    if not ids:
        return []
    every = [times[identity] for identity in ids]
    lines = filtered(aws, group, min(every) - _AROUND_MS, max(every) + _AROUND_MS, any_of(ids)).items("events")
    texts = [text_of(event) for event in sorted(lines, key=time_of)]
    answered = dict(_answered(texts))
    return [
        Asked(answered[identity], story.status, story.uri, times[identity])
        for story in stories(texts)
        if (identity := story.request_id or "") in answered
        and identity in times
        and of_method(story, case.traced, case.target.method)
    ]


def _newest(aws: Aws, group: str, pattern: str, start: int, end: int) -> list[Event]:
    """What the pattern finds; the newer half of the time, again and again, where there is too much."""
    pages = filtered(aws, group, start, end, pattern)
    for _ in range(_HALVES):
        if not pages.truncated:
            break
        start = (start + end) // 2
        pages = filtered(aws, group, start, end, pattern)
    return pages.items("events")


def _answered(texts: Iterable[str]) -> Iterable[tuple[str, int]]:
    """Request id and backend status of every line that tells one."""
    for text in texts:
        line = clean(text)
        match = _STATUS.match(line.text)
        if line.request_id and match:
            yield line.request_id, int(match[1])
