"""The events of three walks, written by hand: one fails, one is clean, one may not ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.tui.trees import NODES, TREE
from wizard.model import events as ev
from wizard.model.arn import FunctionRef
from wizard.model.aws import Call
from wizard.model.case import Case, Symptom, Target, Window
from wizard.model.path import Hop, Link
from wizard.model.probe import Evidence
from wizard.model.status import Level, Proof, Reason, Status
from wizard.model.trace import Integration, Trace

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TARGET = Target(
    api_id="a1b2c3d4e5",
    stage="prod",
    method="GET",
    path="/orders/42",
    region="us-east-1",
    account="123456789012",
    url="https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/orders/42",
)
CASE = Case(TARGET, Symptom(status=500, message="Internal server error"), Window(WHEN, WHEN))


URI = (
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    + "arn:aws:lambda:us-east-1:123456789012:function:shop-orders:live/invocations"
)
TRACE = Trace(
    api_name="shop",
    api_id="a1b2c3d4e5",
    endpoint_type="REGIONAL",
    stage="prod",
    resource_id="r1",
    resource_path="/orders/{id}",
    method_key="GET",
    deployment_id="d1",
    integration=Integration("AWS_PROXY", URI, "POST"),
    deployed_known=True,
    function=FunctionRef("shop-orders", "us-east-1", "123456789012", "live"),
)
HOPS = (
    Hop("client", "client", "Client"),
    Hop("stage", "stage", "Stage prod"),
    Hop("method", "method", "GET /orders/{id}"),
    Hop("integration-config", "integration", "Lambda proxy"),
    Hop("integration", "call", "Call, 29 s"),
    Hop("lambda-permission", "permission", "Permission"),
    Hop("lambda-service", "service", "Lambda"),
    Hop(
        "lambda-function",
        "function",
        "shop-orders:live",
        "arn:aws:lambda:us-east-1:123456789012:function:shop-orders:live",
    ),
    Hop("lambda-response", "response", "Response"),
)
SOURCE_ARN = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/*/GET/orders/*"


def seen(
    probe: str, hop: str, status: Status, summary: str, *calls: tuple[str, str, dict[str, Any]], **extra: Any
) -> Evidence:
    """Evidence whose id is its probe's name."""
    error = "AccessDenied" if extra.get("reason") is Reason.DENIED else None
    made = tuple(
        Call(service, operation, params, "us-east-1", error is None, 41.0, error)
        for service, operation, params in calls
    )
    return Evidence(probe, hop, status, summary, id=probe, calls=made, started=WHEN, took_ms=41.0, **extra)


