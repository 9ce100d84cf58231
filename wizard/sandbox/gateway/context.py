"""What every integration gets to work with."""

from __future__ import annotations

from dataclasses import dataclass, field

from wizard.sandbox.credentials import Credentials
from wizard.sandbox.functions.catalog import PolicyStore
from wizard.sandbox.functions.runner import Runner
from wizard.sandbox.gateway.executionlog import ExecutionLog
from wizard.sandbox.gateway.http import Place, Request
from wizard.sandbox.gateway.routes import Route
from wizard.sandbox.gateway.snapshot import Integration


@dataclass
class Backend:
    """What came back from the integration, as access log and trace tell it.

    ``service_status`` is Lambda's (or the endpoint's) own status, ``status`` the one that the function's code returned,
    ``error`` the text of $context.integration.error; ``arn`` is the function that was called.
    """

    service_status: int | None = None
    status: int | None = None
    error: str = ""
    request_id: str = ""
    arn: str = ""
    asked_at: float = 0.0


@dataclass
class Execution:
    """One request on its way; ``integration_ms`` is set once the backend has been asked."""

    place: Place
    route: Route
    request: Request
    integration: Integration
    log: ExecutionLog
    runner: Runner
    policies: PolicyStore
    credentials: Credentials
    integration_ms: float | None = None
    backend: Backend = field(default_factory=Backend)

    def resolved(self, text: str) -> str:
        """Put the stage's variables in; a variable that the stage lacks leaves nothing behind."""
        return self.place.resolved(text)
