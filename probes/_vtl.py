"""Mapping templates read as Velocity: what cannot be parsed and where, and what a template reads and sets.

Only syntax: a template without a problem may still fail when it runs. What nobody can tell apart from text stays text.
Source: https://velocity.apache.org/engine/1.7/vtl-reference.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from probes._vtl_expression import Expressions, SyntaxProblem, TooDeepError

LONGEST, MOST_PROBLEMS, MOST_PARTS = 400_000, 20, 2_000
_STOPS = re.compile(
    r"(?P<escaped>\\[\s\S])|(?P<plain>\$!?[A-Za-z_][\w-]*(?![\w-]|\.[A-Za-z_]|\[[\d\s'\"$-]))|(?P<reference>\$(?=!?\{?[A-Za-z_]))"
    r"|(?P<comment>##[^\n]*)|(?P<block>#\*)|(?P<literal>#\[\[)|(?P<directive>#)"
)
_NAME = re.compile(r"#(?:\{([a-z]+)\}|([A-Za-z_]\w*))")
_OPEN = re.compile(r"[ \t]*\(")
_IN = re.compile(r"\s+in\s+")
_LOOP_VARIABLE = re.compile(r"\s*\$!?\{?[A-Za-z_][\w-]*\}?")
_MACRO = re.compile(r"\s*[A-Za-z_][\w-]*(?:[\s,]+\$!?\{?[A-Za-z_][\w-]*\}?)*\s*\)")
_SIGN = re.compile(r"\$!?(\{?)")
_OVERRIDES = ("context.requestOverride.", "context.responseOverride.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be parsed; line and column count from 1."""

    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class Reference:
    """One ``$reference`` without its signs, for example ``input.path('$.id')``; plain names are not listed."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """One #set: what it sets, for example ``context.requestOverride.header.x``, and where.

    ``branches`` are the #if blocks around it, as number and branch; ``loops`` is true inside a #foreach.
    """

    target: str
    line: int
    branches: tuple[tuple[int, int], ...]
    loops: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """All there is to say about a template. ``complete`` is false when it is too large or too deep to be read."""

    problems: tuple[Problem, ...] = ()
    references: tuple[Reference, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    complete: bool = True


def parse(template: str) -> Reading:
    """Read a template; takes time in proportion to its length, and never raises for what it contains.

    API Gateway takes templates of 300 KB at most; what is much longer is not read.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
    """
    if len(template) > LONGEST:
        return Reading(complete=False)
    return _Reader(template).read()


def overridden_twice(reading: Reading) -> list[Assignment]:
    """Assignments to a parameter override that another one has set before, or that a loop repeats."""
    seen: dict[str, list[Assignment]] = {}
    again: list[Assignment] = []
    for assignment in reading.assignments:
        if not assignment.target.startswith(_OVERRIDES):
            continue
        before = seen.setdefault(assignment.target, [])
        if assignment.loops or any(_both_run(assignment, other) for other in before[:MOST_PROBLEMS]):
            again.append(assignment)
        before.append(assignment)
    return again


def _both_run(one: Assignment, other: Assignment) -> bool:
    """False when they stand in different branches of one #if."""
    mine = dict(one.branches)
    return all(mine.get(block, branch) == branch for block, branch in other.branches)


@dataclass
class _Block:
    """An open #if, #foreach, #define or #macro; ``number`` tells blocks apart, ``branch`` counts #elseif and #else."""

    name: str
    at: int
    number: int
    branch: int = 0
    has_else: bool = False


