"""Typed doors to moto's in-process state; account and Region as the sandbox has them."""

from __future__ import annotations

from moto.apigateway.models import APIGatewayBackend, apigateway_backends
from moto.apigatewayv2.models import ApiGatewayV2Backend, apigatewayv2_backends
from moto.awslambda.models import LambdaBackend, lambda_backends
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.iam.models import IAMBackend, iam_backends
from moto.logs.models import LogsBackend, logs_backends

ACCOUNT = "123456789012"
REGION = "us-east-1"


def gateway(region: str) -> APIGatewayBackend:
    """API Gateway (REST) of a Region."""
    return apigateway_backends[ACCOUNT][region]


def gateway_v2(region: str) -> ApiGatewayV2Backend:
    """API Gateway v2 (HTTP and WebSocket APIs) of a Region."""
    return apigatewayv2_backends[ACCOUNT][region]


def region_of(api_id: str) -> str:
    """The Region that has an API; the usual one when none has."""
    rest, second = apigateway_backends[ACCOUNT], apigatewayv2_backends[ACCOUNT]
    homes = [region for region, backend in list(rest.items()) if api_id in backend.apis]
    homes += [region for region, backend in list(second.items()) if api_id in backend.apis]
    return homes[0] if homes else REGION


def functions(region: str) -> LambdaBackend:
    """Lambda of a Region."""
    return lambda_backends[ACCOUNT][region]


def logs(region: str) -> LogsBackend:
    """CloudWatch Logs of a Region."""
    return logs_backends[ACCOUNT][region]


def metrics(region: str) -> CloudWatchBackend:
    """CloudWatch of a Region."""
    return cloudwatch_backends[ACCOUNT][region]


def iam() -> IAMBackend:
    """IAM, which has no Region."""
    return iam_backends[ACCOUNT]["aws"]


def reset() -> None:
    """Forget every resource of every service."""
    BackendDict.reset()
    reset_model_data()
