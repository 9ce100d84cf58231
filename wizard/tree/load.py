"""Finding, loading and linting a tree file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from wizard.model.tree import Node, Tree
from wizard.tree.build import Builder
from wizard.tree.condition import All, AnyOf, Holds, Not
from wizard.tree.located import MisplacedError, parse

FILE_NAME = "decision_tree.yaml"


class TreeError(Exception):
    """A tree that cannot be used. `problems` are lines of the form file:line: what is wrong."""

    def __init__(self, problems: list[str]) -> None:
        more = f" (and {len(problems) - 1} more; see: apigw-wizard tree lint)" if len(problems) > 1 else ""
        super().__init__(problems[0] + more)
        self.problems = problems


def default_path() -> Path:
    """The tree that comes with the tool: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / FILE_NAME
    return installed if installed.exists() else package.parent / FILE_NAME


def load(path: str | Path | None = None) -> Tree:
    """The tree in a file, the tool's own when none is named.

    Raises:
        TreeError: the file cannot be read or has a slip; the text names file and line.
    """
    tree, problems = _read(Path(path) if path else default_path())
    if tree is None or problems:
        raise TreeError(problems)
    return tree


def lint(path: str | Path | None = None, probes: Collection[str] = ()) -> list[str]:
    """Every slip of a tree file, as file:line: message, in line order; `probes` are the known probe ids."""
    return _read(Path(path) if path else default_path(), probes)[1]


def _read(path: Path, probes: Collection[str] = ()) -> tuple[Tree | None, list[str]]:
    try:
        data = parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        return None, [f"{path}: cannot be read: {error.strerror}"]
    except UnicodeDecodeError:
        return None, [f"{path}:1: not UTF-8 text"]
    except MisplacedError as error:
        return None, [f"{path}:{error.line}: {error}"]
    builder = Builder()
    tree = builder.tree(data, str(path))
    problems = [*builder.problems, *_slips(tree, probes)]
    return tree, [f"{path}:{line}: {message}" for line, message in sorted(dict.fromkeys(problems))]


def _slips(tree: Tree, probes: Collection[str]) -> Iterable[tuple[int, str]]:
    yield from _hop_slips(tree)
    for node in tree.nodes.values():
        yield from _node_slips(tree, node, probes)
    yield from _cause_slips(tree, probes)


def _hop_slips(tree: Tree) -> Iterable[tuple[int, str]]:
    for hop_id, count in Counter(hop.id for hop in tree.hops).items():
        if count > 1:
            yield next(hop.line for hop in tree.hops if hop.id == hop_id), f"hop {hop_id} stands there twice"
    asked = set()
    traced = {hop.id for hop in tree.hops if not hop.beside}
    for hop in tree.hops:
        if hop.beside and hop.beside not in traced:
            yield hop.line, f"hop {hop.id} stands beside {hop.beside}, which is no hop of a path"
        for wanted in hop.asks:
            asked.add(wanted)
            if wanted not in tree.nodes:
                yield hop.line, f"hop {hop.id} asks {wanted}, which is no node"
    asked |= {branch.ask for node in tree.nodes.values() for branch in node.branches if branch.ask}
    for node_id, node in tree.nodes.items():
        if node_id not in asked:
            yield node.line, f"node {node_id} is never asked"


def _node_slips(tree: Tree, node: Node, probes: Collection[str]) -> Iterable[tuple[int, str]]:
    if probes and node.probe and node.probe not in probes:
        yield node.line, f"node {node.id}: there is no probe {node.probe}"
    if not any(_covers_unknown(branch.when, bool(node.question)) for branch in node.branches):
        unsure = "answer: unsure" if node.question else "status: unknown"
        yield (
            node.line,
            f"node {node.id} does not say what to do when it cannot be told: add a branch {{when: {{{unsure}}}}}",
        )
    for branch in node.branches:
        for cause in filter(None, (branch.cause, *(branch.rules_out or ()))):
            if cause not in tree.causes:
                yield branch.line, f"node {node.id} names {cause}, which is no cause"
        if branch.ask and branch.ask not in tree.nodes:
            yield branch.line, f"node {node.id} asks {branch.ask}, which is no node"
    if _leads_back(tree, node.id):
        yield node.line, f"node {node.id} leads back to itself"


def _covers_unknown(when: object, question: bool) -> bool:
    key, word = ("answer", "unsure") if question else ("status", "unknown")
    if isinstance(when, All):
        return all(_covers_unknown(part, question) for part in when.parts)
    if isinstance(when, AnyOf):
        return any(_covers_unknown(part, question) for part in when.parts)
    if isinstance(when, Not):
        return False
    if isinstance(when, Holds) and when.path == key:
        return word in when.expected if isinstance(when.expected, list) else when.expected == word
    return False


def _leads_back(tree: Tree, start: str) -> bool:
    todo, seen = [start], set()
    while todo:
        node = tree.nodes.get(todo.pop())
        for branch in node.branches if node else ():
            if branch.ask == start:
                return True
            if branch.ask and branch.ask not in seen:
                seen.add(branch.ask)
                todo.append(branch.ask)
    return False


def _cause_slips(tree: Tree, probes: Collection[str]) -> Iterable[tuple[int, str]]:
    hops = {hop.id for hop in tree.hops}
    codes = Counter(cause.code for cause in tree.causes.values())
    blamed = {branch.cause for node in tree.nodes.values() for branch in node.branches}
    for cause in tree.causes.values():
        if codes[cause.code] > 1:
            yield cause.line, f"cause {cause.id}: the code {cause.code} is used twice"
        if cause.hop not in hops:
            yield cause.line, f"cause {cause.id}: there is no hop {cause.hop}"
        if cause.id not in blamed and not cause.signatures:
            yield cause.line, f"cause {cause.id} can never be found: no branch names it and it has no signature"
        if cause.verify and probes and cause.verify not in probes:
            yield cause.line, f"cause {cause.id}: there is no probe {cause.verify}"
        for other in cause.refines:
            if other not in tree.causes:
                yield cause.line, f"cause {cause.id} refines {other}, which is no cause"
        for url in cause.docs:
            if not url.startswith("https://"):
                yield cause.line, f"cause {cause.id}: a document is an https address, not {url!r}"
