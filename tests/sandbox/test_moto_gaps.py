"""What moto lacks or answers differently, as the sandbox supplies it; read with boto3 and with the AWS CLI."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import ACCOUNT, REGION, STAGE, Bench, lambda_uri
from wizard.sandbox.moto_gaps import filterpattern

OK = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'fine'}\n"
MESSAGE = "ERROR: Task timed out after 3.00 seconds (id 7)"


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("", True),
        ("Task", True),
        ("task", False),
        ("Task seconds", True),
        ("Task minutes", False),
        ("?minutes ?seconds", True),
        ("?minutes ?hours", False),
        ('"timed out after"', True),
        ('"after timed"', False),
        ("Task -ERROR", False),
        ("Task -WARN", True),
        ("-WARN", True),
        ('?"timed in" ?"timed out"', True),
        ('-"timed out"', False),
        ("Task ?nowhere", True),
        ('"ERROR: Task"', True),
        (r'"say \"hi\""', False),
        ("3.00", True),
    ],
)
def test_filter_patterns_of_terms(pattern: str, matches: bool) -> None:
    assert filterpattern.compiled(pattern)(MESSAGE) is matches


@pytest.mark.parametrize("pattern", ["{ $.a = 1 }", "[a, b]", "%x%"])
def test_other_filter_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="terms"):
        filterpattern.compiled(pattern)


def _put(bench: Bench, *events: tuple[str, int, str]) -> Any:
    logs = bench.aws("logs")
    logs.create_log_group(logGroupName="g")
    for stream in sorted({stream for stream, _, _ in events}):
        logs.create_log_stream(logGroupName="g", logStreamName=stream)
        mine = [{"timestamp": at, "message": text} for name, at, text in events if name == stream]
        logs.put_log_events(logGroupName="g", logStreamName=stream, logEvents=mine)
    return logs


def test_log_events_are_filtered_by_time_stream_and_page(bench: Bench) -> None:
    now = int(datetime.now(UTC).timestamp() * 1000)
    logs = _put(bench, ("a", now - 3, "one"), ("b", now - 2, "two"), ("a", now - 1, "three"), ("b", now, "four"))

    def found(**more: Any) -> list[str]:
        return [event["message"] for event in logs.filter_log_events(logGroupName="g", **more)["events"]]

    assert found() == ["one", "two", "three", "four"]
    assert found(startTime=now - 2, endTime=now) == ["two", "three"]
    assert found(logStreamNames=["b"]) == ["two", "four"]
    assert found(logStreamNamePrefix="a") == ["one", "three"]
    assert found(filterPattern="?one ?four") == ["one", "four"]
    first = logs.filter_log_events(logGroupName="g", limit=3)
    second = logs.filter_log_events(logGroupName="g", limit=3, nextToken=first["nextToken"])
    assert [event["message"] for event in second["events"]] == ["four"]
    assert "nextToken" not in second
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.filter_log_events(logGroupName="none")
    with pytest.raises(ClientError, match="InvalidParameterException"):
        logs.filter_log_events(logGroupName="g", filterPattern="{ $.x = 1 }")


# -- metrics -------------------------------------------------------------------------------------


def _metric(**dimensions: str) -> dict[str, Any]:
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"Namespace": "AWS/ApiGateway", "MetricName": "Latency", "Dimensions": pairs}


def test_metrics_have_percentiles_and_exact_dimensions(bench: Bench) -> None:
    cloudwatch, now = bench.aws("cloudwatch"), datetime.now(UTC)
    data = [{**_metric(ApiName="x"), "Value": float(value), "Timestamp": now} for value in range(1, 101)]
    data.append({**_metric(ApiName="x", Stage="prod"), "Value": 5000.0, "Timestamp": now})
    cloudwatch.put_metric_data(
        Namespace="AWS/ApiGateway",
        MetricData=[{key: item[key] for key in ("MetricName", "Dimensions", "Value", "Timestamp")} for item in data],
    )
    window = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(hours=1)}
    stats = {
        "Sum": 5050.0,
        "Maximum": 100.0,
        "Minimum": 1.0,
        "Average": 50.5,
        "SampleCount": 100.0,
        "p50": 50.5,
        "p99": 99.01,
    }
    queries = [
        {"Id": f"m{n}", "MetricStat": {"Metric": _metric(ApiName="x"), "Period": 86400, "Stat": stat}}
        for n, stat in enumerate(stats)
    ]
    results = cloudwatch.get_metric_data(**window, MetricDataQueries=queries)["MetricDataResults"]
    assert [round(result["Values"][0], 6) for result in results] == list(stats.values())
    asked = {**_metric(ApiName="x"), **window, "Period": 86400}
    (plain,) = cloudwatch.get_metric_statistics(**asked, Statistics=["Sum", "Maximum"])["Datapoints"]
    assert (plain["Sum"], plain["Maximum"]) == (5050.0, 100.0)
    (extended,) = cloudwatch.get_metric_statistics(**asked, ExtendedStatistics=["p90", "p50"])["Datapoints"]
    assert {name: round(value, 6) for name, value in extended["ExtendedStatistics"].items()} == {
        "p90": 90.1,
        "p50": 50.5,
    }
    nothing = {"Metric": _metric(ApiName="y"), "Period": 60, "Stat": "Sum"}
    empty = cloudwatch.get_metric_data(**window, MetricDataQueries=[{"Id": "m", "MetricStat": nothing}])
    assert empty["MetricDataResults"][0]["Values"] == []


# -- Lambda --------------------------------------------------------------------------------------


def _statements(bench: Bench, **more: str) -> list[dict[str, Any]]:
    policy = bench.aws("lambda").get_policy(FunctionName="thing", **more)["Policy"]
    return list(json.loads(policy)["Statement"])


def test_every_qualifier_has_its_own_policy(bench: Bench) -> None:
    lambdas = bench.aws("lambda")
    bench.function(OK, Publish=True)
    lambdas.create_alias(FunctionName="thing", Name="live", FunctionVersion="1")
    bench.permit(StatementId="plain")
    bench.permit(StatementId="live", Qualifier="live", SourceAccount=ACCOUNT)
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:thing"
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{bench.api_id}/*/*/*"
    assert _statements(bench) == [
        {
            "Sid": "plain",
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": arn,
            "Condition": {"ArnLike": {"AWS:SourceArn": source}},
        }
    ]
    (live,) = _statements(bench, Qualifier="live")
    assert live["Resource"] == f"{arn}:live"
    assert live["Condition"]["StringEquals"] == {"AWS:SourceAccount": ACCOUNT}
    assert json.loads(lambdas.get_policy(FunctionName=f"{arn}:live")["Policy"])["Statement"] == [live]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        _statements(bench, Qualifier="1")
    with pytest.raises(ClientError, match="ResourceConflictException"):
        bench.permit(StatementId="plain")
    lambdas.remove_permission(FunctionName="thing", StatementId="live", Qualifier="live")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        _statements(bench, Qualifier="live")
    lambdas.delete_function(FunctionName="thing")
    bench.function(OK)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        _statements(bench)


def test_settings_of_a_function_and_of_the_account(bench: Bench) -> None:
    lambdas = bench.aws("lambda")
    bench.function(OK, Publish=True)
    lambdas.create_alias(FunctionName="thing", Name="live", FunctionVersion="1")
    assert "ReservedConcurrentExecutions" not in lambdas.get_function_concurrency(FunctionName="thing")
    lambdas.put_function_concurrency(FunctionName="thing", ReservedConcurrentExecutions=0)
    assert lambdas.get_function_concurrency(FunctionName="thing")["ReservedConcurrentExecutions"] == 0
    assert lambdas.get_function(FunctionName="thing")["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    lambdas.put_function_concurrency(FunctionName="thing", ReservedConcurrentExecutions=100)
    limits = lambdas.get_account_settings()["AccountLimit"]
    assert (limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]) == (1000, 900)
    configuration = lambdas.get_function_configuration(FunctionName="thing", Qualifier="live")
    assert (configuration["Version"], configuration["FunctionArn"].rsplit(":", 1)[-1]) == ("1", "live")


@pytest.mark.parametrize("name", ["nobody", "thing:gone"])
def test_a_missing_function_is_named(bench: Bench, name: str) -> None:
    bench.function(OK)
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    for operation in ("get_function", "get_function_configuration", "get_policy", "invoke"):
        with pytest.raises(ClientError) as caught:
            getattr(bench.aws("lambda"), operation)(FunctionName=name)
        error = caught.value.response["Error"]
        assert (error["Code"], error["Message"]) == ("ResourceNotFoundException", f"Function not found: {arn}")


# -- API Gateway ---------------------------------------------------------------------------------


def _export(bench: Bench, **parameters: str) -> dict[str, Any]:
    answer = bench.aws("apigateway").get_export(
        restApiId=bench.api_id, stageName=STAGE, exportType="oas30", parameters=parameters
    )
    return dict(json.loads(answer["body"].read()))


@pytest.mark.parametrize("extensions", ["apigateway", "integrations"])
def test_an_export_is_what_the_stage_runs(bench: Bench, extensions: str) -> None:
    bench.method("/things/{id}", uri=lambda_uri("old"), timeoutInMillis=300, credentials=bench.role)
    bench.method("/any", verb="ANY", type="MOCK", requestTemplates={"application/json": "{}"})
    bench.deploy()
    bench.method("/things/{id}", uri=lambda_uri("new"))
    document = _export(bench, extensions=extensions)
    operation = document["paths"]["/things/{id}"]["get"]
    assert operation["x-amazon-apigateway-integration"] == {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": lambda_uri("old"),
        "credentials": bench.role,
        "passthroughBehavior": "when_no_match",
        "timeoutInMillis": 300,
        "responseTransferMode": "BUFFERED",
    }
    mock = document["paths"]["/any"]["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]
    assert mock["requestTemplates"] == {"application/json": "{}"}
    assert "responseTransferMode" not in mock, "a mock has no answer to transfer"
    assert "x-amazon-apigateway-integration" not in json.dumps(_export(bench))
    bench.deploy()
    assert lambda_uri("new") in json.dumps(_export(bench, extensions=extensions))


def test_a_deployment_keeps_the_stage_settings(bench: Bench) -> None:
    bench.method("/things", uri=lambda_uri("thing"))
    bench.deploy(color="blue")
    gateway = bench.aws("apigateway")
    before = gateway.get_stage(restApiId=bench.api_id, stageName=STAGE)
    made = gateway.create_deployment(restApiId=bench.api_id, stageName=STAGE, variables={"size": "xl"})
    after = gateway.get_stage(restApiId=bench.api_id, stageName=STAGE)
    assert after["deploymentId"] == made["id"] != before["deploymentId"]
    assert after["variables"] == {"color": "blue", "size": "xl"}
    assert after["methodSettings"] == before["methodSettings"]
    assert after["methodSettings"]["*/*"]["loggingLevel"] == "INFO"
    assert {"createdDate", "lastUpdatedDate"} <= set(after)


def test_an_integration_has_a_default_timeout_and_can_be_updated(bench: Bench) -> None:
    bench.method("/things", uri=lambda_uri("thing"))
    gateway = bench.aws("apigateway")
    where = {"restApiId": bench.api_id, "resourceId": bench.resources["/things"], "httpMethod": "GET"}
    assert gateway.get_integration(**where)["timeoutInMillis"] == 29000
    operations = [
        {"op": "replace", "path": "/timeoutInMillis", "value": "500"},
        {"op": "replace", "path": "/httpMethod", "value": "GET"},
        {"op": "add", "path": "/requestTemplates/application~1json", "value": "{}"},
    ]
    updated = gateway.update_integration(**where, patchOperations=operations)
    assert (updated["timeoutInMillis"], updated["httpMethod"]) == (500, "GET")
    assert updated["requestTemplates"] == {"application/json": "{}"}
    with pytest.raises(ClientError, match="BadRequestException"):
        gateway.update_integration(**where, patchOperations=[{"op": "replace", "path": "/nothing", "value": "1"}])


def test_logging_needs_a_role_and_a_stage_a_deployment(bench: Bench) -> None:
    bench.method("/things", uri=lambda_uri("thing"))
    bench.deploy()
    gateway = bench.aws("apigateway")
    gateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}])
    for path, value, words in (
        ("/*/*/logging/loglevel", "INFO", "CloudWatch Logs role ARN must be set in account settings"),
        ("/deploymentId", "nothing", "Invalid Deployment identifier specified"),
    ):
        operations = [{"op": "replace", "path": path, "value": value}]
        with pytest.raises(ClientError, match=words):
            gateway.update_stage(restApiId=bench.api_id, stageName=STAGE, patchOperations=operations)


def test_lists_come_in_pages(bench: Bench) -> None:
    gateway = bench.aws("apigateway")
    for number in range(5):
        gateway.create_rest_api(name=f"api{number}")
        bench.resource(f"/r{number}")
    pages = list(gateway.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["items"]) for page in pages] == [2, 2, 2]
    pages = list(
        gateway.get_paginator("get_resources").paginate(restApiId=bench.api_id, PaginationConfig={"PageSize": 4})
    )
    assert [len(page["items"]) for page in pages] == [4, 2]


def test_methods_come_in_full_when_asked_for(bench: Bench) -> None:
    bench.method("/things", uri=lambda_uri("thing"))
    gateway = bench.aws("apigateway")
    plain = gateway.get_resources(restApiId=bench.api_id)["items"][-1]
    full = gateway.get_resources(restApiId=bench.api_id, embed=["methods"])["items"][-1]
    assert plain["resourceMethods"] == {"GET": {}}
    assert full["resourceMethods"]["GET"]["methodIntegration"]["uri"] == lambda_uri("thing")


# -- errors --------------------------------------------------------------------------------------

MISSING: list[tuple[str, Callable[[Any], Any]]] = [
    ("lambda", lambda c: c.list_provisioned_concurrency_configs(FunctionName="x")),
    ("cloudwatch", lambda c: c.describe_anomaly_detectors()),
    ("iam", lambda c: c.simulate_custom_policy(PolicyInputList=["{}"], ActionNames=["a:b"])),
    ("apigateway", lambda c: c.get_usage(usagePlanId="x", startDate="a", endDate="b")),
    ("apigatewayv2", lambda c: c.export_api(ApiId="x", OutputType="JSON", Specification="OAS30")),
]


@pytest.mark.parametrize(("service", "call"), MISSING, ids=[service for service, _ in MISSING])
def test_a_missing_operation_is_a_clean_error(
    bench: Bench, service: str, call: Callable[[Any], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ClientError) as caught:
        call(bench.aws(service))
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert capfd.readouterr() == ("", "")


def test_a_missing_resource_is_not_found(bench: Bench) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        bench.aws("apigateway").get_deployment(restApiId=bench.api_id, deploymentId="nothing")


# -- the server ----------------------------------------------------------------------------------


def test_health_and_bad_scenarios(bench: Bench) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{bench.endpoint}/_sandbox/health") as answer:
        assert answer.status == 200
    for body, status in ((b"no json", 400), (b"[]", 400), (b'{"faults": 1}', 400), (b'{"faults": ["x"]}', 404)):
        request = urllib.request.Request(f"{bench.endpoint}/_sandbox/scenario", data=body, method="POST")
        with pytest.raises(urllib.request.HTTPError) as caught:
            opener.open(request)
        with caught.value as refused:
            assert refused.status == status
            assert json.loads(refused.read())["message"]


def test_the_process_says_where_it_is_and_ends_with_its_parent() -> None:
    words = [
        sys.executable,
        "-P",
        "-m",
        "wizard.sandbox",
        "--fault",
        "lambda-permission-missing",
        "--until-stdin-closes",
    ]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(10) == 0
        assert process.stdout.read() == b""
    assert line["symptom"]["status"] == 500
    assert line["faults"] == ["lambda-permission-missing"]
    assert line["url"].startswith(line["endpoint_url"] + "/_aws/execute-api/")


def test_an_unknown_fault_ends_the_process() -> None:
    words = [sys.executable, "-P", "-m", "wizard.sandbox", "--fault", "no-such"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such fault: no-such" in done.stderr


# -- the AWS CLI ---------------------------------------------------------------------------------


def _cli(bench: Bench, *words: str) -> Any:
    command = [str(Path(sys.executable).with_name("aws")), "--endpoint-url", bench.endpoint, "--output", "json", *words]
    environment = {
        "PATH": "/usr/bin:/bin", "AWS_ACCESS_KEY_ID": "AKIASANDBOXSANDBOX00", "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "HOME": "/nonexistent",
    }  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_the_aws_cli_reads_the_sandbox(bench: Bench) -> None:
    bench.serve(OK)
    bench.get()
    resource = bench.resources["/things/{id}"]
    where = ["--rest-api-id", bench.api_id, "--resource-id", resource, "--http-method", "GET"]
    tested = _cli(bench, "apigateway", "test-invoke-method", *where, "--path-with-query-string", "/things/5")
    assert (tested["status"], tested["body"]) == (200, "fine")
    group = f"API-Gateway-Execution-Logs_{bench.api_id}/{STAGE}"
    found = _cli(bench, "logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", '"completed with"')
    assert [event["message"].partition(") ")[2] for event in found["events"]] == ["Method completed with status: 200"]
