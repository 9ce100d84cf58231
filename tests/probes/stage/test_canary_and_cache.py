"""A canary that fails alone, and a cache that hands out errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from probes.stage.cache import StageCache
from probes.stage.canary import Canary
from probes.stage.client_certificate import ClientCertificate
from tests.probes.conftest import (
    BY_VARIABLE,
    ERRORS,
    ONE,
    FakeAws,
    Key,
    access_line,
    export,
    groups,
    integration,
    logged,
    measured,
    resources,
    story,
    traced,
)
from wizard.model.aws import AwsError, Denied, NotFound
from wizard.model.status import Reason, Status

REFUSED = "Execution failed due to configuration error: Invalid permissions on Lambda function"
OTHER = "Execution failed due to a timeout error"


def two_logs(stage: list[str], canary: list[str]) -> Callable[..., dict[str, Any]]:
    def answer(**params: Any) -> dict[str, Any]:
        name = params["logGroupName"]
        if name.endswith("/Canary"):
            return logged((ONE, canary))(**{**params, "logGroupName": name.removesuffix("/Canary")})
        return logged((ONE, stage))(**params)

    return answer


def canary(world: dict[Key, Any], **settings: Any) -> Any:
    world["apigateway", "GetStage"]["canarySettings"] = {"percentTraffic": 10.0, "deploymentId": "d2", **settings}
    return Canary().run(traced(world), FakeAws(world))


FINE = story("Successfully completed execution", status=200)


def test_only_the_canary_fails(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = two_logs(FINE, story(REFUSED))
    found = canary(world)
    assert (found.status, found.facts["only_canary"], found.facts["client_statuses"]) == (Status.FAIL, True, [500])
    assert "causes" not in found.facts
    assert REFUSED in found.summary


def test_both_fail_alike(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = two_logs(story(REFUSED), story(REFUSED))
    found = canary(world)
    assert (found.status, found.facts["only_canary"], found.facts["own_causes"]) == (Status.WARN, False, [])


def test_the_canary_fails_otherwise_than_the_stage(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = two_logs(story(OTHER, status=504), story(REFUSED))
    found = canary(world)
    assert (found.status, found.facts["own_causes"]) == (Status.FAIL, ["lambda-permission-missing"])


def test_neither_fails(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = two_logs(FINE, FINE)
    assert canary(world).status is Status.PASS


def test_a_variable_that_leads_nowhere(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(uri=BY_VARIABLE))
    world["apigateway", "GetResources"] = resources(GET=integration(uri=BY_VARIABLE))
    there = world["lambda", "GetFunctionConfiguration"]
    world["lambda", "GetFunctionConfiguration"] = lambda **asked: (
        there if "shop-orders" in str(asked["FunctionName"]) else NotFound("no such function")
    )
    found = canary(world, stageVariableOverrides={"name": "shop-beta"})
    assert (found.status, found.facts["missing_function"]) == (Status.FAIL, "shop-beta:live")
    assert found.facts["overrides"] == [{"name": "name", "stage": "shop-orders", "canary": "shop-beta"}]
    assert canary(world, stageVariableOverrides={"name": "shop-orders"}).facts["missing_function"] is None


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_an_unread_stage_log_suggests_at_most(world: dict[Key, Any], error: AwsError) -> None:
    def answer(**params: Any) -> dict[str, Any]:
        if params["logGroupName"].endswith("/Canary"):
            return two_logs(FINE, story(REFUSED))(**params)
        raise error

    world["logs", "FilterLogEvents"] = answer
    world["apigateway", "GetStage"]["canarySettings"] = {"percentTraffic": 10.0}
    found = canary(world)
    assert (found.status, found.facts["only_canary"], found.facts["stage_unknown"]) == (Status.WARN, False, True)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_a_canary_that_cannot_be_looked_at(world: dict[Key, Any], error: AwsError) -> None:
    world["apigateway", "GetStage"]["canarySettings"] = {"percentTraffic": 10.0}
    case = traced(world)
    world["logs", "FilterLogEvents"] = world["cloudwatch", "GetMetricData"] = error
    found: Any = Canary().run(case, FakeAws(world))
    assert (found.status, found.reason) == (Status.UNKNOWN, error.reason)
    assert found.needs == (error.action if isinstance(error, Denied) else None)


def cached(world: dict[Key, Any], **setting: Any) -> None:
    stage = world["apigateway", "GetStage"]
    stage |= {"cacheClusterEnabled": True, "cacheClusterStatus": "AVAILABLE"}
    stage["methodSettings"] = {
        "*/*": {"cachingEnabled": True, "cacheTtlInSeconds": 300, "loggingLevel": "INFO"} | setting
    }


KEPT = [
    f"Starting execution for request: {ONE}",
    "HTTP Method: GET, Resource Path: /orders/42",
    "Method completed with status: 503",
]


def test_a_5xx_that_nobody_was_asked_for_came_from_the_cache(world: dict[Key, Any]) -> None:
    cached(world)
    world["logs", "FilterLogEvents"] = logged((ONE, KEPT))
    found: Any = StageCache().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["errors_kept"], found.facts["client_statuses"]) == (Status.FAIL, 1, [503])


def test_the_access_log_alone_shows_it(world: dict[Key, Any]) -> None:
    cached(world)
    world["logs", "FilterLogEvents"] = groups(execution=[], access=[(5, "s", access_line(status="503"))])
    found: Any = StageCache().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["errors_kept"], found.facts["request_ids"]) == (Status.FAIL, 1, [ONE])


@pytest.mark.parametrize(
    "values",
    [
        {"status": "503", "integrationStatus": "503", "latency": "12"},
        {"status": "500", "error": "Internal server error", "type": "API_CONFIGURATION_ERROR"},
        {"status": "503", "resourcePath": "/products"},
    ],
)
def test_other_errors_did_not(world: dict[Key, Any], values: dict[str, str]) -> None:
    cached(world)
    world["logs", "FilterLogEvents"] = groups(execution=[], access=[(5, "s", access_line(**values))])
    found: Any = StageCache().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["errors_kept"]) == (Status.PASS, 0)


def test_an_error_of_the_backend_is_no_error_of_the_cache(world: dict[Key, Any]) -> None:
    cached(world)
    world["logs", "FilterLogEvents"] = logged((ONE, story("Successfully completed execution", status=503)))
    assert StageCache().run(traced(world), FakeAws(world)).facts["errors_kept"] == 0


def test_a_method_without_caching_is_left_alone(world: dict[Key, Any]) -> None:
    cached(world, cachingEnabled=False)
    aws = FakeAws(world)
    assert StageCache().run(traced(world), aws).status is Status.SKIPPED
    assert aws.used == {"apigateway:GetStage"}


def test_a_cache_that_is_being_made_is_a_warning(world: dict[Key, Any]) -> None:
    cached(world)
    world["apigateway", "GetStage"]["cacheClusterStatus"] = "CREATE_IN_PROGRESS"
    found: Any = StageCache().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["cluster"]) == (Status.WARN, "CREATE_IN_PROGRESS")


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_a_cache_that_nothing_tells_of(world: dict[Key, Any], error: AwsError) -> None:
    cached(world)
    case = traced(world)
    world["logs", "FilterLogEvents"] = world["cloudwatch", "GetMetricData"] = error
    found: Any = StageCache().run(case, FakeAws(world))
    assert (found.status, found.reason) == (Status.UNKNOWN, error.reason)


def test_hits_are_counted(world: dict[Key, Any]) -> None:
    cached(world)
    case = traced(world)
    world["cloudwatch", "GetMetricData"] = measured(hits=[3, 4], misses=[1])
    facts = StageCache().run(case, FakeAws(world)).facts
    assert (facts["hits"], facts["misses"]) == (7, 1)


def certificate(world: dict[Key, Any], uri: str = "https://shop.example/x", **found: Any) -> Any:
    world["apigateway", "GetStage"]["clientCertificateId"] = "c1"
    wired = integration(type="HTTP_PROXY", uri=uri, httpMethod="GET")
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=wired), resources(GET=wired)
    if found:
        world["apigateway", "GetClientCertificate"] = {"clientCertificateId": "c1", **found}
    return ClientCertificate().run(traced(world), FakeAws(world))


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ("2026-11-20T11:59:00+00:00", Status.FAIL),
        ("2026-12-01T00:00:00+00:00", Status.WARN),
        ("2027-06-01T00:00:00+00:00", Status.PASS),
    ],
)
def test_how_long_a_certificate_lasts(world: dict[Key, Any], ends: str, status: Status) -> None:
    found = certificate(world, expirationDate=ends)
    assert (found.status, found.facts["expired"]) == (status, status is Status.FAIL)


def test_a_certificate_that_is_gone(world: dict[Key, Any]) -> None:
    found = certificate(world)
    assert (found.status, found.facts["exists"]) == (Status.FAIL, False)


def test_a_backend_without_tls_sees_no_certificate(world: dict[Key, Any]) -> None:
    assert certificate(world, "http://shop.example/x", expirationDate="2020-01-01T00:00:00Z").status is Status.SKIPPED


def test_a_certificate_without_an_end(world: dict[Key, Any]) -> None:
    found = certificate(world, description="shop")
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_a_certificate_that_cannot_be_read(world: dict[Key, Any], error: AwsError) -> None:
    world["apigateway", "GetClientCertificate"] = error
    with pytest.raises(type(error)):
        certificate(world)
