"""Canary, cache, gateway responses, client certificates: what a stage does beside running its deployment."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import STAGE, Bench
from wizard.sandbox.gateway.gatewayresponse import refuse
from wizard.sandbox.gateway.http import RefusalError, configuration_error

COUNT = """
    import os
    seen = []

    def handler(event, context):
        seen.append(1)
        status = 503 if event["pathParameters"]["id"] == "bad" else 200
        return {"statusCode": status, "body": str(len(seen)) + os.environ.get("WORD", "")}
    """


def patch(bench: Bench, **replace: str) -> None:
    operations = [{"op": "replace", "path": path, "value": value} for path, value in replace.items()]
    bench.aws("apigateway").update_stage(restApiId=bench.api_id, stageName=STAGE, patchOperations=operations)


def respond(bench: Bench, kind: str, **settings: Any) -> None:
    bench.aws("apigateway").put_gateway_response(restApiId=bench.api_id, responseType=kind, **settings)
    bench.deploy()


def total(bench: Bench, metric: str, stage: str = STAGE) -> float:
    answer = bench.aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/ApiGateway",
        MetricName=metric,
        Dimensions=[{"Name": "ApiName", "Value": "bench"}, {"Name": "Stage", "Value": stage}],
        StartTime=0,
        EndTime=4_000_000_000,
        Period=86_400,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))


def test_a_canary_serves_its_share_from_its_own_deployment(bench: Bench) -> None:
    bench.serve(COUNT)
    bench.method("/things/{id}", type="MOCK")
    gateway = bench.aws("apigateway")
    settings = {"percentTraffic": 25.0, "stageVariableOverrides": {"word": "x"}}
    made = gateway.create_deployment(restApiId=bench.api_id, stageName=STAGE, canarySettings=settings)
    shown = gateway.get_stage(restApiId=bench.api_id, stageName=STAGE)
    assert shown["canarySettings"]["deploymentId"] == made["id"] != shown["deploymentId"]
    assert shown["canarySettings"]["stageVariableOverrides"] == {"word": "x"}
    assert [bench.get().status for _ in range(8)] == [500, 200, 200, 200, 500, 200, 200, 200]
    canary = bench.log(f"API-Gateway-Execution-Logs_{bench.api_id}/{STAGE}/Canary")
    assert sum("Method completed with status: 500" in line for line in canary) == 2
    assert (total(bench, "5XXError"), total(bench, "5XXError", f"{STAGE}/Canary")) == (0.0, 2.0)


def test_a_canary_is_promoted_changed_and_taken_away(bench: Bench) -> None:
    bench.serve(COUNT)
    gateway = bench.aws("apigateway")
    where = {"restApiId": bench.api_id, "stageName": STAGE}
    made = gateway.create_deployment(**where, canarySettings={"percentTraffic": 10.0})
    operations = [
        {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "50"},
        {"op": "replace", "path": "/canarySettings/stageVariableOverrides/a", "value": "b"},
    ]
    shown = gateway.update_stage(**where, patchOperations=operations)["canarySettings"]
    assert (shown["percentTraffic"], shown["stageVariableOverrides"]) == (50.0, {"a": "b"})
    operations = [
        {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
        {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
        {"op": "remove", "path": "/canarySettings"},
    ]
    stage = gateway.update_stage(**where, patchOperations=operations)
    assert (stage["deploymentId"], stage["variables"], "canarySettings" in stage) == (made["id"], {"a": "b"}, False)


def test_the_cache_keeps_answers_by_their_keys_errors_too(bench: Bench) -> None:
    bench.serve(COUNT)
    where = {"restApiId": bench.api_id, "resourceId": bench.resources["/things/{id}"], "httpMethod": "GET"}
    operation = {"op": "add", "path": "/cacheKeyParameters/method.request.path.id"}
    gateway = bench.aws("apigateway")
    gateway.update_integration(**where, patchOperations=[operation])
    bench.deploy()
    patch(bench, **{"/cacheClusterEnabled": "true", "/cacheClusterSize": "0.5", "/*/*/caching/enabled": "true"})
    assert [bench.get(f"/things/{name}").body for name in ("1", "1", "2", "2")] == ["1", "1", "2", "2"]
    assert [bench.get("/things/bad").status for _ in range(2)] == [503, 503]
    assert (total(bench, "CacheHitCount"), total(bench, "CacheMissCount")) == (3.0, 3.0)
    gateway.flush_stage_cache(restApiId=bench.api_id, stageName=STAGE)
    assert bench.get().body == "4"
    patch(bench, **{"/*/*/caching/enabled": "false"})
    assert bench.get().body == "5"


def test_a_parameter_that_is_no_cache_key_does_not_tell_requests_apart(bench: Bench) -> None:
    bench.serve(COUNT)
    patch(bench, **{"/cacheClusterEnabled": "true", "/*/*/caching/enabled": "true"})
    assert [bench.get(f"/things/{name}").body for name in ("1", "2")] == ["1", "1"]


def test_a_gateway_response_changes_status_body_and_headers(bench: Bench) -> None:
    bench.serve("def handler(event, context):\n    return 'no'\n")
    template = (
        '{"why": "$context.error.responseType", "said": $context.error.messageString, "id": "$context.requestId"}'
    )
    headers = {"gatewayresponse.header.Retry-After": "'9'", "gatewayresponse.header.X-Stage": "context.stage"}
    respond(
        bench,
        "INTEGRATION_FAILURE",
        statusCode="418",
        responseTemplates={"application/json": template},
        responseParameters=headers,
    )
    reply = bench.get()
    body = json.loads(reply.body)
    assert (reply.status, body["why"], body["said"]) == (418, "INTEGRATION_FAILURE", "Internal server error")
    assert body["id"] == reply.headers["x-amzn-RequestId"]
    assert (reply.headers["Retry-After"], reply.headers["X-Stage"]) == ("9", STAGE)
    assert bench.execution_log()[-1] == "Method completed with status: 418"


def test_a_gateway_response_falls_back_to_its_class_and_may_break_its_json(bench: Bench) -> None:
    bench.serve("def handler(event, context):\n    return 'no'\n")
    respond(bench, "DEFAULT_5XX", responseTemplates={"application/json": '{"said": $context.error.message}'})
    reply = bench.get()
    assert (reply.status, reply.body) == (502, '{"said": Internal server error}')


def test_a_gateway_response_is_updated_part_by_part(bench: Bench) -> None:
    bench.serve("def handler(event, context):\n    return 'no'\n")
    operations = [
        {"op": "replace", "path": "/statusCode", "value": "503"},
        {"op": "add", "path": "/responseTemplates/application~1json", "value": '{"a": 1}'},
    ]
    where = {"restApiId": bench.api_id, "responseType": "DEFAULT_5XX"}
    shown = bench.aws("apigateway").update_gateway_response(**where, patchOperations=operations)
    assert (shown["statusCode"], shown["responseTemplates"]) == ("503", {"application/json": '{"a": 1}'})
    bench.deploy()
    assert (bench.get().status, bench.get().body) == (503, '{"a": 1}')


@pytest.mark.parametrize("message", [None, "boom"])
def test_without_an_api_a_refusal_has_its_plain_form(message: str | None) -> None:
    refusal = RefusalError(500, message, "T", "R")
    assert json.loads(refuse(refusal, None).body) == {"message": message}
    assert refuse(configuration_error(), None).status == 500


def test_a_client_certificate_belongs_to_the_stage_until_it_is_gone(bench: Bench) -> None:
    bench.serve(COUNT)
    gateway = bench.aws("apigateway")
    made = gateway.generate_client_certificate(description="d")
    identifier = made["clientCertificateId"]
    assert (made["expirationDate"] - made["createdDate"]).days == 365
    patch(bench, **{"/clientCertificateId": identifier})
    assert gateway.get_stage(restApiId=bench.api_id, stageName=STAGE)["clientCertificateId"] == identifier
    assert [item["clientCertificateId"] for item in gateway.get_client_certificates()["items"]] == [identifier]
    gateway.delete_client_certificate(clientCertificateId=identifier)
    with pytest.raises(ClientError, match="NotFoundException"):
        gateway.get_client_certificate(clientCertificateId=identifier)
