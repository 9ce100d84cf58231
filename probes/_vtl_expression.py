"""Expressions of the Velocity Template Language: where a reference, a text or a condition ends, or why it does not.

Source: https://velocity.apache.org/engine/1.7/vtl-reference.html
"""

from __future__ import annotations

import re

DEEPEST = 60
_HEAD = re.compile(r"\$!?(\{)?[A-Za-z_][\w-]*")
_PROPERTY = re.compile(r"\.[A-Za-z_][\w-]*")
_INDEX = re.compile(r"\[\s*(?:-?\d+|'[^']*'|\"[^\"]*\"|\$!?\{?[A-Za-z_][\w.-]*\}?)\s*\]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"(?:true|false|null)\b")
_UNARY = re.compile(r"\s*(?:!|not\b|-(?!\d))")
_BINARY = re.compile(r"\s*(?:&&|\|\||==|!=|<=|>=|[<>+*/%-]|(?:and|or|eq|ne|lt|gt|le|ge)\b)")
_SPACE = re.compile(r"\s*")
_TEXT = {
    True: {'"': re.compile(r'"(?:[^"\\]|\\.|"")*"', re.DOTALL), "'": re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)},
    False: {'"': re.compile(r'"(?:[^"]|"")*"'), "'": re.compile(r"'(?:[^']|'')*'")},
}


class SyntaxProblem(Exception):
    """Something that Velocity cannot parse, at an offset of the template."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at, self.message = at, message


class TooDeepError(Exception):
    """Nested deeper than this reader follows; the template may be sound."""


class Expressions:
    """Reads expressions of one template. Every method takes an offset and returns the one behind what it read.

    ``escapes``: a backslash before a quote keeps the text open. Engines differ in that, so a template is wrong only
    when it is wrong both ways. Methods raise SyntaxProblem and TooDeepError.
    """

    def __init__(self, template: str, *, escapes: bool) -> None:
        self._template, self._texts = template, _TEXT[escapes]
        self.references: list[tuple[int, int]] = []

    def space(self, at: int) -> int:
        """Skip white space."""
        match = _SPACE.match(self._template, at)
        return match.end() if match else at

    def expect(self, at: int, sign: str, after: str) -> int:
        """Skip white space and this sign; ``after`` says in the message what it belongs to."""
        at = self.space(at)
        if not self._template.startswith(sign, at):
            raise SyntaxProblem(at, f"expected {sign} {after}, found {self._found(at)}")
        return at + len(sign)

    def reference(self, at: int, depth: int = 0) -> int | None:
        """A reference such as ``$!{a.b(1)[0]}``; None when the ``$`` here begins none and is text."""
        head = _HEAD.match(self._template, at)
        if head is None:
            return None
        start, at = at, head.end()
        while True:
            part = _PROPERTY.match(self._template, at) or _INDEX.match(self._template, at)
            if part is None:
                break
            is_call = part[0][0] == "." and self._template.startswith("(", part.end())
            at = self._items(part.end(), ")", depth) if is_call else part.end()
        if head[1]:
            if self._template.startswith("|", at):
                at = self.expression(at + 1, depth + 1)
            at = self.expect(at, "}", "after ${")
        self.references.append((start, at))
        return at

    def expression(self, at: int, depth: int = 0) -> int:
        """Operands and operators."""
        if depth > DEEPEST:
            raise TooDeepError
        while True:
            unary = _UNARY.match(self._template, at)
            while unary:
                at = unary.end()
                unary = _UNARY.match(self._template, at)
            at = self._operand(self.space(at), depth)
            binary = _BINARY.match(self._template, at)
            if binary is None:
                return at
            at = binary.end()

    def _operand(self, at: int, depth: int) -> int:
        sign = self._template[at : at + 1]
        if sign == "$":
            behind = self.reference(at, depth + 1)
            if behind is not None:
                return behind
        elif sign in self._texts and sign:
            text = self._texts[sign].match(self._template, at)
            if text is None:
                raise SyntaxProblem(at, f"the text that begins with {sign} here is never closed")
            return text.end()
        elif sign == "(":
            return self.expect(self.expression(at + 1, depth + 1), ")", "after the expression in parentheses")
        elif sign == "[":
            return self._items(at, "]", depth)
        elif sign == "{":
            return self._items(at, "}", depth)
        plain = _NUMBER.match(self._template, at) or _WORD.match(self._template, at)
        if plain is None:
            raise SyntaxProblem(at, f"expected a value, found {self._found(at)}")
        return plain.end()

    def _items(self, at: int, close: str, depth: int) -> int:
        """Arguments, a list, a range or a map: expressions between brackets."""
        at, after = self.space(at + 1), {")": "of the call", "]": "of the list", "}": "of the map"}[close]
        if self._template.startswith(close, at):
            return at + 1
        while True:
            at = self.space(self.expression(at, depth + 1))
            if close == "}":
                at = self.expression(self.expect(at, ":", "between key and value"), depth + 1)
            elif close == "]" and self._template.startswith("..", at):
                at = self.expression(at + 2, depth + 1)
            at = self.space(at)
            if not self._template.startswith(",", at):
                return self.expect(at, close, after)
            at += 1

    def _found(self, at: int) -> str:
        rest = self._template[at : at + 24]
        return rest.splitlines()[0] or "the end of the line" if rest else "the end of the template"
