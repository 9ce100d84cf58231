"""Whether the load balancer behind a VPC link has somebody to hand requests to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from probes._together import attempt, together
from probes.load_balancer._balancer import hosts, listeners, measured, serving
from probes.path._private import Private, private
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

_GROUPS, _TARGETS = 10, 20
# Not a word of the metrics, but of what they mean: any of these in the window deserves a look.
_TROUBLE = {
    "elb_5xx": "5xx of the load balancer itself",
    "target_5xx": "5xx of the targets",
    "rejected_connections": "rejected connections",
    "connection_errors": "failed connections to targets",
    "target_resets": "resets by targets",
}


class Health(Probe):
    """Listener, target groups and targets of the traced integration, and the load balancer's own metrics."""

    title = "Load balancer and targets"
    hop = "load-balancer"
    api_types = frozenset({"rest", "http", "websocket"})
    needs = ("integration",)
    calls = frozenset(
        {
            "apigateway:GetVpcLink",
            "apigatewayv2:GetVpcLink",
            "elbv2:DescribeListeners",
            "elbv2:DescribeRules",
            "elbv2:DescribeTargetHealth",
            "cloudwatch:GetMetricData",
        }
    )
    docs = (
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when nobody listens or no target is healthy, WARN when some are not, or metrics count trouble."""
        way = private(aws, case)
        if way is None or way.cloud_map:
            return self.skipped("The integration uses no load balancer.")
        if way.balancer is None:
            if way.error:
                raise way.error
            return self.unknown(Reason.NO_DATA, "Neither integration nor VPC link name a load balancer.", "its ARN")
        answers = together({"listeners": lambda: listeners(aws, way), "metrics": lambda: measured(aws, case, way)})
        facts: dict[str, Any] = {
            "load_balancer_arn": way.balancer,
            "load_balancer": way.name,
            "kind": way.kind,
            "port": way.port,
            "exists": True,
            "partial": [],
        }
        facts["metrics"] = _noted(facts, "the load balancer's metrics", answers["metrics"]) or {}
        known = answers["listeners"]
        if isinstance(known, NotFound):
            facts["exists"] = False
            return self.failed(f"There is no such load balancer or listener: {way.listener or way.balancer}.", **facts)
        if isinstance(known, AwsError):
            raise known
        facts["listeners"] = [{"port": item.get("Port"), "protocol": item.get("Protocol")} for item in known]
        taking = serving(way, known)
        facts["listening"] = bool(taking)
        if not taking:
            ports = ", ".join(str(item.get("Port")) for item in known) or "none"
            return self.failed(f"{way.name} has no listener on port {way.port} (it has: {ports}).", **facts)
        return self._targets(case, aws, way, taking, facts)

    def _targets(
        self, case: Case, aws: Aws, way: Private, taking: list[dict[str, Any]], facts: dict[str, Any]
    ) -> Evidence:
        rules = attempt(lambda: _rules(aws, way, taking))
        groups = list(dict.fromkeys([*_groups(taking, "DefaultActions"), *_groups(_rest(rules), "Actions")]))[:_GROUPS]
        _noted(facts, "the listener's rules", rules)
        questions: dict[str, Any] = {arn: _asking(aws, arn) for arn in groups}
        answers = together({**questions, "hosts": lambda: hosts(aws, case, way, groups)})
        seen = _noted(facts, "the metrics of the targets", answers.pop("hosts")) or {}
        failed = [answer for answer in answers.values() if isinstance(answer, AwsError)]
        if failed and len(failed) == len(answers):
            raise failed[0]
        for arn, answer in answers.items():
            _noted(facts, f"the targets of {_name(arn)}", answer)
        told = [_group(arn, answers[arn], seen.get(arn, {})) for arn in groups if isinstance(answers[arn], dict)]
        facts |= {
            "target_groups": told,
            "healthy": sum(group["healthy"] for group in told),
            "unhealthy": sum(group["targets_count"] - group["healthy"] - group["unchecked"] for group in told),
            "unchecked": sum(group["unchecked"] for group in told),
            "target_group_arn": next((g["arn"] for g in told if g["healthy"] < g["targets_count"]), None),
            "lowest_healthy": min((g["healthy_min"] for g in told if g["healthy_min"] is not None), default=None),
            "trouble": sorted(name for name in _TROUBLE if facts["metrics"].get(name)),
        }
        facts["no_healthy_target"] = bool(told) and not failed and facts["healthy"] + facts["unchecked"] == 0
        return self._judged(way, facts)

    def _judged(self, way: Private, facts: dict[str, Any]) -> Evidence:
        if not facts["target_groups"]:
            return self.passed(f"{way.name} answers by itself: its listener hands requests to no target.", **facts)
        count = facts["healthy"] + facts["unhealthy"] + facts["unchecked"]
        said = f"{facts['healthy']} of {count} targets of {way.name} are healthy"
        if facts["no_healthy_target"]:
            return self.failed(f"{said}{_why(facts['target_groups'])}.", **facts)
        trouble = [f"{round(facts['metrics'][name])} {_TROUBLE[name]}" for name in facts["trouble"]]
        if facts["lowest_healthy"] == 0:
            trouble.insert(0, "there was a time without any")
        if facts["unhealthy"] or trouble:
            why = _why(facts["target_groups"]) if facts["unhealthy"] else ""
            return self.warned(f"{said}{why}" + "".join(f"; {item}" for item in trouble) + ".", **facts)
        return self.passed(f"{said}.", **facts)


def _asking(aws: Aws, arn: str) -> Any:
    return lambda: aws.call("elbv2", "DescribeTargetHealth", TargetGroupArn=arn)


def _rules(aws: Aws, way: Private, taking: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules of an Application Load Balancer's listeners; a Network Load Balancer has none.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html
    """
    if way.kind != "application":
        return []
    pages = [aws.pages("elbv2", "DescribeRules", ListenerArn=item.get("ListenerArn")) for item in taking]
    return [rule for page in pages for rule in page.items("Rules")]


def _groups(items: list[dict[str, Any]], name: str) -> Iterator[str]:
    """The target groups that actions forward to; those of weight 0 get nothing."""
    for item in items:
        for action in item.get(name) or []:
            if action.get("Type") != "forward":
                continue
            listed = (action.get("ForwardConfig") or {}).get("TargetGroups") or [action]
            for group in listed:
                if group.get("TargetGroupArn") and group.get("Weight", 1) != 0:
                    yield str(group["TargetGroupArn"])


def _group(arn: str, answer: Mapping[str, Any], seen: Mapping[str, float]) -> dict[str, Any]:
    """One target group: its targets, and how many were healthy now and at the worst time of the window."""
    targets = [_target(item) for item in answer.get("TargetHealthDescriptions") or []]
    states = [target["state"] for target in targets]
    healthy_min = seen.get("healthy_min")
    unhealthy_max = seen.get("unhealthy_max")
    return {
        "arn": arn,
        "name": _name(arn),
        "healthy": states.count("healthy"),
        # Where health checks are off, every target counts as able to serve.
        "unchecked": states.count("unavailable"),
        "targets_count": len(targets),
        "targets": targets[:_TARGETS],
        "healthy_min": None if healthy_min is None else round(healthy_min),
        "unhealthy_max": None if unhealthy_max is None else round(unhealthy_max),
    }


def _target(item: Mapping[str, Any]) -> dict[str, Any]:
    target, health = item.get("Target") or {}, item.get("TargetHealth") or {}
    return {
        "id": target.get("Id"),
        "port": target.get("Port"),
        "zone": target.get("AvailabilityZone"),
        "state": str(health.get("State")),
        "reason": health.get("Reason"),
        "description": health.get("Description"),
    }


def _why(groups: list[dict[str, Any]]) -> str:
    reasons = [str(target["reason"]) for group in groups for target in group["targets"] if target["reason"] is not None]
    return f" ({', '.join(dict.fromkeys(reasons))})" if reasons else ""


def _name(arn: str) -> str:
    return arn.rpartition(":targetgroup/")[2].partition("/")[0] or arn


def _rest(rules: Any) -> list[dict[str, Any]]:
    return [] if isinstance(rules, AwsError) else rules


def _noted(facts: dict[str, Any], what: str, answer: Any) -> Any:
    """The answer; None in place of an error, which is noted down as a part that is missing."""
    if not isinstance(answer, AwsError):
        return answer
    facts["partial"].append({"what": what, "reason": answer.reason, "needs": getattr(answer, "action", None)})
    return None
