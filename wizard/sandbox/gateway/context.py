"""What every integration gets to work with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wizard.sandbox.functions.catalog import PolicyStore
from wizard.sandbox.functions.runner import Runner
from wizard.sandbox.gateway.executionlog import ExecutionLog
from wizard.sandbox.gateway.http import Place, Request
from wizard.sandbox.gateway.routes import Route
from wizard.sandbox.gateway.snapshot import Integration

_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")


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
    integration_ms: float | None = None

    def resolved(self, text: str) -> str:
        """Put the stage's variables in; a variable that the stage lacks leaves nothing behind."""
        return _VARIABLE.sub(lambda match: self.place.variables.get(match[1], ""), text)
