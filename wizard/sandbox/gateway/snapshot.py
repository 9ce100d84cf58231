"""An API's configuration, frozen: what a deployment keeps, and what test-invoke reads of the working copy."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.apigateway.models import Authorizer as MotoAuthorizer
from moto.apigateway.models import Integration as MotoIntegration
from moto.apigateway.models import Method as MotoMethod
from moto.apigateway.models import RestAPI

DEFAULT_TIMEOUT_MS = 29_000


@dataclass(frozen=True)
class IntegrationResponse:
    """One row of the integration response table; ``pattern`` None is the default row."""

    status: str
    pattern: str | None
    templates: Mapping[str, str]
    parameters: Mapping[str, str]
    content_handling: str | None = None


@dataclass(frozen=True)
class Integration:
    """One integration; ``timeout_ms`` in milliseconds."""

    type: str
    uri: str
    http_method: str
    timeout_ms: int
    credentials: str | None
    passthrough: str
    connection_type: str
    request_templates: Mapping[str, str]
    request_parameters: Mapping[str, str]
    responses: tuple[IntegrationResponse, ...]
    cache_namespace: str
    content_handling: str | None
    cache_keys: tuple[str, ...] = ()
    transfer_mode: str = "BUFFERED"


@dataclass(frozen=True)
class Method:
    """One method of a resource; ``response_parameters`` are the headers declared for each status."""

    http_method: str
    authorization: str
    api_key_required: bool
    integration: Integration | None
    response_codes: tuple[str, ...]
    request_parameters: Mapping[str, bool]
    authorizer_id: str = ""
    scopes: tuple[str, ...] = ()
    response_parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    validates_parameters: bool = False


@dataclass(frozen=True)
class Authorizer:
    """One authorizer; ``ttl_s`` is how long a result is kept, 0 for not at all, ``sources`` its identity sources."""

    id: str
    name: str
    type: str
    uri: str
    credentials: str
    sources: tuple[str, ...]
    pattern: str
    ttl_s: int
    pools: tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """One resource and its methods by HTTP method."""

    id: str
    path: str
    methods: Mapping[str, Method]


@dataclass(frozen=True)
class Api:
    """A whole API at one moment."""

    id: str
    name: str
    description: str
    resources: tuple[Resource, ...]
    binary_media_types: tuple[str, ...]
    gateway_responses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    authorizers: Mapping[str, Authorizer] = field(default_factory=dict)
    policy: str = ""
    key_source: str = "HEADER"
    endpoint_type: str = "EDGE"
    endpoint_disabled: bool = False

    def resource(self, resource_id: str) -> Resource | None:
        """The resource with this id, if any."""
        return next((r for r in self.resources if r.id == resource_id), None)


def take(api: RestAPI) -> Api:
    """Copy the API's working configuration."""
    return Api(
        id=api.id,
        name=api.name,
        description=api.description or "",
        resources=tuple(
            Resource(r.id, r.get_path(), {verb: _method(m, api) for verb, m in r.resource_methods.items()})
            for r in api.resources.values()
        ),
        binary_media_types=tuple(api.binaryMediaTypes),
        gateway_responses=copy.deepcopy({name: r.to_json() for name, r in api.gateway_responses.items()}),
        authorizers={each.id: _authorizer(each) for each in api.get_authorizers() if each.id},
        policy=api.policy or "",
        key_source=api.api_key_source,
        endpoint_type=str((api.endpoint_configuration.get("types") or ["EDGE"])[0]),
        endpoint_disabled=bool(api.disableExecuteApiEndpoint),
    )


def _method(method: MotoMethod, api: RestAPI) -> Method:
    return Method(
        http_method=method.http_method,
        authorization=method.authorization_type or "NONE",
        api_key_required=bool(method.api_key_required),
        integration=_integration(method.method_integration) if method.method_integration else None,
        response_codes=tuple(method.method_responses),
        request_parameters=dict(method.request_parameters or {}),
        authorizer_id=method.authorizer_id or "",
        scopes=tuple(method.authorization_scopes or ()),
        response_parameters={
            code: tuple(response.response_parameters or ()) for code, response in method.method_responses.items()
        },
        validates_parameters=_validates(api, method.request_validator_id),
    )


def _validates(api: RestAPI, validator_id: str | None) -> bool:
    validator = api.request_validators.get(validator_id or "")
    return bool(validator and validator.validate_request_parameters)


def _authorizer(authorizer: MotoAuthorizer) -> Authorizer:
    ttl = authorizer.authorizer_result_ttl
    return Authorizer(
        id=authorizer.id or "",
        name=authorizer.name or "",
        type=authorizer.type or "",
        uri=authorizer.authorizer_uri or "",
        credentials=authorizer.authorizer_credentials or "",
        sources=tuple(each.strip() for each in (authorizer.identity_source or "").split(",") if each.strip()),
        pattern=authorizer.identity_validation_expression or "",
        ttl_s=300 if ttl is None else int(ttl),
        pools=tuple(authorizer.provider_arns or ()),
    )


def _integration(integration: MotoIntegration) -> Integration:
    rows = (integration.integration_responses or {}).values()
    return Integration(
        type=integration.integration_type,
        uri=integration.uri or "",
        http_method=integration.http_method or "",
        timeout_ms=int(integration.timeout_in_millis or DEFAULT_TIMEOUT_MS),
        credentials=integration.credentials,
        passthrough=integration.passthrough_behaviour or "WHEN_NO_MATCH",
        connection_type=integration.connection_type or "INTERNET",
        request_templates=dict(integration.request_templates or {}),
        request_parameters=dict(integration.request_parameters or {}),
        responses=tuple(
            IntegrationResponse(
                str(row.status_code),
                row.selection_pattern or None,
                {kind: text or "" for kind, text in (row.response_templates or {}).items()},
                dict(row.response_parameters or {}),
                row.content_handling,
            )
            for row in rows
        ),
        cache_namespace=integration.cache_namespace or "",
        content_handling=integration.content_handling,
        cache_keys=tuple(integration.cache_key_parameters),
        transfer_mode=integration.__dict__.get("transfer_mode") or "BUFFERED",
    )
