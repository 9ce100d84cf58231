"""What the documents point at is there, and every picture is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    pointed = _LINK.findall(document.read_text(encoding="utf-8"))
    assert [each for each in pointed if not (document.parent / each).exists()] == []


def test_the_readme_begins_with_a_picture() -> None:
    lines = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line]
    assert lines[0] == "# apigw-wizard"
    assert re.match(r"!\[.+\]\(screenshots/\w+\.png\)", lines[1])
