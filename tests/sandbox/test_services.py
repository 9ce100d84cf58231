"""Integrations with functions that are no proxy, with AWS services and with HTTP backends, as the gateway logs them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.sandbox.conftest import ACCOUNT, REGION, Bench, Reply, lambda_uri
from tests.sandbox.test_mapping import CONFIGURATION, failure, post, row

FORM = "application/x-www-form-urlencoded"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/gateway-role"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:things"


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(bench: Bench, action: str = "*", resource: str = "*", service: str = "apigateway.amazonaws.com") -> None:
    """A role that ``service`` may assume and that allows one action."""
    iam = bench.aws("iam")
    trust = _policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName="gateway-role", AssumeRolePolicyDocument=trust)
    allow(bench, action, resource)


def allow(bench: Bench, action: str, resource: str = "*") -> None:
    """Let the role do this action and nothing else."""
    document = _policy({"Effect": "Allow", "Action": action, "Resource": resource})
    bench.aws("iam").put_role_policy(RoleName="gateway-role", PolicyName="p", PolicyDocument=document)


def service(bench: Bench, uri: str, template: str = "", path: str = "/m", **more: Any) -> None:
    """POST to a path with an integration of type AWS and one row for everything."""
    settings = {"type": "AWS", "uri": f"arn:aws:apigateway:{REGION}:{uri}", "credentials": ROLE, **more}
    if template:
        settings["requestTemplates"] = {"application/json": template}
    bench.method(path, verb="POST", **settings)
    row(bench, path)


# -- Lambda ------------------------------------------------------------------------------------------------------


def test_an_event_invocation_does_not_wait(bench: Bench) -> None:
    bench.function("import time\ndef handler(event, context):\n    time.sleep(0.3)\n    print('ran for', event['a'])\n")
    bench.permit()
    kind = {"integration.request.header.X-Amz-Invocation-Type": "'Event'"}
    bench.method("/m", verb="POST", type="AWS", uri=lambda_uri("thing"), requestParameters=kind, timeoutInMillis=100)
    row(bench, "/m")
    bench.deploy()
    reply = post(bench, {"a": "Ann"})
    assert (reply.status, reply.body) == (200, "")
    assert "Received response. Status: 202, Integration latency: 1 ms" in bench.execution_log()
    _runner(bench).wait_idle(10)
    assert any("ran for Ann" in line for line in bench.function_log())


def _runner(bench: Bench) -> Any:
    from wizard.sandbox import parts

    return parts.current().runner


def test_proxy_answer_behind_a_plain_integration_is_passed_as_it_is(bench: Bench) -> None:
    bench.function("def handler(event, context):\n    return {'statusCode': 404, 'body': 'none'}\n")
    bench.permit()
    bench.method("/m", verb="POST", type="AWS", uri=lambda_uri("thing"))
    row(bench, "/m")
    bench.deploy()
    reply = post(bench, {})
    assert (reply.status, json.loads(reply.body)) == (200, {"statusCode": 404, "body": "none"})


def test_proxy_code_behind_a_plain_integration_misses_its_event(bench: Bench) -> None:
    bench.function("def handler(event, context):\n    return {'statusCode': 200, 'body': event['httpMethod']}\n")
    bench.permit()
    bench.method("/m", verb="POST", type="AWS", uri=lambda_uri("thing"))
    row(bench, "/m")
    row(bench, "/m", "500", selectionPattern=".*")
    bench.deploy()
    reply = post(bench, {"a": 1})
    assert (reply.status, json.loads(reply.body)["errorType"]) == (500, "KeyError")


def test_a_plain_integration_needs_the_permission_too(bench: Bench) -> None:
    bench.function("def handler(event, context):\n    return 1\n")
    bench.method("/m", verb="POST", type="AWS", uri=lambda_uri("thing"))
    row(bench, "/m")
    bench.deploy()
    assert post(bench, {}).status == 500
    assert failure(bench) == CONFIGURATION + "Invalid permissions on Lambda function"


# -- AWS services ------------------------------------------------------------------------------------------------


def test_a_message_goes_to_a_queue_by_its_path(bench: Bench) -> None:
    sqs = bench.aws("sqs")
    url = sqs.create_queue(QueueName="things")["QueueUrl"]
    role(bench, "sqs:SendMessage", QUEUE)
    header = {"integration.request.header.Content-Type": f"'{FORM}'"}
    template = "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"
    service(bench, f"sqs:path/{ACCOUNT}/things", template, requestParameters=header)
    bench.deploy()
    assert post(bench, {"order": 7}).status == 200
    assert json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"]) == {"order": 7}
    log = bench.execution_log()
    assert f"Sending request to https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/things" in log
    assert any(line.startswith("Received response. Status: 200, Integration latency: ") for line in log)
    allow(bench, "sqs:ReceiveMessage", QUEUE)
    assert "AccessDenied" in post(bench, {"order": 8}).body
    assert any(
        line.startswith("Received response. Status: 403, Integration latency: ") for line in bench.execution_log()
    )


def test_an_error_of_the_service_is_mapped_by_its_status(bench: Bench) -> None:
    bench.aws("sqs").create_queue(QueueName="things")
    role(bench, "s3:GetObject")
    query = {
        "integration.request.querystring.QueueUrl": f"'{QUEUE}'",
        "integration.request.querystring.MessageBody": "'x'",
    }
    service(bench, "sqs:action/SendMessage", requestParameters=query)
    row(bench, "/m", "502", selectionPattern=r"4\d{2}")
    bench.deploy()
    assert post(bench, {}).status == 502


TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
FLOW = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:flow"
MESSAGE = {"QueueUrl": f"'http://localhost/{ACCOUNT}/things'", "MessageBody": "'x'"}
CALLS: list[tuple[str, str, dict[str, str], dict[str, Any]]] = [
    ("sns:action/Publish", "sns:Publish", {"TopicArn": f"'{TOPIC}'", "Message": "'hi'"}, {}),
    ("sqs:action/SendMessage", "sqs:SendMessage", MESSAGE, {}),
    ("dynamodb:action/PutItem", "dynamodb:PutItem", {}, {"TableName": "rows", "Item": {"id": {"S": "1"}}}),
    ("states:action/StartExecution", "states:StartExecution", {}, {"stateMachineArn": FLOW, "input": "{}"}),
    ("s3:path/shelf/box.txt", "s3:PutObject", {}, {"a": 1}),
]


@pytest.mark.parametrize(("uri", "action", "query", "body"), CALLS)
def test_services_are_called_as_the_role(
    bench: Bench, uri: str, action: str, query: dict[str, str], body: dict[str, Any]
) -> None:
    _make_targets(bench)
    role(bench, action)
    mapped = {f"integration.request.querystring.{name}": value for name, value in query.items()}
    verb = "PUT" if uri.startswith("s3") else "POST"
    service(bench, uri, requestParameters=mapped, integrationHttpMethod=verb)
    row(bench, "/m", "502", selectionPattern=r"[45]\d{2}")
    bench.deploy()
    answered = post(bench, body)
    assert answered.status == 200, answered.body
    allow(bench, "logs:PutLogEvents")
    refused = post(bench, body)
    assert (refused.status, "AccessDenied" in refused.body) == (502, True)


def _make_targets(bench: Bench) -> None:
    bench.aws("sns").create_topic(Name="news")
    bench.aws("sqs").create_queue(QueueName="things")
    bench.aws("s3").create_bucket(Bucket="shelf")
    bench.aws("dynamodb").create_table(
        TableName="rows", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    bench.aws("stepfunctions").create_state_machine(name="flow", definition=definition, roleArn=bench.role)


@pytest.mark.parametrize(
    ("uri", "line"),
    [
        ("sqs:action/SendMesage", "AWS ARN for integration contains invalid action"),
        ("nothing:action/Do", "AWS ARN for integration contains invalid action"),
        ("sqs:action/${stageVariables.action}", "AWS ARN for integration contains invalid action"),
        ("sqs:action/SendMessage", "API Gateway does not have permission to assume the provided role"),
    ],
)
def test_a_call_that_cannot_be_made_is_500(bench: Bench, uri: str, line: str) -> None:
    role(bench, service="lambda.amazonaws.com")
    service(bench, uri)
    bench.deploy()
    reply = post(bench, {})
    assert (reply.status, reply.message) == (500, "Internal server error")
    assert failure(bench) == CONFIGURATION + line
    assert not any(line.startswith("Received response") for line in bench.execution_log())


# -- HTTP --------------------------------------------------------------------------------------------------------


class _Backend(BaseHTTPRequestHandler):
    """Answers with the status that the path names, and with what it was asked."""

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        seen = {
            "verb": self.command, "path": self.path, "headers": dict(self.headers.items()),
            "body": self.rfile.read(length).decode(),
        }  # fmt: skip
        body = json.dumps(seen).encode()
        self.send_response(int(self.path[1:4]))
        self.send_header("Content-Type", "application/json")
        self.send_header("Location", "http://localhost:1/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def backend() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Backend)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def _http(bench: Bench, uri: str, kind: str = "HTTP_PROXY", verb: str = "POST", **more: Any) -> Reply:
    bench.method("/m", verb="POST", type=kind, uri=uri, integrationHttpMethod=verb, **more)
    row(bench, "/m")
    row(bench, "/m", "404", selectionPattern=r"4\d{2}")
    bench.deploy(status="503")
    return post(bench, {"a": 1}, "/m?x=1&x=2", **{"X-Mine": "yes", "Via": "proxy"})


def test_a_proxy_passes_status_headers_query_and_body(bench: Bench, backend: str) -> None:
    reply = _http(bench, backend + "/${stageVariables.status}")
    seen = json.loads(reply.body)
    assert (reply.status, seen["verb"], seen["path"], seen["body"]) == (503, "POST", "/503?x=1&x=2", '{"a": 1}')
    assert seen["headers"]["X-Mine"] == "yes"
    assert "Via" not in seen["headers"]


@pytest.mark.parametrize(("status", "answered"), [(200, 200), (302, 200), (404, 404), (500, 200)])
def test_a_plain_http_integration_maps_the_status_and_passes_nothing(
    bench: Bench, backend: str, status: int, answered: int
) -> None:
    reply = _http(bench, f"{backend}/{status}", "HTTP", "PUT")
    seen = json.loads(reply.body)
    assert (reply.status, seen["verb"], seen["path"]) == (answered, "PUT", f"/{status}")
    assert "X-Mine" not in seen["headers"]
    assert seen["headers"]["User-Agent"] == f"AmazonAPIGateway_{bench.api_id}"


@pytest.mark.parametrize(
    ("uri", "line"),
    [
        ("http://127.0.0.1:9/x", CONFIGURATION + "Invalid endpoint address"),
        ("http://127.0.0.1:99999/x", CONFIGURATION + "Invalid endpoint address"),
        ("http://localhost/{id}", CONFIGURATION + "Illegal character in path at index 17: http://localhost/{id}"),
        ("http://localhost/a b", CONFIGURATION + "Illegal character in path at index 18: http://localhost/a b"),
        ("http://${stageVariables.none}/x", CONFIGURATION + "Invalid endpoint address"),
    ],
)
def test_an_address_that_does_not_work_is_500(bench: Bench, uri: str, line: str) -> None:
    assert _http(bench, uri).status == 500
    assert failure(bench) == line


@pytest.mark.parametrize("uri", ["http://localhost:1025/x", "https://no-such-host.invalid/x"])
def test_an_endpoint_that_does_not_answer_is_a_network_error(bench: Bench, uri: str) -> None:
    reply = _http(bench, uri)
    assert (reply.status, reply.message) == (504, "Network error communicating with endpoint")
    assert failure(bench) == "Execution failed due to a network error communicating with endpoint"
