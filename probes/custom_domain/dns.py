"""Whether the custom domain's name leads to API Gateway, as this machine resolves it and as its zone says."""

from __future__ import annotations

import re
from typing import Any

from probes._together import attempt, together
from probes.custom_domain._domain import domain_of, entrances, name_of
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

_API = re.compile(r"\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$")
_CLOUDFRONT = re.compile(r"\.cloudfront\.(net|cn)$")


class WhereDnsLeads(Probe):
    """The name is really resolved here, and so is the one it should lead to; no HTTP request is sent.

    An alias record shows no name, only addresses, and those of API Gateway change: sharing one proves that the name
    leads there, sharing none proves nothing, so then the record itself is looked up in Route 53.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-regional-api-custom-domain-create.html
    """

    title = "DNS of the custom domain"
    hop = "custom-domain"
    needs = ("domain",)
    calls = frozenset(
        {"apigateway:GetDomainName", "dns:Lookup", "route53:ListHostedZonesByName", "route53:ListResourceRecordSets"}
    )
    docs = ("https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-api-gateway.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when the name is not known or leads elsewhere, UNKNOWN when addresses alone do not tell."""
        domain, name = domain_of(aws, case), name_of(case)
        wanted = entrances(domain)
        private = "PRIVATE" in ((domain.get("endpointConfiguration") or {}).get("types") or [])
        facts: dict[str, Any] = {"domain": name, "wanted": wanted, "wanted_target": wanted[0] if wanted else None}
        facts |= {"hosted_zone": domain.get("regionalHostedZoneId") or domain.get("distributionHostedZoneId")}
        if private or not wanted:
            return self.skipped(f"{name} is the name of private APIs: it resolves within the VPC only.")
        questions: dict[str, Any] = {each: _asking(aws, each) for each in wanted}
        answers = together({**questions, "": _asking(aws, name)})
        found = answers.pop("")
        if isinstance(found, NotFound):
            return self._recorded(aws, {**facts, "problem": "no-such-name"}, f"DNS knows no name {name}.")
        if isinstance(found, AwsError):
            raise found
        leads, addresses = str(found.get("CanonicalName") or ""), set(found.get("Addresses") or [])
        facts |= {"leads_to": leads, "addresses": sorted(addresses), "kind": _kind(leads)}
        known = {a for each in answers.values() if isinstance(each, dict) for a in each.get("Addresses") or []}
        if leads in wanted or addresses & known:
            return self.passed(f"{name} leads to {leads if leads in wanted else wanted[0]}.", **facts, problem=None)
        if facts["kind"] == "api":
            said = f"{name} leads to {leads}, which is another entrance of API Gateway than {wanted[0]}."
            return self.failed(said, **facts, problem="wrong-target")
        return self._recorded(aws, facts, f"{name} leads to {leads}, not to {wanted[0]}.")

    def _recorded(self, aws: Aws, facts: dict[str, Any], said: str) -> Evidence:
        """What the record in Route 53 says, where the zone is in this account."""
        record = attempt(lambda: _record(aws, facts["domain"]))
        told = None if isinstance(record, AwsError) else record
        facts["record"] = told
        if facts.get("problem") == "no-such-name":
            return self.failed(said, **facts)
        if told and told not in facts["wanted"] and _API.search(told):
            return self.failed(f"The record of {facts['domain']} names {told}.", **facts, problem="wrong-target")
        if told and told in facts["wanted"]:
            return self.passed(f"The record of {facts['domain']} names {told}.", **facts, problem=None)
        if facts["kind"] == "cloudfront" or (told and _CLOUDFRONT.search(told)):
            facts["kind"] = "cloudfront"
            return self.warned(
                f"{facts['domain']} leads to CloudFront, not straight to the API.", **facts, problem=None
            )
        if told or facts["leads_to"] != facts["domain"]:
            return self.warned(said, **facts, problem="other-server")
        said = (
            f"{facts['domain']} shares no address with {facts['wanted_target']}; those change, so that proves nothing."
        )
        return self.unknown(Reason.NO_DATA, said, "the DNS record of the domain", **facts, problem=None)


def _asking(aws: Aws, name: str) -> Any:
    return lambda: aws.call("dns", "Lookup", name=name)


def _kind(name: str) -> str:
    return "api" if _API.search(name) else "cloudfront" if _CLOUDFRONT.search(name) else "other"


def _record(aws: Aws, name: str) -> str | None:
    """What the record of a name in Route 53 leads to; None where this account has no zone or record for it.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html
    """
    labels = name.split(".")
    for start in range(len(labels) - 1):
        zone = ".".join(labels[start:]) + "."
        zones = aws.call("route53", "ListHostedZonesByName", DNSName=zone).get("HostedZones") or []
        public = [z for z in zones if z.get("Name") == zone and not (z.get("Config") or {}).get("PrivateZone")]
        if public:
            return _target(aws, str(public[0].get("Id")).removeprefix("/hostedzone/"), f"{name}.")
    return None


def _target(aws: Aws, zone: str, name: str) -> str | None:
    listed = aws.call("route53", "ListResourceRecordSets", HostedZoneId=zone, StartRecordName=name)
    for record in listed.get("ResourceRecordSets") or []:
        if record.get("Name") == name and record.get("Type") in ("A", "AAAA", "CNAME"):
            values = [each.get("Value") for each in record.get("ResourceRecords") or []]
            target = (record.get("AliasTarget") or {}).get("DNSName") or next(iter(values), None)
            return str(target).lower().rstrip(".").removeprefix("dualstack.") if target else None
    return None
