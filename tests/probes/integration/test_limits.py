"""Everybody who waits besides API Gateway and the function: the client, an authorizer, a load balancer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from probes.integration.durations import Durations
from tests.probes.conftest import ERRORS, FUNCTION, LAMBDA, FakeAws, Key, export, integration, resources, traced
from wizard.model.aws import AwsError, Denied
from wizard.model.probe import Evidence
from wizard.model.status import Status
from wizard.model.trace import Authorizer

LINK = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
NETWORK, APPLICATION = (
    f"{LINK}:loadbalancer/net/shop/50dc6c495c0c9188",
    f"{LINK}:loadbalancer/app/shop/50dc6c495c0c9188",
)
AUTHORIZER = FUNCTION.replace("shop-orders", "shop-auth")


def rows(found: Evidence) -> dict[str, dict[str, Any]]:
    listed = found.facts["timeouts"]
    assert isinstance(listed, list)
    return {str(row["who"]): row for row in listed if isinstance(row, dict)}


def guarded(
    world: dict[Key, Any], kind: str = "TOKEN", uri: str = LAMBDA.format(AUTHORIZER), timeout_s: int = 3
) -> None:
    """Puts an authorizer before GET /orders/{id}."""
    known = resources(GET=integration())
    known["items"][2]["resourceMethods"]["GET"] |= {"authorizationType": "CUSTOM", "authorizerId": "a1"}
    world["apigateway", "GetResources"] = known
    told = {"type": kind.lower(), "authorizerUri": uri}
    runs = json.loads(export(get=integration())["body"])
    runs["paths"]["/orders/{id}"]["get"]["security"] = [{"shop-auth": []}]
    runs["components"] = {"securitySchemes": {"shop-auth": {"x-amazon-apigateway-authorizer": told}}}
    world["apigateway", "GetExport"] = {"body": json.dumps(runs)}
    world["apigateway", "GetAuthorizer"] = {"id": "a1", "name": "shop-auth", "type": kind, "authorizerUri": uri}
    world["lambda", "GetFunctionConfiguration"] = lambda **params: {
        "Timeout": timeout_s if "shop-auth" in params["FunctionName"] else 10
    }


def measured(**values: float) -> Any:
    """GetMetricData: of the authorizer's function, of a load balancer, and of everything else (keywords)."""

    def answer(**params: Any) -> dict[str, Any]:
        first = params["MetricDataQueries"][0]["MetricStat"]["Metric"]
        of = {item["Name"]: item["Value"] for item in first["Dimensions"]}
        if of.get("FunctionName") == "shop-auth":
            known = {"p50_ms": 12.0, "p99_ms": 900.0, "max_ms": values.get("authorizer", 1000.0)}
        elif first["Namespace"] == "AWS/ApplicationELB":
            known = {"response_p50": 0.02, "response_p99": 1.5, "response_max": 2.5}
        else:
            known = {name: value for name, value in values.items() if name != "authorizer"}
        return {"MetricDataResults": [{"Id": name, "Values": [value]} for name, value in known.items()]}

    return answer


def private(world: dict[Key, Any], *, target: str | None = None, **more: Any) -> None:
    """Lets GET /orders/{id} go over a VPC link: to a Network Load Balancer, or to the `target` of a link v2."""
    wired = {
        "type": "HTTP_PROXY",
        "uri": "http://orders.internal:8080/orders",
        "httpMethod": "GET",
        "timeoutInMillis": 29_000,
        "connectionType": "VPC_LINK",
        "connectionId": "link1",
        **({"integrationTarget": target} if target else {}),
    }
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=wired), resources(GET=wired)
    world["apigateway", "GetVpcLink"] = {"id": "link1", "status": "AVAILABLE", "targetArns": [NETWORK]}
    world["apigatewayv2", "GetVpcLink"] = {"VpcLinkId": "link1", "VpcLinkStatus": "AVAILABLE"}
    world["elbv2", "DescribeListeners"] = {
        "Listeners": [{"ListenerArn": f"{LINK}:listener/net/shop/5/1", "Port": 8080, "Protocol": "TCP"}]
    }
    world.update(more)


def look(world: dict[Key, Any], client_ms: int | None = None, **values: float) -> Evidence:
    world["cloudwatch", "GetMetricData"] = measured(**values)
    aws = FakeAws(world)
    found = Durations().run(replace(traced(world), client_timeout_ms=client_ms), aws)
    assert aws.used <= Durations.calls
    return found


def test_the_client_has_a_row_only_when_its_timeout_is_given(world: dict[Key, Any]) -> None:
    values = {"latency_p50": 40.0, "latency_p99": 900.0, "latency_max": 1_200.0, "duration_max": 1_000.0}
    assert "client" not in rows(look(world, **values))
    found = look(world, 5_000, **values)
    assert found.status is Status.PASS
    assert rows(found)["client"] == {
        "who": "client",
        "name": "Client timeout",
        "ms": 5_000,
        "source": "--client-timeout",
        "of": "Latency",
        "p50_ms": 40,
        "p99_ms": 900,
        "max_ms": 1_200,
    }
    assert (found.facts["gives_up_first"], found.facts["threshold_ms"]) == ("client", 5_000)


def test_a_client_that_does_not_wait_for_the_answer(world: dict[Key, Any]) -> None:
    found = look(world, 800, latency_max=1_200.0, duration_max=1_000.0)
    assert (found.status, found.facts["impatient"]) == (Status.WARN, ["client"])
    assert "the client did not wait" in found.summary
    slow_elsewhere = look(world, 800, latency_max=9_000.0, integration_max=9_000.0, duration_max=60.0)
    assert slow_elsewhere.facts["impatient"] == []


