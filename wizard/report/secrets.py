"""Texts that are removed altogether, never given a pseudonym: keys, tokens, passwords, cookies, query values."""

from __future__ import annotations

import re

REMOVED = "[removed]"

_LABELS = (
    r"authorization|proxy-authorization|cookie|set-cookie|(?:x-)?api[_-]?key|aws[_-]?secret[_-]?access[_-]?key|secret[_-]?access[_-]?key"
    r"|access[_-]?key[_-]?id|client[_-]?secret|secret(?:string|binary)?|pass(?:word|wd|phrase)|pwd|[\w-]*token|signature|credential"
)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S), REMOVED),
    # A JSON web token: base64url of '{"' always begins with eyJ (RFC 7519).
    (re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){0,2}"), REMOVED),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    (re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b"), REMOVED),
    (re.compile(r"(?i)\b(bearer|basic|digest)\s+(?=[\w.~+/=:-]*[\d=+/.])[\w.~+/=:-]{6,}"), rf"\1 {REMOVED}"),
    # "name": "value", name=value, name: value; a service's own **** stays. Backslashes: JSON within JSON.
    (
        re.compile(
            rf"(?i)(?<![a-z])((?:{_LABELS})\\?[\"']?\s*[=:]\s*\\?[\"']?)(?!\[removed]|\*{{3}}|(?:bearer|basic|digest)\b)"
            r"[^\s\"',;&}\]\\]+"
        ),
        rf"\1{REMOVED}",
    ),
    (re.compile(r"([?&][\w.~%-]+)=(?!\[removed])[^&\s\"'#\\]+"), rf"\1={REMOVED}"),
    (re.compile(r"(://)[^/\s@\"']+@"), r"\1"),
    # Forty characters of mixed base64: the form of an AWS secret access key.
    (
        re.compile(
            r"(?<![\w/+=-])(?=[a-z0-9/+]*[A-Z])(?=[A-Z0-9/+]*[a-z])(?=[A-Za-z/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=-])"
        ),
        REMOVED,
    ),
)


def remove_secrets(text: str) -> str:
    """The text with every secret it shows replaced by [removed]."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text
