"""Mapping templates: Velocity as API Gateway runs it, on top of the airspeed-ext library.

What the library leaves out is added here: the methods that Java's objects have, and the limit of rounds.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from airspeed import operators

from wizard.sandbox.gateway.values import JavaList, JavaMap

MAX_ROUNDS = 1000
_PYTHON_ONLY = re.compile(r"\.\s*__\w+__")


class TransformError(Exception):
    """The template cannot be parsed, or fails when it runs."""


def render(template: str, names: Mapping[str, Any]) -> str:
    """The template's text with ``names`` (``input``, ``context``, ...) put in. Raises TransformError."""
    try:
        compiled = _compiled(template)
        return str(compiled.merge(dict(names)))
    except (operators.TemplateError, operators.NoMatch, RecursionError, ArithmeticError) as problem:
        raise TransformError(str(problem)) from None
    except (LookupError, TypeError, ValueError, AttributeError) as problem:
        raise TransformError(str(problem)) from None


@lru_cache(maxsize=64)
def _compiled(template: str) -> Any:
    if _PYTHON_ONLY.search(template):
        raise TransformError("a name that Java's objects do not have")
    compiled = operators.Template(template.strip())
    compiled.ensure_compiled()
    return compiled


class _LimitedForeach(operators.ForeachDirective):  # type: ignore[misc]
    """#foreach that fails above the limit.

    The limit is documented, what happens above it is not: Velocity by itself would stop there without a word.
    """

    def evaluate_raw(self, stream: Any, namespace: Any, loader: Any) -> None:
        items = self.value.calculate(namespace, loader)
        if hasattr(items, "__len__") and len(items) > MAX_ROUNDS:
            raise ValueError(f"#foreach over more than {MAX_ROUNDS} items")
        super().evaluate_raw(stream, namespace, loader)


class _Map(operators.DictionaryLiteral):  # type: ignore[misc]
    """``{"a": 1}`` in a template."""

    def calculate(self, namespace: Any, loader: Any) -> JavaMap:
        return JavaMap(super().calculate(namespace, loader))


class _List(operators.ArrayLiteral):  # type: ignore[misc]
    """``[1, 2]`` or ``[1..9]`` in a template."""

    def parse(self) -> None:
        super().parse()
        items: Callable[..., Any] = self.calculate
        self.calculate: Callable[..., Any] = lambda namespace, loader: JavaList(list(items(namespace, loader)))


_TEXT: dict[str, Callable[..., Any]] = {
    "length": len,
    "equals": lambda text, other: text == other,
    "equalsIgnoreCase": lambda text, other: isinstance(other, str) and text.lower() == other.lower(),
    "isEmpty": lambda text: not text,
    "toString": lambda text: text,
    "trim": lambda text: text.strip(),
    "toLowerCase": lambda text: text.lower(),
    "toUpperCase": lambda text: text.upper(),
    "startsWith": lambda text, start: text.startswith(start),
    "endsWith": lambda text, end: text.endswith(end),
    "contains": lambda text, part: part in text,
    "indexOf": lambda text, part: text.find(part),
    "lastIndexOf": lambda text, part: text.rfind(part),
    "charAt": lambda text, index: text[index],
    "concat": lambda text, more: text + more,
    "substring": lambda text, start, end=None: text[start:end],
    "replaceAll": lambda text, pattern, new: re.sub(pattern, _groups(new), text),
    "replaceFirst": lambda text, pattern, new: re.sub(pattern, _groups(new), text, count=1),
    "matches": lambda text, pattern: re.fullmatch(pattern, text) is not None,
}
_NUMBER: dict[str, Callable[..., Any]] = {
    "toString": lambda value: str(value).lower() if isinstance(value, bool) else str(value),
    "equals": lambda value, other: value == other,
    "intValue": int,
}


class _PlainHash(operators.FallthroughHashText):  # type: ignore[misc]
    """A ``#`` that is text; a directive that could not be parsed is none."""

    PLAIN = re.compile(r"(\#(?!end|else|\{(?:end|else|elseif)\}|(?:if|set|foreach|macro|define)\b))(.*)$", re.DOTALL)


def _groups(replacement: str) -> str:
    """Java's ``$1`` as Python's."""
    return re.sub(r"\$(\d)", r"\\\1", replacement)


def _install() -> None:
    methods = operators.__additional_methods__
    methods[str] = {**methods[str], **_TEXT}
    for kind in (int, float, bool):
        methods[kind] = _NUMBER
    operators.ForeachDirective, operators.FallthroughHashText = _LimitedForeach, _PlainHash
    operators.DictionaryLiteral, operators.ArrayLiteral = _Map, _List


_install()
