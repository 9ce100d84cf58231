"""Whether the VPC endpoints of a private API can bring a request to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from probes._caller import api_call
from probes._policy import decide, statements
from probes._together import together
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

HTTPS = 443


class Endpoint(Probe):
    """State, private DNS, policy and security groups of each VPC endpoint for execute-api that the API names.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
    """

    title = "VPC endpoint of the private API"
    hop = "private-endpoint"
    api_types = frozenset({"rest"})
    needs = ("private",)
    calls = frozenset({"ec2:DescribeVpcEndpoints", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcAttribute"})
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-endpoint-policies.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when no endpoint can be used, WARN when some cannot or when only their own names lead there."""
        bound = case.traced.vpc_endpoints
        service = f"com.amazonaws.{case.target.region}.execute-api"
        # All of them: asked for by id, one that is gone would be an error that hides the others.
        listed = aws.pages("ec2", "DescribeVpcEndpoints").items("VpcEndpoints")
        found = [item for item in listed if item.get("ServiceName") == service and _is_bound(item, bound)]
        facts: dict[str, Any] = {"bound": list(bound), "partial": [], "endpoints": [], "vpc_endpoint": _first(bound)}
        if not found:
            facts["problem"] = "missing"
            which = f"none of {', '.join(bound)}" if bound else "no VPC endpoint for execute-api"
            return self.failed(f"This account has {which} in {case.target.region}.", **facts)
        answers = together({"groups": lambda: _groups(aws, found), "names": lambda: _resolving(aws, found)})
        groups = _noted(facts, "the endpoint's security groups", answers["groups"])
        resolving = _noted(facts, "whether the VPC resolves private names", answers["names"]) or {}
        facts["endpoints"] = [_told(case, item, groups, resolving) for item in found]
        facts["missing"] = sorted(set(bound) - {str(item.get("VpcEndpointId")) for item in found})
        return self._judged(case, facts)

    def _judged(self, case: Case, facts: dict[str, Any]) -> Evidence:
        told: list[dict[str, Any]] = facts["endpoints"]
        broken = [each for each in told if each["problem"]]
        first = broken[0] if broken else told[0]
        facts |= {name: first[name] for name in ("id", "state", "problem", "private_dns", "vpc")}
        facts["vpc_endpoint"] = first["id"]
        if len(broken) == len(told):
            return self.failed(f"{first['id']} {_WHY[first['problem']]}.", **facts)
        if broken or facts["missing"]:
            what = f"{first['id']} {_WHY[first['problem']]}" if broken else f"{facts['missing'][0]} is not there"
            return self.warned(f"{what}; other endpoints are fine.", **facts)
        facts["plain_name"] = _plain(case)
        if not any(each["private_dns"] for each in told):
            name = f"{case.traced.api_id}-{told[0]['id']}.execute-api.{case.target.region}.amazonaws.com"
            facts["endpoint_name"] = name
            said = f"Private DNS is off, at the endpoint or in its VPC: only {name} leads to the API"
            return self.warned(f"{said}, its plain name does not.", **facts)
        return self.passed(f"{told[0]['id']} is available and lets the request in.", **facts)


_WHY = {
    "state": "is not available",
    "policy": "has a policy that does not let the request through",
    "security-group": f"has no security group that lets anybody in on port {HTTPS}",
}


def _is_bound(item: Mapping[str, Any], bound: tuple[str, ...]) -> bool:
    """Whether the API names the endpoint; one that names none can be called through any."""
    return not bound or item.get("VpcEndpointId") in bound


def _first(bound: tuple[str, ...]) -> str | None:
    return bound[0] if bound else None


def _groups(aws: Aws, endpoints: list[dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
    ids = sorted({str(group.get("GroupId")) for item in endpoints for group in item.get("Groups") or []})
    if not ids:
        return {}
    found = aws.pages("ec2", "DescribeSecurityGroups", GroupIds=ids).items("SecurityGroups")
    return {str(group.get("GroupId")): group for group in found}


def _resolving(aws: Aws, endpoints: list[dict[str, Any]]) -> dict[str, bool]:
    """VPC -> whether it resolves the private names of endpoints: both of its DNS settings have to be on.

    https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html#endpoint-private-dns
    """
    vpcs = sorted({str(item.get("VpcId")) for item in endpoints if item.get("PrivateDnsEnabled")})
    return {vpc: all(_is_on(aws, vpc, name) for name in ("DnsSupport", "DnsHostnames")) for vpc in vpcs}


def _is_on(aws: Aws, vpc: str, name: str) -> bool:
    answer = aws.call("ec2", "DescribeVpcAttribute", VpcId=vpc, Attribute=f"enable{name}")
    return (answer.get(f"Enable{name}") or {}).get("Value") is not False


def _noted(facts: dict[str, Any], what: str, answer: Any) -> Any:
    """The answer; None in place of an error, which is noted down as a part that is missing."""
    if not isinstance(answer, AwsError):
        return answer
    facts["partial"].append({"what": what, "reason": answer.reason, "needs": getattr(answer, "action", None)})
    return None


def _told(
    case: Case,
    item: Mapping[str, Any],
    groups: Mapping[str, Mapping[str, Any]] | None,
    resolving: Mapping[str, bool],
) -> dict[str, Any]:
    own = [str(group.get("GroupId")) for group in item.get("Groups") or []]
    told: dict[str, Any] = {
        "id": str(item.get("VpcEndpointId")),
        "state": str(item.get("State")),
        "vpc": item.get("VpcId"),
        "private_dns": bool(item.get("PrivateDnsEnabled")) and resolving.get(str(item.get("VpcId"))) is not False,
        "subnets": list(item.get("SubnetIds") or []),
        "security_groups": own,
        "policy_allows": _allows(case, item),
    }
    shut = groups is not None and bool(own) and not any(_lets_in(groups.get(group)) for group in own)
    state = "state" if told["state"].lower() != "available" else None
    policy = "policy" if told["policy_allows"] is False else None
    return {**told, "problem": state or policy or ("security-group" if shut else None)}


def _allows(case: Case, item: Mapping[str, Any]) -> bool | None:
    """Whether the endpoint's policy lets the request through; None when that hangs on the caller.

    The policy may be limited by the API's ARN but cannot know its resource policy.
    """
    document = item.get("PolicyDocument")
    if not document:
        return True
    try:
        return decide(statements(document), api_call(case)).allowed
    except ValueError:
        return None


def _lets_in(group: Mapping[str, Any] | None) -> bool:
    """Whether a security group has an inbound rule for HTTPS, from whomever; one that is not known may have."""
    if group is None:
        return True
    return any(
        str(rule.get("IpProtocol")) == "-1"
        or (str(rule.get("IpProtocol")) in ("tcp", "6") and rule.get("FromPort", 0) <= HTTPS <= rule.get("ToPort", 0))
        for rule in group.get("IpPermissions") or []
    )


def _plain(case: Case) -> bool | None:
    """Whether the client called the API by its plain name; None when its address is not known."""
    url = case.target.url
    host = (urlsplit(url if "://" in url else f"https://{url}").hostname or "") if url else ""
    return host.startswith(f"{case.traced.api_id}.execute-api.") if host else None
