"""CloudFront in front of the API: found by its host name, and its way to the API."""

from __future__ import annotations

from typing import Any

import pytest

from probes.cloudfront.origin import Origin
from probes.path.trace import TracePath
from tests.probes.conftest import ERRORS, FakeAws, Key, healthy, new_case, traced
from wizard.model.aws import AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence

HOST, API_HOST = "shop.example.com", "abc123.execute-api.us-east-1.amazonaws.com"
ALL_VIEWER, EXCEPT_HOST = "216adef6-5c7f-47e4-b989-5492eafa07d3", "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def distribution(
    *, custom: dict[str, Any] | None = None, behavior: dict[str, Any] | None = None, **change: Any
) -> dict[str, Any]:
    """A distribution with a site, and the API behind /orders/*."""
    own = {"OriginProtocolPolicy": "https-only", "OriginSslProtocols": {"Items": ["TLSv1.2"]}, "OriginReadTimeout": 30}
    api = {"Id": "api", "DomainName": API_HOST, "OriginPath": "/prod", "CustomOriginConfig": {**own, **(custom or {})}}
    return {
        "Id": "E1",
        "DomainName": "d111.cloudfront.net",
        "Enabled": True,
        "Aliases": {"Items": [HOST]},
        "Origins": {"Items": [{"Id": "site", "DomainName": "site.s3.amazonaws.com"}, api]},
        "DefaultCacheBehavior": {"TargetOriginId": "site"},
        "CacheBehaviors": {"Items": [{"PathPattern": "orders/*", "TargetOriginId": "api", **(behavior or {})}]},
        **change,
    }


def world(*items: dict[str, Any]) -> dict[Key, Any]:
    return {
        **healthy(),
        ("apigateway", "GetBasePathMappings"): NotFound("no"),
        ("apigatewayv2", "GetApiMappings"): NotFound("no"),
        ("cloudfront", "ListDistributions"): {"DistributionList": {"Items": list(items)}},
        ("cloudwatch", "GetMetricData"): {"MetricDataResults": [{"Id": "rate", "Values": [0.5, 4.0]}]},
    }


def by_name(answers: dict[Key, Any], host: str = HOST, path: str = "/orders/42") -> Case:
    return traced(answers, new_case(api_id=None, stage=None, host=host, path=path, url=f"https://{host}{path}"))


def run(item: dict[str, Any], changed: dict[Key, Any] | None = None) -> Evidence:
    answers = world(item)
    return Origin().run(by_name(answers), FakeAws({**answers, **(changed or {})}))


@pytest.mark.parametrize("host", [HOST, "d111.cloudfront.net"])
def test_the_api_behind_a_distribution_is_found(host: str) -> None:
    case = by_name(world(distribution()), host)
    trace = case.traced
    assert (trace.api_id, trace.stage, trace.resource_path) == ("abc123", "prod", "/orders/{id}")
    assert (trace.distribution, trace.front, trace.domain) == ("E1", host, None)


def test_the_path_shows_the_distribution() -> None:
    case = new_case(api_id=None, stage=None, host=HOST)
    hops = TracePath().run(case, FakeAws(world(distribution()))).facts["hops"]
    assert [hop["id"] for hop in hops][:3] == ["client", "cloudfront", "stage"]  # type: ignore[union-attr,index,call-overload]


def test_an_origin_that_is_a_custom_domain_is_followed() -> None:
    origins = {"Items": [{"Id": "api", "DomainName": "api.example.com"}]}
    answers = world(distribution(Origins=origins))

    def mappings(**params: Any) -> dict[str, Any]:
        if params["domainName"] != "api.example.com":
            raise NotFound("no")
        return {"items": [{"basePath": "(none)", "restApiId": "abc123", "stage": "prod"}]}

    answers["apigateway", "GetBasePathMappings"] = mappings
    trace = by_name(answers).traced
    assert (trace.front, trace.domain, trace.api_id) == (HOST, "api.example.com", "abc123")


def test_every_page_of_distributions_is_read() -> None:
    answers = world()

    def listed(**params: Any) -> dict[str, Any]:
        if params.get("Marker") == "m":
            return {"DistributionList": {"Items": [distribution()]}}
        return {"DistributionList": {"Items": [], "IsTruncated": True, "NextMarker": "m"}}

    answers["cloudfront", "ListDistributions"] = listed
    assert by_name(answers).traced.distribution == "E1"


@pytest.mark.parametrize("error", [*ERRORS, None], ids=str)
def test_a_name_that_nobody_knows_stays_unknown(error: AwsError | None) -> None:
    answers = world(distribution(Aliases={"Items": ["other.example.com"]}))
    if error:
        answers["cloudfront", "ListDistributions"] = error
    found = TracePath().run(new_case(api_id=None, host=HOST), FakeAws(answers))
    assert found.status == "fail"
    assert "neither an execute-api host nor a custom domain" in found.summary
    assert "trace" not in found.facts


@pytest.mark.parametrize(
    ("item", "status", "problem"),
    [
        (distribution(), "pass", None),
        (distribution(behavior={"OriginRequestPolicyId": EXCEPT_HOST}), "pass", None),
        (distribution(Enabled=False), "fail", "disabled"),
        (distribution(custom={"OriginProtocolPolicy": "http-only"}), "fail", "http-only"),
        (distribution(custom={"OriginSslProtocols": {"Items": ["SSLv3", "TLSv1"]}}), "fail", "old-tls"),
        (distribution(behavior={"OriginRequestPolicyId": ALL_VIEWER}), "fail", "host"),
        (distribution(behavior={"ForwardedValues": {"Headers": {"Items": ["Accept", "host"]}}}), "fail", "host"),
        (distribution(custom={"OriginReadTimeout": 28}), "warn", "wait"),
        (
            distribution(behavior={"LambdaFunctionAssociations": {"Items": [{"LambdaFunctionARN": "a:function:f:1"}]}}),
            "warn",
            "edge-function",
        ),
    ],
)
def test_the_way_to_the_api(item: dict[str, Any], status: str, problem: str | None) -> None:
    found = run(item)
    assert (found.status, found.facts["problem"], found.facts["distribution"]) == (status, problem, "E1")
    assert found.facts["error_rate"] == 4.0


def test_the_behavior_of_the_path_counts() -> None:
    item = distribution(DefaultCacheBehavior={"TargetOriginId": "site", "OriginRequestPolicyId": ALL_VIEWER})
    assert run(item).status == "pass"


def test_a_distribution_that_is_gone_is_unknown() -> None:
    gone: dict[Key, Any] = {("cloudfront", "ListDistributions"): {"DistributionList": {}}}
    assert run(distribution(), gone).status == "unknown"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_refused_answers(error: AwsError) -> None:
    found = run(distribution(), {("cloudwatch", "GetMetricData"): error})
    assert (found.status, found.facts["partial"][0]["reason"]) == ("pass", error.reason)  # type: ignore[index,call-overload]
    with pytest.raises(type(error)):
        run(distribution(), {("cloudfront", "ListDistributions"): error})
