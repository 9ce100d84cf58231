"""YAML as plain data that remembers its lines. Safe tags only; aliases are refused, so no alias bomb can be built."""

from __future__ import annotations

from typing import Any

import yaml

MAX_BYTES = 5_000_000

# Text such as yes, no, on, off stays text: an answer `yes` must not turn into a boolean.
_BOOLEANS = {"true": True, "True": True, "false": False, "False": False}


class Located(dict[str, Any]):
    """A mapping that knows the line it starts at and the line of each key (counted from 1)."""

    line: int = 0

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.key_lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """The line of a key, of the whole mapping when the key is not there."""
        return self.key_lines.get(key, self.line)


class MisplacedError(ValueError):
    """The text cannot be read as a tree; `line` is counted from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def parse(text: str) -> Any:
    """The YAML document as Located mappings, lists and scalars.

    Raises:
        MisplacedError: broken YAML, an alias, a tag, a doubled key, or a file of more than 5 MB.
    """
    if len(text) > MAX_BYTES:
        raise MisplacedError(1, f"larger than {MAX_BYTES:,} bytes")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text, Loader=loader)
        return _value(root, set()) if root is not None else Located(1)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise MisplacedError(line, error.problem or "not readable as YAML") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise MisplacedError(1, "not readable as YAML: " + str(error).splitlines()[0]) from error


def _value(node: yaml.Node, met: set[int]) -> Any:
    if id(node) in met:
        raise MisplacedError(node.start_mark.line + 1, "this is used again elsewhere by an alias (*name); write it out")
    met.add(id(node))
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    if isinstance(node, yaml.MappingNode) and kind == "map":
        return _mapping(node, met)
    if isinstance(node, yaml.SequenceNode) and kind == "seq":
        return [_value(item, met) for item in node.value]
    return _scalar(node, kind)


def _mapping(node: yaml.MappingNode, met: set[int]) -> Located:
    found = Located(node.start_mark.line + 1)
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise MisplacedError(line, "a key must be plain text")
        key = str(key_node.value)
        if key in found:
            raise MisplacedError(line, f"{key!r} stands here a second time")
        found[key] = _value(value_node, met)
        found.key_lines[key] = line
    return found


def _scalar(node: yaml.Node, kind: str) -> Any:
    text = str(node.value)
    match kind:
        case "str" | "timestamp" | "value":
            return text
        case "bool":
            return _BOOLEANS.get(text, text)
        case "null":
            return None
        case "int" | "float":
            return _number(text, node.start_mark.line + 1)
    raise MisplacedError(node.start_mark.line + 1, f"the tag {node.tag} is not used in a tree")


def _number(text: str, line: int) -> int | float | str:
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text.replace("_", ""), 10)
    except ValueError:
        return text
