"""The language of Logs Insights, as far as the sandbox speaks it; see insights.py."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from wizard.sandbox.boolean import COMPARISONS, BooleanReader, tokens

Row = dict[str, Any]
Test = Callable[[Row], bool]
Query = Callable[[list[Row]], tuple[int, list[Row]]]
LIMIT, MOST = 1_000, 10_000
_TOKEN = re.compile(
    r"""\s*(?:(/(?:[^/\\]|\\.)*/i?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(-?\d+(?:\.\d+)?(?![\w.]))"""
    r"""|(`[^`]+`|@?[A-Za-z_][\w.@-]*)|(=~|!=|<=|>=|[=<>()\[\],*]))"""
)
_BIN = re.compile(r"bin\(\s*(\d+)\s*([smhd])\w*\s*\)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_REQUEST = re.compile(r"RequestId: ([0-9a-f-]{36})")


def compiled(text: str, limit: int = 0) -> Query:
    """The query as a function: rows in, number of matches and the rows that are shown out. Raises ValueError."""
    plan = _Plan(limit)
    for command in _commands(text):
        word, _, rest = command.partition(" ")
        handler = getattr(plan, f"do_{word.lower()}", None)
        if handler is None:
            raise ValueError(f"unknown command {word}")
        handler(rest.strip())
    return plan.run


def discovered(message: str) -> Row:
    """The fields that the service finds by itself: those of a JSON message, and the request id of Lambda's lines."""
    try:
        loaded = json.loads(message) if message.lstrip().startswith("{") else None
    except ValueError:
        loaded = None
    found = _REQUEST.search(message)
    own = {"@requestId": found[1]} if found else {}
    return {**own, **(_flat(loaded) if isinstance(loaded, dict) else {})}


class _Plan:
    """What the commands ask for, in the order in which the service carries it out."""

    def __init__(self, limit: int) -> None:
        self._fields: list[str] = []
        self._tests: list[Test] = []
        self._sort: list[tuple[str, bool]] = []
        self._limit = min(limit or LIMIT, MOST)
        self._groups: list[str] | None = None
        self._count = "count(*)"

    def do_fields(self, rest: str) -> None:
        """Which fields to show."""
        self._fields += [name.strip().strip("`") for name in rest.split(",") if name.strip()]

    do_display = do_fields

    def do_filter(self, rest: str) -> None:
        """Which events to keep."""
        self._tests.append(_Reader(tokens(_TOKEN, rest)).whole())

    do_where = do_filter

    def do_sort(self, rest: str) -> None:
        """In which order."""
        for part in rest.split(","):
            name, _, direction = part.strip().partition(" ")
            self._sort.append((name.strip("`"), direction.strip().lower() != "asc"))

    def do_limit(self, rest: str) -> None:
        """How many."""
        if not rest.isdigit():
            raise ValueError("limit needs a number")
        self._limit = min(int(rest), MOST)

    def do_stats(self, rest: str) -> None:
        """How many events there are, by fields and by spans of time."""
        match = re.fullmatch(r"count\(\s*\*?\s*\)(?:\s+as\s+(\w+))?(?:\s+by\s+(.+))?", rest.strip(), re.IGNORECASE)
        if match is None:
            raise ValueError("the sandbox only knows stats count(*)")
        self._count = match[1] or self._count
        self._groups = [part.strip() for part in (match[2] or "").split(",") if part.strip()]

    def run(self, rows: list[Row]) -> tuple[int, list[Row]]:
        """Carry it out."""
        kept = [row for row in rows if all(test(row) for test in self._tests)]
        shown = self._counted(kept) if self._groups is not None else kept
        for name, down in reversed(self._sort or ([] if self._groups is not None else [("@timestamp", True)])):
            shown = sorted(shown, key=lambda row: _order(row.get(name)), reverse=down)
        fields = [] if self._groups is not None else [*(self._fields or ["@timestamp", "@message"]), "@ptr"]
        top = shown[: self._limit]
        return len(kept), [{f: row[f] for f in fields if f in row} if fields else row for row in top]

    def _counted(self, rows: Iterable[Row]) -> list[Row]:
        counts: dict[tuple[tuple[str, Any], ...], int] = {}
        for row in rows:
            key = tuple((group, _binned(group, row)) for group in self._groups or [])
            counts[key] = counts.get(key, 0) + 1
        return [{**dict(key), self._count: count} for key, count in counts.items()]


class _Reader(BooleanReader[Row]):
    """Reads a filter."""

    def leaf(self) -> Test:
        name = self.take().strip("`")
        if name.lower() == "ispresent":
            self.take("(")
            field = self.take().strip("`")
            self.take(")")
            return lambda row: field in row
        operator = self.take().lower()
        if operator == "not":
            operator = "not " + self.take().lower()
        test = self._comparison(name, operator.removeprefix("not "))
        return (lambda row: not test(row)) if operator.startswith("not ") else test

    def _comparison(self, name: str, operator: str) -> Test:
        if operator in ("like", "=~"):
            pattern = _pattern(self.take())
            return lambda row: name in row and pattern.search(str(row[name])) is not None
        if operator == "in":
            values = self._list()
            return lambda row: str(row.get(name)) in values
        compare = COMPARISONS.get(operator)
        if compare is None:
            raise ValueError(f"unknown operator {operator}")
        value = _unquoted(self.take())
        return lambda row: name in row and compare(*_pair(row[name], value))

    def _list(self) -> list[str]:
        self.take("[")
        values = []
        while self.peek() != "]":
            values.append(_unquoted(self.take()))
            if self.peek() == ",":
                self.take()
        self.take("]")
        return values


def _commands(text: str) -> list[str]:
    """Split at pipes and line ends that stand outside quotes and expressions; comments go."""
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    parts = re.findall(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|/(?:[^/\\\n]|\\.)*/|[^|])+""", plain)
    return [
        " ".join(part.split()) if "/" not in part and '"' not in part else part.strip()
        for part in parts
        if part.strip()
    ]


def _pattern(token: str) -> re.Pattern[str]:
    if not token.startswith("/"):
        return re.compile(re.escape(_unquoted(token)))
    body, _, flags = token[1:].rpartition("/")
    try:
        return re.compile(body.replace("\\/", "/"), re.IGNORECASE if flags == "i" else 0)
    except re.error as error:
        raise ValueError(f"bad expression: {error}") from None


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[:1] in ("'", '"') else token


def _pair(left: object, right: str) -> tuple[Any, Any]:
    """Both sides as numbers when both are, else as text."""
    try:
        return float(str(left)), float(right)
    except ValueError:
        return str(left), right


def _order(value: object) -> tuple[int, float, str]:
    try:
        return 1, float(str(value)), ""
    except ValueError:
        return (0, 0.0, "") if value is None else (2, 0.0, str(value))


def _binned(group: str, row: Row) -> Any:
    match = _BIN.fullmatch(group)
    if match is None:
        return row.get(group.strip("`"), "")
    length = int(match[1]) * _SECONDS[match[2]]
    at = datetime.fromisoformat(str(row["@timestamp"])).replace(tzinfo=UTC).timestamp()
    return datetime.fromtimestamp(at - at % length, UTC).strftime("%Y-%m-%d %H:%M:%S.000")


def _flat(value: dict[str, Any], prefix: str = "", depth: int = 0) -> Row:
    """Nested objects become dotted names, as in the service."""
    flat: Row = {}
    for key, item in value.items():
        if isinstance(item, dict) and depth < 4:
            flat |= _flat(item, f"{prefix}{key}.", depth + 1)
        else:
            flat[prefix + key] = item if isinstance(item, (str, int, float)) else json.dumps(item)
    return flat
