"""The VPC link, the load balancer behind it and its targets: guilty, innocent, and unreadable."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from probes.load_balancer.health import Health
from probes.load_balancer.link import Link
from probes.path._private import private
from probes.path.trace import TracePath
from tests.probes.conftest import ERRORS, FakeAws, Key, export, measured, new_case, resources, traced
from wizard.model.aws import AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status

BEGIN = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
NETWORK, APPLICATION = f"{BEGIN}:loadbalancer/net/shop/50dc", f"{BEGIN}:loadbalancer/app/shop/50dc"
LISTENER = f"{BEGIN}:listener/net/shop/50dc/0001"
WEB_LISTENER = f"{BEGIN}:listener/app/shop/50dc/0002"
ORDERS, OTHER = f"{BEGIN}:targetgroup/orders/aaaa", f"{BEGIN}:targetgroup/other/bbbb"
FORWARD = [{"Type": "forward", "TargetGroupArn": ORDERS}]


def target(state: str, reason: str | None = None, identity: str = "i-1") -> dict[str, Any]:
    health = {"State": state, **({"Reason": reason} if reason else {})}
    return {"Target": {"Id": identity, "Port": 8080, "AvailabilityZone": "us-east-1a"}, "TargetHealth": health}


def private_world(world: dict[Key, Any], **integration: Any) -> dict[Key, Any]:
    """GET /orders/{id} over a VPC link to a Network Load Balancer with one healthy target."""
    wired = {
        "type": "HTTP_PROXY",
        "uri": "http://orders.internal:8080/orders",
        "httpMethod": "GET",
        "timeoutInMillis": 29_000,
        "connectionType": "VPC_LINK",
        "connectionId": "link1",
        **integration,
    }
    return {
        **world,
        ("apigateway", "GetExport"): export(get=wired),
        ("apigateway", "GetResources"): resources(GET=wired),
        ("apigateway", "GetVpcLink"): {"id": "link1", "status": "AVAILABLE", "targetArns": [NETWORK]},
        ("apigatewayv2", "GetVpcLink"): {"VpcLinkId": "link1", "VpcLinkStatus": "AVAILABLE"},
        ("elbv2", "DescribeListeners"): {
            "Listeners": [
                {"ListenerArn": LISTENER, "Port": 8080, "Protocol": "TCP", "DefaultActions": FORWARD},
                {
                    "ListenerArn": LISTENER + "9",
                    "Port": 9090,
                    "Protocol": "TCP",
                    "DefaultActions": [{"Type": "forward", "TargetGroupArn": OTHER}],
                },
            ]
        },
        ("elbv2", "DescribeTargetHealth"): {"TargetHealthDescriptions": [target("healthy")]},
        ("cloudwatch", "GetMetricData"): measured(healthy_min_0=[1], unhealthy_max_0=[0]),
    }


def look(world: dict[Key, Any], probe: type[Health] | type[Link] = Health) -> Evidence:
    aws = FakeAws(world)
    found = probe().run(traced(world), aws)
    assert aws.used <= probe.calls
    return found


@pytest.fixture
def link(world: dict[Key, Any]) -> dict[Key, Any]:
    return private_world(world)


def test_a_healthy_network_load_balancer(link: dict[Key, Any]) -> None:
    found = look(link)
    assert (found.status, found.summary) == (Status.PASS, "1 of 1 targets of shop are healthy.")
    assert (found.facts["port"], found.facts["kind"], found.facts["lowest_healthy"]) == (8080, "network", 1)
    assert found.facts["partial"] == []


def test_the_metrics_are_asked_for_what_the_service_calls_them(link: dict[Key, Any]) -> None:
    aws = FakeAws(link)
    Health().run(traced(link), aws)
    asked = [
        (query["MetricStat"]["Metric"]["Namespace"], query["MetricStat"]["Metric"]["MetricName"], dimensions)
        for params in aws.params("cloudwatch:GetMetricData")
        for query in params["MetricDataQueries"]
        for dimensions in [{d["Name"]: d["Value"] for d in query["MetricStat"]["Metric"]["Dimensions"]}]
    ]
    balancer = {"LoadBalancer": "net/shop/50dc"}
    assert ("AWS/NetworkELB", "TCP_Target_Reset_Count", balancer) in asked
    assert ("AWS/NetworkELB", "HealthyHostCount", {**balancer, "TargetGroup": "targetgroup/orders/aaaa"}) in asked


@pytest.mark.parametrize(
    ("targets", "counted"),
    [
        ([], (0, 0)),
        ([target("unhealthy", "Target.FailedHealthChecks")], (0, 1)),
        ([target("draining", "Target.DeregistrationInProgress"), target("initial")], (0, 2)),
        ([target("unused", "Target.NotInUse")], (0, 1)),
    ],
)
def test_no_target_is_healthy(link: dict[Key, Any], targets: list[dict[str, Any]], counted: tuple[int, int]) -> None:
    found = look(link | {("elbv2", "DescribeTargetHealth"): {"TargetHealthDescriptions": targets}})
    assert (found.status, found.facts["no_healthy_target"]) == (Status.FAIL, True)
    assert (found.facts["healthy"], found.facts["unhealthy"]) == counted
    assert all(item["TargetHealth"].get("Reason", "") in found.summary for item in targets)


def test_targets_that_nobody_checks_are_no_fault(link: dict[Key, Any]) -> None:
    unchecked = [target("unavailable", "Target.HealthCheckDisabled")]
    found = look(link | {("elbv2", "DescribeTargetHealth"): {"TargetHealthDescriptions": unchecked}})
    assert found.facts["no_healthy_target"] is False
    assert found.status is Status.PASS


def test_some_targets_are_not_healthy(link: dict[Key, Any]) -> None:
    some = [target("healthy"), target("unhealthy", "Target.Timeout", "i-2")]
    found = look(link | {("elbv2", "DescribeTargetHealth"): {"TargetHealthDescriptions": some}})
    assert (found.status, found.facts["target_group_arn"]) == (Status.WARN, ORDERS)
    assert "1 of 2 targets of shop are healthy (Target.Timeout)." in found.summary


def test_targets_of_a_listener_on_another_port_do_not_count(link: dict[Key, Any]) -> None:
    def health(**params: Any) -> dict[str, Any]:
        state = "healthy" if params["TargetGroupArn"] == ORDERS else "unhealthy"
        return {"TargetHealthDescriptions": [target(state)]}

    assert look(link | {("elbv2", "DescribeTargetHealth"): health}).status is Status.PASS


def test_nobody_listens_on_the_port(world: dict[Key, Any]) -> None:
    found = look(private_world(world, uri="http://orders.internal:8443/orders"))
    assert (found.status, found.facts["listening"]) == (Status.FAIL, False)
    assert "no listener on port 8443 (it has: 8080, 9090)" in found.summary


@pytest.mark.parametrize("uri", ["http://orders.internal/", "https://orders.internal/"])
def test_an_address_without_a_port_has_that_of_its_scheme(world: dict[Key, Any], uri: str) -> None:
    assert look(private_world(world, uri=uri)).facts["port"] in (80, 443)


def test_a_load_balancer_that_is_not_there(link: dict[Key, Any]) -> None:
    found = look(link | {("elbv2", "DescribeListeners"): NotFound("no such load balancer")})
    assert (found.status, found.facts["exists"]) == (Status.FAIL, False)


def test_there_was_a_time_without_any_target(link: dict[Key, Any]) -> None:
    found = look(link | {("cloudwatch", "GetMetricData"): measured(healthy_min_0=[0], unhealthy_max_0=[1])})
    assert (found.status, found.facts["lowest_healthy"]) == (Status.WARN, 0)
    assert "there was a time without any" in found.summary


def web(world: dict[Key, Any], rules: list[dict[str, Any]], **values: list[float]) -> dict[Key, Any]:
    """The same over a link v2 to an Application Load Balancer with these rules."""
    listener = {"ListenerArn": WEB_LISTENER, "Port": 8080, "Protocol": "HTTP", "DefaultActions": FORWARD}
    return private_world(world, integrationTarget=WEB_LISTENER) | {
        ("elbv2", "DescribeListeners"): {"Listeners": [listener]},
        ("elbv2", "DescribeRules"): {"Rules": rules},
        ("cloudwatch", "GetMetricData"): measured(healthy_min_0=[1], **values),
    }


def test_an_application_load_balancer_over_a_link_v2(world: dict[Key, Any]) -> None:
    found = look(web(world, [], elb_5xx=[3], connection_errors=[2], response_max=[1.25]))
    assert (found.status, found.facts["kind"]) == (Status.WARN, "application")
    assert found.facts["trouble"] == ["connection_errors", "elb_5xx"]
    assert "3 5xx of the load balancer itself" in found.summary
    metrics = found.facts["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["response_max"] == 1250


def test_a_rule_may_lead_to_healthy_targets(world: dict[Key, Any]) -> None:
    def health(**params: Any) -> dict[str, Any]:
        state = "unhealthy" if params["TargetGroupArn"] == ORDERS else "healthy"
        return {"TargetHealthDescriptions": [target(state)]}

    weighted = {"TargetGroups": [{"TargetGroupArn": OTHER, "Weight": 1}]}
    rules = [{"Actions": [{"Type": "authenticate-oidc"}, {"Type": "forward", "ForwardConfig": weighted}]}]
    balanced = web(world, rules) | {("elbv2", "DescribeTargetHealth"): health}
    assert look(balanced).facts["no_healthy_target"] is False
    weighted["TargetGroups"][0]["Weight"] = 0
    assert look(balanced).facts["no_healthy_target"] is True


def test_a_listener_that_answers_itself_has_no_targets(world: dict[Key, Any]) -> None:
    fixed = {"ListenerArn": WEB_LISTENER, "Port": 8080, "DefaultActions": [{"Type": "fixed-response"}]}
    found = look(web(world, []) | {("elbv2", "DescribeListeners"): {"Listeners": [fixed]}})
    assert (found.status, found.facts["no_healthy_target"]) == (Status.PASS, False)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("operation", ["GetVpcLink", "DescribeListeners", "DescribeTargetHealth"])
def test_what_decides_cannot_be_read(link: dict[Key, Any], operation: str, error: AwsError) -> None:
    service = "apigateway" if operation == "GetVpcLink" else "elbv2"
    with pytest.raises(type(error)):
        look(link | {(service, operation): error})


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize(
    ("service", "operation", "missing"),
    [
        ("cloudwatch", "GetMetricData", ["the load balancer's metrics", "the metrics of the targets"]),
        ("elbv2", "DescribeRules", ["the listener's rules"]),
    ],
)
def test_what_only_adds_to_it_is_named_as_missing(
    world: dict[Key, Any], service: str, operation: str, missing: list[str], error: AwsError
) -> None:
    found = look(web(world, []) | {(service, operation): error})
    assert found.status is Status.PASS
    partial = found.facts["partial"]
    assert isinstance(partial, list)
    assert [(part["what"], part["reason"]) for part in partial if isinstance(part, dict)] == [
        (what, error.reason.value) for what in missing
    ]


def test_one_target_group_that_cannot_be_read_accuses_nobody(world: dict[Key, Any]) -> None:
    def health(**params: Any) -> dict[str, Any]:
        if params["TargetGroupArn"] == OTHER:
            raise NotFound("gone")
        return {"TargetHealthDescriptions": [target("unhealthy", "Target.Timeout")]}

    rules = [{"Actions": [{"Type": "forward", "TargetGroupArn": OTHER}]}]
    found = look(web(world, rules) | {("elbv2", "DescribeTargetHealth"): health})
    assert (found.status, found.facts["no_healthy_target"]) == (Status.WARN, False)


def test_an_integration_without_a_link_is_passed_over(world: dict[Key, Any]) -> None:
    assert (look(world).status, look(world, Link).status) == (Status.SKIPPED, Status.SKIPPED)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"status": "AVAILABLE"}, Status.PASS),
        ({"status": "FAILED", "statusMessage": "The NLB is gone."}, Status.FAIL),
        ({"status": "PENDING"}, Status.FAIL),
        ({"status": "DELETING"}, Status.FAIL),
    ],
)
def test_the_state_of_a_link(link: dict[Key, Any], answer: dict[str, Any], status: Status) -> None:
    found = look(link | {("apigateway", "GetVpcLink"): answer}, Link)
    assert (found.status, found.facts["link_status"]) == (status, answer["status"])
    assert str(answer.get("statusMessage", "")) in found.summary


def test_a_link_v2_that_sleeps_is_worth_a_warning(world: dict[Key, Any]) -> None:
    asleep = {("apigatewayv2", "GetVpcLink"): {"VpcLinkId": "link1", "VpcLinkStatus": "INACTIVE"}}
    assert look(private_world(world, integrationTarget=APPLICATION) | asleep, Link).status is Status.WARN


def test_a_link_that_is_not_there(link: dict[Key, Any]) -> None:
    found = look(link | {("apigateway", "GetVpcLink"): NotFound("no such link")}, Link)
    assert (found.status, found.facts["exists"]) == (Status.FAIL, False)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_a_link_that_cannot_be_read(link: dict[Key, Any], error: AwsError) -> None:
    with pytest.raises(type(error)):
        look(link | {("apigateway", "GetVpcLink"): error}, Link)


def test_a_link_that_a_stage_variable_should_name(world: dict[Key, Any]) -> None:
    found = look(private_world(world, connectionId="${stageVariables.nobody}"), Link)
    assert (found.status, found.facts["vpc_link_id"]) == (Status.FAIL, None)


def test_a_link_that_leads_nowhere_leaves_the_load_balancer_unknown(link: dict[Key, Any]) -> None:
    found = look(link | {("apigateway", "GetVpcLink"): {"id": "link1", "status": "PENDING"}})
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)


def test_the_path_shows_the_way_through_the_vpc(link: dict[Key, Any]) -> None:
    found = TracePath().run(new_case(), FakeAws(link))
    hops = found.facts["hops"]
    assert isinstance(hops, list)
    told = [(hop["id"], hop["label"], hop["resource"]) for hop in hops if isinstance(hop, dict)][-3:]
    assert told == [
        ("vpc-link", "VPC link link1", "link1"),
        ("load-balancer", "Network Load Balancer shop", NETWORK),
        ("backend-http", "Targets", None),
    ]


@pytest.mark.parametrize(
    ("uri", "listener", "cloud_map"),
    [
        (WEB_LISTENER, WEB_LISTENER, None),
        ("arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1", None, "srv-1"),
        ("arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/gwy/x/1/2", None, None),
        ("nonsense", None, None),
    ],
)
def test_an_http_api_names_where_its_link_leads(
    link: dict[Key, Any], uri: str, listener: str | None, cloud_map: str | None
) -> None:
    wired = private_case(link, uri)
    way = private(FakeAws(link), wired)
    assert way
    assert (way.version, way.listener, way.name if way.cloud_map else None) == (2, listener, cloud_map)
    assert way.status == "AVAILABLE"


def private_case(link: dict[Key, Any], uri: str) -> Case:
    """The case as that of an HTTP API whose integration has this address."""
    case = traced(link)
    assert case.trace
    assert case.trace.integration
    wired = replace(case.trace.integration, uri=uri)
    return replace(case, trace=replace(case.trace, api_type="http", integration=wired))
