"""The traced request path: what stands between this request and its answer, resolved to real resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from wizard.model.arn import FunctionRef
from wizard.model.json import Json, to_json


@dataclass(frozen=True, slots=True)
class Integration:
    """One integration of a method. `uri` as configured (stage variables unfilled); timeout in milliseconds.

    `integration_target` is the load balancer or listener that a REST API calls over a VPC link v2. `subtype` is the
    AWS service and action that an HTTP API calls by itself, like SQS-SendMessage; `payload_version` the form of the
    event that an HTTP API hands to Lambda, "1.0" or "2.0".
    """

    type: str
    uri: str = ""
    http_method: str | None = None
    timeout_ms: int = 29_000
    credentials: str | None = None
    passthrough: str | None = None
    connection_type: str | None = None
    connection_id: str | None = None
    content_handling: str | None = None
    integration_target: str | None = None
    subtype: str | None = None
    payload_version: str | None = None


@dataclass(frozen=True, slots=True)
class Authorizer:
    """What lets a request in before the method runs.

    `type` is TOKEN or REQUEST (a Lambda function), COGNITO_USER_POOLS, JWT, or empty where it is not known. `id` is
    None where only the stage's deployment knows it.
    """

    id: str | None
    type: str
    name: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """The path of one request, as the stage runs it.

    `integration` is what the stage's deployment holds, `configured` what the API would deploy now; each is None
    where it could not be read or the method is not there. `deployed_known` tells the two apart.
    `function_source` says how the function was found: "integration", or "execution-log" (the last function
    there is that a log line names, when the settings name none or one that is not there).

    What a request has to get past before the integration: `resource_policy` whether the API has one, `web_acl` the ARN
    of the stage's WAF web ACL, `authorization` (NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS), the `authorizer`,
    `api_key_required`. `vpc_endpoints` are those a private API is bound to. `domain` is the custom domain that is
    called, `distribution` the CloudFront distribution before it and `front` the host name by which that is called.

    HTTP and WebSocket APIs have a `route_key` ("GET /orders/{id}", "$default", "$connect"); its path, or the key itself
    where it has none, is `resource_path`. `auto_deploy` tells whether their stage deploys every change by itself.
    """

    api_type: str = "rest"
    api_name: str | None = None
    api_id: str | None = None
    endpoint_type: str | None = None
    stage: str | None = None
    resource_id: str | None = None
    resource_path: str | None = None
    method_key: str | None = None
    deployment_id: str | None = None
    stage_variables: dict[str, str] = field(default_factory=dict)
    missing_variables: tuple[str, ...] = ()
    integration: Integration | None = None
    configured: Integration | None = None
    deployed_known: bool = False
    invoked_uri: str | None = None
    function: FunctionRef | None = None
    function_source: str = "integration"
    domain: str | None = None
    distribution: str | None = None
    front: str | None = None
    route_id: str | None = None
    route_key: str | None = None
    integration_id: str | None = None
    auto_deploy: bool | None = None
    resource_policy: bool = False
    vpc_endpoints: tuple[str, ...] = ()
    web_acl: str | None = None
    client_certificate: str | None = None
    canary: bool = False
    cached: bool = False
    authorization: str = "NONE"
    authorizer: Authorizer | None = None
    api_key_required: bool = False

    @property
    def private(self) -> bool:
        """Whether the API is reached through VPC endpoints only."""
        return self.endpoint_type == "PRIVATE"

    @property
    def credentials(self) -> str | None:
        """The role that the integration calls its backend with."""
        return self.integration.credentials if self.integration else None

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Trace:
        """The trace that `facts()` gave; names it does not know are passed over."""
        known: dict[str, Any] = {f.name: facts[f.name] for f in fields(cls) if f.name in facts}
        for name in ("integration", "configured"):
            if known.get(name):
                known[name] = Integration(
                    **{f.name: known[name][f.name] for f in fields(Integration) if f.name in known[name]}
                )
        if known.get("authorizer"):
            known["authorizer"] = Authorizer(**{f.name: known["authorizer"].get(f.name) for f in fields(Authorizer)})
        if known.get("function"):
            known["function"] = FunctionRef(**{f.name: known["function"][f.name] for f in fields(FunctionRef)})
        for name in ("missing_variables", "vpc_endpoints"):
            known[name] = tuple(known.get(name) or ())
        return cls(**known)

    def facts(self) -> dict[str, Json]:
        """The trace as plain JSON, with `function.arn` and `function.qualified_arn` filled in."""
        facts = to_json(self)
        assert isinstance(facts, dict)
        if self.function:
            function = facts["function"]
            assert isinstance(function, dict)
            function |= {"arn": self.function.arn, "qualified_arn": self.function.qualified_arn}
        return facts
