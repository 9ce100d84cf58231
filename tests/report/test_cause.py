"""The page of a cause reads like a manual: texts where a pattern can be said in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.report import made
from wizard.model.tree import Signature
from wizard.report.ansi import render
from wizard.report.cause import page, worded


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ('[Mm]essage"?\\s*:\\s*"Internal server error"', 'message: "Internal server error"'),
        ("\\bWAF_BLOCK\\b", "WAF_BLOCK"),
        ("Handler '(?P<name>[^']+)' missing on module '(?P<module>[^']+)'", "Handler '…' missing on module '…'"),
        ("API Gateway doesn.t have permissions", "API Gateway doesn't have permissions"),
        ("Runtime\\.HandlerNotFound|is not exported", ""),
        ("(?!POST)[A-Z]+", ""),
    ],
)
def test_a_pattern_is_said_in_words_or_not_at_all(pattern: str, words: str) -> None:
    assert worded(pattern) == words


def test_the_page_says_each_sign_once_and_names_apis_as_people_do() -> None:
    sign = Signature(made.MISSING.id, "client", pattern="\\bTOO_BAD\\b", seen=True)
    shown = render(page(made.TREE, replace(made.MISSING, signatures=(sign, sign), api_types=("rest", "http"))))
    assert shown.count("what the client gets: “TOO_BAD”") == 1
    assert "REST, HTTP" in shown
