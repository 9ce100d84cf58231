"""X-Ray filter expressions, as far as people use them to find failing requests.

Keywords: ``fault error throttle ok responsetime duration http.status http.method http.url name annotation.NAME
service("name") service(id(name: "…", type: "…"))``, the service with ``{ … }`` for what it did itself; ``= != < <= > >=
CONTAINS BEGINSWITH ENDSWITH``, ``AND OR !`` and brackets. Anything else is a ValueError.
Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from wizard.sandbox.boolean import COMPARISONS, BooleanReader, Compare, tokens
from wizard.sandbox.tracing import Segment

Test = Callable[[list[Segment]], bool]
_TOKEN = re.compile(
    r'\s*(?:("(?:[^"\\]|\\.)*")|(\d+(?:\.\d+)?)|(annotation\[[^\]]+\])|([A-Za-z_][\w.:]*)|(!=|<=|>=|[=<>!(){},]))'
)
_FLAGS = ("fault", "error", "throttle")


def compiled(text: str) -> Test:
    """A test for the segments of one trace. Raises ValueError."""
    if not text.strip():
        return lambda segments: True
    return _Reader(tokens(_TOKEN, text)).whole()


class _Reader(BooleanReader[list[Segment]]):
    """Reads a filter expression."""

    def leaf(self) -> Test:
        return self._service() if self.peek().lower() == "service" else self._compared()

    def _service(self) -> Test:
        self.take()
        self.take("(")
        wanted: dict[str, str] = {}
        if self.peek() == "id":
            self.take()
            self.take("(")
            while self.peek() != ")":
                key = self.take().rstrip(":")
                wanted[key] = _text(self.take())
                if self.peek() == ",":
                    self.take()
            self.take(")")
        elif self.peek() != ")":
            wanted["name"] = _text(self.take())
        self.take(")")
        inner: Test | None = None
        if self.peek() == "{":
            self.take()
            inner = self.any_of()
            self.take("}")
        return lambda segments: any(
            _is(segment, wanted) and (inner is None or inner([segment])) for segment in segments
        )

    def _compared(self) -> Test:
        name = self.take()
        if name.startswith(('"',)) or name in ("=", ")", "}", ","):
            raise ValueError(f"unexpected {name}")
        operator = self.peek().upper()
        if operator not in _OPERATORS:
            if name not in (*_FLAGS, "ok"):
                raise ValueError(f"{name} needs a comparison")
            return lambda segments: value_of(name, segments) is True
        self.take()
        value, compare = _value(self.take()), _OPERATORS[operator]
        value_of(name, [])
        return lambda segments: _holds(compare, value_of(name, segments), value)


def value_of(name: str, segments: list[Segment]) -> Any:
    """What a keyword stands for in a trace. Raises ValueError for an unknown one."""
    root: Segment = next((each for each in segments if "parent_id" not in each), segments[0] if segments else {})
    http = root.get("http", {})
    ends = [float(each["end_time"]) for each in segments]
    start = float(root.get("start_time", 0))
    if name.startswith("annotation"):
        key = name.removeprefix("annotation").strip('.[]"')
        return root.get("annotations", {}).get(key)
    values: dict[str, Any] = {
        **{flag: bool(root.get(flag)) for flag in _FLAGS},
        "ok": not any(root.get(flag) for flag in _FLAGS),
        "responsetime": float(root.get("end_time", 0)) - start,
        "duration": max(ends, default=0.0) - start,
        "http.status": http.get("response", {}).get("status"),
        "http.method": http.get("request", {}).get("method"),
        "http.url": http.get("request", {}).get("url"),
        "http.clientip": http.get("request", {}).get("client_ip"),
        "http.useragent": http.get("request", {}).get("user_agent"),
        "name": root.get("name"),
        "traceid": root.get("trace_id"),
    }
    if name.lower() not in values:
        raise ValueError(f"unknown keyword {name}")
    return values[name.lower()]


def _is(segment: Segment, wanted: dict[str, str]) -> bool:
    shown = {"name": segment.get("name"), "type": segment.get("origin"), "account.id": None}
    return all(shown.get(key) == value for key, value in wanted.items())


def _value(token: str) -> Any:
    if token.startswith('"'):
        return _text(token)
    if token.lower() in ("true", "false"):
        return token.lower() == "true"
    return float(token)


def _text(token: str) -> str:
    if not token.startswith('"'):
        raise ValueError(f"{token} should be in quotes")
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _holds(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    try:
        return left is not None and compare(left, right)
    except TypeError:
        return False


_OPERATORS: dict[str, Compare] = {
    **COMPARISONS,
    "CONTAINS": lambda a, b: b in a,
    "BEGINSWITH": lambda a, b: bool(a.startswith(b)),
    "ENDSWITH": lambda a, b: bool(a.endswith(b)),
}
