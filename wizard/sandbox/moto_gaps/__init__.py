"""Operations that moto lacks or answers otherwise than AWS, put into its handler classes."""

from __future__ import annotations

import os

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
    """Put every gap's filling in place; doing it twice changes nothing.

    Machine images are left out: nobody asks for them, and to make them takes half the time of a scenario.
    https://docs.getmoto.org/en/latest/docs/configuration/environment_variables.html
    """
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
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
