"""What the integration response makes of the backend's answer: selection, method responses, templates, headers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from probes._method import CALLS, Method, Row, configured, running
from probes._together import attempt
from probes.method import _logged
from probes.method._flaws import SYNTAX, TWICE, Looked, first_said, look, unread_said
from probes.method._logged import Logged
from probes.method._rows import misses_success, select, selector
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

_HEADER = "method.response.header."
_INVALID = re.compile(r"invalid method response: (\d{3})")
_TRANSFORM, _BASE64, _MAPPING = "Unable to transform response", "Unable to base64 decode the body", "Invalid mapping"
_MOST = 5


class ResponseMapping(Probe):
    """The stage's integration responses against its method responses and against what the backend really answered."""

    title = "Response mapping"
    hop = "response-mapping"
    api_types = frozenset({"rest"})
    needs = ("integration",)
    calls = CALLS | _logged.CALLS
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when a usual answer or a logged one cannot be mapped, WARN when a rare one could not, PASS otherwise."""
        wired = case.traced.integration or case.traced.configured
        if wired is None or wired.type in ("AWS_PROXY", "HTTP_PROXY"):
            return self.skipped("A proxy integration passes the answer on as it is.")
        live = running(aws, case)
        requests = _logged.logged(aws, case)
        seen = _judge(live, requests)
        facts = {**seen.facts(), **_fixed(aws, case, seen, requests)}
        where = f"{case.traced.method_key} {case.traced.resource_path}"
        if seen.problems or seen.failing:
            return self.failed(f"The response mapping of {where} cannot work: {seen.said()}.", **facts)
        if seen.looked.unread:
            return self.unknown(Reason.NO_DATA, unread_said(seen.looked), "a template that can be read whole", **facts)
        if seen.undeclared or seen.looked.syntax or seen.headers:
            return self.warned(f"Some answers of the backend could not be mapped: {seen.said()}.", **facts)
        return self.passed(f"Every row of the response mapping of {where} leads to a method response.", **facts)


@dataclass
class _Seen:
    """`problems` meet every usual answer or were met by a logged one; `failing` are words for what the log tells."""

    live: Method
    looked: Looked
    problems: list[str] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    undeclared: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        rows, first = self.live.rows, next(iter(self.headers), "")
        return {
            "problems": self.problems,
            "failing": self.failing,
            "rows": [{"status": row.status, "pattern": row.pattern} for row in rows],
            "has_default": any(row.pattern is None for row in rows),
            "declared": sorted(self.live.responses),
            "unmatched": self.unmatched,
            "missing_status": next(iter(self.undeclared), None),
            "undeclared_headers": self.headers,
            "parameter": first.partition(": ")[2] or None,
            "row_status": first.partition(": ")[0] or next((row.status for row in rows if _to_binary(row)), None),
            "to_binary": any(_to_binary(row) for row in rows),
            **self.looked.facts(),
        }

    def said(self) -> str:
        """What is wrong, in words."""
        words = {
            "no-rows": "there is no integration response at all",
            "no-default": "no row fits an answer of the backend that all went well with, and none is the default",
            "unmatched": f"no row fits the backend's answer ({', '.join(self.unmatched)}), and none is the default",
            "undeclared-status": f"a row leads to {', '.join(self.undeclared)}, which the method does not declare",
            "undeclared-header": f"a row sets what its method response does not declare ({', '.join(self.headers)})",
            SYNTAX: first_said(self.looked.syntax),
            TWICE: first_said(self.looked.twice),
        }
        said = [words[problem] for problem in self.problems if problem in words]
        if not said and self.undeclared:
            said = [words["undeclared-status"]]
        if not said and self.looked.syntax:
            said = [words[SYNTAX]]
        if not said and self.headers:
            said = [words["undeclared-header"]]
        return "; ".join(said) or f"logged requests failed there ({', '.join(self.failing)})"


def _judge(live: Method, requests: list[Logged]) -> _Seen:
    templates = {
        f"{kind} of row {row.status}": (row, text) for row in live.rows for kind, text in row.templates.items() if text
    }
    seen = _Seen(live, look({where: text for where, (_, text) in templates.items()}))
    usual = [row for row in live.rows if row.pattern is None] or list(live.rows)
    met = [*usual, *_met(live, requests, seen)]
    broken = [where for where, (row, _) in templates.items() if row in met]
    _judge_rows(live, met, requests, seen)
    seen.problems += [SYNTAX] if any(flaw.where in broken for flaw in seen.looked.syntax) else []
    seen.problems += [TWICE] if any(flaw.where in broken for flaw in seen.looked.twice) else []
    words = {
        "transform": any(_TRANSFORM in each.failure for each in requests),
        "base64": any(each.after(_BASE64) for each in requests),
        "mapping": any(_MAPPING in each.failure for each in requests),
    }
    seen.failing = [word for word, heard in words.items() if heard]
    return seen


def _judge_rows(live: Method, met: list[Row], requests: list[Logged], seen: _Seen) -> None:
    """Rows that are missing, that lead nowhere, and headers that nobody declared."""
    logged = [found[1] for each in requests if (found := _INVALID.search(each.failure))]
    seen.undeclared = list(dict.fromkeys([*logged, *(r.status for r in live.rows if r.status not in live.responses)]))
    seen.undeclared = [status for status in seen.undeclared if status not in live.responses][:_MOST]
    seen.headers = [f"{row.status}: {name}" for row in live.rows for name in _undeclared(live, row)][:_MOST]
    if not live.rows:
        seen.problems.append("no-rows")
    elif seen.unmatched:
        seen.problems.append("unmatched")
    elif live.type != "MOCK" and misses_success(live):
        seen.problems.append("no-default")
    if any(row.status in seen.undeclared for row in met) or set(logged) & set(seen.undeclared):
        seen.problems.append("undeclared-status")
    if any(_undeclared(live, row) for row in met):
        seen.problems.append("undeclared-header")


def _met(live: Method, requests: list[Logged], seen: _Seen) -> list[Row]:
    """The rows that logged answers meet; answers that meet none are noted."""
    found: list[Row] = []
    for request in requests:
        text = selector(live, request)
        if text is None or not request.called:
            continue
        row, sure = select(live.rows, text)
        if row is not None:
            found.append(row)
        elif sure and live.rows:
            seen.unmatched = list(dict.fromkeys([*seen.unmatched, text[:120]]))[:_MOST]
    return found


def _undeclared(live: Method, row: Row) -> list[str]:
    """Headers that a row sets and its method response has not; another finding's where there is no such response."""
    declared = {name.lower() for name in live.responses.get(row.status, ())}
    mapped = [name for name in row.parameters if name.startswith(_HEADER)]
    known = row.status in live.responses
    return [name for name in mapped if known and name.removeprefix(_HEADER).lower() not in declared]


def _to_binary(row: Row) -> bool:
    return row.content_handling == "CONVERT_TO_BINARY"


def _fixed(aws: Aws, case: Case, seen: _Seen, requests: list[Logged]) -> dict[str, Any]:
    """`fixed`: the working copy has none of the problems that the stage's deployment has."""
    if not seen.problems or not case.traced.deployed_known:
        return {}
    draft = attempt(lambda: configured(aws, case))
    if not isinstance(draft, Method) or draft.type in ("AWS_PROXY", "HTTP_PROXY"):
        return {}
    return {"fixed": not set(_judge(draft, requests).problems) & set(seen.problems)}
