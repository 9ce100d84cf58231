"""The custom domain of the case."""

from __future__ import annotations

from typing import Any

from wizard.model.aws import Aws
from wizard.model.case import Case


def name_of(case: Case) -> str:
    """The domain that the request comes by, in lower case."""
    return str(case.traced.domain).lower()


def domain_of(aws: Aws, case: Case) -> dict[str, Any]:
    """The domain's settings; REST, HTTP and WebSocket APIs share their domains, and one call tells of all.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetDomainName.html
    """
    return aws.call("apigateway", "GetDomainName", domainName=name_of(case))


def entrances(domain: dict[str, Any]) -> list[str]:
    """The host names of API Gateway that the domain may lead to: Regional and edge-optimized."""
    names = (domain.get("regionalDomainName"), domain.get("distributionDomainName"))
    return [str(name).lower().rstrip(".") for name in names if name]
