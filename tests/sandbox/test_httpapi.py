"""HTTP APIs in the sandbox: routes, stages, deployments, integrations, what a function may return, log and metrics."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import ACCOUNT, REGION, Bench, Reply
from wizard.sandbox.gateway.httpapi.response import judge
from wizard.sandbox.gateway.proxyresponse import MalformedError
from wizard.sandbox.server import SandboxServer

_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))
ECHO = "import json\n\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"
FAILS = "def handler(event, context):\n    raise RuntimeError('no stock')\n"
GROUP = "things-access"
NAMES = (
    "requestId", "extendedRequestId", "routeKey", "path", "status", "error.message", "error.responseType",
    "integration.error", "integrationErrorMessage", "integrationStatus", "integration.status", "integration.requestId",
    "integrationLatency", "stage", "authorizer.error",
)  # fmt: skip
EVERYTHING = json.dumps({name: f"$context.{name}" for name in NAMES})


def function_arn(name: str = "thing") -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


@dataclass
class HttpBench(Bench):
    """An HTTP API with the stage $default that deploys by itself, and one function."""

    integrations: dict[str, str] = field(default_factory=dict)

    def build(self) -> HttpBench:
        super().build()
        self.api_id = self.aws("apigatewayv2").create_api(Name="things", ProtocolType="HTTP")["ApiId"]
        self.stage("$default", AutoDeploy=True)
        return self

    def stage(self, name: str, **settings: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.aws("apigatewayv2").create_stage(ApiId=self.api_id, StageName=name, **settings)
        return made

    def route(self, key: str, **integration: Any) -> str:
        wanted = {
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": function_arn(),
            "PayloadFormatVersion": "2.0",
            **integration,
        }
        gateway = self.aws("apigatewayv2")
        made = str(gateway.create_integration(ApiId=self.api_id, **wanted)["IntegrationId"])
        gateway.create_route(ApiId=self.api_id, RouteKey=key, Target=f"integrations/{made}")
        self.integrations[key] = made
        return made

    def set(self, key: str, **integration: Any) -> None:
        gateway = self.aws("apigatewayv2")
        gateway.update_integration(ApiId=self.api_id, IntegrationId=self.integrations[key], **integration)

    def update_stage(self, name: str = "$default", **settings: Any) -> None:
        self.aws("apigatewayv2").update_stage(ApiId=self.api_id, StageName=name, **settings)

    def log_access(self, template: str = EVERYTHING) -> None:
        self.aws("logs").create_log_group(logGroupName=GROUP)
        destination = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}"
        self.update_stage(AccessLogSettings={"DestinationArn": destination, "Format": template})

    def get(self, path: str = "/things/1", verb: str = "GET", body: bytes | None = None, **headers: str) -> Reply:
        url = f"{self.endpoint}/_aws/execute-api/{self.api_id}{path}"
        try:
            answer = _OPEN.open(urllib.request.Request(url, data=body, method=verb, headers=headers), timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Reply(answer.status, answer.read().decode(), answer.headers)

    def event(self, path: str, verb: str = "GET", body: bytes | None = None, **headers: str) -> dict[str, Any]:
        """What an echoing function was sent."""
        loaded: dict[str, Any] = json.loads(self.get(path, verb, body, **headers).body)
        return loaded

    def entry(self) -> dict[str, str]:
        """The newest entry of the access log."""
        loaded: dict[str, str] = json.loads(self.log(GROUP)[-1])
        return loaded


@pytest.fixture
def api(sandbox: SandboxServer) -> HttpBench:
    sandbox.reset()
    return HttpBench(sandbox.endpoint_url).build()


@pytest.fixture
def echo(api: HttpBench) -> HttpBench:
    """Any request that finds a route is answered with the event."""
    api.function(ECHO)
    api.permit(tail="*")
    return api


def refuses(api: HttpBench, reply: Reply, status: int, message: str) -> None:
    assert (reply.status, reply.message) == (status, message)
    assert reply.headers["apigw-requestid"]
    assert reply.headers["x-amzn-ErrorType"] is None


@pytest.mark.parametrize(
    ("verb", "path", "key", "parameters"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1", {}),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}", {"id": "2"}),
        ("GET", "/pets/cat/1", "GET /pets/{rest+}", {"rest": "cat/1"}),
        ("DELETE", "/pets/dog/1", "ANY /{proxy+}", {"proxy": "pets/dog/1"}),
        ("POST", "/test/5", "ANY /{proxy+}", {"proxy": "test/5"}),
        ("GET", "/", "$default", {}),
    ],
)
def test_the_most_specific_route_serves(
    echo: HttpBench, verb: str, path: str, key: str, parameters: dict[str, str]
) -> None:
    for route in ("$default", "ANY /{proxy+}", "GET /pets/{rest+}", "GET /pets/dog/{id}", "GET /pets/dog/1"):
        echo.route(route)
    event = echo.event(path, verb)
    assert (event["routeKey"], event.get("pathParameters", {})) == (key, parameters)


def test_the_exact_method_comes_before_any(echo: HttpBench) -> None:
    echo.route("ANY /things")
    echo.route("GET /things")
    assert [echo.event("/things", verb)["routeKey"] for verb in ("GET", "PUT")] == ["GET /things", "ANY /things"]


def test_no_route_and_no_stage_are_not_found(echo: HttpBench) -> None:
    echo.log_access()
    echo.route("GET /things")
    refuses(echo, echo.get("/other"), 404, "Not Found")
    assert (echo.entry()["status"], echo.entry()["routeKey"]) == ("404", "-")
    echo.aws("apigatewayv2").delete_stage(ApiId=echo.api_id, StageName="$default")
    refuses(echo, echo.get("/things"), 404, "Not Found")


def test_format_2(echo: HttpBench) -> None:
    echo.update_stage(StageVariables={"colour": "blue"})
    echo.route("POST /things/{id}")
    event = echo.event("/things/7?a=1&a=2&b=", "POST", b'{"x": 1}', Cookie="one=1; two=2", Accept="*/*")
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "POST /things/{id}", "/things/7")
    assert event["queryStringParameters"] == {"a": "1,2", "b": ""}
    assert event["rawQueryString"] == "a=1&a=2&b="
    assert (event["cookies"], event["stageVariables"]) == (["one=1", "two=2"], {"colour": "blue"})
    assert event["headers"]["accept"] == "*/*"
    assert not {"cookie", "Accept"} & set(event["headers"])
    http = event["requestContext"]["http"]
    assert (http["method"], http["path"], event["requestContext"]["stage"]) == ("POST", "/things/7", "$default")
    assert (event["body"], event["isBase64Encoded"]) == ('{"x": 1}', False)
    assert "httpMethod" not in event


def test_a_binary_body_is_encoded(echo: HttpBench) -> None:
    echo.route("POST /things")
    event = echo.event("/things", "POST", b"\x00\x01", **{"Content-Type": "image/png"})
    assert (event["body"], event["isBase64Encoded"]) == ("AAE=", True)


def test_format_1(echo: HttpBench) -> None:
    echo.route("GET /things/{id}", PayloadFormatVersion="1.0")
    event = echo.event("/things/7?a=1&a=2")
    assert (event["version"], event["resource"], event["path"]) == ("1.0", "/things/{id}", "/things/7")
    assert (event["httpMethod"], event["pathParameters"]) == ("GET", {"id": "7"})
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["requestContext"]["resourcePath"] == "/things/{id}"
    assert "rawPath" not in event


def test_a_named_stage_shows_in_the_path_and_keeps_its_deployment(echo: HttpBench) -> None:
    gateway = echo.aws("apigatewayv2")
    echo.route("GET /things")
    first = gateway.create_deployment(ApiId=echo.api_id, Description="first")["DeploymentId"]
    echo.stage("beta", DeploymentId=first, StageVariables={"colour": "red"})
    echo.route("GET /more")
    event = echo.event("/beta/things")
    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/beta/things", "beta")
    assert event["stageVariables"] == {"colour": "red"}
    assert echo.get("/more").status == 200, "$default deploys by itself"
    refuses(echo, echo.get("/beta/more"), 404, "Not Found")
    gateway.create_deployment(ApiId=echo.api_id, StageName="beta")
    assert echo.get("/beta/more").status == 200
    echo.update_stage("beta", DeploymentId=first)
    assert echo.get("/beta/more").status == 404


def test_a_stage_without_a_deployment_finds_nothing(echo: HttpBench) -> None:
    echo.route("GET /things")
    assert "DeploymentId" not in echo.stage("empty")
    refuses(echo, echo.get("/empty/things"), 404, "Not Found")


def test_a_correction_is_live_at_once_with_auto_deploy_only(echo: HttpBench) -> None:
    gateway = echo.aws("apigatewayv2")
    echo.route("GET /things", IntegrationUri=function_arn("nothing"))
    made = gateway.create_deployment(ApiId=echo.api_id)["DeploymentId"]
    echo.stage("beta", DeploymentId=made)
    before = gateway.get_stage(ApiId=echo.api_id, StageName="$default")
    echo.set("GET /things", IntegrationUri=function_arn())
    after = gateway.get_stage(ApiId=echo.api_id, StageName="$default")
    assert (echo.get("/things").status, echo.get("/beta/things").status) == (200, 500)
    assert before["DeploymentId"] != after["DeploymentId"]
    newest = gateway.get_deployment(ApiId=echo.api_id, DeploymentId=after["DeploymentId"])
    assert (newest["AutoDeployed"], newest["DeploymentStatus"]) == (True, "DEPLOYED")
    assert gateway.get_deployment(ApiId=echo.api_id, DeploymentId=made)["AutoDeployed"] is False
    assert gateway.get_deployments(ApiId=echo.api_id)["Items"][0]["DeploymentId"] == after["DeploymentId"]


@pytest.mark.parametrize(
    ("tail", "key", "path", "status"),
    [
        ("*/*/things/{id}", "GET /things/{id}", "/things/1", 200),
        ("$default/GET/things/{id}", "GET /things/{id}", "/things/1", 200),
        ("*/*/things*", "GET /things/{id}", "/things/1", 200),
        ("*/*", "$default", "/any", 200),
        ("*/$default", "$default", "/any", 200),
        ("*/*/*", "$default", "/any", 500),
        ("*/*/{proxy+}", "ANY /{proxy+}", "/any/where", 200),
        ("*/*/any/where", "ANY /{proxy+}", "/any/where", 500),
        ("*/POST/things/{id}", "GET /things/{id}", "/things/1", 500),
        ("prod/*/things/{id}", "GET /things/{id}", "/things/1", 500),
        ("*/*/things/1", "GET /things/{id}", "/things/1", 500),
    ],
)
def test_the_resource_policy_sees_the_route_as_its_key_has_it(
    api: HttpBench, tail: str, key: str, path: str, status: int
) -> None:
    api.function(ECHO)
    api.permit(tail=tail)
    api.route(key)
    assert api.get(path).status == status


def test_a_refusal_is_told_by_the_access_log_alone(api: HttpBench) -> None:
    api.function(ECHO)
    api.log_access()
    api.route("GET /things")
    reply = api.get("/things")
    refuses(api, reply, 500, "Internal Server Error")
    seen = api.entry()
    assert seen["requestId"] == seen["extendedRequestId"] == reply.headers["apigw-requestid"]
    assert (seen["routeKey"], seen["path"], seen["status"]) == ("GET /things", "/things", "500")
    assert (seen["error.message"], seen["error.responseType"]) == ("Internal Server Error", "INTEGRATION_FAILURE")
    assert seen["integrationErrorMessage"] == seen["integration.error"]
    assert seen["integration.error"].startswith("The IAM role configured on the integration or API Gateway doesn't")
    assert (seen["integration.requestId"], seen["authorizer.error"]) == ("-", "-")
    groups = api.aws("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == [GROUP], "there is no execution log"


def test_a_function_that_fails(api: HttpBench) -> None:
    api.function(FAILS)
    api.permit(tail="*")
    api.log_access()
    api.route("GET /things")
    refuses(api, api.get("/things"), 500, "Internal Server Error")
    seen = api.entry()
    assert seen["integration.error"] == (
        "The Lambda function returned the following error: no stock. Check your Lambda function code and try again."
    )
    assert (seen["integrationStatus"], seen["integration.status"]) == ("200", "-")
    assert f"RequestId: {seen['integration.requestId']}" in "\n".join(api.function_log())


def test_too_slow(api: HttpBench) -> None:
    api.function("import time\n\ndef handler(event, context):\n    time.sleep(0.6)\n    return {}\n")
    api.permit(tail="*")
    api.log_access()
    api.route("GET /things", TimeoutInMillis=100)
    refuses(api, api.get("/things"), 503, "Service Unavailable")
    seen = api.entry()
    assert (seen["error.responseType"], seen["integrationStatus"]) == ("INTEGRATION_TIMEOUT", "-")
    assert 100 <= int(seen["integrationLatency"]) < 600
    with pytest.raises(ClientError, match="between 50 and 30000"):
        api.set("GET /things", TimeoutInMillis=30_001)


def test_throttled(echo: HttpBench) -> None:
    echo.aws("lambda").put_function_concurrency(FunctionName="thing", ReservedConcurrentExecutions=0)
    echo.log_access()
    echo.route("GET /things")
    refuses(echo, echo.get("/things"), 500, "Internal Server Error")
    assert echo.entry()["integrationStatus"] == "429"


@pytest.mark.parametrize("method", ["ANY", "GET"])
def test_lambda_is_called_with_post(echo: HttpBench, method: str) -> None:
    echo.log_access()
    echo.route("ANY /things", IntegrationMethod=method)
    refuses(echo, echo.get("/things"), 500, "Internal Server Error")
    assert echo.entry()["integrationStatus"] == "403"
    assert echo.function_log() == []
    echo.set("ANY /things", IntegrationMethod="POST")
    assert echo.get("/things").status == 200


def test_stage_variables_name_the_function(echo: HttpBench) -> None:
    echo.update_stage(StageVariables={"name": "thing"})
    path = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{{}}/invocations"
    echo.route("GET /arn", IntegrationUri=function_arn("${stageVariables.name}"))
    echo.route("GET /path", IntegrationUri=path.format(function_arn("${stageVariables.name}")))
    assert [echo.get(each).status for each in ("/arn", "/path")] == [200, 200]
    echo.update_stage(StageVariables={"name": ""})
    assert echo.aws("apigatewayv2").get_stage(ApiId=echo.api_id, StageName="$default")["StageVariables"] == {}
    assert [echo.get(each).status for each in ("/arn", "/path")] == [500, 500]


def test_an_http_proxy(echo: HttpBench) -> None:
    echo.route("GET /{file}", IntegrationType="HTTP_PROXY", IntegrationMethod="GET", PayloadFormatVersion="1.0",
               IntegrationUri=f"{echo.endpoint}/_sandbox/{{file}}")  # fmt: skip
    reply = echo.get("/health")
    assert (reply.status, json.loads(reply.body)) == (200, {"status": "ok"})
    echo.set("GET /{file}", IntegrationUri="http://127.0.0.1:9/")
    refuses(echo, echo.get("/health"), 500, "Internal Server Error")
    echo.set("GET /{file}", IntegrationUri="https://example.com/")
    refuses(echo, echo.get("/health"), 500, "Internal Server Error")


def test_other_integrations_are_refused(api: HttpBench) -> None:
    with pytest.raises(ClientError, match="may only be associated with proxy integrations"):
        api.route("GET /things", IntegrationType="AWS")
    with pytest.raises(ClientError, match="PayloadFormatVersion is a required parameter"):
        api.route("GET /things", PayloadFormatVersion="")


@pytest.mark.parametrize(
    ("returned", "status", "body"),
    [
        ({"statusCode": 201, "body": "made"}, 201, "made"),
        ({"statusCode": "202"}, 202, ""),
        ({"ok": True}, 200, '{"ok": true}'),
        ({"body": "x"}, 200, '{"body": "x"}'),
        ("hello", 200, "hello"),
        ([1, 2], 200, "[1, 2]"),
        (None, 200, "null"),
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, 200, "hi"),
        ({"statusCode": 200, "body": "x", "surplus": 1}, 200, "x"),
    ],
)
def test_what_format_2_takes(returned: object, status: int, body: str) -> None:
    answer = judge(json.dumps(returned), "2.0")
    assert (answer.status, answer.body.decode()) == (status, body)
    assert ("content-type", "application/json") in answer.headers


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize(
    "returned",
    [
        {"statusCode": "OK"},
        {"statusCode": 20},
        {"statusCode": True},
        {"statusCode": None},
        {"statusCode": 200, "body": {"id": 1}},
        {"statusCode": 200, "body": 5},
        {"statusCode": 200, "headers": [["a", "b"]]},
        {"statusCode": 200, "headers": {"a": {"b": 1}}},
        {"statusCode": 200, "body": "?", "isBase64Encoded": True},
    ],
)
def test_what_no_format_takes(returned: object, version: str) -> None:
    with pytest.raises(MalformedError):
        judge(json.dumps(returned), version)


@pytest.mark.parametrize(
    "returned", [{"ok": True}, "hello", [1], None, {"statusCode": 200, "multiValueHeaders": {"a": "b"}}]
)
def test_what_format_1_alone_refuses(returned: object) -> None:
    judge(json.dumps(returned), "2.0")
    with pytest.raises(MalformedError):
        judge(json.dumps(returned), "1.0")


def test_headers_and_cookies() -> None:
    made = {"statusCode": 200, "headers": {"X-Count": 3, "Content-Type": "text/css"}, "cookies": ["a=1", "b=2"]}
    assert judge(json.dumps(made), "2.0").headers == [
        ("X-Count", "3"), ("Content-Type", "text/css"), ("set-cookie", "a=1"), ("set-cookie", "b=2"),
    ]  # fmt: skip


def test_a_format_without_an_id_is_refused_and_a_log_can_be_stopped(echo: HttpBench) -> None:
    with pytest.raises(ClientError, match=r"must include at least \$context.requestId"):
        echo.log_access("$context.status")
    echo.update_stage(AccessLogSettings={"DestinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}",
                                         "Format": "$context.requestId"})  # fmt: skip
    echo.route("GET /things")
    reply = echo.get("/things")
    assert echo.log(GROUP) == [reply.headers["apigw-requestid"]]
    echo.aws("apigatewayv2").delete_access_log_settings(ApiId=echo.api_id, StageName="$default")
    echo.get("/things")
    assert len(echo.log(GROUP)) == 1
    assert "AccessLogSettings" not in echo.aws("apigatewayv2").get_stage(ApiId=echo.api_id, StageName="$default")


def measured(api: HttpBench, name: str, **dimensions: str) -> list[float]:
    """Sums of a metric with exactly these dimensions."""
    now = datetime.now(UTC)
    found = api.aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/ApiGateway", MetricName=name, Period=3600, Statistics=["Sum"],
        StartTime=now - timedelta(hours=1), EndTime=now + timedelta(hours=1),
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
    )  # fmt: skip
    return [point["Sum"] for point in found["Datapoints"]]


def test_metrics(echo: HttpBench) -> None:
    echo.route("GET /things")
    echo.get("/things")
    stage = {"ApiId": echo.api_id, "Stage": "$default"}
    route = {**stage, "Method": "GET", "Resource": "/things"}
    assert measured(echo, "Count", **route) == [], "routes are measured when the stage asks for it"
    echo.update_stage(DefaultRouteSettings={"DetailedMetricsEnabled": True})
    echo.aws("lambda").remove_permission(FunctionName="thing", StatementId="gateway")
    echo.get("/things")
    echo.get("/nowhere")
    assert [measured(echo, name, **stage) for name in ("Count", "4xx", "5xx")] == [[3.0], [1.0], [1.0]]
    assert measured(echo, "Count", ApiId=echo.api_id) == [3.0]
    assert [measured(echo, name, **route) for name in ("Count", "4xx", "5xx")] == [[1.0], [0.0], [1.0]]
    assert measured(echo, "DataProcessed", **stage)[0] > 0
    assert measured(echo, "5XXError", **stage) == []


def test_lists_come_in_pages(echo: HttpBench) -> None:
    gateway = echo.aws("apigatewayv2")
    for number in range(3):
        echo.route(f"GET /{number}")
    first = gateway.get_routes(ApiId=echo.api_id, MaxResults="2")
    second = gateway.get_routes(ApiId=echo.api_id, MaxResults="2", NextToken=first["NextToken"])
    assert (len(first["Items"]), len(second["Items"]), "NextToken" in second) == (2, 1, False)
    assert len(gateway.get_integrations(ApiId=echo.api_id)["Items"]) == 3
    assert [item["StageName"] for item in gateway.get_stages(ApiId=echo.api_id)["Items"]] == ["$default"]
    assert [item["ApiId"] for item in gateway.get_apis()["Items"]] == [echo.api_id]


def test_a_deployment_in_use_stays(echo: HttpBench) -> None:
    gateway = echo.aws("apigatewayv2")
    with pytest.raises(ClientError, match="At least one route is required"):
        gateway.create_deployment(ApiId=echo.api_id)
    echo.route("GET /things")
    made = gateway.create_deployment(ApiId=echo.api_id)["DeploymentId"]
    echo.stage("beta", DeploymentId=made)
    with pytest.raises(ClientError, match="Active stages"):
        gateway.delete_deployment(ApiId=echo.api_id, DeploymentId=made)
    gateway.delete_stage(ApiId=echo.api_id, StageName="beta")
    gateway.delete_deployment(ApiId=echo.api_id, DeploymentId=made)
    for call in (gateway.get_deployment, gateway.delete_deployment):
        with pytest.raises(ClientError, match="NotFoundException"):
            call(ApiId=echo.api_id, DeploymentId=made)
    with pytest.raises(ClientError, match="NotFoundException"):
        echo.update_stage(AutoDeploy=False, DeploymentId="abc123")


def test_the_other_type_of_api_is_not_found(echo: HttpBench) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        echo.aws("apigateway").get_rest_api(restApiId=echo.api_id)
    rest = echo.aws("apigateway").create_rest_api(name="rest")["id"]
    with pytest.raises(ClientError, match="NotFoundException"):
        echo.aws("apigatewayv2").get_api(ApiId=rest)


def test_changes_are_noted_in_the_trail(echo: HttpBench) -> None:
    echo.route("GET /things")
    echo.set("GET /things", TimeoutInMillis=5_000)
    echo.update_stage(StageVariables={"a": "b"})
    asked = [{"AttributeKey": "ResourceName", "AttributeValue": echo.api_id}]
    found = echo.aws("cloudtrail").lookup_events(LookupAttributes=asked)["Events"]
    assert [event["EventName"] for event in found] == [
        "UpdateStage", "UpdateIntegration", "CreateRoute", "CreateIntegration", "CreateStage",
    ]  # fmt: skip
    assert {event["EventSource"] for event in found} == {"apigateway.amazonaws.com"}
    changed = json.loads(found[1]["CloudTrailEvent"])["requestParameters"]
    assert (changed["integrationId"], changed["timeoutInMillis"]) == (echo.integrations["GET /things"], 5_000)
