"""The same `check` against an API in an emulator that shares no code with our sandbox."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
SOURCE = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'ok'}\n"


@dataclass
class Shop:
    endpoint: str
    api_id: str


def build(endpoint: str, name: str, *, http_method: str = "POST", permission: bool = True) -> Shop:
    """GET /orders/{id} on stage prod, a Lambda proxy, with or without its two usual mistakes."""
    session = boto3.Session("test", "test", region_name="us-east-1")

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=endpoint)

    role = client("iam").create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", SOURCE)
    function = client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Role=role, Handler="app.handler", Code={"ZipFile": package.getvalue()}
    )["FunctionArn"]
    gateway = client("apigateway")
    gateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}])
    api = gateway.create_rest_api(name=name)["id"]
    parent = gateway.get_resources(restApiId=api)["items"][0]["id"]
    for part in ("orders", "{id}"):
        parent = gateway.create_resource(restApiId=api, parentId=parent, pathPart=part)["id"]
    method = {"restApiId": api, "resourceId": parent, "httpMethod": "GET"}
    gateway.put_method(**method, authorizationType="NONE")
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
    gateway.put_integration(**method, type="AWS_PROXY", integrationHttpMethod=http_method, uri=uri)
    gateway.create_deployment(restApiId=api, stageName="prod")
    if permission:
        account = function.split(":")[4]
        client("lambda").add_permission(
            FunctionName=name,
            StatementId="apigateway",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:us-east-1:{account}:{api}/*/GET/orders/*",
        )
    return Shop(endpoint, api)


def check(shop: Shop, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of `check`, run as a person would."""
    command = [
        sys.executable,
        "-m",
        "wizard",
        "check",
        "--endpoint-url",
        shop.endpoint,
        "--region",
        "us-east-1",
        "--api-id",
        shop.api_id,
        "--stage",
        "prod",
        "--method",
        "GET",
        "--path",
        "/orders/42",
        "--output",
        "json",
        *words,
    ]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **KEYS}, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("mistake", "cause", "hop"),
    [
        ({"permission": False}, "lambda-permission-missing", "lambda-permission"),
        ({"http_method": "GET"}, "lambda-integration-method-not-post", "integration-config"),
    ],
)
def test_found_without_any_log(ministack: str, mistake: dict[str, Any], cause: str, hop: str) -> None:
    shop = build(ministack, f"broken-{cause}"[:40], **mistake)
    code, report = check(shop, "--status", "500")
    assert code == 3
    first = report["findings"][0]
    assert (first["cause"], first["confidence"], first["explains_symptom"]) == (cause, "confirmed", True)
    assert report["failing_hop"] == hop
    assert any("log" in item["probe"] for item in report["not_checked"])


def test_what_the_emulator_lacks_is_not_checked_and_nothing_is_invented(ministack: str) -> None:
    shop = build(ministack, "healthy-shop")
    code, report = check(shop, "--allow-invoke")
    assert report["findings"] == []
    assert (code, report["outcome"]) == (5, "inconclusive")
    unchecked = {item["probe"]: item for item in report["not_checked"]}
    assert "method.test_invoke" in unchecked  # ministack has no TestInvokeMethod
    assert all(item["reason"] and (item["needs"] or item["manual"]) for item in unchecked.values())