ALIAS = {"FunctionName": "shop-orders", "Qualifier": "live"}
API = {"restApiId": "a1b2c3d4e5", "stageName": "prod"}
LOG = {
    "logGroupName": "API-Gateway-Execution-Logs_a1b2c3d4e5/prod",
    "filterPattern": '?"Execution failed" ?"status: 5"',
}
EVIDENCE = {
    "path.trace": seen(
        "path.trace",
        "client",
        Status.PASS,
        "GET /orders/{id} on stage prod calls shop-orders:live (Lambda proxy), 29 s.",
        ("apigateway", "GetExport", {**API, "exportType": "oas30"}),
        ("apigateway", "GetResources", {"restApiId": "a1b2c3d4e5"}),
    ),
    "stage.logging": seen(
        "stage.logging", "stage", Status.PASS, "Execution logging is on at level INFO.", ("apigateway", "GetStage", API)
    ),
    "stage.execution_log": seen(
        "stage.execution_log",
        "stage",
        Status.FAIL,
        "4 of the last requests failed: Invalid permissions on Lambda function.",
        ("logs", "FilterLogEvents", LOG),
    ),
    "stage.variables": seen("stage.variables", "stage", Status.PASS, "The integration uses no stage variable."),
    "method.settings": seen("method.settings", "method", Status.PASS, "GET /orders/{id} is part of the deployment."),
    "integration.settings": seen(
        "integration.settings", "integration-config", Status.PASS, "AWS_PROXY with POST, deployed as configured."
    ),
    "integration.durations": seen(
        "integration.durations",
        "integration",
        Status.PASS,
        "The slowest request took 212 ms of 29 s.",
        ("cloudwatch", "GetMetricData", {"MaxDatapoints": 100}),
    ),
    "lambda_fn.permission": seen(
        "lambda_fn.permission",
        "lambda-permission",
        Status.FAIL,
        "The policy of shop-orders:live has no statement for API Gateway.",
        ("lambda", "GetPolicy", ALIAS),
        facts={"mismatch": "no-policy", "source_arn": SOURCE_ARN, "test_invoke_allowed": False},
    ),
    "lambda_fn.concurrency": seen(
        "lambda_fn.concurrency", "lambda-service", Status.PASS, "No throttles; 1000 invocations may run at once."
    ),
    "lambda_fn.settings": seen(
        "lambda_fn.settings",
        "lambda-function",
        Status.PASS,
        "Active, python3.13, 128 MB, 3 s.",
        ("lambda", "GetFunctionConfiguration", ALIAS),
    ),
    "lambda_fn.log": seen("lambda_fn.log", "lambda-function", Status.PASS, "212 lines, none of them an error."),
    "method.test_invoke": seen(
        "method.test_invoke",
        "client",
        Status.SKIPPED,
        "Not run: it really calls your backend, and nobody said yes.",
        reason=Reason.DECLINED,
    ),
}
CONSENT = ev.Question(
    "consent:method.test_invoke",
    "consent",
    "Test request through the gateway",
    "TestInvokeMethod sends GET /orders/42 through the working configuration of the API and really runs the "
    "function shop-orders:live once, with your data.",
    command="aws apigateway test-invoke-method --rest-api-id a1b2c3d4e5 --resource-id r1 --http-method GET "
    "--path-with-query-string /orders/42 --region us-east-1",
)
BY_HAND = ev.Question(
    "permission-by-hand",
    "manual",
    NODES[7].title,
    NODES[7].question or "",
    command=NODES[7].how or "",
    default="unsure",
)


def opening() -> list[ev.Event]:
    """Up to the traced path; every free probe is at work."""
    events: list[ev.Event] = [
        ev.CaseOpened(CASE, WHEN),
        ev.ProbeStarted("path.trace", "client"),
        ev.ProbeFinished(EVIDENCE["path.trace"]),
    ]
    before: Hop | None = None
    for hop in HOPS:
        events.append(ev.HopDiscovered(hop, Link(before.id, hop.id) if before else None))
        before = hop
    events.append(ev.PathTraced(replace(CASE, trace=TRACE)))
    return events + [
        ev.ProbeStarted(item.probe, item.hop)
        for item in EVIDENCE.values()
        if item.probe not in ("path.trace", "method.test_invoke")
    ]


def visit(node_id: str, evidence: Evidence, found: str | None = None, proof: Proof = Proof.PROVEN) -> list[ev.Event]:
    """One node of the tree, answered by this evidence."""
    hop = next(
        hop.id
        for hop in TREE.hops
        if node_id in hop.asks or (hop.id == "lambda-permission" and node_id == "permission-by-hand")
    )
    events: list[ev.Event] = [
        ev.ProbeFinished(evidence),
        ev.NodeEntered(node_id, hop),
        ev.BranchTaken(node_id, 0 if evidence.status is Status.PASS else 1, evidence.status),
    ]
    if found:
        cause = TREE.causes[found]
        mark = Status.WARN if cause.level is Level.WARNING else Status.FAIL
        return [*events, ev.Found(found, proof, evidence.id, node_id), ev.HopMarked(cause.hop, mark, cause.title)]
    return [*events, ev.HopMarked(hop, evidence.status)]


