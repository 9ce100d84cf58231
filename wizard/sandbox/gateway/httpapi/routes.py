"""Which route of an HTTP API serves a request.

The most specific path wins: literal segments, then ``{param}``, then ``{proxy+}``; among equals the exact method wins
over ANY. ``$default`` takes what is left.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

from collections.abc import Iterable

from wizard.sandbox.gateway.httpapi.snapshot import Route
from wizard.sandbox.gateway.routes import match, split


def find(routes: Iterable[Route], verb: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route and the path parameters it takes, or None: the client gets 404 then."""
    parts, fallback = split(path), None
    fitting = []
    for route in routes:
        if not route.path:
            fallback = route
        elif route.method in (verb, "ANY"):
            rank, parameters = match(split(route.path), parts)
            if rank is not None:
                fitting.append(((rank, route.method == "ANY"), route, parameters))
    if fitting:
        _, route, parameters = min(fitting, key=lambda each: each[0])
        return route, parameters
    return (fallback, {}) if fallback else None
