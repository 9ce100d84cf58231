"""Which route of an HTTP or WebSocket API serves a request, as the service decides it."""

from __future__ import annotations

from collections.abc import Iterable

from probes.path._resources import rank

DEFAULT, CONNECT = "$default", "$connect"


def http_route(keys: Iterable[str], method: str, path: str) -> str | None:
    """The route key that serves a request: a full match, then a greedy one, then $default; GET goes before ANY.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """
    known = list(keys)
    ranked = []
    for key in known:
        verb, _, served = key.partition(" ")
        exact = rank(served, path) if served and verb in ("ANY", method.upper()) else None
        if exact is not None:
            ranked.append((served.endswith("+}"), exact, verb == "ANY", key))
    if ranked:
        return min(ranked)[-1]
    return DEFAULT if DEFAULT in known else None


def websocket_route(keys: Iterable[str], path: str) -> str | None:
    """The route of a message, `path` being what its route selection expression gives; without one that of $connect.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-develop-routes.html
    """
    known, wanted = list(keys), path.strip("/") or CONNECT
    fallback = DEFAULT if not wanted.startswith("$") or path.strip("/") == "" else None
    return next((key for key in (wanted, fallback) if key in known), None)


def path_of(key: str) -> str:
    """The path of a route key, /orders/{id} of "GET /orders/{id}"; a key without one is its own."""
    return key.partition(" ")[2] or key


def method_of(key: str) -> str | None:
    """The method of a route key, ANY for all of them; None for $default and the routes of WebSocket APIs."""
    method, _, path = key.partition(" ")
    return method if path else None
