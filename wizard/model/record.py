"""Events as lines of JSON and back, exactly: what a saved case is made of.

Both ways follow the type hints of the dataclasses, so a new event or field needs nothing here. Names that this version
does not know are passed over, those that an older line lacks get their defaults; a wrong type is refused.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from wizard.model import events as ev
from wizard.model.json import Json, to_json

LONGEST_LINE = 8 * 1024 * 1024  # characters
_KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(ev.Event)}
# Parameters of a call may be of any type: what JSON has no form for stands as an object with this one key.
_TIME, _TUPLE, _PLAIN = "$time", "$tuple", "$plain"
_TAGS = frozenset({_TIME, _TUPLE, _PLAIN})


class RecordError(ValueError):
    """The line is no event that this version can read; one line that says why."""


def dump(event: ev.Event) -> str:
    """The event as one line of ASCII JSON, without the line break."""
    return json.dumps({"event": type(event).__name__, **_fields_out(event)}, separators=(",", ":"))


def load(line: str) -> ev.Event:
    """The event that `dump` wrote.

    Raises:
        RecordError: no JSON object, too long, an unknown kind of event, a field that is missing or of another type.
    """
    data = parse(line)
    kind = _KINDS.get(str(data.pop("event", None)))
    if kind is None:
        raise RecordError("not an event that this version knows")
    event: ev.Event = _object(kind, data, kind.__name__)
    return event


def parse(line: str) -> dict[str, Any]:
    """The JSON object that a line holds. Raises RecordError."""
    if len(line) > LONGEST_LINE:
        raise RecordError(f"longer than {LONGEST_LINE} characters")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordError("not a line of JSON") from error
    if not isinstance(data, dict):
        raise RecordError("not a JSON object")
    return data


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _fields_out(value: Any) -> dict[str, Any]:
    kind: Any = type(value)
    hints = _hints(kind)
    return {field.name: _out(hints[field.name], getattr(value, field.name)) for field in fields(value)}


def _out(hint: Any, value: Any) -> Any:
    hint = _known(hint)
    if value is None:
        return None
    if hint is Any:
        return _free_out(value)
    if hint is Json:
        return to_json(value)
    if is_dataclass(hint):
        return _fields_out(value)
    if get_origin(hint) is tuple:
        return [_out(get_args(hint)[0], item) for item in value]
    if get_origin(hint):
        return {str(name): _out(get_args(hint)[1], item) for name, item in value.items()}
    return to_json(value)


def _free_out(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, Mapping):
        plain = {str(name): _free_out(item) for name, item in value.items()}
        return {_PLAIN: plain} if len(plain) == 1 and _TAGS & plain.keys() else plain
    if isinstance(value, tuple):
        return {_TUPLE: [_free_out(item) for item in value]}
    if isinstance(value, list):
        return [_free_out(item) for item in value]
    return str(value)


def _object(kind: type, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise RecordError(f"{where}: expected an object")
    hints, given = _hints(kind), {}
    for field in fields(kind):
        if field.name in data:
            given[field.name] = _in(hints[field.name], data[field.name], f"{where}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise RecordError(f"{where}.{field.name} is missing")
    return kind(**given)


def _in(hint: Any, value: Any, where: str) -> Any:
    if value is None and type(None) in get_args(hint):
        return None
    hint = _known(hint)
    if hint is Any:
        return _free_in(value, where)
    if hint is Json:
        return value
    if is_dataclass(hint):
        return _object(hint, value, where)  # type: ignore[arg-type]  # a hint names a class, never an instance
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_in(get_args(hint)[0], item, f"{where}[{number}]") for number, item in enumerate(value))
    if issubclass(get_origin(hint) or object, Mapping) and isinstance(value, dict):
        return {name: _in(get_args(hint)[1], item, f"{where}.{name[:40]}") for name, item in value.items()}
    return _scalar(hint, value, where)


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is datetime:
        moment = _moment(value, where)
        if moment.tzinfo is None:
            raise RecordError(f"{where}: a time without its zone")
        return moment
    if isinstance(hint, type) and issubclass(hint, Enum) and value in [member.value for member in hint]:
        return hint(value)
    if hint is float and type(value) is int:
        return value
    if type(value) is not hint:
        raise RecordError(f"{where}: expected {getattr(hint, '__name__', hint)}")
    return value


def _free_in(value: Any, where: str) -> Any:
    if isinstance(value, list):
        return [_free_in(item, where) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((tag, inner),) = value.items()
        if tag == _TIME:
            return _moment(inner, where)
        if tag == _TUPLE and isinstance(inner, list):
            return tuple(_free_in(item, where) for item in inner)
        if tag == _PLAIN and isinstance(inner, dict):
            return {name: _free_in(item, where) for name, item in inner.items()}
    return {name: _free_in(item, where) for name, item in value.items()}


def _moment(value: Any, where: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise RecordError(f"{where}: expected a time") from error


def _known(hint: Any) -> Any:
    """The hint without its None; `Json` for the union of all that JSON can hold."""
    if get_origin(hint) in (Union, types.UnionType):
        others = [each for each in get_args(hint) if each is not type(None)]
        return others[0] if len(others) == 1 else Json
    return hint