@dataclass
class _Reader:
    template: str
    problems: list[Problem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)
    opened: int = 0

    def __post_init__(self) -> None:
        self._readers = [Expressions(self.template, escapes=escapes) for escapes in (True, False)]
        self._line_ends = [match.start() for match in re.finditer("\n", self.template)]

    def read(self) -> Reading:
        complete, at = True, 0
        try:
            while len(self.problems) < MOST_PROBLEMS:
                stop = _STOPS.search(self.template, at)
                if stop is None:
                    self._check_open()
                    break
                at = self._step(stop)
        except TooDeepError:
            complete = False
        return Reading(tuple(self.problems), tuple(self.references), tuple(self.assignments), complete)

    def _step(self, stop: re.Match[str]) -> int:
        """Deal with one sign of Velocity; the offset behind it."""
        at, kind = stop.start(), stop.lastgroup
        if kind == "reference":
            return self._either(at, at + 1, lambda reader: reader.reference(at) or at + 1)
        if kind in ("block", "literal"):
            return self._skip(at, "*#" if kind == "block" else "]]#")
        return self._directive(at) if kind == "directive" else stop.end()

    def _skip(self, at: int, close: str) -> int:
        end = self.template.find(close, at + 2)
        if end < 0:
            self._problem(at, f"what {self.template[at : at + 2]} opens here is never closed by {close}")
            return len(self.template)
        return end + len(close)

    def _directive(self, at: int) -> int:
        head = _NAME.match(self.template, at)
        name = (head[1] or head[2]) if head else ""
        if head is None or name not in _DIRECTIVES:
            return at + 1
        if name in ("else", "elseif"):
            self._next_branch(name, at)
        elif name == "end":
            if not self.blocks:
                self._problem(at, "#end closes nothing")
            else:
                self.blocks.pop()
        elif name in ("if", "foreach", "define", "macro"):
            self.opened += 1
            self.blocks.append(_Block(name, at, self.opened))
        if name in ("else", "end", "stop", "break"):
            return head.end()
        return self._with_parentheses(name, head.end())

    def _with_parentheses(self, name: str, at: int) -> int:
        opened = _OPEN.match(self.template, at)
        if opened is None:
            self._problem(at, f"#{name} needs ( here")
            return at
        inside = opened.end()
        if name == "macro":
            declared = _MACRO.match(self.template, inside)
            if declared is None:
                self._problem(inside, "#macro needs a name and its $arguments here")
            return declared.end() if declared else inside
        return self._either(at, inside, lambda reader: self._inside(name, inside, reader))

    def _inside(self, name: str, at: int, reader: Expressions) -> int:
        """What stands between the parentheses of a directive; the offset behind the closing one."""
        if name == "foreach":
            variable = _LOOP_VARIABLE.match(self.template, at)
            if variable is None:
                raise SyntaxProblem(at, "#foreach needs a $variable here")
            word = _IN.match(self.template, variable.end())
            if word is None:
                raise SyntaxProblem(variable.end(), "#foreach needs the word in here")
            at = word.end()
        elif name in ("set", "define"):
            at = reader.space(at)
            behind = reader.reference(at) if self.template.startswith("$", at) else None
            if behind is None:
                raise SyntaxProblem(at, f"#{name} needs a $reference here")
            if name == "define":
                return reader.expect(behind, ")", "of #define")
            target, line = self._name(at, behind), self._line(at)
            end = reader.expect(reader.expression(reader.expect(behind, "=", "after what #set sets")), ")", "of #set")
            self._assigned(target, line)
            return end
        return reader.expect(reader.expression(at), ")", f"of #{name}")

    def _either(self, start: int, otherwise: int, read: Callable[[Expressions], int]) -> int:
        """Read with and, if that fails, without backslashes that escape quotes; the offset to go on from."""
        for reader in self._readers:
            reader.references.clear()
            try:
                end = read(reader)
            except SyntaxProblem as problem:
                failed = problem
                continue
            self._refer(reader.references)
            return end
        self._problem(failed.at, failed.message)
        return otherwise

    def _refer(self, found: list[tuple[int, int]]) -> None:
        for first, last in found:
            if len(self.references) < MOST_PARTS and "." in self.template[first:last]:
                self.references.append(Reference(self._name(first, last), self._line(first)))

    def _next_branch(self, name: str, at: int) -> None:
        block = self.blocks[-1] if self.blocks else None
        if block is None or block.name != "if":
            self._problem(at, f"#{name} stands in no #if")
            return
        if block.has_else:
            self._problem(at, f"#{name} comes after the #else of its #if")
        block.branch += 1
        block.has_else = block.has_else or name == "else"

    def _check_open(self) -> None:
        for block in self.blocks[: MOST_PROBLEMS - len(self.problems)]:
            self._problem(block.at, f"#{block.name} is never closed by #end")

    def _assigned(self, target: str, line: int) -> None:
        if len(self.assignments) < MOST_PARTS:
            branches = tuple((block.number, block.branch) for block in self.blocks if block.name == "if")
            loops = any(block.name == "foreach" for block in self.blocks)
            self.assignments.append(Assignment(target, line, branches, loops))

    def _name(self, first: int, last: int) -> str:
        """A reference without ``$``, ``!`` and braces; what stands in its brackets stays as written."""
        sign = _SIGN.match(self.template, first)
        start, braces = (sign.end(), len(sign[1])) if sign else (first, 0)
        return self.template[start : last - braces]

    def _line(self, at: int) -> int:
        return bisect_right(self._line_ends, at - 1) + 1 if at else 1

    def _problem(self, at: int, message: str) -> None:
        line = self._line(at)
        begins = self._line_ends[line - 2] + 1 if line > 1 else 0
        self.problems.append(Problem(line, at - begins + 1, message))


_DIRECTIVES = {
    "set", "if", "elseif", "else", "end", "foreach", "define", "macro", "evaluate", "include", "parse", "stop", "break",
}  # fmt: skip
