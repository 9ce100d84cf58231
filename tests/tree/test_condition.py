from __future__ import annotations

from typing import Any

import pytest

from wizard.tree.condition import BadConditionError, compile_condition, look_up

SCOPE: dict[str, Any] = {
    "status": "fail",
    "answer": "yes",
    "found": ["cause-a"],
    "facts": {
        "reserved": 0,
        "ratio": 0.5,
        "ok": True,
        "text": "abcdef",
        "list": ["x", "y"],
        "empty": [],
        "none": None,
        "a.b": 7,
    },
    "nodes": {"lambda-permission": {"status": "pass", "facts": {"deep": {"er": 3}}}},
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"status": "fail"}, True),
        ({"status": "pass"}, False),
        ({"status": ["pass", "fail"]}, True),
        ({"status": "fail", "answer": "no"}, False),
        ({"facts.reserved": 0}, True),
        ({"facts.reserved": False}, False),  # zero is a number, not "no"
        ({"facts.ok": True}, True),
        ({"facts.ok": 1}, False),
        ({"facts.ratio": {"gt": 0.4, "lte": 0.5}}, True),
        ({"facts.ratio": {"lt": 0.5}}, False),
        ({"facts.text": {"gt": 1}}, False),
        ({"facts.ok": {"gte": 1}}, False),
        ({"facts.list": {"contains": "y"}}, True),
        ({"facts.text": {"contains": "cde"}}, True),
        ({"facts.missing": {"contains": "x"}}, False),
        ({"facts.list": {"exists": True}}, True),
        ({"facts.empty": {"exists": True}}, False),
        ({"facts.reserved": {"exists": True}}, True),  # zero is there
        ({"facts.missing": {"exists": False}}, True),
        ({"answer": {"not": "yes"}}, False),
        ({"answer": {"not": ["no", "unsure"]}}, True),
        ({"facts.none": None}, True),
        ({"facts.a.b": 7}, True),
        ({"nodes.lambda-permission.facts.deep.er": 3}, True),
        ({"found": {"contains": "cause-a"}}, True),
        ({"any": [{"status": "pass"}, {"answer": "yes"}]}, True),
        ({"all": [{"status": "fail"}, {"answer": "no"}]}, False),
        ({"not": {"status": "pass"}}, True),
    ],
)
def test_holds(condition: dict[str, Any], expected: bool) -> None:
    assert compile_condition(condition).holds(SCOPE) is expected


@pytest.mark.parametrize(
    "condition",
    [
        None,
        "status",
        [],
        {},
        {"stauts": "fail"},
        {"facts": 1},
        {"facts.x": {"bigger": 3}},
        {"facts.x": {"gt": "3"}},
        {"facts.x": {"gt": True}},
        {"facts.x": {"exists": "yes"}},
        {"any": []},
        {"all": {"status": "fail"}},
        {"not": []},
        {"__import__": "os"},
    ],
)
def test_nonsense_is_refused(condition: Any) -> None:
    with pytest.raises(BadConditionError):
        compile_condition(condition)


def test_a_path_never_leaves_plain_data() -> None:
    assert look_up({"facts": {"text": "abc"}}, "facts.text.__class__") is None
