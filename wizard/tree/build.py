"""From located YAML data to a Tree; every slip is a problem with its line, and reading goes on behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from wizard.model.status import Level, Proof, Status
from wizard.model.tree import Branch, Cause, Condition, Fix, Node, Signature, Tree, TreeHop
from wizard.tree.condition import All, BadConditionError, Holds, compile_condition
from wizard.tree.located import Located

FIX_KINDS = ("cli", "cli-v2", "sam", "cloudformation", "terraform", "console", "code")
PLACES = ("execution-log", "access-log", "function-log", "client")
PAYLOAD_WEIGHT = 10_000
_NODE_KEYS = {"title", "why", "probe", "question", "how", "only_if", "branches", "context"}
_BRANCH_KEYS = {"when", "cause", "causes", "ask", "proof", "says", "marks", "rules_out"}
_CAUSE_KEYS = {
    "code",
    "hop",
    "title",
    "why",
    "api",
    "status",
    "seen_in",
    "level",
    "refines",
    "signatures",
    "fix",
    "verify",
    "docs",
}
_SIGNATURE_KEYS = {"in", "text", "pattern", "payload", "seen", "weight"}
_ALWAYS: Condition = All(())


class Builder:
    """Reads one tree; `problems` are (line, message) pairs in the order met."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, str]] = []

    def tree(self, data: Any, path: str) -> Tree:
        """The tree in the data, as far as it can be read."""
        if not isinstance(data, Located):
            self._slip(1, "a tree is a mapping with hops, nodes and causes")
            return Tree((), {}, {}, path)
        self._unknown_keys(data, {"hops", "nodes", "causes"}, "the tree")
        hops = tuple(self._hop(item, data.line_of("hops")) for item in self._list(data, "hops"))
        nodes = {key: self._node(key, value, section) for key, value, section in self._entries(data, "nodes")}
        causes = {key: self._cause(key, value, section) for key, value, section in self._entries(data, "causes")}
        causes = _share_signatures(causes)
        signatures = tuple(s for cause in causes.values() for s in cause.signatures)
        return Tree(hops, nodes, causes, path, signatures)

    def _hop(self, item: Any, line: int) -> TreeHop:
        hop = self._mapping(item, line, "a hop")
        self._unknown_keys(hop, {"id", "title", "asks", "beside"}, "a hop")
        return TreeHop(
            self._text(hop, "id"),
            self._text(hop, "title"),
            self._texts(hop, "asks"),
            hop.line,
            self._text(hop, "beside") if "beside" in hop else None,
        )

    def _node(self, key: str, value: Any, section: Located) -> Node:
        node = self._mapping(value, section.line_of(key), f"node {key}")
        self._unknown_keys(node, _NODE_KEYS, f"node {key}")
        probe, question = node.get("probe"), node.get("question")
        if (probe is None) == (question is None):
            self._slip(node.line, f"node {key} wants either a probe or a question")
        branches = [self._branch(item, node.line, key) for item in self._list(node, "branches")]
        only_if = self._condition(node, "only_if") if "only_if" in node else None
        return Node(
            key,
            self._text(node, "title"),
            self._text(node, "why"),
            self._optional(node, "probe"),
            self._optional(node, "question"),
            self._optional(node, "how"),
            only_if,
            _with_rules(branches),
            section.line_of(key),
            node.get("context") is True,
        )

    def _branch(self, item: Any, line: int, node: str) -> Branch:
        branch = self._mapping(item, line, f"a branch of {node}")
        self._unknown_keys(branch, _BRANCH_KEYS, f"a branch of {node}")
        when = self._condition(branch, "when")
        proof = self._choice(branch, "proof", Proof, Proof.PROVEN)
        marks = self._choice(branch, "marks", Status, None)
        causes_from = self._optional(branch, "causes")
        if causes_from and not causes_from.startswith("facts."):
            self._slip(branch.line_of("causes"), "causes: wants a fact, like facts.causes")
        rules_out = self._texts(branch, "rules_out") if "rules_out" in branch else None
        return Branch(
            when,
            self._optional(branch, "cause"),
            causes_from,
            self._optional(branch, "ask"),
            proof or Proof.PROVEN,
            self._optional(branch, "says"),
            marks,
            rules_out,
            branch.line,
        )

    def _cause(self, key: str, value: Any, section: Located) -> Cause:
        cause = self._mapping(value, section.line_of(key), f"cause {key}")
        self._unknown_keys(cause, _CAUSE_KEYS, f"cause {key}")
        code = self._text(cause, "code")
        if not re.fullmatch(r"GW\d{4}", code):
            self._slip(cause.line_of("code"), f"cause {key}: a code looks like GW0801")
        api_types = self._texts(cause, "api", ("rest",))
        signatures = tuple(
            self._signature(item, cause.line_of("signatures"), key) for item in self._list(cause, "signatures", ())
        )
        return Cause(
            key,
            code,
            self._text(cause, "hop"),
            self._text(cause, "title"),
            self._text(cause, "why"),
            api_types,
            self._statuses(cause, key, api_types),
            self._texts(cause, "seen_in", ("url", "test-invoke")),
            self._choice(cause, "level", Level, Level.FAULT) or Level.FAULT,
            self._fixes(cause, key),
            self._optional(cause, "verify"),
            self._texts(cause, "docs", ()),
            signatures,
            self._texts(cause, "refines", ()),
            section.line_of(key),
        )

    def _statuses(self, cause: Located, key: str, api_types: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
        """`status: [500]` for all API types, or `status: {rest: [502], http: [500]}`."""
        given = cause.get("status") or []
        by_type = given if isinstance(given, Located) else dict.fromkeys(api_types, given)
        for api_type, listed in by_type.items():
            if api_type not in api_types:
                self._slip(cause.line_of("status"), f"cause {key}: status speaks of {api_type}, api: does not")
            if not isinstance(listed, list) or not all(isinstance(status, int) for status in listed):
                self._slip(cause.line_of("status"), f"cause {key}: status wants lists of numbers, like [500, 502]")
                return {}
        return {api_type: tuple(listed) for api_type, listed in by_type.items()}

    def _fixes(self, cause: Located, key: str) -> tuple[Fix, ...]:
        fixes = self._mapping(cause.get("fix"), cause.line_of("fix"), f"fix of {key}")
        self._unknown_keys(fixes, set(FIX_KINDS), f"fix of {key}")
        if not fixes:
            self._slip(cause.line_of("fix"), f"cause {key} has no fix")
        return tuple(Fix(kind, self._text(fixes, kind).rstrip()) for kind in fixes)

    def _signature(self, item: Any, line: int, cause: str) -> Signature:
        entry = self._mapping(item, line, f"a signature of {cause}")
        self._unknown_keys(entry, _SIGNATURE_KEYS, f"a signature of {cause}")
        place = self._text(entry, "in")
        if place not in PLACES:
            self._slip(entry.line, f"signature of {cause}: in: is one of {', '.join(PLACES)}")
        forms = [name for name in ("text", "pattern", "payload") if entry.get(name)]
        if len(forms) != 1:
            self._slip(entry.line, f"signature of {cause} wants exactly one of text, pattern, payload")
        pattern = self._optional(entry, "pattern")
        if pattern is not None:
            self._check_pattern(pattern, entry.line, cause)
        weight = entry.get("weight")
        if not isinstance(weight, int):
            weight = PAYLOAD_WEIGHT if entry.get("payload") else len(_literal(str(entry.get("text") or pattern or "")))
        return Signature(
            cause,
            place,
            self._optional(entry, "text"),
            pattern,
            self._optional(entry, "payload"),
            entry.get("seen") is True,
            weight,
        )

    def _check_pattern(self, pattern: str, line: int, cause: str) -> None:
        try:
            re.compile(pattern)
        except re.error as error:
            self._slip(line, f"signature of {cause}: not a regular expression: {error}")

    def _condition(self, owner: Located, key: str) -> Condition:
        try:
            return compile_condition(owner.get(key))
        except BadConditionError as error:
            self._slip(owner.line_of(key), f"{key}: {error}")
            return _ALWAYS

    def _choice(self, owner: Located, key: str, kind: Any, default: Any) -> Any:
        if key not in owner:
            return default
        try:
            return kind(owner[key])
        except ValueError:
            self._slip(owner.line_of(key), f"{key}: is one of {', '.join(kind)}")
            return default

    def _mapping(self, value: Any, line: int, what: str) -> Located:
        if isinstance(value, Located):
            return value
        self._slip(line, f"{what} is a mapping")
        return Located(line)

    def _entries(self, data: Located, key: str) -> Iterable[tuple[str, Any, Located]]:
        section = self._mapping(data.get(key), data.line_of(key), key)
        return [(name, value, section) for name, value in section.items()]

    def _list(self, owner: Located, key: str, default: Any = None) -> list[Any]:
        value = owner.get(key, default)
        if value is None or not isinstance(value, list | tuple):
            self._slip(owner.line_of(key), f"{key}: wants a list")
            return []
        return list(value)

    def _text(self, owner: Located, key: str) -> str:
        value = owner.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._slip(owner.line_of(key), f"{key}: is missing")
        return ""

    def _optional(self, owner: Located, key: str) -> str | None:
        if owner.get(key) is None:
            return None
        return self._text(owner, key)

    def _texts(self, owner: Located, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        if key not in owner and default is not None:
            return default
        value = owner.get(key)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self._slip(owner.line_of(key), f"{key}: wants a list of words")
        return ()

    def _unknown_keys(self, owner: Located, known: set[str], what: str) -> None:
        for key in owner:
            if key not in known:
                self._slip(owner.line_of(key), f"{key!r} is not a word of {what} ({', '.join(sorted(known))})")

    def _slip(self, line: int, message: str) -> None:
        self.problems.append((line, message))


def _with_rules(branches: list[Branch]) -> tuple[Branch, ...]:
    """A branch `when.

    {status: pass}` rules out what the other branches blame, unless it says itself what it rules out.
    """
    blamed = tuple(dict.fromkeys(branch.cause for branch in branches if branch.cause))
    is_pass = Holds("status", "pass")
    return tuple(
        replace(branch, rules_out=blamed if branch.when == is_pass else ()) if branch.rules_out is None else branch
        for branch in branches
    )


def _share_signatures(causes: dict[str, Cause]) -> dict[str, Cause]:
    """Texts that stand under several causes name the others in `also`; each text knows what its cause refines."""
    owners: dict[tuple[str, str | None, str | None, str | None], list[str]] = {}
    for cause in causes.values():
        for s in cause.signatures:
            owners.setdefault((s.place, s.text, s.pattern, s.payload), []).append(cause.id)

    def shared(s: Signature) -> Signature:
        others = [c for c in dict.fromkeys(owners[s.place, s.text, s.pattern, s.payload]) if c != s.cause]
        return replace(s, also=tuple(others), refines=causes[s.cause].refines)

    return {key: replace(cause, signatures=tuple(shared(s) for s in cause.signatures)) for key, cause in causes.items()}


def _literal(pattern: str) -> str:
    """About what of a pattern is literal text: what makes one signature more specific than another."""
    return re.sub(r"\(\?P?<\w+>|\\.|\[[^\]]*\]|[.*+?(){}|^$]", "", pattern)