def test_an_authorizer_waits_as_long_as_its_function_may_take(world: dict[Key, Any]) -> None:
    guarded(world)
    row = rows(look(world, duration_max=60.0))["authorizer"]
    assert (row["name"], row["ms"], row["source"]) == (
        "Authorizer (shop-auth)",
        3_000,
        "Timeout of the authorizer's function",
    )
    assert (row["p50_ms"], row["p99_ms"], row["max_ms"]) == (12, 900, 1_000)


def test_an_authorizer_has_no_more_than_the_gateway_allows(world: dict[Key, Any]) -> None:
    guarded(world, timeout_s=60)
    found = look(world, duration_max=60.0)
    assert (rows(found)["authorizer"]["ms"], rows(found)["authorizer"]["source"]) == (
        29_000,
        "29 s that API Gateway allows",
    )


def test_an_authorizer_never_gives_up_first(world: dict[Key, Any]) -> None:
    guarded(world, timeout_s=2)
    found = look(world, duration_max=60.0)
    assert rows(found)["authorizer"]["ms"] == 2_000
    assert (found.facts["gives_up_first"], found.facts["threshold_ms"]) == ("function", 10_000)


@pytest.mark.parametrize(("took", "impatient"), [(3_000.0, ["authorizer"]), (2_999.0, [])])
def test_an_authorizer_that_its_timeout_ended(world: dict[Key, Any], took: float, impatient: list[str]) -> None:
    guarded(world)
    assert look(world, duration_max=60.0, authorizer=took).facts["impatient"] == impatient


def test_the_authorizer_of_an_http_api_has_ten_seconds(world: dict[Key, Any]) -> None:
    guarded(world, timeout_s=60)
    case = traced(
        world, None, api_type="http", authorizer=Authorizer("a1", "REQUEST", "auth", LAMBDA.format(AUTHORIZER))
    )
    assert rows(Durations().run(case, FakeAws(world)))["authorizer"]["ms"] == 10_000
    unknown = replace(case, trace=replace(case.traced, authorizer=Authorizer("a1", "JWT")))
    assert "authorizer" not in rows(Durations().run(unknown, FakeAws(world)))


def test_other_authorizers_ask_no_function(world: dict[Key, Any]) -> None:
    guarded(world, kind="COGNITO_USER_POOLS")
    assert "authorizer" not in rows(look(world, duration_max=60.0))


def test_an_authorizer_whose_function_a_variable_should_name(world: dict[Key, Any]) -> None:
    guarded(world, uri=LAMBDA.format(FUNCTION.replace("shop-orders", "${stageVariables.nobody}")))
    assert rows(look(world, duration_max=60.0))["authorizer"]["ms"] == 29_000


@pytest.mark.parametrize(
    ("attributes", "limit"),
    [([{"Key": "tcp.idle_timeout.seconds", "Value": "400"}], 400_000), ([], 350_000)],
)
def test_a_network_load_balancer(world: dict[Key, Any], attributes: list[dict[str, str]], limit: int) -> None:
    private(world, **{})
    world["elbv2", "DescribeListenerAttributes"] = {"Attributes": attributes}
    found = look(world, integration_max=80.0)
    assert rows(found)["load-balancer"]["ms"] == limit
    assert (found.status, found.facts["gives_up_first"]) == (Status.PASS, "gateway")


def test_the_idle_timeout_of_a_tls_listener_cannot_be_changed(world: dict[Key, Any]) -> None:
    private(world)
    world["elbv2", "DescribeListeners"] = {"Listeners": [{"ListenerArn": "l", "Port": 8080, "Protocol": "TLS"}]}
    assert rows(look(world, integration_max=80.0))["load-balancer"]["ms"] == 350_000


def test_an_application_load_balancer_may_give_up_first(world: dict[Key, Any]) -> None:
    private(world, target=APPLICATION)
    attributes = [{"Key": "idle_timeout.timeout_seconds", "Value": "5"}]
    world["elbv2", "DescribeLoadBalancerAttributes"] = {"Attributes": attributes}
    found = look(world, integration_max=80.0)
    row = rows(found)["load-balancer"]
    assert (row["name"], row["ms"]) == ("Load balancer idle timeout (shop)", 5_000)
    assert (row["p50_ms"], row["p99_ms"], row["max_ms"]) == (20, 1_500, 2_500)
    assert found.facts["gives_up_first"] == "load-balancer"


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize(
    ("service", "operation", "what"),
    [
        ("apigateway", "GetAuthorizer", "the authorizer's timeout"),
        ("elbv2", "DescribeLoadBalancerAttributes", "the load balancer's idle timeout"),
        ("elbv2", "DescribeListeners", "the load balancer's idle timeout"),
        ("elbv2", "DescribeListenerAttributes", "the load balancer's idle timeout"),
        ("apigateway", "GetVpcLink", "the load balancer's idle timeout"),
    ],
)
def test_a_row_that_could_not_be_read_is_named(
    world: dict[Key, Any], service: str, operation: str, what: str, error: AwsError
) -> None:
    if operation == "GetAuthorizer":
        guarded(world)
        world["apigateway", "GetExport"] = error  # what the stage runs is not known, so the working copy is asked
    else:
        private(world, target=APPLICATION if operation == "DescribeLoadBalancerAttributes" else None)
    world[service, operation] = error
    found = look(world, integration_max=80.0)
    assert found.status is Status.PASS
    needs = error.action if isinstance(error, Denied) else None
    assert found.facts["partial"] == [{"what": what, "reason": error.reason.value, "needs": needs}]
    assert "gateway" in rows(found)
