"""Whether Lambda can have a network interface for the function in its VPC."""

from __future__ import annotations

from typing import Any

from probes._role import CALLS, may, role_name
from probes._together import together
from probes.lambda_fn._function import SettingsProbe, traced_function
from probes.lambda_fn._vpc import Placed, interfaces, placed, security_groups, subnets
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence
from wizard.model.status import Reason

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
ACTIONS = ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")


class Network(SettingsProbe):
    """Holds the function's subnets and security groups against those that exist, looks for free addresses, and asks
    whether the role may make interfaces. Where packets can go from there is another question.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """

    title = "Network interface of the function"
    hop = "lambda-service"
    calls = (
        frozenset({"lambda:GetFunctionConfiguration", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"})
        | {"ec2:DescribeNetworkInterfaces"}
        | CALLS
    )
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",)

    def judged(self, case: Case, aws: Aws, name: str, settings: dict[str, Any]) -> Evidence:
        """FAIL with what is gone, used up or not allowed; SKIPPED for a function outside of a VPC."""
        function = traced_function(case)
        place, role = placed(settings), str(settings.get("Role") or "")
        if not place.subnets:
            return self.skipped(f"{name} runs outside of any VPC.", in_vpc=False)
        answers = together(
            {
                "subnets": lambda: subnets(aws, case, function, place.subnets),
                "security groups": lambda: security_groups(aws, case, function, place.groups),
                "interfaces": lambda: interfaces(aws, case, function, str(place.vpc)),
                "role": lambda: _not_allowed(aws, role),
            }
        )
        facts = {"vpc": place.vpc, "role_name": role_name(role), "role_arn": role, **_facts(place, answers)}
        return self._judged(name, facts, {key: a for key, a in answers.items() if isinstance(a, AwsError)})

    def _judged(self, name: str, facts: dict[str, Any], missing: dict[str, AwsError]) -> Evidence:
        gone = [*facts.get("missing_subnets", ()), *facts.get("missing_groups", ())]
        if gone:
            return self.failed(f"{', '.join(gone)} of {name} do not exist.", **facts, problem="gone")
        if facts.get("full_subnets") and facts["full_subnets"] == facts["subnets"]:
            return self.failed(f"No subnet of {name} has a free address left.", **facts, problem="no-addresses")
        if facts.get("not_allowed"):
            lacking = ", ".join(facts["not_allowed"])
            return self.failed(f"The role of {name} may not do {lacking}.", **facts, problem="not-allowed")
        # How many interfaces there are decides nothing by itself.
        if opened := {key: error for key, error in missing.items() if key != "interfaces"}:
            what, error = next(iter(opened.items()))
            told = self.from_error(error, f"The {what} of {name} could not be looked at")
            return self.unknown(error.reason, told.summary, told.needs, **facts)
        if facts.get("undecided"):
            return self.unknown(
                Reason.NO_DATA, f"Whether the role of {name} may make interfaces hangs on conditions.", **facts
            )
        if facts.get("full_subnets"):
            return self.warned(f"No address is left in {', '.join(facts['full_subnets'])} of {name}.", **facts)
        return self.passed(f"The subnets of {name} have {facts.get('free_addresses')} free addresses.", **facts)


def _not_allowed(aws: Aws, role: str) -> tuple[list[str], list[str]]:
    """The actions that the role may not do, and those of which that cannot be told."""
    try:
        asked = {action: may(aws, role, action, "*").allowed for action in ACTIONS}
    except NotFound:
        return list(ACTIONS), []
    return [a for a, may_do in asked.items() if may_do is False], [a for a, may_do in asked.items() if may_do is None]


def _facts(place: Placed, answers: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {"in_vpc": True, "subnets": list(place.subnets), "security_groups": list(place.groups)}
    if isinstance(found := answers["subnets"], list):
        free = {str(each.get("SubnetId")): int(each.get("AvailableIpAddressCount") or 0) for each in found}
        facts["missing_subnets"] = [subnet for subnet in place.subnets if subnet not in free]
        facts["full_subnets"] = [subnet for subnet in place.subnets if free.get(subnet) == 0]
        facts["free_addresses"] = sum(free.values())
    if isinstance(found := answers["security groups"], list):
        known = {each.get("GroupId") for each in found}
        facts["missing_groups"] = [group for group in place.groups if group not in known]
    if isinstance(found := answers["interfaces"], list):
        facts["interfaces"] = len(found)
    if isinstance(found := answers["role"], tuple):
        facts["not_allowed"], facts["undecided"] = found
    return facts
