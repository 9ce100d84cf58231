"""What a request to an HTTP API is served with, and how the API refuses."""

from __future__ import annotations

import re
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from wizard.sandbox import clock
from wizard.sandbox.functions.catalog import PolicyStore
from wizard.sandbox.functions.runner import Runner
from wizard.sandbox.gateway.context import Backend
from wizard.sandbox.gateway.http import RefusalError, Request
from wizard.sandbox.gateway.httpapi.snapshot import HttpApi, Integration, Route

DEFAULT_STAGE = "$default"
_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_-]+)\}")


@dataclass(frozen=True)
class Place:
    """Where and when a request arrived; an HTTP API knows a request by one id only."""

    region: str
    account: str
    api: HttpApi
    stage: str
    variables: Mapping[str, str]
    request_id: str = field(default_factory=lambda: urlsafe_b64encode(uuid.uuid4().bytes[:11]).decode())
    at: float = field(default_factory=clock.now)

    @property
    def domain(self) -> str:
        """The API's own host name."""
        return f"{self.api.id}.execute-api.{self.region}.amazonaws.com"

    def whole_path(self, path: str) -> str:
        """A path below the stage as the client wrote it: only ``$default`` does not show."""
        return path if self.stage == DEFAULT_STAGE else f"/{self.stage}{path}"


@dataclass
class Call:
    """One request on its way; ``integration_ms`` is set once the backend has been asked."""

    place: Place
    route: Route
    parameters: Mapping[str, str]
    request: Request
    integration: Integration
    runner: Runner
    policies: PolicyStore
    integration_ms: float | None = None
    backend: Backend = field(default_factory=Backend)

    def resolved(self, text: str) -> str:
        """Put the stage's variables in; a variable that the stage lacks leaves nothing behind."""
        return _VARIABLE.sub(lambda match: self.place.variables.get(match[1], ""), text)

    @property
    def source_arn(self) -> str:
        """What the request presents to Lambda: the route's path as its key has it, or ``$default`` alone.

        Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html;
        that ``*/*/*`` does not fit ``$default``: https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2/issues/41
        """
        place, path = self.place, self.route.path
        tail = f"{self.request.verb}{path}" if path else self.route.key
        return f"arn:aws:execute-api:{place.region}:{place.account}:{place.api.id}/{place.stage}/{tail}"


def not_found() -> RefusalError:
    """404: no such stage or route, or nothing deployed yet."""
    return RefusalError(404, "Not Found", "", "")


def internal(response_type: str = "INTEGRATION_FAILURE") -> RefusalError:
    """500: whatever is wrong with the integration or its answer. HTTP APIs tell a client no more than this."""
    return RefusalError(500, "Internal Server Error", "", response_type)


def timed_out() -> RefusalError:
    """503: the integration took longer than its time-out.

    Clients report 503 (https://github.com/serverless/serverless/issues/11222,
    https://github.com/cortexlabs/cortex/issues/1226); AWS's article on time-outs says 504 for every type of API
    (https://repost.aws/knowledge-center/api-gateway-504-errors).
    """
    return RefusalError(503, "Service Unavailable", "", "INTEGRATION_TIMEOUT")
