"""What the API makes of the gateway's own error answers on their way to the client."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from probes._method import document
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case, Symptom
from wizard.model.probe import Evidence, Probe

# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
_USUAL = {
    "ACCESS_DENIED": 403, "API_CONFIGURATION_ERROR": 500, "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500, "BAD_REQUEST_BODY": 400, "BAD_REQUEST_PARAMETERS": 400, "DEFAULT_4XX": 400,
    "DEFAULT_5XX": 500, "EXPIRED_TOKEN": 403, "INTEGRATION_FAILURE": 504, "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403, "INVALID_SIGNATURE": 403, "MISSING_AUTHENTICATION_TOKEN": 403, "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413, "RESOURCE_NOT_FOUND": 404, "THROTTLED": 429, "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415, "WAF_FILTERED": 403,
}  # fmt: skip
# What stays of a 4xx whose status was changed: its x-amzn-ErrorType, and its message unless that was changed as well.
_OF_4XX = frozenset(
    f"{name}exception"
    for name in (
        "accessdenied", "badrequest", "expiredtoken", "forbidden", "incompletesignature", "invalidsignature",
        "limitexceeded", "missingauthenticationtoken", "notfound", "requesttoolarge", "toomanyrequests",
        "unauthorized", "unrecognizedclient", "unsupportedmediatype",
    )
)  # fmt: skip
_SAID_BY_4XX = frozenset(
    {
        "forbidden", "missing authentication token", "unauthorized", "too many requests", "limit exceeded",
        "unsupported media type", "request too long", "invalid request body",
    }
)  # fmt: skip
_REFERENCE = re.compile(r"\$(?:context|stageVariables)\.[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*")
# Put in without quotes these are no JSON; what else stands without quotes may be a number.
_TEXTS = ("$context.error.message", "$context.error.responseType", "$context.requestId", "$context.httpMethod")
_EXTENSION, _KEPT = "x-amazon-apigateway-gateway-responses", 10


class GatewayResponses(Probe):
    """The customised gateway responses: changed status codes, and bodies that are no JSON any more."""

    title = "Gateway responses"
    hop = "client"
    api_types = frozenset({"rest"})
    needs = ("api_id",)
    calls = frozenset({"apigateway:GetExport", "apigateway:GetGatewayResponses"})
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when the reported 5xx was a 4xx, WARN when statuses or bodies are changed for the worse."""
        custom = _custom(case, aws)
        changed = [each for name, response in custom.items() if (each := _changed(name, response))]
        worse = [each for each in changed if (each["usual"] < 500) != (each["status"] < 500)]
        status = case.symptom.status
        made = [each for each in worse if each["usual"] < 500 and status in (None, each["status"])]
        hidden = [each for each in worse if each["usual"] >= 500]
        broken = [name for name, response in custom.items() if not _is_json(response)]
        first = next(iter([*made, *hidden]), None)
        facts: dict[str, Any] = {
            "customised": sorted(custom)[:_KEPT],
            "changed": changed[:_KEPT],
            "made_5xx": [each["type"] for each in made],
            "hides_5xx": [each["type"] for each in hidden],
            "broken_templates": broken[:_KEPT],
            "disguised": bool(made) and _was_4xx(case.symptom),
            "response_type": first["type"] if first else next(iter(broken), None),
            "usual_status": first["usual"] if first else None,
            "custom_status": first["status"] if first else None,
        }
        if facts["disguised"]:
            facts["corrected"] = _corrected(case, aws, made[0])
            told = f"The reported {status} was a 4xx: {_said(made[0])}"
            if facts["corrected"]:
                told += "; that is corrected in the API, and not deployed"
            return self.failed(f"{told}.", **facts)
        if worse:
            return self.warned(f"Error answers change their nature: {'; '.join(map(_said, worse))}.", **facts)
        if broken:
            return self.warned(f"The body of {', '.join(broken)} is no JSON once it is filled in.", **facts)
        if not custom:
            return self.passed("The gateway's error answers are as the service makes them.", **facts)
        return self.passed(f"Customised, and no error changes its nature: {', '.join(sorted(custom))}.", **facts)


def _custom(case: Case, aws: Aws) -> dict[str, Mapping[str, Any]]:
    """Response type -> what the API makes of it; as deployed where that is known."""
    trace = case.traced
    if not trace.deployed_known:
        return _configured(case, aws)
    listed = document(aws, case).get(_EXTENSION)
    found = listed.items() if isinstance(listed, Mapping) else ()
    return {str(name).upper(): response for name, response in found if isinstance(response, Mapping)}


def _configured(case: Case, aws: Aws) -> dict[str, Mapping[str, Any]]:
    """The same as it would be deployed now."""
    pages = aws.pages("apigateway", "GetGatewayResponses", restApiId=case.traced.api_id)
    return {
        str(each.get("responseType")).upper(): each for each in pages.items("items") if not each.get("defaultResponse")
    }


def _corrected(case: Case, aws: Aws, change: Mapping[str, Any]) -> bool | None:
    """Whether only the stage still makes this change; None when that is not known."""
    if not case.traced.deployed_known:
        return None
    try:
        response = _configured(case, aws).get(change["type"], {})
    except AwsError:
        return None
    return _changed(change["type"], response) != change


def _changed(name: str, response: Mapping[str, Any]) -> dict[str, Any] | None:
    """A status other than the usual one as {type, usual, status}."""
    given, usual = str(response.get("statusCode") or ""), _USUAL.get(name)
    if usual is None or not re.fullmatch(r"[1-5]\d\d", given) or int(given) == usual:
        return None
    return {"type": name, "usual": usual, "status": int(given)}


def _was_4xx(symptom: Symptom) -> bool:
    kind, said = (symptom.error_type or "").split(":")[0].lower(), (symptom.message or "").strip().lower()
    return kind in _OF_4XX or (not kind and said in _SAID_BY_4XX)


def _is_json(response: Mapping[str, Any]) -> bool:
    """Whether the body for JSON still is JSON when its references are filled in."""
    templates = response.get("responseTemplates")
    text = str(templates.get("application/json") or "") if isinstance(templates, Mapping) else ""
    if not text.strip():
        return True
    filled = _REFERENCE.sub(_sample, text)
    try:
        json.loads(filled)
    except ValueError:
        return False
    return True


def _sample(reference: re.Match[str]) -> str:
    if reference[0] == "$context.error.messageString":
        return '"text"'
    return "text" if reference[0] in _TEXTS else "0"


def _said(change: Mapping[str, Any]) -> str:
    word = {"DEFAULT_4XX": "every other 4xx", "DEFAULT_5XX": "every other 5xx"}.get(change["type"])
    return f"{change['type']}, usually {word or change['usual']}, is sent as {change['status']}"
