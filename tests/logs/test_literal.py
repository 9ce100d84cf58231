from __future__ import annotations

import pytest

from wizard.logs.literal import literals


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("plain text", {"plain text"}),
        (r"Task timed out after (?P<s>\d+) seconds", {"Task timed out after "}),
        (r"one thing|another thing", {"one thing", "another thing"}),
        (r"(?:one thing|another thing)", {"one thing", "another thing"}),
        (r"(?:one thing|another thing)?", None),
        (r"(?:one thing|another thing){0,2}", None),
        (r"(?!one thing)(?P<x>\w+)", None),
        (r"(?P<what>one thing|ab)", None),
        (r"a\.dotted\.name", {"a.dotted.name"}),
        (r"colou?red", {"colo"}),
        (r"walking*", {"walkin"}),
        (r"repeated{2,3}x", {"repeate"}),
        (r"set [a-z|(]+ after it", {" after it"}),
        (r"set []|] after it", {" after it"}),
        (r"\bword here\b", {"word here"}),
        (r"(?i)whatever case", None),
        (r"abc", None),
        (r"long enough|abc", None),
        (r"outer (inner (deep|er) [)] \) end) tail", {"outer "}),
    ],
)
def test_literals(pattern, expected):
    found = literals(pattern)
    assert (set(found) if found else None) == expected
