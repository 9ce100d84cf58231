"""One sandbox server for all tests of this folder, and a small API that a test can bend."""

from __future__ import annotations

import io
import json
import textwrap
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

import pytest

from wizard.sandbox.clients import client
from wizard.sandbox.server import SandboxServer

REGION, ACCOUNT, STAGE = "us-east-1", "123456789012", "prod"
AFTERWARDS = ("AWS Integration Endpoint RequestId : ", "X-ray Tracing ID : ")
_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Reply:
    """What a client got."""

    status: int
    body: str
    headers: Message

    @property
    def message(self) -> str:
        return str(json.loads(self.body)["message"])


def package(source: str) -> bytes:
    """A zip with app.py."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("app.py", textwrap.dedent(source))
    return archive.getvalue()


def lambda_uri(function: str, region: str = REGION) -> str:
    arn = f"arn:aws:lambda:{region}:{ACCOUNT}:function:{function}"
    return f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"


@dataclass
class Bench:
    """GET /things/{id} of a fresh API, deployed to a stage that logs everything."""

    endpoint: str
    api_id: str = ""
    role: str = ""
    resources: dict[str, str] = field(default_factory=dict)

    def aws(self, service: str, region: str = REGION) -> Any:
        return client(self.endpoint, service, region)

    def build(self) -> Bench:
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        made = self.aws("iam").create_role(
            RoleName="worker", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        self.role = made["Role"]["Arn"]
        gateway = self.aws("apigateway")
        logging = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": self.role}]
        gateway.update_account(patchOperations=logging)
        self.api_id = gateway.create_rest_api(name="bench")["id"]
        self.resources["/"] = gateway.get_resources(restApiId=self.api_id)["items"][0]["id"]
        return self

    def resource(self, path: str) -> str:
        parent, _, part = path.rpartition("/")
        if path not in self.resources:
            above = self.resource(parent or "/")
            made = self.aws("apigateway").create_resource(restApiId=self.api_id, parentId=above, pathPart=part)
            self.resources[path] = made["id"]
        return self.resources[path]

    def method(self, path: str, verb: str = "GET", **integration: Any) -> None:
        where = {"restApiId": self.api_id, "resourceId": self.resource(path), "httpMethod": verb}
        gateway = self.aws("apigateway")
        gateway.put_method(**where, authorizationType="NONE")
        settings = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", **integration}
        gateway.put_integration(**where, **settings)

    def deploy(self, level: str = "INFO", trace: bool = True, **variables: str) -> str:
        gateway = self.aws("apigateway")
        made = gateway.create_deployment(restApiId=self.api_id, stageName=STAGE, variables=variables)
        operations = [
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": level},
            {"op": "replace", "path": "/*/*/logging/dataTrace", "value": str(trace).lower()},
        ]
        gateway.update_stage(restApiId=self.api_id, stageName=STAGE, patchOperations=operations)
        return str(made["id"])

    def function(self, source: str, name: str = "thing", region: str = REGION, **settings: Any) -> None:
        wanted = {"Handler": "app.handler", "Runtime": "python3.12", "Role": self.role, **settings}
        self.aws("lambda", region).create_function(FunctionName=name, Code={"ZipFile": package(source)}, **wanted)

    def permit(self, name: str = "thing", tail: str = "*/*/*", **more: str) -> None:
        source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{self.api_id}/{tail}"
        wanted = {"StatementId": "gateway", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
        self.aws("lambda").add_permission(FunctionName=name, **{**wanted, "SourceArn": source, **more})

    def serve(self, source: str, **settings: Any) -> None:
        """A function behind GET /things/{id}, permitted and deployed."""
        self.function(source, **settings)
        self.permit()
        self.method("/things/{id}", uri=lambda_uri("thing"))
        self.deploy()

    def get(self, path: str = "/things/1", verb: str = "GET", body: bytes | None = None, **headers: str) -> Reply:
        url = f"{self.endpoint}/_aws/execute-api/{self.api_id}/{STAGE}{path}"
        request = urllib.request.Request(url, data=body, method=verb, headers=headers)
        try:
            answer = _OPEN.open(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Reply(answer.status, answer.read().decode(), answer.headers)

    def test_invoke(self, path: str = "/things/{id}", **more: Any) -> dict[str, Any]:
        where = {"restApiId": self.api_id, "resourceId": self.resources[path], "httpMethod": "GET"}
        answer: dict[str, Any] = self.aws("apigateway").test_invoke_method(**where, **more)
        return answer

    def invoke(self, payload: object = None, name: str = "thing", **more: str) -> tuple[Any, dict[str, Any]]:
        answer = self.aws("lambda").invoke(FunctionName=name, Payload=json.dumps(payload), **more)
        return json.loads(answer["Payload"].read()), answer

    def log(self, group: str, region: str = REGION) -> list[str]:
        logs = self.aws("logs", region)
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return []
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return [event["message"] for page in pages for event in page["events"]]

    def execution_log(self) -> list[str]:
        """Lines of the execution log without their request ids, and without the ids that follow a completed request."""
        return [line for line in self.whole_execution_log() if not line.startswith(AFTERWARDS)]

    def whole_execution_log(self) -> list[str]:
        """All lines of the execution log without their request ids."""
        lines = self.log(f"API-Gateway-Execution-Logs_{self.api_id}/{STAGE}")
        return [line.partition(") ")[2] for line in lines]

    def function_log(self, name: str = "thing") -> list[str]:
        return self.log(f"/aws/lambda/{name}")


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxServer]:
    server = SandboxServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bench(sandbox: SandboxServer) -> Bench:
    sandbox.reset()
    return Bench(sandbox.endpoint_url).build()
