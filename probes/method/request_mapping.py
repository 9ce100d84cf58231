"""What the integration request makes of a request: templates, parameter mappings, content handling, passthrough."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from probes._method import CALLS, Method, configured, document, running
from probes._together import attempt
from probes.method import _logged
from probes.method._flaws import JSON, SYNTAX, TWICE, Looked, first_said, look, unread_said
from probes.method._logged import BINARY, Logged
from probes.method._needed import missing
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
_RESERVED = frozenset({"content-length", "transfer-encoding", "x-amzn-trace-id"})
_RESERVED_FOR_AWS = _RESERVED | {"authorization", "connection", "expect", "proxy-authenticate", "te"}
_HEADER, _OVERRIDE = "integration.request.header.", "context.requestOverride.header."
_STATUS = re.compile(r"""['"]?statusCode['"]?\s*:\s*([^\s,}]*)""")
_TRANSFORM, _BASE64 = "Unable to transform request", "Unable to base64 decode the body"
_ANY_TYPE = "*/*"


class RequestMapping(Probe):
    """The stage's request templates read as VTL, its mappings and content handling, beside what requests had."""

    title = "Request mapping"
    hop = "request-mapping"
    api_types = frozenset({"rest"})
    needs = ("integration",)
    calls = CALLS | _logged.CALLS | {"apigateway:GetRestApi"}
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when no request gets through as it is set up, or logged ones failed here, PASS otherwise."""
        wired = case.traced.integration or case.traced.configured
        if wired is None or wired.type == "AWS_PROXY":
            return self.skipped("A Lambda proxy integration takes the request as it is.")
        live = running(aws, case)
        binary = binary_types(aws, case)
        requests = _logged.logged(aws, case)
        seen = _judge(live, binary, requests)
        facts = {**seen.facts(), **_fixed(aws, case, seen, requests), "requests_read": len(requests)}
        if seen.problems or {"transform", "base64"} & set(seen.failing):
            return self.failed(f"The request mapping of {_where(case)} cannot work: {seen.said()}.", **facts)
        if seen.missing:
            names = ", ".join(str(each["name"]) for each in seen.missing)
            return self.failed(f"The template reads what failing requests did not have: {names}.", **facts)
        if seen.looked.unread:
            return self.unknown(Reason.NO_DATA, unread_said(seen.looked), "a template that can be read whole", **facts)
        if seen.looked.syntax:
            return self.warned(f"A template that few requests need cannot be read: {seen.said()}.", **facts)
        return self.passed(f"The request mapping of {_where(case)} can be read and sets nothing it may not.", **facts)


@dataclass
class _Seen:
    """`problems` stop every request, `failing` are words for what logged requests failed of at this place."""

    live: Method
    looked: Looked
    problems: list[str] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)
    missing: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    binary: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        live, takes_binary = self.live, _takes(self.binary, JSON)
        named = self.missing[0] if self.missing else {}
        return {
            "problems": self.problems,
            "failing": self.failing,
            "type": live.type,
            "passthrough": live.passthrough,
            "refuses": _refuses(live),
            "content_types": list(live.templates),
            "content_handling": live.content_handling,
            "to_binary": live.content_handling == "CONVERT_TO_BINARY",
            "binary_media_types": self.binary,
            "binary": takes_binary and live.content_handling != "CONVERT_TO_TEXT",
            "header": self.headers[0] if self.headers else None,
            "missing_fields": self.missing,
            "missing_field": named.get("name"),
            **self.looked.facts(),
            **({"template_line": named["line"]} if named else {}),
        }

    def said(self) -> str:
        """What is wrong, in words."""
        words = {
            SYNTAX: first_said(self.looked.syntax),
            TWICE: first_said(self.looked.twice),
            "loop-too-long": first_said(self.looked.too_long),
            "binary-mock": f"the API takes bodies for binary ({', '.join(self.binary)}), which no template reads",
            "mock-status": "the mock's template gives no whole number as statusCode",
            "mock-content-type": f"the mock has no template for {JSON}",
            "reserved-header": f"it sets {', '.join(self.headers)}, which API Gateway sets itself",
        }
        said = [words[problem] for problem in self.problems if problem in words]
        said += [] if said else [first_said(self.looked.syntax)] if self.looked.syntax else []
        return "; ".join(said) or f"logged requests failed there ({', '.join(self.failing)})"


def binary_types(aws: Aws, case: Case) -> list[str]:
    """The API's binary media types, as the stage runs them where that is known.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
    """
    if case.traced.deployed_known:
        return _lower(document(aws, case).get("x-amazon-apigateway-binary-media-types"))
    return _lower(aws.call("apigateway", "GetRestApi", restApiId=case.traced.api_id).get("binaryMediaTypes"))


def _judge(live: Method, binary: list[str], requests: list[Logged]) -> _Seen:
    rendered = live.type not in ("AWS_PROXY", "HTTP_PROXY")
    seen = _Seen(live, look(live.templates if rendered else {}), binary=binary)
    used = _used(live.templates, requests)
    seen.headers = _reserved(live, seen.looked)
    seen.problems += [SYNTAX] if any(flaw.where in used for flaw in seen.looked.syntax) else []
    seen.problems += [TWICE] if any(flaw.where in used for flaw in seen.looked.twice) else []
    seen.problems += ["loop-too-long"] if any(flaw.where in used for flaw in seen.looked.too_long) else []
    seen.problems += ["reserved-header"] if seen.headers else []
    if live.type == "MOCK":
        seen.problems += _mock(live, binary)
    if rendered:
        seen.failing = _failing(live, requests)
        seen.missing = _missing(live, seen.looked, requests)
    return seen


def _used(templates: Mapping[str, str], requests: list[Logged]) -> set[str]:
    """The templates that failing requests needed; where nobody knows, the one for JSON, or all when there is none."""
    known = {each.content_type for each in requests if each.content_type in templates}
    kinds = {str(kind) for kind in known} or ({JSON} & set(templates)) or set(templates)
    return kinds


def _mock(live: Method, binary: list[str]) -> list[str]:
    if _takes(binary, JSON) and live.content_handling != "CONVERT_TO_TEXT":
        return ["binary-mock"]
    if _refuses(live) == "every":
        return []
    if live.templates and JSON not in live.templates:
        return [] if _refuses(live) else ["mock-content-type"]
    return ["mock-status"] if not _may_give_status(live.templates.get(JSON, "{}")) else []


def _may_give_status(template: str) -> bool:
    """False only when the template certainly gives no whole number; what a reference may give is not known."""
    values = _STATUS.findall(re.sub(r"##[^\n]*", "", template))
    if not values:
        return "$" in template
    return any(value.isdigit() or value[:1] in ('"', "'", "$", "#", "") for value in values)


def _reserved(live: Method, looked: Looked) -> list[str]:
    reserved = _RESERVED_FOR_AWS if live.type in ("AWS", "AWS_PROXY") else _RESERVED
    mapped = [name.removeprefix(_HEADER) for name in live.parameters if name.startswith(_HEADER)]
    mapped += [
        assigned.target.removeprefix(_OVERRIDE)
        for reading in looked.readings.values()
        for assigned in reading.assignments
        if assigned.target.startswith(_OVERRIDE)
    ]
    return [name for name in dict.fromkeys(mapped) if name.lower() in reserved]


def _failing(live: Method, requests: list[Logged]) -> list[str]:
    words = {
        "transform": any(_TRANSFORM in each.failure for each in requests),
        "base64": live.content_handling == "CONVERT_TO_BINARY" and any(each.before(_BASE64) for each in requests),
        "binary-body": any(each.body == BINARY for each in requests),
    }
    return [word for word, heard in words.items() if heard]


def _missing(live: Method, looked: Looked, requests: list[Logged]) -> list[dict[str, Any]]:
    """What the newest request that failed at the backend and lacked something had not."""
    for request in requests:
        kind = request.content_type or JSON
        if request.called and kind in live.templates and not looked.syntax:
            found = missing(live.templates[kind], looked.readings[kind], request)
            if found:
                return found
    return []


def _refuses(live: Method) -> str | None:
    """Which requests get a 415: "every", "others" (those without a template), or none.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
    """
    if live.type in ("AWS_PROXY", "HTTP_PROXY"):
        return None
    if live.passthrough == "NEVER":
        return "others" if live.templates else "every"
    return "others" if live.passthrough == "WHEN_NO_TEMPLATES" and live.templates else None


def _takes(binary: list[str], kind: str) -> bool:
    return _ANY_TYPE in binary or kind in binary


def _fixed(aws: Aws, case: Case, seen: _Seen, requests: list[Logged]) -> dict[str, Any]:
    """`fixed`: the working copy has none of the problems that the stage's deployment has."""
    if not seen.problems or not case.traced.deployed_known:
        return {}
    draft = attempt(lambda: configured(aws, case))
    if not isinstance(draft, Method) or draft.type == "AWS_PROXY":
        return {}
    api = attempt(lambda: aws.call("apigateway", "GetRestApi", restApiId=case.traced.api_id))
    now = seen.binary if isinstance(api, AwsError) else _lower(api.get("binaryMediaTypes"))
    return {"fixed": not set(_judge(draft, now, requests).problems) & set(seen.problems)}


def _lower(listed: Any) -> list[str]:
    return [str(each).lower() for each in listed] if isinstance(listed, list) else []


def _where(case: Case) -> str:
    return f"{case.traced.method_key} {case.traced.resource_path}"
