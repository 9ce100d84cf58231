"""Somebody with credentials, who runs whatever command is shown to them and gives back what it prints."""

from __future__ import annotations

import io
import json
import shlex
import tempfile
import urllib.error
import urllib.request
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.session import Session

KEYS = ("access_key_id", "secret_access_key")


class Person:
    """Runs printed commands against a sandbox by botocore, in the way in which the AWS CLI reads and prints."""

    def __init__(self, line: dict[str, Any]) -> None:
        self._line = line
        self.commands: list[str] = []

    def __call__(self, command: str) -> str:
        """What it prints, errors included."""
        self.commands.append(command)
        words = shlex.split(command.removesuffix(" | cat"))
        return self._curl(words) if words[0] == "curl" else self._aws(words[1:])

    def _aws(self, words: list[str]) -> str:
        service, name, *rest = words
        options = _options(rest)
        line = self._line
        credentials = line["access_key_id"], line["secret_access_key"]
        client = _client(service, options.pop("region")[0], line["endpoint_url"], *credentials)
        assert options.pop("output") == ["json"]
        operation = {xform_name(known, "-"): known for known in client.meta.service_model.operation_names}[name]
        model = client.meta.service_model.operation_model(operation)
        most = options.pop("max-items", None)
        members = {xform_name(member, "-"): member for member in model.input_shape.members}
        shapes = model.input_shape.members
        params = json.loads(options.pop("cli-input-json")[0]) if "cli-input-json" in options else {}
        params |= {members[key]: _value(shapes[members[key]], values) for key, values in options.items()}
        try:
            return _printed(operation, _answer(client, operation, params, most))
        except ClientError as error:
            return f"\n{error}\n"

    def _curl(self, words: list[str]) -> str:
        url = words[words.index("--url") + 1]
        request = urllib.request.Request(url, method=words[words.index("-X") + 1])
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
            return f"HTTP/1.1 {answer.status} Said\r\n{head}\r\n{answer.read().decode()}\ntook 0.123456 s\n"


def really(command: str, line: dict[str, Any]) -> str:
    """What the AWS CLI itself prints for the command, run in this process; errors included.

    An export goes to standard output as a file, past what Python could catch: it is written to one.
    """
    from awscli.clidriver import create_clidriver

    with tempfile.NamedTemporaryFile() as body:
        words = [
            body.name if word == "/dev/stdout" else word for word in shlex.split(command.removesuffix(" | cat"))[1:]
        ]
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = create_clidriver().main([*words, "--endpoint-url", line["endpoint_url"]])
        out.flush()
        printed = out.buffer.getvalue().decode()  # type: ignore[attr-defined]  # a BytesIO
        assert (code == 0) == (not err.getvalue()), (command, err.getvalue())
        return body.read().decode() + printed + err.getvalue()


@cache
def _client(service: str, region: str, endpoint_url: str, key_id: str, secret: str) -> Any:
    """One for every walk through a sandbox: to make the clients takes half of the time."""
    return Session().create_client(
        service, region, endpoint_url=endpoint_url, aws_access_key_id=key_id, aws_secret_access_key=secret
    )


def _options(words: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    values: list[str] = []
    for word in words:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            values = found.setdefault(name, [value] if equals else [])
        elif found:
            values.append(word)
    return found


def _value(shape: Any, values: list[str]) -> Any:
    kind = shape.type_name
    if kind == "boolean":
        return True
    if values[0].startswith(("[", "{")) and kind in ("list", "map", "structure"):
        return json.loads(values[0])
    if kind == "list":
        return values
    if kind in ("map", "structure"):
        return dict(pair.split("=", 1) for pair in values[0].split(","))
    return {"integer": int, "long": int}.get(kind, str)(values[0])


def _answer(client: Any, operation: str, params: dict[str, Any], most: list[str] | None) -> dict[str, Any]:
    name = xform_name(operation)
    if client.can_paginate(name):
        config = {"MaxItems": int(most[0])} if most else {}
        found: dict[str, Any] = (
            client.get_paginator(name).paginate(PaginationConfig=config, **params).build_full_result()
        )
        return found
    found = getattr(client, name)(**params)
    found.pop("ResponseMetadata")
    return found


def _printed(operation: str, answer: dict[str, Any]) -> str:
    body = answer.pop("body").read().decode() if operation == "GetExport" else ""
    return body + (json.dumps(answer, indent=4, default=_plain) + "\n" if answer else "")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value.decode()
