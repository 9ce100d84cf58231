"""What stands between API Gateway and a private backend: the VPC link, the load balancer, its targets."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from probes._together import attempt
from wizard.model.arn import fill_stage_variables
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.path import Hop

# The ARNs of a listener and of its load balancer share their middle.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
_BALANCER = re.compile(
    r"(?P<begin>arn:[\w-]+:elasticloadbalancing:[\w-]+:\d+):(?P<what>loadbalancer|listener)/"
    r"(?P<tail>(?P<kind>app|net)/(?P<name>[\w-]+)/\w+)(?:/\w+)?"
)
_CLOUD_MAP = re.compile(r"arn:[\w-]+:servicediscovery:[\w-]+:\d+:service/(?P<name>[\w-]+)")
_KINDS = {"app": "application", "net": "network"}
_WORDS = {"application": "Application Load Balancer", "network": "Network Load Balancer"}


@dataclass(frozen=True, slots=True)
class Private:
    """The way of a private integration, as far as it is known.

    `link` is the VPC link's id, `version` 1 (by PrivateLink to a Network Load Balancer) or 2. `kind` is application or
    network, `dimension` what CloudWatch calls the load balancer. `listener` is an ARN where the integration names one,
    `port` the port that it calls. `status` is the link's own, None where it could not be read; `error` says why.
    """

    link: str | None
    version: int
    balancer: str | None = None
    kind: str | None = None
    name: str | None = None
    dimension: str | None = None
    listener: str | None = None
    port: int | None = None
    cloud_map: str | None = None
    status: str | None = None
    message: str | None = None
    error: AwsError | None = None


def private(aws: Aws, case: Case) -> Private | None:
    """The private integration of the traced path; None when its integration goes another way.

    The load balancer is what the integration names, with a link of version 1 what the link leads to.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html
    """
    trace = case.traced
    wired = trace.integration or trace.configured
    if wired is None or wired.connection_type != "VPC_LINK":
        return None
    link, missing = fill_stage_variables(wired.connection_id or "", trace.stage_variables)
    uri, _ = fill_stage_variables(wired.uri, trace.stage_variables)
    target = uri if case.traced.api_type == "http" else wired.integration_target or ""
    version = 2 if target or case.traced.api_type == "http" else 1
    found = _balanced(Private(link if link and not missing else None, version), target)
    if version == 1 or target != uri:
        found = replace(found, port=_port(uri))
    return _linked(aws, found) if found.link else found


def hops(found: Private) -> list[Hop]:
    """The stations behind the integration's call."""
    word = "VPC link" if found.version == 1 else "VPC link v2"
    stations = [Hop("vpc-link", "vpc-link", f"{word} {found.link or '?'}", found.link)]
    if found.cloud_map:
        return [*stations, Hop("backend-http", "target", "Cloud Map instances", found.cloud_map)]
    balancer = f"{_WORDS.get(found.kind or '', 'Load balancer')} {found.name or ''}".strip()
    return [
        *stations,
        Hop("load-balancer", "load-balancer", balancer, found.balancer),
        Hop("backend-http", "target", "Targets", None),
    ]


def _balanced(found: Private, arn: str) -> Private:
    """The load balancer, or the Cloud Map service, that an ARN names."""
    if service := _CLOUD_MAP.fullmatch(arn):
        return replace(found, cloud_map=arn, name=service["name"])
    named = _BALANCER.fullmatch(arn)
    if named is None:
        return found
    return replace(
        found,
        balancer=f"{named['begin']}:loadbalancer/{named['tail']}",
        kind=_KINDS[named["kind"]],
        name=named["name"],
        dimension=named["tail"],
        listener=arn if named["what"] == "listener" else None,
    )


def _linked(aws: Aws, found: Private) -> Private:
    """The link's own state and, for version 1, where it leads to.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetVpcLink.html
    """
    if found.version == 2:
        answer = attempt(lambda: aws.call("apigatewayv2", "GetVpcLink", VpcLinkId=found.link))
    else:
        answer = attempt(lambda: aws.call("apigateway", "GetVpcLink", vpcLinkId=found.link))
    if isinstance(answer, AwsError):
        return replace(found, error=answer)
    told: dict[str, Any] = answer
    status = told.get("VpcLinkStatus") or told.get("status")
    message = told.get("VpcLinkStatusMessage") or told.get("statusMessage")
    found = replace(found, status=str(status) if status else None, message=str(message) if message else None)
    targets = told.get("targetArns") or []
    return _balanced(found, str(targets[0])) if found.version == 1 and targets else found


def _port(uri: str) -> int | None:
    """The port of an address; None when it is not one, as where a variable is missing."""
    try:
        parts = urlsplit(uri)
        return parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
