from __future__ import annotations

import pytest

from probes._glob import arn_like, glob


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("", "", True),
        ("*", "", True),
        ("?", "", False),
        ("a*c", "abbc", True),
        ("a*c", "abbd", False),
        ("*b*", "abc", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[a]", "a", False),
        ("[a]", "[a]", True),
        ("a**", "a", True),
        ("a.c", "abc", False),
        ("*a*a*a*a*a*a*a*a*b", "a" * 5_000, False),
    ],
)
def test_glob(pattern, text, fits):
    assert glob(pattern, text) is fits


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("arn:aws:execute-api:us-east-1:1:abc/*", True),
        ("arn:*:execute-api:*:*:abc/*", True),
        ("arn:aws:execute-api:*", False),
        ("*", True),
        ("arn:aws:execute-api:us-*:1:abc/prod/GET/?", True),
    ],
)
def test_arn_parts_are_compared_one_by_one(pattern, fits):
    assert arn_like(pattern, "arn:aws:execute-api:us-east-1:1:abc/prod/GET/x") is fits
