"""The access log in the stage's own format, and what its variables hold."""

from __future__ import annotations

import csv
import json
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import ACCOUNT, REGION, STAGE, Bench, lambda_uri

GROUP = "things-access"
OK = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'fine'}\n"
NAMES = (
    "requestId", "extendedRequestId", "status", "httpMethod", "resourcePath", "path", "responseLength",
    "responseLatency", "error.message", "error.messageString", "error.responseType", "integration.error",
    "integrationErrorMessage", "integration.integrationStatus", "integration.status", "integration.latency",
    "integration.requestId", "identity.sourceIp", "requestTime", "xrayTraceId", "authorizer.principalId",
)  # fmt: skip
EVERYTHING = json.dumps({name: f"$context.{name}" for name in NAMES if name != "error.messageString"})


def log_access(bench: Bench, template: str, group: str = GROUP) -> None:
    if group == GROUP:
        bench.aws("logs").create_log_group(logGroupName=GROUP)
    destination = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"
    pairs = {"/accessLogSettings/destinationArn": destination, "/accessLogSettings/format": template}
    operations = [{"op": "replace", "path": path, "value": value} for path, value in pairs.items()]
    bench.aws("apigateway").update_stage(restApiId=bench.api_id, stageName=STAGE, patchOperations=operations)


def entry(bench: Bench) -> dict[str, str]:
    (line,) = bench.log(GROUP)
    loaded: dict[str, str] = json.loads(line)
    return loaded


def test_a_success(bench: Bench) -> None:
    bench.serve(OK)
    log_access(bench, EVERYTHING)
    reply = bench.get("/things/7")
    seen = entry(bench)
    assert seen["requestId"] == reply.headers["x-amzn-RequestId"]
    assert seen["extendedRequestId"] == reply.headers["x-amz-apigw-id"]
    assert (seen["status"], seen["integration.integrationStatus"], seen["integration.status"]) == ("200", "200", "200")
    assert (seen["httpMethod"], seen["resourcePath"], seen["path"]) == ("GET", "/things/{id}", "/prod/things/7")
    assert seen["responseLength"] == "4"
    assert int(seen["responseLatency"]) >= int(seen["integration.latency"]) >= 0
    unset = ("error.message", "error.responseType", "integration.error", "xrayTraceId", "authorizer.principalId")
    assert [seen[name] for name in unset] == ["-"] * 5


def test_a_function_that_fails(bench: Bench) -> None:
    bench.serve("def handler(event, context):\n    raise KeyError('TABLE \"x\"')\n")
    log_access(bench, EVERYTHING)
    assert bench.get().status == 502
    seen = entry(bench)
    assert seen["integration.error"] == "Lambda Customer Function Error:'TABLE \"x\"'"
    assert seen["integrationErrorMessage"] == seen["integration.error"]
    assert (seen["status"], seen["integration.integrationStatus"], seen["integration.status"]) == ("502", "200", "-")
    assert (seen["error.message"], seen["error.responseType"]) == ("Internal server error", "INTEGRATION_FAILURE")
    assert f"AWS Integration Endpoint RequestId : {seen['integration.requestId']}" in bench.whole_execution_log()


@pytest.mark.parametrize(
    ("source", "settings", "status", "response_type", "service", "own"),
    [
        (
            "import time\ndef handler(e, c):\n    time.sleep(0.4)\n",
            {"timeoutInMillis": 100},
            "504",
            "TIMEOUT",
            "-",
            "-",
        ),
        (OK, {"integrationHttpMethod": "GET"}, "500", "API_CONFIGURATION_ERROR", "403", "-"),
        ("def handler(e, c):\n    return 'text'\n", {}, "502", "INTEGRATION_FAILURE", "200", "-"),
        ("def handler(e, c):\n    return {'statusCode': 503}\n", {}, "503", "-", "200", "503"),
    ],
    ids=["timeout", "method", "malformed", "own 503"],
)
def test_other_failures(
    bench: Bench, source: str, settings: dict[str, Any], status: str, response_type: str, service: str, own: str
) -> None:
    bench.function(source)
    bench.permit()
    bench.method("/things/{id}", uri=lambda_uri("thing"), **settings)
    bench.deploy()
    log_access(bench, EVERYTHING)
    bench.get()
    seen = entry(bench)
    assert seen["status"] == status
    assert seen["error.responseType"].endswith(response_type)
    assert (seen["integration.integrationStatus"], seen["integration.status"]) == (service, own)


def test_a_request_without_a_route(bench: Bench) -> None:
    bench.serve(OK)
    log_access(bench, EVERYTHING)
    bench.get("/nothing")
    seen = entry(bench)
    assert (seen["status"], seen["error.responseType"]) == ("403", "MISSING_AUTHENTICATION_TOKEN")
    assert (seen["resourcePath"], seen["integration.latency"]) == ("-", "-")


def test_the_forms_that_aws_suggests(bench: Bench) -> None:
    bench.serve("def handler(event, context):\n    raise ValueError('two\\nlines')\n")
    log_access(bench, '"$context.requestId","$context.status","$context.integration.error"')
    bench.get()
    (row,) = csv.reader(bench.log(GROUP))
    assert row[1:] == ["502", "Lambda Customer Function Error:two lines"]


def test_xml_and_common_log_format(bench: Bench) -> None:
    bench.serve(OK)
    log_access(bench, '<request id="$context.requestId"><status>$context.status</status></request>')
    bench.get()
    parsed = ElementTree.fromstring(bench.log(GROUP)[0])  # noqa: S314 - our own text
    assert parsed.findtext("status") == "200"
    log_access(
        bench,
        '$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]"$context.'
        'httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength '
        "$context.requestId $context.error.messageString",
        f"{GROUP}:*",
    )
    reply = bench.get()
    last = bench.log(GROUP)[-1]
    assert last.startswith("127.0.0.1 - - [")
    assert last.endswith(f'"GET /things/{{id}} HTTP/1.1" 200 4 {reply.headers["x-amzn-RequestId"]} -')


def test_a_format_needs_the_request_id(bench: Bench) -> None:
    bench.serve(OK)
    with pytest.raises(ClientError, match=r"context\.requestId"):
        log_access(bench, "$context.status")


def test_nothing_is_written_without_group_or_role(bench: Bench) -> None:
    bench.serve(OK)
    log_access(bench, EVERYTHING, "no-such-group")
    bench.get()
    assert bench.log("no-such-group") == []
    log_access(bench, EVERYTHING)
    none = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}]
    bench.aws("apigateway").update_account(patchOperations=none)
    bench.get()
    assert bench.log(GROUP) == []


def test_stored_and_incoming_bytes(bench: Bench) -> None:
    bench.serve(OK)
    log_access(bench, EVERYTHING)
    bench.get()
    (line,) = bench.log(GROUP)
    (group,) = bench.aws("logs").describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    assert group["storedBytes"] == len(line)
