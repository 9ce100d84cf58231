"""The tree as an outline: hops, their nodes and where each answer leads."""

from __future__ import annotations

from typing import Any

from wizard.model.status import Proof
from wizard.model.text import Line
from wizard.model.tree import Branch, Condition, Tree
from wizard.report.page import line, paragraph
from wizard.tree.condition import All, AnyOf, Holds, Not

_OPERATORS = {"gt": "is above", "gte": "is at least", "lt": "is below", "lte": "is at most", "contains": "contains"}


def outline(tree: Tree, width: int = 80) -> list[Line]:
    """Every hop in the order of the walk; below it its nodes, why each is asked, and where its answers lead."""
    out: list[Line] = []
    shown: set[str] = set()
    for hop in tree.hops:
        out += [line((hop.title, "title"), (f" ({hop.id})", "dim"))]
        for node in hop.asks:
            out += _node(tree, node, width, 2, shown)
        out += [()]
    return out[:-1]


def words(condition: Condition) -> str:
    """A condition as it could stand in a sentence."""
    if isinstance(condition, Holds):
        return f"{condition.path} {_expected(condition.expected)}"
    if isinstance(condition, All):
        return " and ".join(map(words, condition.parts))
    if isinstance(condition, AnyOf):
        return f"({' or '.join(map(words, condition.parts))})"
    return f"not ({words(condition.part)})" if isinstance(condition, Not) else "?"


def _expected(expected: Any) -> str:
    if isinstance(expected, dict):
        return " and ".join(_compared(operator, operand) for operator, operand in expected.items())
    return f"is {_value(expected)}"


def _compared(operator: str, operand: Any) -> str:
    if operator == "exists":
        return "is there" if operand else "is not there"
    if operator == "not":
        return f"is not {_value(operand)}"
    return f"{_OPERATORS.get(operator, operator)} {_value(operand)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return " or ".join(map(_value, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _node(tree: Tree, node_id: str, width: int, indent: int, shown: set[str]) -> list[Line]:
    node = tree.nodes[node_id]
    how = f"probe {node.probe}" if node.probe else "asks the person"
    out = paragraph(f"{node.title} ({node_id}, {how})", width, indent, "strong")
    if node_id in shown:
        return [*out, *paragraph("as above", width, indent + 2, "dim")]
    shown.add(node_id)
    out += paragraph(node.why, width, indent + 2, "dim")
    if node.only_if:
        out += paragraph(f"only if {words(node.only_if)}", width, indent + 2, "dim")
    for branch in node.branches:
        out += paragraph(f"{words(branch.when)} → {_leads(tree, branch)}", width, indent + 2, lead=("- ", "dim"))
        if branch.ask:
            out += _node(tree, branch.ask, width, indent + 4, shown)
    return out


def _leads(tree: Tree, branch: Branch) -> str:
    ways: list[str] = []
    if branch.cause:
        cause = tree.causes.get(branch.cause)
        sure = "" if branch.proof is Proof.PROVEN else f" ({branch.proof.value})"
        ways.append(f"[{cause.code}] {cause.id}{sure}" if cause else branch.cause)
    if branch.causes_from:
        ways.append(f"the causes in {branch.causes_from}")
    if branch.ask:
        ways.append(f"ask {branch.ask}")
    if branch.says:
        ways.append(branch.says)
    return ": ".join(ways) or "go on"
