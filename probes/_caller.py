"""A client's request to an API as the API's resource policy and a VPC endpoint's policy see it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, ClassVar

from probes._condition import UNKNOWABLE
from probes._glob import glob
from probes._policy import listed
from wizard.model.arn import partition_of
from wizard.model.case import Case

# What a request may carry beyond the endpoint that it came through; who calls, and from where, is not known here.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
_OF_THE_CALLER = UNKNOWABLE | {
    "aws:sourceip",
    "aws:vpcsourceip",
    "aws:sourcevpc",
    "aws:useragent",
    "aws:referer",
    "aws:currenttime",
}
_OF_A_PRINCIPAL = frozenset({"aws:principalarn", "aws:principalorgid", "aws:principaltype", "aws:principalaccount"})


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request to one method. `endpoint` is the VPC endpoint it comes through, where that is known.

    `private` says that it comes through one at all, `signed` that its caller is an IAM principal, else it is anonymous.
    """

    arn: str
    private: bool = False
    endpoint: str | None = None
    signed: bool = False
    action: ClassVar[str] = "execute-api:Invoke"

    @property
    def unknown(self) -> Set[str]:
        """The condition keys whose value only the caller knows."""
        through = frozenset({"aws:sourcevpce"}) if self.private and not self.endpoint else frozenset()
        return _OF_THE_CALLER | through | (_OF_A_PRINCIPAL if self.signed else frozenset())

    def context(self) -> Mapping[str, str]:
        """API Gateway speaks HTTPS only."""
        through = {"aws:sourcevpce": self.endpoint} if self.endpoint else {}
        return {"aws:securetransport": "true", **through}

    def is_named(self, principal: Any) -> bool | None:
        """Everybody is meant by *; which principal signed a request is not known, an anonymous caller is none."""
        named = principal.get("AWS") if isinstance(principal, Mapping) else principal
        if "*" in listed(named):
            return True
        return None if self.signed and listed(named) else False

    def is_covered(self, resources: Any) -> bool:
        """Whether the method is meant; execute-api:/stage/GET/path is short for the ARN of this very API.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
        """
        head = self.arn.split("/", 1)[0] + "/"
        return any(glob(str(each).replace("execute-api:/", head, 1), self.arn) for each in listed(resources))


def api_call(case: Case) -> ApiCall:
    """The case's request. A private API that is bound to one VPC endpoint is taken to be called through that one."""
    trace, target = case.traced, case.target
    region = target.region or ""
    api = f"arn:{partition_of(region)}:execute-api:{region}:{target.account or '*'}:{trace.api_id or target.api_id}"
    endpoint = trace.vpc_endpoints[0] if len(trace.vpc_endpoints) == 1 else None
    return ApiCall(
        f"{api}/{trace.stage or target.stage}/{target.method}/{target.path.lstrip('/')}",
        trace.private,
        endpoint if trace.private else None,
        trace.authorization == "AWS_IAM",
    )
