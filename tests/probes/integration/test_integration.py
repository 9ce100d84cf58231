"""Settings of an integration, and its durations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from probes._metrics import metrics
from probes.integration.durations import Durations
from probes.integration.settings import IntegrationSettings
from tests.probes.conftest import (
    BY_VARIABLE,
    ERRORS,
    FUNCTION,
    LAMBDA,
    FakeAws,
    Key,
    export,
    integration,
    measured,
    periods,
    resources,
    traced,
)
from wizard.model.aws import AwsError
from wizard.model.probe import Evidence
from wizard.model.status import Status


def settings(
    world: dict[Key, Any], live: dict[str, Any], draft: dict[str, Any] | None = None, **trace: Any
) -> Evidence:
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = (
        export(get=live),
        resources(GET=draft or live),
    )
    return IntegrationSettings().run(traced(world, None, **trace), FakeAws({}))


def test_a_good_integration(world: dict[Key, Any]) -> None:
    found = settings(world, integration())
    assert (found.status, found.facts["deployed_problems"], found.facts["http_method"]) == (Status.PASS, [], "POST")


@pytest.mark.parametrize("method", ["GET", "ANY", "PUT"])
def test_lambda_is_called_with_post_only(world: dict[Key, Any], method: str) -> None:
    found = settings(world, integration(httpMethod=method))
    assert (found.status, found.facts["deployed_problems"]) == (Status.FAIL, ["lambda-not-post"])


def test_a_correction_that_waits_for_its_deployment(world: dict[Key, Any]) -> None:
    found = settings(world, integration(httpMethod="GET"), integration())
    assert (found.facts["deployed_problems"], found.facts["configured_problems"]) == (["lambda-not-post"], [])
    assert found.facts["configured_uri"]


def test_a_working_copy_that_is_broken_is_a_remark_only(world: dict[Key, Any]) -> None:
    found = settings(world, integration(), integration(httpMethod="GET"))
    assert (found.status, found.facts["deployed_problems"]) == (Status.WARN, [])


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        (LAMBDA.format(FUNCTION.replace("shop-orders", "")), ["uri-function-missing"]),
        (LAMBDA.format("shop-orders"), ["uri-malformed"]),
        ("https://example.com", ["uri-malformed"]),
        (BY_VARIABLE, []),
        (BY_VARIABLE.replace("name", "missing"), []),
    ],
)
def test_a_uri_that_calls_nobody(world: dict[Key, Any], uri: str, problem: list[str]) -> None:
    assert settings(world, integration(uri=uri)).facts["deployed_problems"] == problem


def test_other_integrations_may_use_any_method(world: dict[Key, Any]) -> None:
    assert settings(world, {"type": "HTTP", "uri": "https://example.com", "httpMethod": "GET"}).status is Status.PASS


def test_a_method_that_is_not_deployed_has_no_settings(world: dict[Key, Any]) -> None:
    assert settings(world, integration(), integration=None).status is Status.SKIPPED


def durations(world: dict[Key, Any], **values: list[float]) -> Evidence:
    world["cloudwatch", "GetMetricData"] = measured(**values)
    return Durations().run(traced(world), FakeAws(world))


def test_fast_enough(world: dict[Key, Any]) -> None:
    found = durations(world, integration_max=[90], integration_p50=[20], duration_max=[70], duration_p50=[10])
    assert (found.status, found.facts["max_ms"], found.facts["slowest"], found.facts["p50_ms"]) == (
        Status.PASS,
        90,
        "integration",
        20,
    )
    assert (found.facts["timeout_ms"], found.facts["function_timeout_ms"], found.facts["gives_up_first"]) == (
        29_000,
        10_000,
        "function",
    )


def test_slower_than_the_gateway_waits(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = world["apigateway", "GetResources"] = None
    live = integration(timeoutInMillis=250)
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=live), resources(GET=live)
    found = durations(world, duration_max=[600, 700], integration_max=[250], errors=[2, 1])
    assert (found.status, found.facts["exceeded"], found.facts["max_ms"], found.facts["slowest"]) == (
        Status.FAIL,
        True,
        700,
        "function",
    )
    assert (found.facts["errors_5xx"], found.facts["gives_up_first"], found.facts["fits_configured"]) == (
        3,
        "gateway",
        False,
    )


def test_a_longer_timeout_that_waits_for_its_deployment(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(timeoutInMillis=250))
    found = durations(world, duration_max=[700])
    assert (found.facts["exceeded"], found.facts["fits_configured"], found.facts["configured_timeout_ms"]) == (
        True,
        True,
        29_000,
    )


def test_another_methods_latency_accuses_nobody(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(timeoutInMillis=250))
    assert durations(world, duration_max=[60], integration_max=[9_000]).facts["exceeded"] is False
    assert (
        durations(world, duration_max=[60], integration_max=[9_000], method_integration_max=[250]).facts["exceeded"]
        is True
    )


def test_close_to_the_limit(world: dict[Key, Any]) -> None:
    assert durations(world, duration_max=[25_000]).status is Status.WARN


def test_nothing_measured(world: dict[Key, Any]) -> None:
    found = durations(world)
    assert (found.status, found.facts["max_ms"]) == (Status.PASS, None)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_without_metrics_nothing_is_known(world: dict[Key, Any], error: AwsError) -> None:
    with pytest.raises(type(error)):
        Durations().run(traced(world), FakeAws({**world, ("cloudwatch", "GetMetricData"): error}))


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_without_the_functions_timeout_the_rest_is_told(world: dict[Key, Any], error: AwsError) -> None:
    found = Durations().run(traced(world), FakeAws({**world, ("lambda", "GetFunctionConfiguration"): error}))
    assert (found.status, found.facts["function_timeout_ms"]) == (Status.PASS, None)
    assert found.facts["partial"][0]["reason"] == error.reason  # type: ignore[index,call-overload]


def test_one_question_for_all_metrics_of_a_region(world: dict[Key, Any]) -> None:
    aws = FakeAws(world)
    metrics(aws, traced(world))
    assert len(aws.params("cloudwatch:GetMetricData")) == 1


def test_a_function_elsewhere_is_measured_there(world: dict[Key, Any]) -> None:
    case = traced(world)
    assert case.trace
    assert case.trace.function
    case = replace(case, trace=replace(case.trace, function=replace(case.trace.function, region="eu-west-1")))
    aws = FakeAws(world)
    found = metrics(aws, case)
    assert [params.get("region") for params in aws.params("cloudwatch:GetMetricData")] == [None, "eu-west-1"]
    assert found.total("count") == 9
    assert found.get("nothing") is None


def test_every_timeout_of_the_path_who_gives_up_first_on_top(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(timeoutInMillis=5_000))
    found = durations(world, integration_max=[900], integration_p50=[20], integration_p99=[800], duration_max=[700])
    assert found.facts["timeouts"] == [
        {
            "who": "gateway",
            "name": "Integration timeout",
            "ms": 5_000,
            "source": "timeoutInMillis of the method",
            "of": "IntegrationLatency of the whole stage",
            "p50_ms": 20,
            "p99_ms": 800,
            "max_ms": 900,
        },
        {
            "who": "function",
            "name": "Function timeout (shop-orders)",
            "ms": 10_000,
            "source": "Timeout of the function",
            "of": "Duration",
            "p50_ms": None,
            "p99_ms": None,
            "max_ms": 700,
        },
    ]
    assert (found.facts["gives_up_first"], found.facts["threshold_ms"]) == ("gateway", 5_000)
    assert found.facts["durations"] == {"p50_ms": 20, "p99_ms": 800, "max_ms": 900}


@pytest.mark.parametrize(("name", "max_ms"), [("series", 90.0), ("method_series", 70.5)])
def test_latency_period_by_period(world: dict[Key, Any], name: str, max_ms: float) -> None:
    own = "method_integration_max" if name == "method_series" else "integration_max"
    results = periods(f"{name}_integration", 60, p50=[(10, 5)], p99=[(10, 60)], max=[(10, max_ms)])
    world["cloudwatch", "GetMetricData"] = {"MetricDataResults": [*results, {"Id": own, "Values": [max_ms]}]}
    series = Durations().run(traced(world), FakeAws(world)).facts["latency_series"]
    assert isinstance(series, dict)
    assert (series["start"], series["step_s"]) == ("2026-11-20T11:00:00+00:00", 60)
    assert [values[50] for key, values in series.items() if isinstance(values, list)] == [5, 60, max_ms]
    assert all(len(values) == 60 for values in series.values() if isinstance(values, list))


def test_nothing_measured_draws_nothing(world: dict[Key, Any]) -> None:
    assert "latency_series" not in durations(world).facts


@pytest.mark.parametrize(
    ("values", "timed_out"),
    [
        ({"duration_max": [10_000], "function_errors": [1]}, True),
        ({"duration_max": [10_000], "function_errors": [0]}, False),
        ({"duration_max": [9_990], "function_errors": [1]}, False),
        ({"function_errors": [1]}, False),
    ],
)
def test_a_function_that_its_own_timeout_ended(
    world: dict[Key, Any], values: dict[str, list[float]], timed_out: bool
) -> None:
    assert durations(world, **values).facts["function_timed_out"] is timed_out
