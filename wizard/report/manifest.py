"""Around a redacted document: what was withheld, the last look before it is written, and the private map."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from wizard.model.tree import Tree
from wizard.model.verdict import Verdict
from wizard.report.casefile import state_folder
from wizard.report.redact import Redactor
from wizard.report.save import save

KEPT = 50  # maps; the oldest go first
NOTHING = "Redacted; nothing had to be withheld."


class LeakError(OSError):
    """The finished document still shows something that should be withheld: it is not written. An error like any other
    that keeps a file from being saved."""


def withheld_words(withheld: Mapping[str, int]) -> str:
    """What was withheld, in one sentence."""
    if not withheld:
        return NOTHING
    return f"Redacted; withheld: {', '.join(f'{kind} ({count})' for kind, count in withheld.items())}."


def redacted(result: Verdict, tree: Tree, render: Callable[[Verdict, Mapping[str, int]], str]) -> tuple[str, Redactor]:
    """The finished document of a redacted verdict, and the pseudonyms it uses.

    Raises:
        LeakError: something that was withheld stands in the document all the same.
    """
    redactor = Redactor(result, tree)
    clean = redactor.apply(result)
    document = render(clean, redactor.withheld())
    must_be_clean(document, redactor)
    return document, redactor


def must_be_clean(document: str, redactor: Redactor) -> None:
    """The last look before a document leaves. Raises LeakError."""
    leaks = redactor.leaks(document)
    if leaks:
        shown = ", ".join(leaks[:5]) + (" …" if len(leaks) > 5 else "")
        raise LeakError(f"nothing was written, for it would still show {shown}")


def save_map(redactor: Redactor, report: Path) -> Path | None:
    """Writes whom the pseudonyms of a report stand for, for its owner only; None when there are none.

    It lies in the state folder, never beside the report, so that nobody sends it along.

    Raises:
        OSError: it cannot be written.
        RuntimeError: the person has no home folder.
    """
    names = redactor.originals()
    if not names:
        return None
    folder = state_folder() / "maps"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    for old in sorted(folder.glob("*.map.json"))[: -KEPT + 1]:
        old.unlink(missing_ok=True)
    stem = "".join(char if char.isalnum() or char in "-_." else "-" for char in report.name)[:60]
    content = {"report": str(report), "names": names}
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{stem}.map.json"
    return save(json.dumps(content, indent=2) + "\n", folder / name)