def visits(evidence: Mapping[str, Evidence], found: Mapping[str, tuple[str, Proof]]) -> list[ev.Event]:
    """The whole walk in tree order."""
    events: list[ev.Event] = []
    for hop in TREE.hops:
        for node_id in hop.asks:
            item = evidence[TREE.nodes[node_id].probe or ""]
            cause, proof = found.get(node_id, (None, Proof.PROVEN))
            events += visit(node_id, item, cause, proof)
    return events


CLOSING: list[ev.Event] = [ev.Concluded(), ev.CaseClosed(1234.0)]


def failing() -> list[ev.Event]:
    """The alias' permission is missing, seen in the policy and in the log."""
    found = {
        "execution-log": ("lambda-permission-missing", Proof.SUGGESTED),
        "lambda-permission": ("lambda-permission-missing", Proof.PROVEN),
    }
    return [*opening(), *visits(EVIDENCE, found), *CLOSING]


def midway() -> list[ev.Event]:
    """The failing walk at the moment it looks at the permission."""
    events = failing()
    cut = next(
        i
        for i, e in enumerate(events)
        if isinstance(e, ev.ProbeFinished) and e.evidence.probe == "lambda_fn.permission"
    )
    return [*events[:cut], ev.NodeEntered("lambda-permission", "lambda-permission")]


def clean() -> list[ev.Event]:
    """Nothing is wrong."""
    fine = EVIDENCE | {
        "stage.execution_log": seen(
            "stage.execution_log", "stage", Status.PASS, "No failing request in the last hour."
        ),
        "lambda_fn.permission": seen(
            "lambda_fn.permission", "lambda-permission", Status.PASS, "A statement of shop-orders:live allows it."
        ),
    }
    case = replace(CASE, symptom=Symptom())
    events = [*opening(), *visits(fine, {}), *CLOSING]
    return [
        ev.CaseOpened(case, WHEN)
        if isinstance(e, ev.CaseOpened)
        else ev.PathTraced(replace(case, trace=TRACE))
        if isinstance(e, ev.PathTraced)
        else e
        for e in events
    ]


def blind() -> list[ev.Event]:
    """The policy may not be read and the log is off; the account has no logging role."""
    unsure = EVIDENCE | {
        "stage.logging": seen(
            "stage.logging",
            "stage",
            Status.WARN,
            "The account has no role for API Gateway logs.",
            ("apigateway", "GetAccount", {}),
        ),
        "stage.execution_log": seen(
            "stage.execution_log",
            "stage",
            Status.UNKNOWN,
            "Execution logging is off, so there is nothing to read.",
            reason=Reason.NO_DATA,
            needs="execution logging at level INFO",
        ),
        "lambda_fn.permission": seen(
            "lambda_fn.permission",
            "lambda-permission",
            Status.UNKNOWN,
            "lambda.GetPolicy: not allowed for these credentials.",
            ("lambda", "GetPolicy", ALIAS),
            reason=Reason.DENIED,
            needs="lambda:GetPolicy",
        ),
    }
    return [*opening(), *visits(unsure, {"stage-logging": ("logging-role-missing", Proof.PROVEN)}), *CLOSING]


def mended() -> list[ev.Event]:
    """The walk after the permission was given."""
    fine = EVIDENCE | {
        "stage.execution_log": seen("stage.execution_log", "stage", Status.PASS, "No failing request since then."),
        "lambda_fn.permission": seen(
            "lambda_fn.permission", "lambda-permission", Status.PASS, "A statement of shop-orders:live allows it."
        ),
    }
    case = replace(CASE, symptom=Symptom())
    opened = [ev.CaseOpened(case, WHEN), *opening()[1:]]
    traced = [ev.PathTraced(replace(case, trace=TRACE)) if isinstance(e, ev.PathTraced) else e for e in opened]
    return [*traced, *visits(fine, {}), *CLOSING]
