"""Operations that moto lacks or answers otherwise than AWS, put into its handler classes."""

from __future__ import annotations

from wizard.sandbox.moto_gaps import (
    apigateway,
    apigatewayv2,
    authorizers,
    awslambda,
    cloudwatch,
    iam,
    insights,
    kms,
    logs,
    mappings,
    requestids,
    restapi,
    stages,
    times,
)


def install() -> None:
    """Put every gap's filling in place; doing it twice changes nothing."""
    apigateway.install()
    mappings.install()
    requestids.install()
    authorizers.install()
    restapi.install()
    stages.install()
    apigatewayv2.install()
    awslambda.install()
    cloudwatch.install()
    iam.install()
    kms.install()
    logs.install()
    insights.install()
    times.install()
