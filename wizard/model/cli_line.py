"""A question to AWS, or an HTTP request, as one line for a shell."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wizard.model.text import safe

# These write a body into a file; the name stands before the options, where no list can swallow it.
# https://docs.aws.amazon.com/cli/latest/reference/apigateway/get-export.html
_WRITES = frozenset({"apigateway:GetExport", "lambda:Invoke"})
OUTFILE = "/dev/stdout"
# What the AWS CLI reads a value from instead of taking it as it stands.
# https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
_LOADED = re.compile(r"(file|fileb|https?)://", re.IGNORECASE)
# Words that its shorthand syntax takes as they stand.
# https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
_PLAIN = re.compile(r"[\w.:/$+-]+")


# What is asked of DNS and of a host itself, from this machine.
_OWN_COMMANDS = {
    "dns": "dig +noall +answer {name}",
    "tls": "openssl s_client -connect {host}:443 -servername {host} </dev/null",
}
# What stands in them for a name that is not known yet.
_UNNAMED = {"name": "<name>", "host": "<host>"}


def kebab(name: str) -> str:
    """restApiId -> rest-api-id, GetAPIKeys -> get-api-keys."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1-\2", name))
    return spaced.lower()


def cli_line(
    service: str, operation: str, params: Mapping[str, Any], region: str | None = None, more: Sequence[str] = ()
) -> str:
    """The AWS CLI line that puts this question, always one line; `more` are further options, ready for the shell.

    What the command line would read in its own way (file://…, control characters) goes into --cli-input-json. Without
    parameters it is the beginning of the line, or the line with <name> where something is missing.
    """
    if service in _OWN_COMMANDS:
        named = {name: shlex.quote(safe(value)) for name, value in params.items()}
        return _OWN_COMMANDS[service].format_map(_UNNAMED | named)
    words = ["aws", service, kebab(operation)]
    if f"{service}:{operation}" in _WRITES:
        words.append(OUTFILE)
    if all(_as_it_is(value) for value in params.values()):
        for name, value in params.items():
            words += _option(kebab(name), value)
    else:
        words += ["--cli-input-json", shlex.quote(_json(dict(params)))]
    if region:
        words += ["--region", shlex.quote(region)]
    return " ".join([*words, *more])


def curl_line(method: str, url: str, timeout_s: float) -> str:
    """The curl line that sends a request without a body and prints status, headers, body and the seconds it took.

    https://curl.se/docs/manpage.html
    """
    verb = ["--head"] if method.upper() == "HEAD" else ["-X", shlex.quote(method.upper())]
    words = ["curl", "-sS", "-g", "-i", *verb, "-m", f"{timeout_s:g}", "-w", r"'\ntook %{time_total} s\n'"]
    return " ".join([*words, "--url", shlex.quote(safe(url))])


def _as_it_is(value: Any) -> bool:
    """Whether no part of the value is read in another way than it is meant."""
    if isinstance(value, str):
        return safe(value) == value and not _LOADED.match(value)
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return all(map(_as_it_is, value))
    return True


def _option(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        simple = all(item and item[0] not in "-[{" for item in value)
        return [f"--{name}", *map(shlex.quote, value)] if simple else [f"--{name}", shlex.quote(_json(value))]
    if isinstance(value, Mapping) and value and all(_is_word(part) for item in value.items() for part in item):
        return [f"--{name}", ",".join(f"{key}={item}" for key, item in value.items())]
    if isinstance(value, list | tuple | Mapping):
        return [f"--{name}", shlex.quote(_json(value))]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return [f"--{name}={shlex.quote(text)}"] if text.startswith("-") or not text else [f"--{name}", shlex.quote(text)]


def _is_word(part: Any) -> bool:
    return isinstance(part, str) and part.isascii() and bool(_PLAIN.fullmatch(part)) and shlex.quote(part) == part


def _json(value: Any) -> str:
    """ASCII on one line: whatever else there is stands as an escape."""
    return json.dumps(value, separators=(",", ":"), default=_moment)


def _moment(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
