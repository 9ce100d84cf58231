"""Where the host name of an HTTP backend leads to, as seen from the machine that runs this check."""

from __future__ import annotations

import ipaddress
from typing import Any

from probes.integration._address import judge
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


class Dns(Probe):
    """Resolves the name once, A and AAAA. A private zone, or a company's name server, may say other things here than
    public DNS says to API Gateway.
    """

    title = "Host name of the backend"
    hop = "integration-config"
    api_types = frozenset({"rest"})
    calls = frozenset({"dns:Lookup"})
    needs = ("integration",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with the fact `leads_to` (nowhere, private, ipv6), PASS when there is a public IPv4 address."""
        wired, trace = case.traced.integration, case.traced
        if wired is None or wired.type not in ("HTTP", "HTTP_PROXY"):
            return self.skipped("The integration calls no HTTP backend.")
        if wired.connection_type == "VPC_LINK":
            return self.skipped("Over a VPC link the name is not looked up.")
        address = judge(trace.invoked_uri or "", {})
        if trace.missing_variables or address.kind != "name" or "{" in address.host:
            return self.skipped("The address names no host to look up.")
        facts: dict[str, Any] = {"host": address.host}
        try:
            answer = aws.call("dns", "Lookup", name=address.host)
        except NotFound:
            return self.failed(f"Seen from here, {address.host} does not exist.", **facts, leads_to="nowhere")
        every = [str(each) for each in answer.get("Addresses") or []]
        ipv4, ipv6 = [each for each in every if ":" not in each], [each for each in every if ":" in each]
        facts |= {"addresses": ipv4, "ipv6": ipv6, "canonical_name": answer.get("CanonicalName")}
        if public := [each for each in ipv4 if not _private(each)]:
            return self.passed(f"Seen from here, {address.host} leads to {_some(public)}.", **facts, leads_to="public")
        if ipv4:
            said = f"Seen from here, {address.host} leads to private addresses only: {_some(ipv4)}."
            return self.failed(said, **facts, leads_to="private")
        if ipv6:
            said = f"Seen from here, {address.host} has no IPv4 address, only {_some(ipv6)}."
            return self.failed(said, **facts, leads_to="ipv6")
        return self.failed(f"Seen from here, {address.host} has no address.", **facts, leads_to="nowhere")


def _private(address: str) -> bool:
    """Whether an address is not one of the internet's; what is none counts as such."""
    try:
        return not ipaddress.ip_address(address).is_global
    except ValueError:
        return True


def _some(addresses: list[str]) -> str:
    more = len(addresses) - 3
    return ", ".join(addresses[:3]) + (f" and {more} more" if more > 0 else "")
