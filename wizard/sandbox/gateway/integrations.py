"""Which kind of integration serves a request."""

from __future__ import annotations

from wizard.sandbox.gateway import awsservice, customlambda, httpbackend, lambdas, templates
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.http import Answer


def run(execution: Execution) -> Answer:
    """Run the method's integration. Raises RefusalError."""
    kind = execution.integration.type
    if kind == "MOCK":
        return templates.mock(execution)
    if kind in ("HTTP", "HTTP_PROXY"):
        return httpbackend.run(execution)
    if not lambdas.is_lambda(execution.integration.uri):
        return awsservice.run(execution)
    return lambdas.run(execution) if kind == "AWS_PROXY" else customlambda.run(execution)
