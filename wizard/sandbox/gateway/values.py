"""What a mapping template sees of JSON: maps and lists that print and answer as Velocity's Java objects do.

Which text a map or list becomes is taken from recorded answers of the service (LocalStack's AWS-validated test
``test_input_path_template_formatting``): ``{a=1, b=[{"c":2}]}``, that is JSON from the first list inwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


class JavaMap:
    """A map; its public names are the methods that a template may call, everything else is a key."""

    def __init__(self, entries: dict[str, Any] | None = None) -> None:
        self._entries = {str(key): seen(value) for key, value in (entries or {}).items()}

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._entries[str(key)] = value

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Any]:
        """Values, not keys: that is what #foreach goes over."""
        return iter(list(self._entries.values()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JavaMap) and plain(self) == plain(other)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return "{" + ", ".join(f"{key}={_text(value)}" for key, value in self._entries.items()) + "}"

    def get(self, key: str) -> Any:
        return self._entries.get(key)

    def put(self, key: str, value: Any) -> Any:
        before = self._entries.get(key)
        self[key] = value
        return before

    def putAll(self, other: Any) -> None:
        for key in other.keySet() if isinstance(other, JavaMap) else list(other):
            self[key] = other[key]

    def remove(self, key: str) -> Any:
        return self._entries.pop(key, None)

    def keySet(self) -> JavaList:
        return JavaList(list(self._entries))

    def values(self) -> JavaList:
        return JavaList(list(self._entries.values()))

    def entrySet(self) -> JavaList:
        return JavaList([JavaMap({"key": key, "value": value}) for key, value in self._entries.items()])

    def containsKey(self, key: str) -> bool:
        return key in self._entries

    def size(self) -> int:
        return len(self._entries)

    def isEmpty(self) -> bool:
        return not self._entries

    def toString(self) -> str:
        return str(self)


class JavaList:
    """A list; its public names are the methods that a template may call."""

    def __init__(self, items: list[Any]) -> None:
        self._items = [seen(item) for item in items]

    def __getitem__(self, index: int) -> Any:
        return self._items[index]

    def __setitem__(self, index: int, value: Any) -> None:
        self._items[index] = value

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._items))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (JavaList, list)) and plain(self) == plain(other)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return json.dumps(plain(self), separators=(",", ":"), ensure_ascii=False)

    def get(self, index: int) -> Any:
        return self._items[index]

    def add(self, value: Any) -> bool:
        self._items.append(value)
        return True

    def set(self, index: int, value: Any) -> Any:
        before = self._items[index]
        self._items[index] = value
        return before

    def contains(self, value: Any) -> bool:
        return value in self._items

    def indexOf(self, value: Any) -> int:
        return self._items.index(value) if value in self._items else -1

    def size(self) -> int:
        return len(self._items)

    def isEmpty(self) -> bool:
        return not self._items

    def toString(self) -> str:
        return str(self)


class Missing:
    """What $input.path gives for a path without a value: equal to null and to an empty text, as recorded."""

    def __eq__(self, other: object) -> bool:
        return other is None or other == "" or isinstance(other, Missing)

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __str__(self) -> str:
        return ""


def seen(value: Any) -> Any:
    """A value of JSON as a template gets it."""
    if isinstance(value, dict):
        return JavaMap(value)
    return JavaList(value) if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """The value as JSON has it again."""
    if isinstance(value, Missing):
        return None
    if isinstance(value, JavaMap):
        return {key: plain(value[key]) for key in value.keySet()}
    if isinstance(value, (JavaList, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def _text(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
