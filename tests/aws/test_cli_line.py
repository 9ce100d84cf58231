"""Printed commands: the AWS CLI itself reads every one of them as it is meant, whatever the values are."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import awscli
import pytest
from awscli.clidriver import create_clidriver
from botocore.awsrequest import AWSResponse

from wizard.engine.catalog import all_probes
from wizard.model.cli_line import cli_line

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:shop"
EXPORT = {"restApiId": "abc", "stageName": "prod", "exportType": "oas30", "accepts": "application/json"}
MOMENT = datetime(2026, 1, 31, 14, tzinfo=UTC)
HOSTILE = ["it's; rm -rf ~", "$(id)`id`", "-x", "--region", "file:///etc/passwd", "a\nb\x1b[2J", "{a}", "", "\u202eüñ"]
INVOKE = {"restApiId": "a", "resourceId": "r", "httpMethod": "GET"}
GROUP = {"logGroupName": "/aws/lambda/shop", "startTime": 1, "endTime": 2}
QUERY = {"Id": "count", "MetricStat": {"Metric": {"Namespace": "AWS/ApiGateway", "MetricName": "Count"}, "Period": 60}}
QUERY["MetricStat"]["Stat"] = "Sum"  # type: ignore[index]  # a mapping
LINES: list[tuple[str, str, dict[str, Any]]] = [
    ("apigateway", "GetAccount", {}),
    ("apigateway", "GetBasePathMappings", {"domainName": "api.example.com"}),
    ("apigateway", "GetDeployment", {"restApiId": "a", "deploymentId": "d"}),
    ("apigateway", "GetDeployments", {"restApiId": "a"}),
    ("apigateway", "GetExport", EXPORT | {"parameters": {"extensions": "apigateway"}}),
    ("apigateway", "GetResources", {"restApiId": "a", "embed": ["methods"]}),
    ("apigateway", "GetRestApi", {"restApiId": "a"}),
    ("apigateway", "GetStages", {"restApiId": "a"}),
    (
        *("apigateway", "TestInvokeMethod"),
        INVOKE | {"headers": {"x": "a,b=c"}, "multiValueHeaders": {"y": ["1", "2"]}},
    ),
    ("apigatewayv2", "GetApi", {"ApiId": "a"}),
    (
        *("cloudtrail", "LookupEvents"),
        {
            "LookupAttributes": [{"AttributeKey": "EventSource", "AttributeValue": "lambda.amazonaws.com"}],
            "StartTime": MOMENT,
        },
    ),
    ("cloudwatch", "GetMetricData", {"MetricDataQueries": [QUERY], "StartTime": MOMENT, "EndTime": MOMENT}),
    ("health", "DescribeEvents", {"filter": {"services": ["LAMBDA"], "regions": ["eu-west-1"]}}),
    ("lambda", "GetAccountSettings", {}),
    ("lambda", "GetFunctionConcurrency", {"FunctionName": "shop"}),
    ("lambda", "GetFunctionConfiguration", {"FunctionName": FUNCTION, "Qualifier": "live"}),
    ("lambda", "GetPolicy", {"FunctionName": FUNCTION}),
    ("lambda", "ListAliases", {"FunctionName": "shop"}),
    ("lambda", "ListFunctions", {}),
    ("logs", "DescribeLogGroups", {"logGroupNamePrefix": "/aws"}),
    (
        "logs",
        "FilterLogEvents",
        GROUP | {"filterPattern": '?"ERROR" ?"it\'s"', "logStreamNames": ["2026/01/31/[$LATEST]a"]},
    ),
    ("logs", "StartQuery", GROUP | {"queryString": "fields @message | filter @message like /a/"}),
    ("logs", "GetQueryResults", {"queryId": "q"}),
    ("logs", "StopQuery", {"queryId": "q"}),
    ("sts", "GetCallerIdentity", {}),
    ("xray", "BatchGetTraces", {"TraceIds": ["1-a", "1-b"]}),
    ("xray", "GetTraceSummaries", {"StartTime": MOMENT, "EndTime": MOMENT, "FilterExpression": 'service("shop/prod")'}),
    *[("apigateway", "GetStage", {"restApiId": "a", "stageName": name}) for name in HOSTILE if name],
    *[("logs", "FilterLogEvents", GROUP | {"logStreamNames": [name, name]}) for name in HOSTILE if name],
    *[("apigateway", "TestInvokeMethod", INVOKE | {"headers": {"h": name}}) for name in HOSTILE],
]


@pytest.fixture(scope="module")
def cli() -> Iterator[Callable[[str], dict[str, Any]]]:
    """The AWS CLI itself, stopped where it would send: what a line makes of it."""
    patch = pytest.MonkeyPatch()
    patch.setenv("AWS_DATA_PATH", str(Path(awscli.__file__).parent / "data"))
    driver = create_clidriver()
    driver.session.get_component("data_loader")
    driver.session.set_credentials("test", "test")
    sent: list[dict[str, Any]] = []

    def stopped(params: dict[str, Any], model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        sent.append({"operation": model.name})
        return AWSResponse("", 200, {}, None), {}

    def noted(params: dict[str, Any], **_: Any) -> None:
        sent.append({"params": dict(params)})

    driver.session.register("before-call", stopped)
    driver.session.register("provide-client-params", noted)

    def run(line: str) -> dict[str, Any]:
        sent.clear()
        code = driver.main(shlex.split(line)[1:])
        return {"code": code, **{key: value for each in sent for key, value in each.items()}}

    yield run
    patch.undo()


@pytest.mark.parametrize(("service", "operation", "params"), LINES)
def test_the_aws_cli_reads_every_line_as_it_is_meant(
    cli: Callable[[str], dict[str, Any]], service: str, operation: str, params: dict[str, Any]
) -> None:
    line = cli_line(service, operation, params, "eu-west-1", ("--output", "json"))
    assert line.isprintable()
    got = cli(line)
    assert (got["operation"], got["code"]) == (operation, 0)
    meant = json.loads(json.dumps(params, default=lambda moment: moment.isoformat()))
    assert {name: got["params"][name] for name in meant} == meant


@pytest.mark.parametrize("name", sorted(set[str]().union(*(probe.calls for probe in all_probes()))))
def test_what_a_probe_may_ask_is_told_before_anything_is_known(name: str) -> None:
    service, _, operation = name.partition(":")
    line = cli_line(service, operation, {})
    assert line.split()[0] in ("aws", "dig", "openssl")
    assert "{" not in line


def test_a_name_that_is_not_known_stays_visible() -> None:
    assert cli_line("tls", "Handshake", {}) == "openssl s_client -connect <host>:443 -servername <host> </dev/null"
