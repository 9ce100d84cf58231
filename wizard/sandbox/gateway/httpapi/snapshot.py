"""The configuration of an HTTP API, frozen: what a deployment keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moto.apigatewayv2.models import Api
from moto.apigatewayv2.models import Integration as MotoIntegration

LONGEST_TIMEOUT_MS = 30_000


@dataclass(frozen=True)
class Integration:
    """One integration; ``timeout_ms`` in milliseconds, ``payload`` the payload format version."""

    id: str
    type: str
    uri: str
    http_method: str
    payload: str
    timeout_ms: int
    credentials: str
    connection_type: str
    request_parameters: Mapping[str, str]


@dataclass(frozen=True)
class Route:
    """One route: its key (``GET /orders/{id}``, ``ANY /{proxy+}``, ``$default``) and what it leads to."""

    id: str
    key: str
    integration: Integration | None

    @property
    def method(self) -> str:
        """The method of the key; empty for ``$default``."""
        return self.key.partition(" ")[0] if " " in self.key else ""

    @property
    def path(self) -> str:
        """The path of the key; empty for ``$default``."""
        return self.key.partition(" ")[2]


@dataclass(frozen=True)
class HttpApi:
    """A whole HTTP API at one moment."""

    id: str
    name: str
    routes: tuple[Route, ...]


def take(api: Api) -> HttpApi:
    """Copy the API's working configuration."""
    made = {key: _integration(each) for key, each in api.integrations.items()}
    return HttpApi(
        id=api.api_id,
        name=api.name,
        routes=tuple(
            Route(each.route_id, each.route_key, made.get((each.target or "").removeprefix("integrations/")))
            for each in api.routes.values()
        ),
    )


def _integration(each: MotoIntegration) -> Integration:
    return Integration(
        id=each.id,
        type=each.integration_type,
        uri=each.integration_uri or "",
        http_method=each.integration_method or "",
        payload=each.payload_format_version or "1.0",
        timeout_ms=int(each.timeout_in_millis or LONGEST_TIMEOUT_MS),
        credentials=each.credentials_arn or "",
        connection_type=each.connection_type or "INTERNET",
        request_parameters=dict(each.request_parameters or {}),
    )
