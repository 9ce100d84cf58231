"""How often `explain` names the right cause: `python -m tests.bench.accuracy` prints the share by group.

Measured on real cases with a confirmed cause, in shared/knowledge/cases.yaml beside the checkout; without that file
there is nothing to measure. Lines of evidence that start with # are somebody's words and no log lines.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from wizard.logs import explain
from wizard.model.tree import Tree
from wizard.tree import load

CASES = Path(__file__).resolve().parents[3] / "shared" / "knowledge" / "cases.yaml"
# What makes evidence a log line, a header or a body rather than a piece of configuration.
_TOLD = re.compile(
    r"UTC (?:\d{4}|yyyy) : |^\([\w*-]{36}\) |Execution failed|[Ii]nternal [Ss]erver [Ee]rror"
    r"|Endpoint re(?:quest|sponse)|timed out|^[<>*] |^HTTP/|^x-|\d{4}-\d\d-\d\d[T ]\d\d:|requestId|REPORT RequestId"
    r"|Error\b.*:|^\s*\"?message\"?\s*:|errorMessage|Invalid permissions|error_|[Xx]-[Cc]ache|too long|Unable to|KMS"
    r"|HTTP/1\.1\" \d{3}|_ERROR\b",
    re.MULTILINE,
)
GROUPS = ("log, header or body; quality good", "configuration only; quality good", "quality low")
FIRST, LISTED, MISSED = "first", "also", "missed"


def main() -> int:
    """Prints a row for each group and the ids that were not named first."""
    if not CASES.exists():
        print(f"accuracy: nothing to measure, {CASES.parent.name}/{CASES.name} is not there")
        return 0
    results = measure(yaml.safe_load(CASES.read_text(encoding="utf-8"))["cases"], load())
    print(f"{'group':<36}{'cases':>6}{'first':>8}{'first or also':>15}")
    for group in GROUPS:
        row(group, results[group])
    good = results[GROUPS[0]]
    row("  of these: met by users", [result for result in good if result[2] == "user-case"])
    for group in GROUPS:
        for how in (LISTED, MISSED):
            named = [name for name, result, _ in results[group] if result == how]
            print(f"\n{group}: {how} ({len(named)})\n  " + "\n  ".join(named or ["none"]))
    return 0


def measure(cases: list[dict[str, Any]], tree: Tree) -> dict[str, list[tuple[str, str, str]]]:
    """(id, first | also | missed, kind) of each case, by group."""
    results: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for case in cases:
        lines = [line for line in case["evidence"].splitlines() if not line.lstrip().startswith("#")]
        results[group_of(case, lines)].append((case["id"], result_of(case, lines, tree), case["kind"]))
    return results


def group_of(case: dict[str, Any], lines: list[str]) -> str:
    """The group of a case: how good its evidence is, and whether a program said any of it."""
    if case["evidence_quality"] != "good":
        return GROUPS[2]
    return GROUPS[0] if _TOLD.search("\n".join(lines)) else GROUPS[1]


def result_of(case: dict[str, Any], lines: list[str], tree: Tree) -> str:
    """Where the confirmed cause (or one that the evidence cannot exclude) stands among the findings."""
    refines = {cause.id: cause.refines for cause in tree.causes.values()}
    statuses = {cause.id: cause.all_statuses for cause in tree.causes.values()}
    found = explain(lines, tree.signatures, refines, statuses).findings
    right = {case["confirmed_cause"], *(case.get("also_accept") or ())}
    if found and found[0].cause in right:
        return FIRST
    return LISTED if any(right & {finding.cause, *finding.also} for finding in found) else MISSED


def row(group: str, results: list[tuple[str, str, str]]) -> None:
    """One line of the table."""
    count = len(results)
    first = sum(result == FIRST for _, result, _ in results)
    listed = first + sum(result == LISTED for _, result, _ in results)
    print(f"{group:<36}{count:>6}{share(first, count):>8}{share(listed, count):>15}")


def share(part: int, whole: int) -> str:
    """A share in per cent."""
    return f"{100 * part / whole:.0f} %" if whole else "-"


if __name__ == "__main__":
    sys.exit(main())
