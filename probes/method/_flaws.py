"""What is wrong with a mapping template, with the line a person has to look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from probes._vtl import Reading, overridden_twice, parse

JSON = "application/json"
MOST_ROUNDS = 1_000
"""How often one #foreach may run.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""
SYNTAX, TWICE = "template-syntax", "override-twice"
_LONGEST, _MOST = 200, 5
_RANGE = re.compile(r"#foreach\s*\([^)\n]{0,80}\bin\s*\[\s*(-?\d{1,9})\s*\.\.\s*(-?\d{1,9})\s*\]")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One place of a template; line and column count from 1, `text` is the line itself, `where` names the template."""

    where: str
    line: int
    column: int
    text: str
    message: str


@dataclass
class Looked:
    """What several templates amount to. `unread` names those that were too large to be read."""

    syntax: list[Flaw] = field(default_factory=list)
    twice: list[Flaw] = field(default_factory=list)
    loops: list[Flaw] = field(default_factory=list)
    too_long: list[Flaw] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    readings: dict[str, Reading] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The flaws as facts; the first of them stands at the top, for the texts of fixes."""
        first = next(iter([*self.syntax, *self.twice, *self.too_long, *self.loops]), None)
        at: dict[str, Any] = {"content_type_path": JSON.replace("/", "~1")}
        if first:
            at |= {"content_type": first.where, "template_line": first.line, "template_text": first.text.strip()}
            at |= {"content_type_path": first.where.replace("/", "~1")}
        return at | {
            "template_problems": [_fact(flaw) for flaw in self.syntax[:_MOST]],
            "overridden": [_fact(flaw) for flaw in self.twice[:_MOST]],
            "loops": len(self.loops) + len(self.too_long),
            "unread": self.unread,
        }


def look(templates: Mapping[str, str]) -> Looked:
    """Read templates, each under the name by which a person finds it."""
    found = Looked()
    for where, template in templates.items():
        reading = parse(template)
        lines = template.split("\n")
        found.readings[where] = reading
        found.syntax += [_flaw(where, lines, p.line, p.column, p.message) for p in reading.problems]
        found.twice += [
            _flaw(where, lines, each.line, 1, f"${each.target} is set a second time")
            for each in overridden_twice(reading)
        ]
        _look_for_loops(where, template, lines, found)
        found.unread += [] if reading.complete else [where]
    return found


def told(flaw: Flaw) -> str:
    """A flaw as part of a sentence: template, line, what stands there and why it is wrong."""
    return f"{flaw.where}, line {flaw.line}: {flaw.message}: {flaw.text.strip()[:80]}"


def first_said(flaws: Iterable[Flaw]) -> str:
    """The first of these flaws as part of a sentence."""
    return next((told(flaw) for flaw in flaws), "")


def unread_said(looked: Looked) -> str:
    """Which templates nobody has read, as a sentence."""
    return f"Too large or too deeply nested to be read: the template {', '.join(looked.unread)}."


def _look_for_loops(where: str, template: str, lines: list[str], found: Looked) -> None:
    for match in re.finditer(r"#foreach\b", template):
        line = template.count("\n", 0, match.start()) + 1
        bounds = _RANGE.match(template, match.start())
        rounds = abs(int(bounds[2]) - int(bounds[1])) + 1 if bounds else 0
        flaw = _flaw(where, lines, line, 1, f"loops {rounds} times" if rounds else "loops over a list")
        (found.too_long if rounds > MOST_ROUNDS else found.loops).append(flaw)
        if len(found.loops) >= _MOST:
            return


def _flaw(where: str, lines: list[str], line: int, column: int, message: str) -> Flaw:
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    return Flaw(where, line, column, text.strip("\r")[:_LONGEST], message)


def _fact(flaw: Flaw) -> dict[str, Any]:
    return {
        "where": flaw.where,
        "line": flaw.line,
        "column": flaw.column,
        "text": flaw.text,
        "message": flaw.message,
    }
