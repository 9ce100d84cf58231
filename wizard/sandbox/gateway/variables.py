"""``$input``, ``$util`` and ``$context`` of mapping templates, and what a template overrides.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import jsonpath

from wizard.sandbox.gateway import vtl
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.event import request_context
from wizard.sandbox.gateway.values import JavaMap, Missing, plain, seen

_JAVASCRIPT = {
    "\\": "\\\\", '"': '\\"', "'": "\\'", "/": "\\/",
    "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f",
}  # fmt: skip
_PRINTABLE = range(32, 127)

Pairs = Iterable[tuple[str, str]]


@dataclass
class Overrides:
    """What templates set through $context.requestOverride and $context.responseOverride; ``status`` 0 is not set."""

    header: dict[str, str] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    querystring: dict[str, str] = field(default_factory=dict)
    response_header: dict[str, str] = field(default_factory=dict)
    status: int = 0


def fill(execution: Execution, template: str, body: str, overrides: Overrides) -> str:
    """Render a template for this request; ``overrides`` takes what it sets. Raises vtl.TransformError."""
    request, response = _Once(["header", "path", "querystring"]), _Once(["header"])
    context = JavaMap(request_context(execution.place, execution.route, execution.request))
    context["requestOverride"], context["responseOverride"] = request, response
    names = {
        "input": Input(body, execution.route.parameters, execution.request.query, execution.request.headers),
        "util": Util(),
        "context": context,
        "stageVariables": JavaMap(dict(execution.place.variables)),
    }
    text = vtl.render(template, names)
    overrides.header.update(_texts(request["header"]))
    overrides.path.update(_texts(request["path"]))
    overrides.querystring.update(_texts(request["querystring"]))
    overrides.response_header.update(_texts(response["header"]))
    status = response.get("status")
    if isinstance(status, (int, str)) and str(status).isdecimal() and 100 <= int(status) < 600:
        overrides.status = int(status)
    return text


def find(document: Any, path: str) -> Any:
    """What a JSONPath finds: one value or None for a definite path, else a list. Raises ValueError for a bad path."""
    try:
        query = jsonpath.compile(path)
        found = query.findall(document)
    except jsonpath.JSONPathError as problem:
        raise ValueError(f"Invalid JSONPath {path}: {problem}") from None
    if isinstance(query, jsonpath.JSONPath) and query.singular_query():
        return found[0] if found else None
    return found


class _Once(JavaMap):
    """Overrides: a parameter may be set once, a second time is an error."""

    def __init__(self, parts: list[str] | None = None) -> None:
        super().__init__()
        for name in parts or []:
            super().__setitem__(name, _Once())

    def __setitem__(self, key: str, value: Any) -> None:
        if self.containsKey(key):
            raise ValueError(f"{key} is overridden more than once")
        super().__setitem__(key, value)


class Input:
    """``$input``; ``body`` is the payload as text, empty ones count as ``{}``."""

    def __init__(self, body: str, path: Mapping[str, str], query: Pairs, headers: Pairs) -> None:
        self.body = body or "{}"
        self._parameters = JavaMap({"path": dict(path), "querystring": dict(query), "header": dict(headers)})

    def path(self, path: str) -> Any:
        """The value as an object."""
        value = find(self._document(), path)
        return Missing() if value is None else seen(value)

    def json(self, path: str) -> str:
        """The value as JSON text; what is missing is an empty text."""
        value = find(self._document(), path)
        return json.dumps("" if value is None else value, ensure_ascii=False)

    def params(self, name: str | None = None) -> Any:
        """All parameters, or the one of this name: from the path, else the query string, else the headers."""
        if name is None:
            return self._parameters
        kinds = (self._parameters[kind] for kind in ("path", "querystring", "header"))
        return next((kind[name] for kind in kinds if kind.containsKey(name)), "")

    def _document(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Util:
    """``$util``."""

    def escapeJavaScript(self, text: object) -> str:
        return "".join(_escaped(letter) for letter in _shown(text))

    def parseJson(self, text: object) -> Any:
        return seen(json.loads(_shown(text)))

    def urlEncode(self, text: object) -> str:
        return "" if text is None else quote_plus(_shown(text))

    def urlDecode(self, text: object) -> str:
        return "" if text is None else unquote_plus(_shown(text))

    def base64Encode(self, text: object) -> str:
        return base64.b64encode(_shown(text).encode()).decode()

    def base64Decode(self, text: object) -> str:
        return base64.b64decode(_shown(text), validate=True).decode("utf-8", "replace")


def _escaped(letter: str) -> str:
    if letter in _JAVASCRIPT:
        return _JAVASCRIPT[letter]
    if ord(letter) in _PRINTABLE:
        return letter
    pairs = letter.encode("utf-16-be").hex().upper()
    return "".join(f"\\u{pairs[at : at + 4]}" for at in range(0, len(pairs), 4))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _texts(values: JavaMap) -> Mapping[str, str]:
    return {str(name): _shown(value) for name, value in plain(values).items()}
