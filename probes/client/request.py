"""What the client really gets, now."""

from __future__ import annotations

import json
from typing import Any

from wizard.logs import match
from wizard.model.aws import Aws, HttpAnswer
from wizard.model.case import Case, Target
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Effect, Reason
from wizard.model.target_url import DEFAULT_STAGE

_LONGEST = 500
# What an HTTP API itself answers, without blanks.
_OWN_BODIES = ('{"message":"InternalServerError"}', '{"message":"ServiceUnavailable"}')


class RealRequest(Probe):
    """Sends the request to the API's URL and looks at the answer.

    The words of an error tell a cause only when the gateway itself made the answer, which then has an x-amzn-ErrorType;
    a backend may say whatever it likes.
    https://repost.aws/questions/QUL-z6rJbmR4meafB7MzYXxw (the header stands in customized gateway responses too)
    """

    title = "Send the real request"
    hop = "client"
    api_types = frozenset({"rest", "http"})
    effect = Effect.INVOKES_BACKEND
    warning = (
        "Sends one real request, {method} {path}, without a body and without your headers, to the address of the API. "
        "It runs your backend for real, with whatever that does."
    )
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html",)

    def sends(self, case: Case) -> str:
        """Method and address."""
        return f"{case.target.method} {address(case) or case.target.path}"

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL on a 5xx, PASS on any other answer."""
        url = address(case)
        if url is None:
            return self.unknown(Reason.NO_DATA, "The address of the API is not known.", "the URL that the client calls")
        answer = aws.request(case.target.method, url)
        message = _message(answer.body)
        facts: dict[str, Any] = {
            "url": url,
            "status": answer.status,
            "error_type": _error_type(answer.headers.get("x-amzn-errortype")),
            "message": message,
            "took_ms": round(answer.took_ms),
            "request_id": answer.headers.get("x-amzn-requestid") or answer.headers.get("apigw-requestid"),
            "client_statuses": [answer.status] if answer.status >= 500 else [],
            "answered_by": _answered_by(case, answer),
        }
        said = f"{case.target.method} {case.target.path} got {answer.status} after {facts['took_ms']} ms"
        if "x-amz-cf-id" in answer.headers:
            facts["cloudfront_id"] = answer.headers["x-amz-cf-id"]
        if answer.status < 500:
            return self.passed(f"{said}: the request does not fail now.", **facts)
        if facts["answered_by"] != "backend":
            lines = [answer.body[:_LONGEST], f"x-amzn-ErrorType: {facts['error_type']}"]
            matches = match(lines, case.signatures, "client")
            facts |= {"causes": [found.fact() for found in matches], "cause_ids": [found.cause for found in matches]}
        return self.failed(said + (f": {message}" if message else "."), **facts)


def _answered_by(case: Case, answer: HttpAnswer) -> str:
    """gateway, cloudfront, backend or unknown. HTTP APIs name no error type, and a backend may use the gateway's words.

    What API Gateway answers has a request id, also behind CloudFront; a page of CloudFront's own has none.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html
    """
    if "x-amzn-errortype" in answer.headers:
        return "gateway"
    if _of_cloudfront(answer):
        return "cloudfront"
    own = case.target.api_type == "http" and "".join(answer.body.split()) in _OWN_BODIES
    return "unknown" if own else "backend"


def _of_cloudfront(answer: HttpAnswer) -> bool:
    headers = answer.headers
    said = headers.get("x-cache", "").lower() == "error from cloudfront"
    return said and not {"x-amzn-requestid", "apigw-requestid", "x-amz-apigw-id"} & set(headers)


def address(case: Case) -> str | None:
    """The address the client called, else the execute-api one; None when API, stage or Region are not known.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
    """
    target: Target = case.target
    if target.url:
        return target.url if "://" in target.url else f"https://{target.url}"
    if not (target.api_id and target.stage and target.region):
        return None
    stage = "" if target.stage == DEFAULT_STAGE else f"/{target.stage}"
    suffix = "amazonaws.com.cn" if target.region.startswith("cn-") else "amazonaws.com"
    return f"https://{target.api_id}.execute-api.{target.region}.{suffix}{stage}{target.path}"


def _message(body: str) -> str | None:
    try:
        document = json.loads(body)
    except ValueError:
        return body.strip()[:_LONGEST] or None
    said = (document.get("message") or document.get("Message")) if isinstance(document, dict) else None
    return str(said)[:_LONGEST] if said else body.strip()[:_LONGEST] or None


def _error_type(header: str | None) -> str | None:
    """InternalServerErrorException:http://… -> InternalServerErrorException."""
    return header.partition(":")[0] if header else None
