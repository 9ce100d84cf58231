from __future__ import annotations

from wizard.logs import explain
from wizard.model.tree import Signature

SIGNS = [
    Signature("timeout", "function-log", None, r"Task timed out after (?P<timeout_s>[\d.]+) seconds", None, True),
    Signature("gateway-timeout", "client", "Endpoint request timed out", None, None, True),
    Signature("general", "function-log", "[ERROR]", None, None, True),
    Signature("special", "function-log", None, r"No module named '(?P<missing_module>\w+)'", None, True),
]


def test_any_place_counts_and_lines_are_counted():
    found = explain(["one", '{"message": "Endpoint request timed out"}', "Task timed out after 3.00 seconds"], SIGNS)
    assert found.lines == 3
    assert {match.cause: match.lines for match in found.findings} == {"gateway-timeout": (2,), "timeout": (3,)}


def test_the_special_cause_comes_first_and_the_general_one_not_at_all_on_the_same_line():
    found = explain(["[ERROR] Runtime.ImportModuleError: No module named 'x'"], SIGNS, {"special": ("general",)})
    assert [match.cause for match in found.findings] == ["special"]


def test_nothing_in_nothing():
    assert explain([], SIGNS).lines == 0
    assert explain(["all is well"] * 3, SIGNS).findings == ()


def test_any_iterator_will_do_and_is_read_once():
    assert explain(iter(["Endpoint request timed out\n"] * 1_500), SIGNS).findings[0].count == 1_500
