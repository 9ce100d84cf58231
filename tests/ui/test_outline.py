"""`tree show`: the whole walk, and why each question is asked."""

from __future__ import annotations

import re

import pytest

from wizard.model.text import cells
from wizard.tree import load
from wizard.tree.condition import compile_condition
from wizard.ui.outline import outline, words


@pytest.mark.parametrize("width", [80, 120])
def test_every_question_stands_with_its_reason_in_the_given_width(width: int) -> None:
    tree = load()
    rows = ["".join(text for text, _ in row) for row in outline(tree, width)]
    assert max(map(cells, rows)) <= width
    shown = " ".join(" ".join(rows).split())
    assert [node.id for node in tree.nodes.values() if " ".join(node.why.split()) not in shown] == []


def test_what_is_less_than_proof_is_marked() -> None:
    shown = " ".join("".join(text for text, _ in row).strip() for row in outline(load(), 200))
    assert "facts.closed is true → [GW0203] stage-throttled: A limit of 0" in shown
    assert "[GW0203] stage-throttled (hinted): " in shown


def test_no_condition_of_the_tree_shows_its_operators() -> None:
    tree = load()
    conditions = [branch.when for node in tree.nodes.values() for branch in node.branches]
    conditions += [node.only_if for node in tree.nodes.values() if node.only_if]
    assert [text for text in map(words, conditions) if re.search(r" (gte?|lte?|exists) |[{}]", text)] == []


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ({"facts.n": {"gt": 0, "lte": 5}}, "facts.n is above 0 and is at most 5"),
        ({"facts.a": {"exists": False}}, "facts.a is not there"),
        ({"status": {"not": ["fail", "warn"]}}, "status is not fail or warn"),
        ({"not": {"found": {"contains": "x"}}}, "not (found contains x)"),
        ({"any": [{"answer": True}, {"reason": "denied"}]}, "(answer is true or reason is denied)"),
    ],
)
def test_a_condition_in_words(condition: dict[str, object], text: str) -> None:
    assert words(compile_condition(condition)) == text
