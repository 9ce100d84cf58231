"""What a REST API makes of a Lambda proxy response, judged from the response as a log shows it.

The rules are the service's, not the documents':
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html gives the
shape; LocalStack's tests, recorded against AWS, show what is really refused.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIELDS = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})
# What a runtime answers in the function's stead when the handler failed.
_ERROR_FIELDS = frozenset({"errorMessage", "errorType"})
# What Lambda itself answers when it refuses the call: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
_REFUSAL_FIELDS = frozenset({"Message", "message", "Type", "Code", "Reason", "retryAfterSeconds", "__type"})
_STREAMED_HEAD = frozenset({"statusCode", "headers", "multiValueHeaders", "cookies"})
_CUT = re.compile(r"\s*\[TRUNCATED\]\s*$")
_DECODER = json.JSONDecoder()
_KEY = re.compile(r'\s*,?\s*(?P<key>"(?:[^"\\]|\\.)*")\s*:\s*', re.DOTALL)
_NUMBER = re.compile(r"-?\d")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with a proxy response and at which key.

    `defect`: the gateway refuses with 502 what is not-an-object (or an object with no field of a proxy
    response), body-not-string, bad-statuscode, bad-headers, unknown-field, streamed (a body behind the object); with
    500 body-not-base64, where the client accepts a binary type; returned-5xx is well-formed, the
    function itself answers 5xx; refusal is Lambda's answer in the function's stead; function-error is a runtime
    reporting a failed handler; truncated is cut off before anything could be told; None is fine. `status` is its
    statusCode where that is a number.
    """

    defect: str | None
    key: str | None = None
    status: int | None = None


def judge(payload: str) -> str | None:
    """The defect of a proxy response, None when it is fine, "truncated" when it is cut and what is left does
    not tell.
    """
    return inspect(payload).defect


def inspect(payload: str) -> Judgement:
    """Judge a proxy response as logged; a log event ends after 1,024 bytes, so it may be cut anywhere."""
    text = _CUT.sub("", payload).strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Judgement("streamed") if _is_streamed(text) else _inspect_cut(text)
    return _inspect_object(value) if isinstance(value, dict) else Judgement("not-an-object")


def _is_streamed(text: str) -> bool:
    """Whether status and headers stand in an object of their own and the body behind it, as streamed answers have it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
    """
    try:
        head, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(head, dict) and "statusCode" in head and head.keys() <= _STREAMED_HEAD and end < len(text)


def _inspect_object(answer: Mapping[str, Any]) -> Judgement:
    if answer.keys() >= _ERROR_FIELDS or ("errorMessage" in answer and not answer.keys() & FIELDS):
        return Judgement("function-error", "errorMessage")
    if answer.keys() <= _REFUSAL_FIELDS and len(answer) > 1:
        return Judgement("refusal", "Message")
    if defect := _first_defect(answer):
        return defect
    status = int(answer.get("statusCode") or 200)
    if 500 <= status <= 599:
        return Judgement("returned-5xx", None, status)
    unreadable = answer.get("isBase64Encoded") is True and not _is_base64(answer.get("body") or "")
    return Judgement("body-not-base64" if unreadable else None, "body" if unreadable else None, status)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return False
    return True


def _first_defect(answer: Mapping[str, Any]) -> Judgement | None:
    if not _is_status(answer.get("statusCode", 200)):
        return Judgement("bad-statuscode", "statusCode")
    if not isinstance(answer.get("body"), str | None):
        return Judgement("body-not-string", "body")
    if key := _bad_headers(answer):
        return Judgement("bad-headers", key)
    unknown = next((key for key in answer if key not in FIELDS), None)
    if unknown is None:
        return None
    return Judgement("unknown-field" if answer.keys() & FIELDS else "not-an-object", unknown)


def _is_status(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().isdecimal() and len(value) < 10
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _bad_headers(answer: Mapping[str, Any]) -> str | None:
    for name, allowed in (("headers", (str, bool)), ("multiValueHeaders", (list,))):
        headers = answer.get(name)
        if headers is None:
            continue
        if not isinstance(headers, dict):
            return name
        for header, value in headers.items():
            if not isinstance(value, allowed):
                return f"{name}.{header}"
    return None


def _inspect_cut(text: str) -> Judgement:
    if not text.startswith("{"):
        return Judgement("not-an-object" if text.startswith(("[", '"')) or not text else "truncated")
    known, open_key, rest = _read_cut(text)
    judged = _inspect_object({**known, open_key: None} if open_key in FIELDS else known)
    if judged.defect == "function-error" or (judged.defect and judged.defect != "returned-5xx"):
        return judged
    if open_key in _ERROR_FIELDS:
        return Judgement("function-error", open_key)
    if open_key is not None and open_key not in FIELDS:
        return Judgement("unknown-field" if known else "truncated", open_key)
    if open_key == "body" and (rest.startswith(("{", "[")) or _NUMBER.match(rest)):
        return Judgement("body-not-string", "body")
    return judged if judged.defect else Judgement("truncated", None, judged.status if "statusCode" in known else None)


def _read_cut(text: str) -> tuple[dict[str, Any], str | None, str]:
    """The whole entries of a cut object, then the key it is cut at and what there is of its value."""
    known: dict[str, Any] = {}
    at = 1
    while found := _KEY.match(text, at):
        try:
            key = json.loads(found["key"], strict=False)
            value, end = _DECODER.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            return known, found["key"][1:-1], text[found.end() :]
        if end == len(text) and isinstance(value, int | float):
            return known, key, text[found.end() :]
        known[key], at = value, end
    return known, None, ""
