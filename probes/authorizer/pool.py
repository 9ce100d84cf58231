"""Whether the user pools of a Cognito authorizer are there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from probes._together import together
from probes.authorizer._authorizer import CALLS, COGNITO, running
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

_ARN = re.compile(r"arn:aws[\w-]*:cognito-idp:(?P<region>[\w-]+):(?P<account>\d+):userpool/(?P<id>[\w-]+)")


@dataclass(frozen=True, slots=True)
class Pool:
    """A user pool as an ARN names it; `own` tells whether it belongs to the account that is looked at."""

    arn: str
    region: str
    id: str
    own: bool


class UserPool(Probe):
    """DescribeUserPool of every pool that the authorizer names. Pools of other accounts are allowed, but not seen.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-cross-account-cognito-authorizer.html
    """

    title = "User pool of the authorizer"
    hop = "authorizer"
    api_types = frozenset({"rest"})
    calls = CALLS | {"cognito-idp:DescribeUserPool"}
    needs = ("authorizer",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when none of the pools is there, WARN when one of several is gone."""
        guard = running(aws, case)
        facts: dict[str, Any] = {**guard.facts(), "user_pools": guard.pools}
        if guard.type != COGNITO:
            return self.skipped(f"Authorizer {guard.name} asks a function, no user pool.", **facts)
        pools = [_pool(arn, case) for arn in guard.pools]
        answers = together(
            {pool.arn: _question(aws, case, pool) for pool in pools if isinstance(pool, Pool) and pool.own}
        )
        gone = [arn for arn, pool in zip(guard.pools, pools, strict=True) if pool is None]
        gone += [arn for arn, answer in answers.items() if isinstance(answer, NotFound)]
        there = [arn for arn, answer in answers.items() if isinstance(answer, dict)]
        facts |= {"gone": gone, "there": there}
        if gone and len(gone) == len(guard.pools):
            return self.failed(f"The user pool is not there: {', '.join(gone)}.", **facts, user_pool=gone[0])
        if not guard.pools:
            return self.failed(f"Authorizer {guard.name} names no user pool.", **facts)
        if gone:
            return self.warned(f"One of its user pools is not there: {', '.join(gone)}.", **facts, user_pool=gone[0])
        for answer in answers.values():
            if isinstance(answer, AwsError):
                told = self.from_error(answer, "Whether the user pool exists is not known")
                return self.unknown(answer.reason, told.summary, told.needs, **facts)
        if not there:
            return self.unknown(
                Reason.NO_DATA,
                f"The user pool belongs to another account: {', '.join(guard.pools)}.",
                "credentials of the account of the user pool",
                **facts,
            )
        return self.passed(f"The user pool is there: {', '.join(there)}.", **facts)


def _pool(arn: str, case: Case) -> Pool | None:
    found = _ARN.fullmatch(arn)
    if found is None:
        return None
    return Pool(arn, found["region"], found["id"], case.target.account in (None, found["account"]))


def _question(aws: Aws, case: Case, pool: Pool) -> Any:
    region = pool.region if pool.region != case.target.region else None
    return lambda: aws.call("cognito-idp", "DescribeUserPool", region=region, UserPoolId=pool.id)
