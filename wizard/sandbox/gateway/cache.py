"""The stage's cache: answers of GET methods, kept by the method's cache keys for as long as its settings say.

Whatever the integration answered is kept, an error as well. A parameter that is no cache key does not tell two
requests apart. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from wizard.sandbox import backends, clock
from wizard.sandbox.gateway.http import Answer, Place, Request
from wizard.sandbox.gateway.routes import Route
from wizard.sandbox.telemetry import method_settings


class Cache:
    """Answers kept of all stages. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, ...], tuple[float, float, Answer]] = {}

    def clear(self) -> None:
        """Forget every answer."""
        with self._lock:
            self._kept.clear()

    def flush(self, api_id: str, stage: str) -> None:
        """Forget the answers of a stage."""
        with self._lock:
            for key in [key for key in self._kept if key[:2] == (api_id, stage)]:
                del self._kept[key]

    def get(self, place: Place, route: Route, request: Request) -> Answer | None:
        """The kept answer, if there is one that has not run out."""
        now = clock.now()
        with self._lock:
            begin, end, answer = self._kept.get(_key(place, route, request), (0.0, 0.0, None))
        return answer if begin <= now < end else None

    def put(self, place: Place, route: Route, request: Request, answer: Answer) -> None:
        """Keep an answer."""
        ttl = float(settings(place, route).get("cacheTtlInSeconds", 300))
        now = clock.now()
        if ttl > 0:
            with self._lock:
                self._kept[_key(place, route, request)] = (now, now + ttl, answer)


def settings(place: Place, route: Route) -> Mapping[str, Any]:
    """The method settings of the stage for this route."""
    return method_settings(place, route.resource.path, route.method.http_method)


def is_on(place: Place, route: Route, request: Request) -> bool:
    """True when answers to this request are kept: the stage has a working cache cluster and the method is cached."""
    stage = backends.gateway(place.region).get_stage(place.api.id, place.stage)
    cluster = bool(stage.cache_cluster_enabled) and stage.cache_cluster_status == "AVAILABLE"
    return cluster and request.verb == "GET" and bool(settings(place, route).get("cachingEnabled"))


def _key(place: Place, route: Route, request: Request) -> tuple[str, ...]:
    integration = route.method.integration
    names = integration.cache_keys if integration else ()
    values = (_value(name, route, request) for name in sorted(names))
    return (place.api.id, place.stage, str(place.canary), route.resource.id, route.method.http_method, *values)


def _value(name: str, route: Route, request: Request) -> str:
    kind, _, key = name.removeprefix("method.request.").partition(".")
    if kind == "path":
        return route.parameters.get(key, "")
    return dict(request.query).get(key, "") if kind == "querystring" else request.header(key)
