"""Which resource serves a request path, as the service decides it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from urllib.parse import unquote


def resolve(resources: Iterable[str], path: str) -> str | None:
    """The resource path that serves a request path: a static part goes before {name}, {name} before {proxy+}.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
    """
    ranked = sorted((exact, resource) for resource in resources if (exact := rank(resource, path)) is not None)
    return ranked[0][1] if ranked else None


def rank(resource: str, path: str) -> tuple[int, ...] | None:
    """How exact a resource is for a request path, the smaller the better; None when it does not serve it."""
    return _rank(_parts(resource), _parts(path))


def nearest(resources: Iterable[str], path: str, count: int = 3) -> list[str]:
    """The resource paths that look most like a path, to say what there is instead."""
    return difflib.get_close_matches(path, list(resources), n=count, cutoff=0.5)


def _parts(path: str) -> list[str]:
    return [unquote(part) for part in path.strip("/").split("/")] if path.strip("/") else []


def _rank(resource: list[str], wanted: list[str]) -> tuple[int, ...] | None:
    """How exact the resource is, part by part (0 static, 1 parameter, 2 greedy); None when it does not fit."""
    rank: list[int] = []
    for index, part in enumerate(resource):
        if index >= len(wanted):
            return None
        if part.endswith("+}") and part.startswith("{"):
            return (*rank, 2)
        is_parameter = part.startswith("{") and part.endswith("}")
        if not is_parameter and part != wanted[index]:
            return None
        rank.append(1 if is_parameter else 0)
    return tuple(rank) if len(resource) == len(wanted) else None
