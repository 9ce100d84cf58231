"""A rich world looked at with each action of `apigw-wizard permissions` denied in turn: the rest is found all the same.

What AWS answers is asked for once and shared by all runs of a world, so that a run costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.cases.playing import play
from tests.grid.arena import Arena, settings_for
from tests.grid.drawn import named
from wizard.aws.browse import CALLS
from wizard.aws.cache import CachedAws
from wizard.aws.permissions import action_for, policy
from wizard.engine.catalog import all_probes, probe_ids
from wizard.model.aws import Aws, Denied, HttpAnswer, Pages
from wizard.report.json import document
from wizard.ui.headless import check
from wizard.ui.settings import Settings

ACTIONS = [
    action
    for statement in policy(sorted(CALLS.union(*(probe.calls for probe in all_probes()))))["Statement"]
    for action in statement["Action"]
]
# Without it there is no API to look at.
DECISIVE = "apigateway:GET"
# What it shows makes many another check ask, and tells which answer counts.
LOG = "logs:FilterLogEvents"
# Asked for a custom domain, a distribution, a web ACL, a load balancer, S3, a search that costs, a call of the backend,
# the pick lists, or where a cheaper question got no answer or left something open.
ELSEWHERE = {
    "acm:DescribeCertificate",
    "apigateway:POST",
    "cloudfront:ListDistributions",
    "elasticloadbalancing:DescribeListenerAttributes",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetHealth",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "kms:GetKeyPolicy",
    "kms:ListGrants",
    "logs:DescribeLogGroups",
    "logs:GetQueryResults",
    "logs:StartQuery",
    "logs:StopQuery",
    "route53:ListHostedZonesByName",
    "route53:ListResourceRecordSets",
    "s3:GetBucketLocation",
    "wafv2:GetSampledRequests",
    "wafv2:GetWebACLForResource",
}
RICH = [
    (
        [
            "lambda-permission-missing",
            "lambda-vpc-no-egress",
            "lambda-kms-access-denied.disabled",
            "authorizer-throttled",
        ],
        ["file-system", "authorizer-role", "usage-plan", "resource-policy", "cache", "client-certificate"],
    ),
    (
        [
            "private-endpoint-unreachable",
            "authorizer-cognito-pool-invalid",
            "integration-credentials-role-missing-permission",
            "lambda-efs-mount-failure",
        ],
        ["throttle", "gateway-responses"],
    ),
    (["lambda-recursion-terminated", "authorizer-throttled"], []),
]


class Refusing:
    """AWS for somebody who lacks one permission."""

    def __init__(self, inner: Aws, action: str) -> None:
        self._inner, self._action = inner, action

    @property
    def region(self) -> Any:
        return getattr(self._inner, "region", None)

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        self._judge(service, operation)
        return self._inner.call(service, operation, region=region, **params)

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        self._judge(service, operation)
        return self._inner.pages(service, operation, region=region, limit=limit, **params)

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        return self._inner.request(method, url, timeout_s=timeout_s)

    def _judge(self, service: str, operation: str) -> None:
        action = action_for(service, operation)
        if action == self._action and action != "sts:GetCallerIdentity":
            raise Denied(action)


@dataclass(frozen=True)
class World:
    """A broken world, what AWS tells of it, and the report of somebody who may ask everything."""

    settings: Settings
    aws: CachedAws
    report: dict[str, Any]
    asked: frozenset[str]

    def without(self, action: str) -> tuple[dict[str, Any], int]:
        """The report and the exit code of somebody who may ask everything but this."""

        def door(profile: str | None, region: str | None, endpoint_url: str | None) -> CachedAws:
            return CachedAws(Refusing(self.aws, action))

        walked = check(replace(self.settings, connect=door), lambda *_: None)
        report: Any = document(walked.verdict)
        return report, walked.exit_code

    def shown_by(self, probes: set[str]) -> set[str]:
        """The causes that evidence of these probes shows."""
        theirs = {item["id"] for item in self.report["evidence"] if item["probe"] in probes}
        return {finding["cause"] for finding in self.report["findings"] if theirs & set(finding["evidence"])}


@pytest.fixture(scope="module")
def worlds() -> Iterator[list[World]]:
    with ExitStack() as running:
        yield [_world(running.enter_context(Arena()), *scenario) for scenario in RICH]


def _world(arena: Arena, faults: list[str], furnish: list[str]) -> World:
    settings = settings_for(arena.build(faults, furnish))
    settings = replace(settings, end=settings.window().end)
    aws: Any = settings.open_aws()
    walked = check(replace(settings, connect=lambda *_: aws), lambda *_: None)
    asked = frozenset(action_for(call.service, call.operation) for call in walked.verdict.calls)
    report: Any = document(walked.verdict)
    assert named(faults) <= _causes(report)
    return World(settings, aws, report, asked)


def _causes(report: dict[str, Any]) -> set[str]:
    return {finding["cause"] for finding in report["findings"]}


def _needs(report: dict[str, Any]) -> set[str]:
    return {item["needs"] for item in report["not_checked"] if item["reason"] == "denied"}


@pytest.mark.parametrize("action", ACTIONS)
def test_the_rest_is_found_and_the_action_is_named(worlds: list[World], action: str) -> None:
    """Looked at wherever it is asked for, in the first world when nobody asks for it."""
    for world in [world for world in worlds if action in world.asked] or worlds[:1]:
        report, code = world.without(action)
        assert [item for item in report["evidence"] if item["reason"] == "crashed"] == []
        assert _needs(report) == ({action} & world.asked)
        if action == DECISIVE:
            assert (report["outcome"], code, report["findings"]) == ("inconclusive", 5, [])
            continue
        assert (report["outcome"], code) == ("fault", 3)
        lost = _causes(world.report) - _causes(report)
        assert lost <= world.shown_by(_without_answer(report, action)), "lost, though what shows it was asked"
        assert not lost & set(report["ruled_out"])


def _without_answer(report: dict[str, Any], action: str) -> set[str]:
    """The probes that could not tell for want of this action, and those that nothing led to any more."""
    refused = {item["probe"] for item in report["not_checked"] if item["needs"] == action and not item["detail"]}
    if action == LOG:
        return set(probe_ids())
    led_to = {item["probe"] for item in report["evidence"] if item["status"] != "skipped"}
    return refused | (set(probe_ids()) - led_to)


def test_the_worlds_ask_for_most_of_what_concerns_a_rest_api(worlds: list[World]) -> None:
    asked = frozenset[str]().union(*(world.asked for world in worlds))
    assert sorted(set(ACTIONS) - asked - ELSEWHERE) == []


@pytest.mark.parametrize("denied", [False, True])
def test_metrics_without_throttles_rule_nothing_out_where_the_log_is_denied(denied: bool) -> None:
    """The metrics may not hold the newest requests yet: the gateway's log has to agree that the authorizer decided."""
    logs = {"execution": {"error": {"kind": "Denied", "message": "not allowed"}}} if denied else {}
    counted = [{"Id": "max_ms", "Values": [12.0]}, {"Id": "authorizer_throttles", "Values": [0.0]}]
    metrics = {"service": "cloudwatch", "operation": "GetMetricData", "answer": {"MetricDataResults": counted}}
    result = play({"shop": "authorizer", "symptom": {"status": 500}, "logs": logs, "answers": [metrics]})
    function = next(item for item in result.evidence if item.probe == "authorizer.function")
    assert (function.status, function.facts["throttles"]) == ("pass", 0)
    assert ({"authorizer-throttled", "authorizer-timeout"} <= set(result.ruled_out)) == (not denied)
    assert not denied or not {"authorizer-throttled", "authorizer-timeout"} & set(result.ruled_out)
