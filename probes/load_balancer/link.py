"""Whether the VPC link of a private integration carries requests."""

from __future__ import annotations

from typing import Any

from probes.path._private import private
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


class Link(Probe):
    """The state that the VPC link itself tells."""

    title = "State of the VPC link"
    hop = "vpc-link"
    api_types = frozenset({"rest", "http", "websocket"})
    needs = ("integration",)
    calls = frozenset({"apigateway:GetVpcLink", "apigatewayv2:GetVpcLink"})
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/api/API_GetVpcLink.html",
        "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks-vpclinkid.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when the link is not there or not available, WARN when it went to sleep for want of traffic."""
        way = private(aws, case)
        if way is None:
            return self.skipped("The integration uses no VPC link.")
        facts: dict[str, Any] = {
            "vpc_link_id": way.link,
            "version": way.version,
            "link_status": way.status,
            "link_message": way.message,
            "load_balancer_arn": way.balancer,
        }
        if way.link is None:
            return self.failed("The integration wants a VPC link and names none.", **facts, exists=False)
        if isinstance(way.error, NotFound):
            return self.failed(f"There is no VPC link {way.link}.", **facts, exists=False)
        if way.error:
            raise way.error
        said = f"VPC link {way.link} is {way.status}" + (f": {way.message}" if way.message else "")
        if way.status == "AVAILABLE":
            return self.passed(f"{said.rstrip('.')}.", **facts, exists=True)
        if way.status == "INACTIVE":
            slept = "it had no traffic for 60 days, and the first requests fail until it is up again"
            return self.warned(f"{said.rstrip('.')}; {slept}.", **facts, exists=True)
        return self.failed(f"{said.rstrip('.')}.", **facts, exists=True)
