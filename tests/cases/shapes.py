"""Answers held against the shapes of botocore's service models, so that no recording can make up a field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel

# What is asked beside AWS, and what may stand in its answers: see wizard.aws.request and wizard.aws.network.
OWN_ANSWERS = {
    "http": {"status", "headers", "body", "took_ms"},
    "dns": {"CanonicalName", "Addresses"},
    "tls": {"Accepted", "Problem", "Message", "Protocol", "NotAfter", "Names", "Issuer", "Serial"},
}
_WHOLE, _ANY = (int,), (int, float)
_NUMBERS: dict[str, tuple[type, ...]] = {"integer": _WHOLE, "long": _WHOLE, "float": _ANY, "double": _ANY}


@cache
def operation(service: str, name: str) -> OperationModel:
    """The model of an operation. Raises botocore's errors when there is none of that name."""
    return _service(service).operation_model(name)


@cache
def _service(service: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(service)


def problems(entry: dict[str, Any]) -> list[str]:
    """What of a recorded entry AWS could not have been asked or could not have answered."""
    if (own := OWN_ANSWERS.get(entry["service"])) is not None:
        return [f"{entry['service']}.{key}" for key in entry.get("answer", {}) if key not in own]
    model = operation(entry["service"], entry["operation"])
    where = f"{entry['service']}.{entry['operation']}"
    answers = entry.get("pages") or ([entry["answer"]] if "answer" in entry else [])
    params = {name: value for name, value in (entry.get("params") or {}).items() if value is not None}
    asked = list(_unlike(model.input_shape, params, f"{where} params"))
    return asked + [problem for answer in answers for problem in _unlike(model.output_shape, answer, where)]


def as_sent(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry as the service answers it: what a case writes as data where AWS has JSON text becomes that text."""
    if entry["service"] in OWN_ANSWERS:
        return entry
    shape = operation(entry["service"], entry["operation"]).output_shape
    changes: dict[str, Any] = {}
    if "answer" in entry:
        changes["answer"] = _texts(shape, entry["answer"])
    if "pages" in entry:
        changes["pages"] = [_texts(shape, page) for page in entry["pages"]]
    return {**entry, **changes}


def _unlike(shape: Any, value: Any, where: str) -> Iterator[str]:
    if shape is None:
        if value:
            yield f"{where}: there is no such answer"
    elif value is None:
        yield f"{where} is empty"
    elif shape.type_name == "structure":
        for key, item in value.items() if isinstance(value, dict) else [("", value)]:
            if key not in shape.members:
                yield f"{where}.{key}: AWS knows no such field"
            else:
                yield from _unlike(shape.members[key], item, f"{where}.{key}")
    elif shape.type_name in ("list", "map"):
        yield from _unlike_many(shape, value, where)
    elif not _fits(shape, value):
        yield f"{where}: {value!r} is no {shape.type_name}"


def _unlike_many(shape: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, list if shape.type_name == "list" else dict):
        yield f"{where}: {value!r} is no {shape.type_name}"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _unlike(shape.value, item, f"{where}.{key}")
    else:
        for number, item in enumerate(value):
            yield from _unlike(shape.member, item, f"{where}[{number}]")


def _fits(shape: Any, value: Any) -> bool:
    kind = shape.type_name
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in _NUMBERS:
        return isinstance(value, _NUMBERS[kind]) and not isinstance(value, bool)
    if kind == "string" and getattr(shape, "enum", None) and isinstance(value, str):
        return value in shape.enum
    return isinstance(value, str | dict | list) if kind in ("string", "blob") else isinstance(value, str)


def _texts(shape: Any, value: Any) -> Any:
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        return {key: _texts(shape.members.get(key), item) for key, item in value.items()}
    if shape.type_name == "map":
        return {key: _texts(shape.value, item) for key, item in value.items()}
    if shape.type_name == "list":
        return [_texts(shape.member, item) for item in value]
    return json.dumps(value) if isinstance(value, dict | list) else value
