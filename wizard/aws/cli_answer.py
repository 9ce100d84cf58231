"""What the AWS CLI and curl print, read from a paste: JSON with the shell around it, an error, an HTTP answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from wizard.aws.errors import Asked, one_line, translate
from wizard.model.aws import AwsError, Expired, HttpAnswer, NoCredentials, TimedOut, Unreachable, Unsupported

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_DOCUMENT = re.compile(r"^[ \t]*(?=\{)", re.MULTILINE)
# https://github.com/aws/aws-cli/blob/develop/awscli/errorhandler.py and botocore's ClientError
_ERROR = re.compile(
    r"An error occurred \((?P<code>[^)\s]+)\) when calling the (?P<operation>\w+) operation"
    r"(?: \(reached max retries: \d+\))?: ?(?P<message>.*)",
    re.DOTALL,
)
# Errors that the CLI meets before AWS answers, in botocore's words.
_BEFORE = (
    (re.compile(r"Unable to locate credentials|Partial credentials found|The config profile \("), NoCredentials),
    (re.compile(r"You must specify a region|Could not find a region"), NoCredentials),
    (re.compile(r"(?:SSO|Token|session|credentials)\b.*(?:expired|refresh failed)|Error loading SSO Token"), Expired),
    (re.compile(r"(?:Connect|Read) timeout on endpoint URL"), TimedOut),
    (
        re.compile(r"Could not connect to the endpoint URL|Connection was closed before|SSL validation failed"),
        Unreachable,
    ),
)
_NO_CLI = re.compile(r"(?:aws|curl)\S*: (?:command )?not found|is not recognized as (?:an internal|the name)")
_OLD_CLI = re.compile(r"Invalid choice|Unknown options?:|Found invalid choice|the following arguments are required")
_TABLE = re.compile(r"^[+|-][-+|]{4,}|^\|", re.MULTILINE)
_YAML = re.compile(r"^[A-Za-z]\w*:(?: |$)", re.MULTILINE)
_CURL = re.compile(r"^curl: \((?P<number>\d+)\) ?(?P<said>.*)", re.MULTILINE)
_CURL_TIMEOUT = "28"
_HEAD = re.compile(r"^HTTP/[\d.]+ (?P<status>\d{3})\b.*$", re.MULTILINE)
_TOOK = re.compile(r"\n?^took (?P<seconds>[\d.,]+) s\s*\Z", re.MULTILINE)
_LONGEST = 500  # characters of a line in which an error is looked for
_BODY_LIMIT = 64 * 1024


class RefusedError(ValueError):
    """The text is not the answer that was asked for; one line that says what was expected."""


def cleaned(text: str) -> str:
    """The text without what a terminal or a Windows editor adds: colours, byte order mark, carriage returns."""
    return _ESCAPES.sub("", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")).strip()


def documents(text: str) -> list[tuple[dict[str, Any], str]]:
    """Every JSON object that begins at the start of a line, with its text; what stands between is the shell's.

    Raises:
        RefusedError: one of them breaks off, or is no JSON.
    """
    found = list(_documents(text))
    if not found and "{" in text and not error_line(text):
        found = list(_documents(text[text.index("{") :]))
    return found


def is_whole(text: str) -> bool:
    """Whether a paste that is still coming holds an answer already: JSON that is closed, or an error."""
    clean = cleaned(text)
    if "}" not in clean:
        return bool(error_line(clean))
    try:
        return bool(documents(clean) or error_line(clean))
    except RefusedError:
        return False


def error_line(text: str) -> str:
    """The line in which the AWS CLI says why there is no answer; empty when there is none."""
    if found := _ERROR.search(text):
        return found[0]
    lines = (line[:_LONGEST] for line in text.splitlines())
    return next((line for line in lines if any(said.search(line) for said, _ in _BEFORE)), "")


def error_in(text: str, asked: Asked) -> AwsError | None:
    """The error that the AWS CLI printed instead of an answer, as a live call would have raised it.

    Raises:
        RefusedError: it is the error of another command, or the command could not run.
    """
    from botocore.exceptions import ClientError

    if found := _ERROR.search(text):
        if found["operation"] != asked.operation:
            raise RefusedError(f"this is the error of {found['operation']}; expected what {asked.operation} says")
        code, message = found["code"], found["message"].strip().partition("\n\n")[0]
        return translate(ClientError({"Error": {"Code": code, "Message": message}}, asked.operation), asked)
    if _NO_CLI.search(text):
        raise RefusedError("the program is not installed there; run it where the AWS CLI is, like AWS CloudShell")
    if _OLD_CLI.search(text):
        raise RefusedError("the AWS CLI there does not take the command; copy the whole line, or update the AWS CLI")
    line = error_line(text)
    for said, kind in _BEFORE:
        if line and said.search(line):
            return kind(f"{asked}: {one_line(line)}")
    return None


def not_json(text: str) -> str:
    """What is wrong with a text without any JSON in it."""
    if _TABLE.search(text):
        return "this is a table; run the command as it stands, with --output json"
    if _YAML.search(text) or "\t" in text:
        return "this is YAML or text; run the command as it stands, with --output json"
    return "there is no JSON in it"


def http_answer(text: str) -> HttpAnswer:
    """The answer that curl -i printed.

    Raises:
        TimedOut, Unreachable: curl got none.
        RefusedError: it is something else.
    """
    clean = cleaned(text)
    heads = list(_HEAD.finditer(clean))
    if not heads:
        if failed := _CURL.search(clean):
            kind = TimedOut if failed["number"] == _CURL_TIMEOUT else Unreachable
            raise kind(f"curl: {one_line(failed['said']) or 'no answer'} ({failed['number']})")
        if _NO_CLI.search(clean):
            raise RefusedError("curl is not installed there")
        raise RefusedError("this is no HTTP answer; expected a line like HTTP/2 502, headers and the body")
    # 100 Continue and the answer of a proxy come before the answer itself.
    head = next((each for each in heads if not each["status"].startswith("1")), heads[-1])
    rest = clean[head.end() :]
    took = _TOOK.search(rest)
    rest = rest[: took.start()] if took else rest
    block, _, body = rest.lstrip("\n").partition("\n\n") if not rest.startswith("\n\n") else ("", "", rest[2:])
    headers: dict[str, str] = {}
    for line in block.splitlines():
        name, _, value = line.partition(":")
        key = name.strip().lower()
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    seconds = float(took["seconds"].replace(",", ".")) if took else 0.0
    return HttpAnswer(int(head["status"]), headers, body[:_BODY_LIMIT], seconds * 1000)


def unsupported(asked: Asked) -> Unsupported:
    """For an operation that the models at hand do not know."""
    return Unsupported(f"{asked}: this version of botocore does not know it")


def _documents(text: str) -> Iterator[tuple[dict[str, Any], str]]:
    start = _DOCUMENT.search(text)
    place = start.end() if start else -1
    while place >= 0:
        value, end = _decoded(text, place)
        yield value, text[place:end]
        # What an export prints beside its body follows without a line break.
        start = _DOCUMENT.search(text, end)
        place = end if text[end : end + 1] == "{" else start.end() if start else -1


def _decoded(text: str, start: int) -> tuple[dict[str, Any], int]:
    decoder = json.JSONDecoder()
    try:
        value, end = decoder.raw_decode(text, start)
    except RecursionError as error:
        raise RefusedError("the JSON is nested too deeply") from error
    except ValueError as error:
        # A terminal that wraps long lines puts breaks into strings, where JSON has none.
        rest = _STRING.sub(lambda string: string[0].replace("\n", ""), text[start:])
        if rest == text[start:]:
            raise RefusedError(_broken(error, text)) from error
        try:
            value, length = decoder.raw_decode(rest)
        except (ValueError, RecursionError) as again:
            raise RefusedError(_broken(again, rest)) from again
        return dict(value), len(text) - (len(rest) - length)
    return dict(value), end


def _broken(error: Exception, text: str) -> str:
    if not isinstance(error, json.JSONDecodeError):
        return "the JSON cannot be read"
    if error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated"):
        return "the JSON breaks off before its end; paste all of it, or save it to a file and give @file"
    return f"the JSON is damaged in line {error.lineno} ({error.msg.lower()})"
