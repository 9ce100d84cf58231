"""Which resource and method serve a request.

Static segments come before ``{param}``, and that before ``{proxy+}``; the exact method comes before ANY.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from wizard.sandbox.gateway.snapshot import Method, Resource


@dataclass(frozen=True)
class Route:
    """A match, with the path parameters it took from the request."""

    resource: Resource
    method: Method
    parameters: dict[str, str] = field(default_factory=dict)


def find(resources: Iterable[Resource], verb: str, path: str) -> Route | None:
    """The route of a request, or None: the service answers 403 Missing Authentication Token then."""
    parts = split(path)
    matches = [
        (rank, resource, parameters)
        for resource in resources
        if resource.methods
        for rank, parameters in [match(split(resource.path), parts)]
        if rank is not None
    ]
    if not matches:
        return None
    _, resource, parameters = min(matches, key=lambda match: match[0])
    method = resource.methods.get(verb) or resource.methods.get("ANY")
    return Route(resource, method, parameters) if method else None


def match(template: list[str], parts: list[str]) -> tuple[tuple[int, ...] | None, dict[str, str]]:
    """How well a template fits (lower is better, None is not at all) and the parameters it takes."""
    rank: list[int] = []
    parameters: dict[str, str] = {}
    for position, piece in enumerate(template):
        if piece.startswith("{") and piece.endswith("+}"):
            rest = parts[position:]
            if not rest:
                return None, {}
            parameters[piece[1:-2]] = unquote("/".join(rest))
            return (*rank, 2), parameters
        if position >= len(parts):
            return None, {}
        if piece.startswith("{") and piece.endswith("}"):
            parameters[piece[1:-1]] = unquote(parts[position])
            rank.append(1)
        elif piece == unquote(parts[position]):
            rank.append(0)
        else:
            return None, {}
    return (tuple(rank) if len(parts) == len(template) else None), parameters


def split(path: str) -> list[str]:
    """The segments of a path, still percent-encoded."""
    return [part for part in path.split("/") if part]
