"""What a request template reads of the request, against what a logged request had."""

from __future__ import annotations

import json
import re
from typing import Any

from probes._vtl import Reading
from probes.method._logged import BINARY, Logged

_PARAMETER = re.compile(r"input\.params\(\s*['\"]([\w.-]{1,128})['\"]\s*\)")
_PLACED = re.compile(r"input\.params\(\)\.(path|querystring|header)\.([\w-]{1,128})|input\.params\(\)\.(?:get\()")
_FIELD = re.compile(r"input\.(?:path|json)\(\s*['\"]\$((?:\.[A-Za-z_][\w-]*)+)['\"]\s*\)")
_ALIAS = re.compile(r"#set\s*\(\s*\$!?\{?(\w{1,64})\}?\s*=\s*\$input\.path\(\s*['\"]\$((?:\.\w+)*)['\"]\s*\)\s*\)")
_MOST = 10


def missing(template: str, reading: Reading, request: Logged) -> list[dict[str, Any]]:
    """What the template reads and this request had not, as {name, line}; what an #if asks for first is left out.

    Empty as well where the log does not show what the request had.
    """
    aliases = dict(_ALIAS.findall(template))
    found: dict[str, int] = {}
    for reference in reading.references:
        name = _lacking(reference.text, aliases, request)
        if name and not _guarded(template, reference.text):
            found.setdefault(name, reference.line)
    return [{"name": name, "line": line} for name, line in list(found.items())[:_MOST]]


def _lacking(text: str, aliases: dict[str, str], request: Logged) -> str | None:
    """The name of what a reference asks for in vain; None when it is there or cannot be told."""
    if parameter := _PARAMETER.match(text):
        if request.parameters is None or len(request.parameters) < len(("path", "querystring", "header")):
            return None
        had = {name.lower() for names in request.parameters.values() for name in names}
        return None if parameter[1].lower() in had else f"parameter {parameter[1]}"
    if (placed := _PLACED.match(text)) and placed[1]:
        names = (request.parameters or {}).get(placed[1])
        return f"{placed[1]} parameter {placed[2]}" if names is not None and placed[2] not in names else None
    path = _path(text, aliases)
    if not path or request.body is None or request.body == BINARY:
        return None
    try:
        document = json.loads(request.body or "null")
    except ValueError:
        return None
    return None if _has(document, path) else f"$.{'.'.join(path)}"


def _path(text: str, aliases: dict[str, str]) -> list[str]:
    if direct := _FIELD.match(text):
        return direct[1].strip(".").split(".")
    head, _, rest = text.partition(".")
    if head not in aliases or not re.fullmatch(r"\w+(?:\.\w+)*", rest):
        return []
    return [part for part in f"{aliases[head]}.{rest}".split(".") if part]


def _has(document: Any, path: list[str]) -> bool:
    for part in path:
        if isinstance(document, list):
            return True  # a path through a list picks from its items: not followed here
        if not isinstance(document, dict) or document.get(part) is None:
            return False
        document = document[part]
    return True


def _guarded(template: str, reference: str) -> bool:
    return any(reference in line for line in re.findall(r"#(?:else)?if\s*\(([^\n]{0,400})", template))
