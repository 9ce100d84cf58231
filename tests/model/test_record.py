"""Every event comes back from its line as it was, and no line from outside does more than be refused."""

from __future__ import annotations

import json
import random
import types
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from wizard.model import events as ev
from wizard.model.aws import Call
from wizard.model.probe import Evidence
from wizard.model.record import LONGEST_LINE, RecordError, dump, load
from wizard.model.status import Reason, Status

PASSED = '{"event":"ProbeFinished","evidence":{"probe":"a","hop":"b","status":"pass","summary":"c",%s}}'
KINDS = get_args(ev.Event)
NASTY = ("", "plain", "\x1b[31m\u202e\x00", "a\nb\u2028c\r", "\ud800", "🦊" * 3, '{"event":"CaseClosed"}', "$time")
FREE: tuple[Any, ...] = (
    None,
    True,
    1795161001088,
    0.25,
    "text",
    ["a", ["b"]],
    {"$time": "now"},
    {"$tuple": 1, "b": 2},
    {"$plain": {"$plain": 1}},
)
TYPED_FREE: tuple[Any, ...] = (*FREE, (1, ("x",)), datetime(2026, 3, 4, 5, 6, 7, 89, timezone(timedelta(hours=-3))))


def invented(hint: Any, dice: random.Random) -> Any:
    """Any value that the hint allows."""
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any:
        return dice.choice(TYPED_FREE)
    if origin in (Union, types.UnionType):
        others = [each for each in args if each is not type(None)]
        return dice.choice(FREE) if len(others) > 1 else dice.choice([None, invented(others[0], dice)])
    if origin is tuple:
        return tuple(invented(args[0], dice) for _ in range(dice.randrange(3)))
    if origin is not None:
        return {dice.choice(NASTY): invented(args[1], dice) for _ in range(dice.randrange(4))}
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{field.name: invented(hints[field.name], dice) for field in fields(hint)})  # type: ignore[operator]
    if issubclass(hint, Enum):
        return dice.choice(list(hint))
    return {
        str: dice.choice(NASTY),
        bool: dice.random() < 0.5,
        int: dice.randrange(-5, 10**13),
        float: dice.random() * 1e6,
        datetime: datetime(2026, 3, 4, dice.randrange(24), 5, 6, dice.randrange(10**6), UTC),
    }[hint]


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_comes_back_as_it_was(kind: type) -> None:
    dice = random.Random(kind.__name__)
    for _ in range(200):
        event = invented(kind, dice)
        line = dump(event)
        assert line.isascii()
        assert "\n" not in line
        assert load(line) == event


def test_an_older_line_gets_defaults_and_a_newer_name_is_passed_over() -> None:
    line = {"event": "HopMarked", "hop": "stage", "status": "pass", "colour": "of a later version"}
    assert load(json.dumps(line)) == ev.HopMarked("stage", Status.PASS)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "not a line of JSON"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not a line of JSON"),
        ('{"event":' + "9" * 5000 + "}", "not a line of JSON"),
        (" " * (LONGEST_LINE + 1), "longer than"),
        ('{"event":"os.system"}', "not an event"),
        ('{"event":["HopMarked"]}', "not an event"),
        ('{"event":"HopMarked","hop":"stage"}', "HopMarked.status is missing"),
        ('{"event":"HopMarked","hop":1,"status":"pass"}', "HopMarked.hop: expected str"),
        ('{"event":"HopMarked","hop":null,"status":"pass"}', "HopMarked.hop: expected str"),
        ('{"event":"HopMarked","hop":"a","status":"fine"}', "HopMarked.status: expected Status"),
        ('{"event":"HopMarked","hop":"a","status":["pass"]}', "HopMarked.status: expected Status"),
        ('{"event":"Concluded","complete":1}', "Concluded.complete: expected bool"),
        ('{"event":"CaseClosed","took_ms":true}', "CaseClosed.took_ms: expected float"),
        ('{"event":"PathTraced","case":[]}', "PathTraced.case: expected an object"),
        (
            '{"event":"PathTraced","case":{"target":{},"symptom":{},"window":{"start":5}}}',
            "PathTraced.case.window.start: expected a time",
        ),
        (
            '{"event":"PathTraced","case":{"target":{},"symptom":{},"window":{"start":"2026-03-04T05:06:07"}}}',
            "a time without its zone",
        ),
        (PASSED % '"calls":{}', r"evidence.calls: expected tuple"),
        (PASSED % '"facts":[]', r"evidence.facts: expected"),
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused_in_one_line(line: str, says: str) -> None:
    with pytest.raises(RecordError, match=says.replace("[", r"\[")) as raised:
        load(line)
    assert "\n" not in str(raised.value)


def test_broken_lines_never_do_more_than_be_refused() -> None:
    dice = random.Random(4)
    call = Call("lambda", "GetPolicy", {"at": datetime(2026, 3, 4, tzinfo=UTC)}, None, False)
    item = Evidence("a", "b", Status.UNKNOWN, "c", {"d": [1]}, Reason.DENIED, calls=(call,))
    whole = dump(ev.ProbeFinished(item))
    for _ in range(3000):
        line = list(whole)
        for _ in range(dice.randrange(1, 4)):
            place = dice.randrange(len(line))
            line[place : place + dice.randrange(3)] = dice.choice(['"', "{", "[", "null", "1", "", ":", "}", "$time"])
        try:
            load("".join(line))
        except RecordError:
            continue
