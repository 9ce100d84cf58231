"""Texts that are removed altogether, never given a pseudonym: keys, tokens, passwords, cookies."""

from __future__ import annotations

import re

REMOVED = "[removed]"
# How a method or route is authorized: what a field named authorization holds when it is no header.
# https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html (authorizationType)
OPEN_WORDS = frozenset({"NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS", "JWT"})

_LABELS = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret(?:[_-]?(?:string|binary|key|access[_-]?key))?|token|api[_-]?key"
    r"|access[_-]?key(?:[_-]?id)?|private[_-]?key|account[_-]?key|shared[_-]?key|signature|credential|session[_-]?id"
    r"|connection[_-]?string)"
)
_WHOLE = r"(?:proxy-)?authorization|(?:set-)?cookie"
_KEPT = r"(?!\s*(?:\[removed\]|\*{3}))"

# What a secret looks like wherever it stands; nothing of these may be in a finished report.
STRONG: tuple[re.Pattern[str], ...] = (
    re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z))", re.S),
    # A JSON web token: base64url of '{"' always begins with eyJ (RFC 7519).
    re.compile(r"(?<![A-Za-z0-9])(eyJ[\w-]{5,}(?:\.[\w-]*){0,4}=*)"),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    re.compile(r"(?i)(?<![A-Za-z0-9])((?:AKIA|ASIA|ABIA|ACCA)(?=[A-Z]*[0-9])[A-Z0-9]{12,})(?![a-z0-9])"),
    re.compile(r"(?i)\b(?:bearer|basic|digest)\s+((?=[\w.~+/=:-]*[\d=+/.])[\w.~+/=:-]{6,})"),
    # Forty characters of mixed base64: the form of an AWS secret access key.
    re.compile(
        r"(?<![\w/+=-])((?=[a-z0-9/+]*[A-Z])(?=[A-Z0-9/+]*[a-z])(?=[A-Za-z/+]*\d)[A-Za-z0-9/+]{40})(?![\w/+=-])"
    ),
    # A session token of STS begins so.
    re.compile(r"(?<![A-Za-z0-9])((?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz|FQoDYXdz)[\w/+=]+)"),
)
_KEY_VALUE = rf"(?i)(?:{_LABELS}|{_WHOLE})"
# Only with their label: what a field of that name holds. The group is what goes.
_LABELLED: tuple[re.Pattern[str], ...] = (
    re.compile(rf"{_KEY_VALUE}[\"']?\s*[=:]\s*\[?\s*\"{_KEPT}((?:[^\"\n]|\n[ \t]+)+)(?=\")"),
    re.compile(rf"{_KEY_VALUE}[\"']?\s*[=:]\s*\[?\s*'{_KEPT}((?:[^'\n]|\n[ \t]+)+)(?=')"),
    re.compile(rf"(?i)(?<![\w.-])(?:{_WHOLE})\s*[=:]\s*{_KEPT}(?![\"'])((?:(?!, [\w-]+[=:])[^\n\"'}}])+)"),
    re.compile(rf"{_KEY_VALUE}\s*[=:]\s*{_KEPT}((?:(?!\[removed\])[^\s\"',;&}}\]<>])+)"),
    re.compile(r"://(?!\[removed\])([^/\s@\"'<>]+)(?=@)"),
)
RULES = (*STRONG, *_LABELLED)
_SECRET_KEY = re.compile(rf"(?i)^(?:[\w.-]*{_LABELS}|{_WHOLE})$")


def holds_secret(name: str) -> bool:
    """Whether a field of this name holds a secret, whatever its value looks like."""
    return bool(_SECRET_KEY.match(name))
