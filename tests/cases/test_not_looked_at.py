"""What is on the path and was not looked at: shown, and never called clean where it could matter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.playing import play

HTTP = {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://example.com/{id}", "IntegrationMethod": "GET"}
QUEUE = {"IntegrationSubtype": "SQS-SendMessage", "IntegrationUri": None}
GUARDED = {"AuthorizationType": "CUSTOM", "AuthorizerId": "a1"}
AUTHORIZER = {
    "service": "apigatewayv2",
    "operation": "GetAuthorizer",
    "answer": {"AuthorizerId": "a1", "AuthorizerType": "REQUEST", "Name": "gate"},
}


def changed(operation: str, key: str, change: dict[str, Any]) -> dict[str, Any]:
    return {"service": "apigatewayv2", "operation": operation, "merge": {"Items": {key: change}}}


@pytest.mark.parametrize(
    ("answers", "hop"),
    [
        ([changed("GetIntegrations", "IntegrationId=in00002", HTTP)], "backend-http"),
        ([changed("GetIntegrations", "IntegrationId=in00002", QUEUE)], "aws-service"),
        ([changed("GetRoutes", "RouteId=rt00002", GUARDED), AUTHORIZER], "authorizer"),
    ],
    ids=["HTTP backend", "AWS service", "Lambda authorizer"],
)
def test_it_leaves_the_verdict_open(answers: list[dict[str, Any]], hop: str) -> None:
    result = play({"shop": "http", "answers": answers})
    shown = result.path.hop(hop)
    assert shown is not None
    assert shown.status == "unknown"
    assert (result.outcome, result.findings) == ("inconclusive", ())
    assert [item.probe for item in result.not_checked if not item.detail and item.probe.startswith("by-hand.")]


def test_the_fix_is_a_command_of_the_right_api() -> None:
    answers = [changed("GetIntegrations", "IntegrationId=in00002", {"IntegrationMethod": "GET"})]
    result = play({"shop": "http", "symptom": {"status": 500}, "answers": answers})
    first = result.findings[0]
    commands = [fix.text for fix in first.fix if fix.kind == "cli"]
    assert first.cause.id == "lambda-integration-method-not-post"
    assert len(commands) == 1
    assert commands[0].startswith(
        "aws apigatewayv2 update-integration --region us-east-1 --api-id a1b2c3d4e5 --integration-id in00002"
    )
    assert not [fix for fix in first.fix if fix.kind == "cli-v2"]


@pytest.mark.parametrize(("status", "outcome"), [(None, "clean"), (500, "inconclusive")])
def test_a_role_that_may_not_be_read_matters_only_while_a_500_is_unexplained(status: int | None, outcome: str) -> None:
    """With AWS's own key only a role that was made anew is at fault, which is rare."""
    refused = {"service": "iam", "operation": "GetRole", "error": {"kind": "Denied", "action": "iam:GetRole"}}
    result = play({"symptom": {"status": status} if status else {}, "answers": [refused]})
    assert result.outcome == outcome
    assert [(item.probe, item.detail) for item in result.not_checked if item.needs == "iam:GetRole"] == [
        ("lambda_fn.key", True)
    ]
    assert ("by-hand.function-key-by-hand" in {item.probe for item in result.evidence}) == (status == 500)
    assert "lambda-kms-access-denied" not in result.ruled_out


def test_metrics_alone_do_not_rule_out_throttled_calls() -> None:
    denied = {"error": {"kind": "Denied", "message": "not allowed"}}
    unread = {"execution": denied, "access": denied}
    for logs, ruled_out in ({}, True), ({"execution": denied}, True), (unread, False):
        result = play({"symptom": {"status": 500}, "logs": logs})
        assert ("lambda-throttled" in result.ruled_out) == ruled_out, logs
        assert "lambda-reserved-concurrency-zero" in result.ruled_out
