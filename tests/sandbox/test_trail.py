"""The trail of changes, the sandbox's clock, AWS Health and Logs Insights."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import STAGE, Bench, package
from wizard.sandbox import clock

OK = "def handler(event, context):\n    print('hello')\n    return {'statusCode': 200, 'body': 'fine'}\n"
HOUR = 3600.0


def events(bench: Bench, **attribute: str) -> list[dict[str, Any]]:
    asked = [{"AttributeKey": key, "AttributeValue": value} for key, value in attribute.items()]
    found: list[dict[str, Any]] = bench.aws("cloudtrail").lookup_events(LookupAttributes=asked)["Events"]
    return found


def test_changes_are_noted_newest_first(bench: Bench) -> None:
    bench.serve(OK)
    bench.get()
    bench.aws("lambda").update_function_code(FunctionName="thing", ZipFile=package(OK + "\n"))
    names = [event["EventName"] for event in events(bench)]
    assert names[:2] == ["UpdateFunctionCode20150331v2", "UpdateStage"]
    assert {"CreateRole", "CreateRestApi", "PutIntegration", "CreateDeployment", "AddPermission20150331v2"} <= set(
        names
    )
    assert not any(name.startswith(("Get", "Describe", "Filter", "Lookup")) for name in names)
    newest = events(bench, ResourceName="thing")[0]
    assert newest["Resources"] == [{"ResourceType": "AWS::Lambda::Function", "ResourceName": "thing"}]
    record = json.loads(newest["CloudTrailEvent"])
    assert record["requestParameters"] == {"functionName": "thing"}
    assert record["userIdentity"]["userName"] == newest["Username"]


def test_lookups(bench: Bench) -> None:
    bench.serve(OK)
    assert [event["EventName"] for event in events(bench, EventName="CreateDeployment")] == ["CreateDeployment"]
    assert {event["EventSource"] for event in events(bench, EventSource="iam.amazonaws.com")} == {"iam.amazonaws.com"}
    stage = events(bench, ResourceName=bench.api_id)[0]
    parameters = json.loads(stage["CloudTrailEvent"])["requestParameters"]
    assert (parameters["restApiId"], parameters["stageName"]) == (bench.api_id, STAGE)
    assert events(bench, ReadOnly="true") == []
    with pytest.raises(ClientError, match="InvalidLookupAttributesException"):
        events(bench, EventName="a", Username="b")
    first = bench.aws("cloudtrail").lookup_events(MaxResults=2)
    second = bench.aws("cloudtrail").lookup_events(MaxResults=2, NextToken=first["NextToken"])
    assert len({event["EventId"] for page in (first, second) for event in page["Events"]}) == 4


def test_refused_calls_data_and_questions_leave_no_trail(bench: Bench) -> None:
    bench.serve(OK)
    before = len(events(bench))
    with pytest.raises(ClientError):
        bench.aws("lambda").delete_alias(FunctionName="nothing", Name="live")
    bench.invoke({})
    bench.test_invoke()
    bench.aws("logs").put_log_events(
        logGroupName="/aws/lambda/thing",
        logStreamName=bench.aws("logs").describe_log_streams(logGroupName="/aws/lambda/thing")["logStreams"][0][
            "logStreamName"
        ],
        logEvents=[{"timestamp": int(time.time() * 1000), "message": "x"}],
    )
    assert len(events(bench)) == before


def test_health_needs_a_support_plan(bench: Bench) -> None:
    with pytest.raises(ClientError) as refused:
        bench.aws("health").describe_events(filter={"eventStatusCodes": ["open"]})
    assert refused.value.response["Error"]["Code"] == "SubscriptionRequiredException"


def test_what_happened_an_hour_ago_is_dated_so(bench: Bench) -> None:
    with clock.set_back(HOUR):
        bench.serve("def handler(event, context):\n    return {'statusCode': 200, 'body': str(event)}\n")
    an_hour_ago: dict[str, Any] = {clock.HEADER: f"{HOUR}"}
    reply = bench.get(**an_hour_ago)
    assert clock.HEADER.lower() not in reply.body.lower()
    assert clock.HEADER.lower() not in "".join(bench.execution_log()).lower()
    then = time.time() - HOUR
    logs = bench.aws("logs")
    for group in ("/aws/lambda/thing", f"API-Gateway-Execution-Logs_{bench.api_id}/{STAGE}"):
        found = logs.filter_log_events(logGroupName=group)["events"]
        assert found
        assert all(abs(event["timestamp"] / 1000 - then) < 60 for event in found)
    (deployment,) = bench.aws("apigateway").get_deployments(restApiId=bench.api_id)["items"]
    stage = bench.aws("apigateway").get_stage(restApiId=bench.api_id, stageName=STAGE)
    for date in (deployment["createdDate"], stage["createdDate"], stage["lastUpdatedDate"]):
        assert abs(date.timestamp() - then) < 60
    modified = bench.aws("lambda").get_function_configuration(FunctionName="thing")["LastModified"]
    assert abs(datetime.strptime(modified, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() - then) < 60
    assert abs(events(bench, EventName="CreateDeployment")[0]["EventTime"].timestamp() - then) < 60
    assert abs(int(reply.headers["X-Amzn-Trace-Id"].split("-")[1], 16) - then) < 60


@pytest.mark.parametrize("text", ["", "soon", "-5", "nan", "inf", "1e99"])
def test_a_senseless_time_is_now(text: str) -> None:
    assert clock.parsed(text) == 0


def test_metrics_fall_into_their_periods(bench: Bench) -> None:
    bench.serve(OK)
    for ago in (1800.0, 1799.0, 900.0, 0.0):
        then: dict[str, Any] = {clock.HEADER: f"{ago}"}
        bench.get(**then)
    now = datetime.now(UTC)
    metric = {
        "Namespace": "AWS/ApiGateway",
        "MetricName": "Count",
        "Dimensions": [{"Name": "ApiName", "Value": "bench"}, {"Name": "Stage", "Value": STAGE}],
    }
    latency = {**metric, "MetricName": "Latency"}
    answer = bench.aws("cloudwatch").get_metric_data(
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(seconds=1),
        ScanBy="TimestampAscending",
        MetricDataQueries=[
            {"Id": "count", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
            {"Id": "p99", "MetricStat": {"Metric": latency, "Period": 60, "Stat": "p99"}},
        ],
    )
    count, p99 = answer["MetricDataResults"]
    assert sum(count["Values"]) == 4
    assert 3 <= len(count["Timestamps"]) <= 4
    assert count["Timestamps"] == sorted(count["Timestamps"]) == p99["Timestamps"]
    assert all(value > 0 for value in p99["Values"])


def ask(bench: Bench, query: str, **more: Any) -> list[dict[str, str]]:
    logs = bench.aws("logs")
    now = int(time.time())
    asked = {"logGroupName": "/aws/lambda/thing", "startTime": now - 7200, "endTime": now, **more}
    number = logs.start_query(queryString=query, **asked)["queryId"]
    answer = logs.get_query_results(queryId=number)
    assert answer["status"] == "Complete"
    assert answer["statistics"]["recordsMatched"] >= len(answer["results"]) or "stats" in query
    return [{field["field"]: field["value"] for field in row} for row in answer["results"]]


LINES = ("one error|x", '{"level": "ERROR", "error": {"code": 7}}', "two fine", "START RequestId: " + "a" * 36)


@pytest.fixture
def written(bench: Bench) -> Bench:
    logs = bench.aws("logs")
    logs.create_log_group(logGroupName="/aws/lambda/thing")
    logs.create_log_stream(logGroupName="/aws/lambda/thing", logStreamName="s")
    start = int(time.time() * 1000) - 60_000
    messages = [{"timestamp": start + i * 1000, "message": text} for i, text in enumerate(LINES)]
    logs.put_log_events(logGroupName="/aws/lambda/thing", logStreamName="s", logEvents=messages)
    return bench


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fields @timestamp, @message, @logStream | filter @message like /ERROR|error/ | sort @timestamp desc", [1, 0]),
        ("fields @message | filter @message like /(?i)error/ | sort @timestamp asc | limit 1", [0]),
        ("fields @message\n# a remark\n| filter @message like 'error|x'", [0]),
        ('fields @message | filter @message =~ "two" or error.code > 5 | sort @timestamp asc', [1, 2]),
        ("fields @message | filter not (@message like /o/) and level = 'ERROR'", []),
        ("fields @message | filter level in ['ERROR', 'FATAL']", [1]),
        ("fields @message | filter ispresent(@requestId)", [3]),
        ("fields @message | filter @message not like /e/ | limit 5", []),
        ("filter @message like /one/", [0]),
    ],
)
def test_insights(written: Bench, query: str, expected: list[int]) -> None:
    rows = ask(written, query)
    assert [row["@message"] for row in rows] == [LINES[index] for index in expected]
    assert all(row["@ptr"] for row in rows)


def test_insights_counts(written: Bench) -> None:
    (row,) = ask(written, "filter @message like /fine|error/ | stats count(*) as n by @logStream")
    assert row == {"@logStream": "s", "n": "3"}
    assert sum(int(row["count(*)"]) for row in ask(written, "stats count(*) by bin(1m)")) == len(LINES)


def test_insights_reads_its_span_only(written: Bench) -> None:
    now = int(time.time())
    assert ask(written, "fields @message", startTime=now - 7200, endTime=now - 3600) == []


@pytest.mark.parametrize(
    "query", ["parse @message '*' as a", "filter @message like /(/", "limit many", "filter (a = 1"]
)
def test_a_malformed_query_is_refused(written: Bench, query: str) -> None:
    with pytest.raises(ClientError, match="MalformedQueryException"):
        ask(written, query)


def test_insights_of_a_missing_group(bench: Bench) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        ask(bench, "fields @message", logGroupName="nothing")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        bench.aws("logs").get_query_results(queryId="nothing")
