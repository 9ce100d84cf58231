"""What a pasted text gives away about the request that failed: ids, address, status. Pure; nothing is looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Patterns are compiled when first used: the first screen does not wait for them.
# Control, bidi and invisible characters: part of no id and no address.
_UNSEEN = r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# The extended request id is base64 that ends in an equals sign.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
_ALONE = rf"(?i)\s*({_UUID}|[\w-]{{11,17}}=)\s*"
_ADDRESS = r"(?i)https?://[\w.-]+\.execute-api\.[^\s\"'<>\\),;]+"
# How the groups of execution logs are named:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
_GROUP = r"API-Gateway-Execution-Logs_([a-z0-9]+)/([\w-]+)"
_ARN = r"arn:aws[\w-]*:execute-api:([a-z0-9-]+):\d{12}:([a-z0-9]+)/([\w$-]+)/([A-Z]+)(/[^\s\"'\\]*)?"
_CALLED = r"HTTP Method: ([A-Z]+), Resource Path: (/\S*)"
# What curl -v shows of a request.
_SENT = r"(?m)^> ([A-Z]+) (\S+) HTTP/"
_HOST = r"(?im)^> host: (\S+)"
_STATUS = (
    r"Method completed with status: (5\d\d)",
    r"HTTP/[\d.]+ (5\d\d)\b",
    r"\"status(?:Code)?\"\s*:\s*\"?(5\d\d)\b",
)
_FAILED = rf"(?i)\(({_UUID})\) (?:Execution failed|Method completed with status: 5)"
_REQUEST = (
    rf"(?i)x-amzn-requestid:\s*({_UUID})",
    rf"(?i)\"request_?id\"\s*:\s*\"({_UUID})\"",
    rf"(?i)\(({_UUID})\)",
)
_ERROR_TYPE = r"(?i)x-amzn-errortype:\s*(\w+)"
_MESSAGE = r"(?i)\{\s*\"message\"\s*:\s*\"([^\"\\]{1,200})\"\s*\}"


@dataclass(frozen=True, slots=True)
class Clues:
    """What was found; empty where there is nothing."""

    url: str = ""
    api_id: str = ""
    stage: str = ""
    region: str = ""
    method: str = ""
    path: str = ""
    request_id: str = ""
    status: str = ""
    error_type: str = ""
    message: str = ""

    def words(self) -> str:
        """What was found, in a few words."""
        named = (
            ("", self.url),
            ("API ", "" if self.url else self.api_id),
            ("stage ", "" if self.url else self.stage),
            ("", "" if self.url else f"{self.method} {self.path}".strip()),
            ("status ", self.status),
            ("request ", self.request_id),
        )
        return ", ".join(f"{name}{value}" for name, value in named if value)


NOTHING = Clues()


def request_id(text: str) -> str:
    """The request id that this text is and nothing else; empty when it is something else."""
    found = re.fullmatch(_ALONE, text)
    return found[1] if found else ""


def clues(text: str) -> Clues:
    """What a log, the output of curl -v or a mail says of the request that failed: the first of each kind."""
    text = re.sub(_UNSEEN, " ", text)
    group, arn, called = re.search(_GROUP, text), re.search(_ARN, text), re.search(_CALLED, text)
    sent, host = re.search(_SENT, text), re.search(_HOST, text)
    address = re.search(_ADDRESS, text)
    url = f"https://{host[1]}{sent[2]}" if sent and host else address[0] if address else ""
    failed = re.search(_FAILED, text)
    method, path = (called[1], called[2]) if called else (arn[4], arn[5] or "/") if arn else ("", "")
    return Clues(
        url=url,
        api_id=group[1] if group else arn[2] if arn else "",
        stage=group[2] if group else arn[3] if arn else "",
        region=arn[1] if arn else "",
        method=sent[1] if sent else method,
        path="" if sent else path,
        request_id=failed[1] if failed else _first(_REQUEST, text),
        status=_first(_STATUS, text),
        error_type=found[1] if (found := re.search(_ERROR_TYPE, text)) else "",
        message=found[1] if (found := re.search(_MESSAGE, text)) else "",
    )


def _first(patterns: tuple[str, ...], text: str) -> str:
    return next((found[1] for pattern in patterns if (found := re.search(pattern, text))), "")
