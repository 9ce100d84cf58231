"""A small tree and the events of a few walks, made by hand, and the verdicts they amount to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from wizard.model import events as ev
from wizard.model.arn import FunctionRef
from wizard.model.aws import Call
from wizard.model.case import Case, Symptom, Target, Window
from wizard.model.path import Hop, Link
from wizard.model.probe import Evidence
from wizard.model.status import Level, Proof, Reason, Status
from wizard.model.trace import Integration, Trace
from wizard.model.tree import Branch, Cause, Fix, Node, Signature, Tree, TreeHop
from wizard.model.verdict import Verdict, verdict

ACCOUNT, API = "111122223333", "a1b2c3d4e5"
FUNCTION_ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:shop-orders:live"
START, END = datetime(2026, 3, 4, 5, 0, tzinfo=UTC), datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
TARGET = Target("rest", API, "prod", "GET", "/orders/42", "us-east-1", ACCOUNT)
TRACE = Trace(
    api_name="shop",
    api_id=API,
    stage="prod",
    resource_id="r1",
    resource_path="/orders/{id}",
    method_key="GET",
    integration=Integration("AWS_PROXY", "arn:aws:apigateway:us-east-1:lambda:path/x"),
    function=FunctionRef("shop-orders", "us-east-1", ACCOUNT, "live"),
)


class Yes:
    """A condition that always holds."""

    def holds(self, scope: Mapping[str, Any]) -> bool:
        return True


MISSING = Cause(
    "lambda-permission-missing",
    "GW0801",
    "lambda-permission",
    "API Gateway is not allowed to invoke the function",
    "No statement of the policy lets apigateway.amazonaws.com invoke the function. Lambda refuses the call, so the "
    "gateway answers 500 and the function never runs.",
    ("rest", "http", "websocket"),
    {"rest": (500,), "http": (500,), "websocket": (500,)},
    ("url", "test-invoke"),
    Level.FAULT,
    (
        Fix(
            "cli",
            "aws lambda add-permission --function-name {function} \\\n  --qualifier {qualifier}",
        ),
        Fix("terraform", 'resource "aws_lambda_permission" "x" {}'),
        Fix("console", "Lambda > {function} > {nobody_knows}"),
    ),
    "lambda_fn.permission",
    ("https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",),
    (
        Signature(
            "lambda-permission-missing", "execution-log", text="Invalid permissions on Lambda function", seen=True
        ),
        Signature("lambda-permission-missing", "access-log", pattern=r"IAM role .* call"),
    ),
)
THROTTLED = replace(
    MISSING, id="lambda-throttled", code="GW0901", hop="lambda-service", title="The function is throttled"
)
NO_LOGS = replace(
    MISSING,
    id="logging-role-missing",
    code="GW0302",
    hop="stage",
    title="Execution logs cannot be written",
    statuses=(),
    level=Level.WARNING,
    verify=None,
)
TREE = Tree(
    (
        TreeHop("stage", "Stage", ("stage-logging",)),
        TreeHop("method", "Method", ()),
        TreeHop("lambda-permission", "Permission to invoke", ("lambda-permission",)),
        TreeHop("lambda-function", "Function", ("function-log",)),
    ),
    {
        "stage-logging": Node("stage-logging", "Logging", "why", "stage.logging", branches=(Branch(Yes()),)),
        "lambda-permission": Node(
            "lambda-permission",
            "May it?",
            "why",
            "lambda_fn.permission",
            how="aws lambda get-policy --function-name shop-orders",
            branches=(Branch(Yes(), rules_out=("lambda-throttled",)),),
        ),
        "function-log": Node("function-log", "Log", "why", "lambda_fn.log", branches=(Branch(Yes()),)),
    },
    {cause.id: cause for cause in (MISSING, THROTTLED, NO_LOGS)},
)
HOPS = (
    Hop("client", "client", "Client"),
    Hop("stage", "stage", "Stage prod"),
    Hop("method", "method", "GET /orders/{id}"),
    Hop("lambda-permission", "permission", "Resource policy", FUNCTION_ARN),
    Hop("lambda-function", "function", "shop-orders:live", FUNCTION_ARN),
)
GET_POLICY = Call(
    "lambda", "GetPolicy", {"FunctionName": "shop-orders", "Qualifier": "live"}, None, False, 81.5, "NotFound"
)


def evidence(number: int, probe: str, hop: str, status: Status, summary: str, **more: Any) -> Evidence:
    return Evidence(probe, hop, status, summary, id=f"e{number}", started=START, took_ms=12.5, **more)


def opened(symptom: Symptom, target: Target = TARGET, trace: Trace | None = TRACE) -> list[ev.Event]:
    case = Case(target, symptom, Window(START, END))
    links = [None, *(Link(a.id, b.id) for a, b in zip(HOPS, HOPS[1:], strict=False))]
    found: list[ev.Event] = [ev.CaseOpened(case, END)]
    found += [ev.HopDiscovered(hop, link) for hop, link in zip(HOPS, links, strict=True)]
    return [*found, ev.PathTraced(replace(case, trace=trace))]


def closed(complete: bool = True) -> list[ev.Event]:
    return [ev.Concluded(complete), ev.CaseClosed(345.6)]


def fault_events() -> list[ev.Event]:
    shown = evidence(2, "lambda_fn.permission", "lambda-permission", Status.FAIL, "shop-orders:live has no policy.",
                     facts={"mismatch": "no-policy", "wanted_account": ACCOUNT}, calls=(GET_POLICY,))  # fmt: skip
    log = evidence(3, "stage.execution_log", "stage", Status.FAIL, "3 requests failed in the last hour.",
                   facts={"causes": [{"cause": MISSING.id, "proof": "hinted", "texts": [
                       "(5f0c7f3e-0d2b-4c8e-9e39-1b1a2f3c4d5e) Execution failed due to configuration error: "
                       "Invalid permissions on Lambda function"]}], "client_statuses": [500]})  # fmt: skip
    role = evidence(1, "stage.logging", "stage", Status.WARN, "The account has no logging role.")
    return [
        *opened(Symptom(500, "Internal server error", "InternalServerErrorException", "req-1")),
        ev.NodeEntered("stage-logging", "stage"),
        ev.ProbeFinished(role),
        ev.Found(NO_LOGS.id, Proof.PROVEN, "e1", "stage-logging"),
        ev.HopMarked("stage", Status.WARN, "no execution logs"),
        ev.ProbeFinished(log),
        ev.HopMarked("method", Status.PASS, "deployed"),
        ev.NodeEntered("lambda-permission", "lambda-permission"),
        ev.ProbeFinished(shown),
        ev.Found(MISSING.id, Proof.HINTED, "e3", "execution-log"),
        ev.Found(MISSING.id, Proof.PROVEN, "e2", "lambda-permission"),
        ev.HopMarked("lambda-permission", Status.FAIL, MISSING.title),
        *closed(),
    ]


def clean_events() -> list[ev.Event]:
    passed = evidence(1, "lambda_fn.permission", "lambda-permission", Status.PASS, "The policy allows it.")
    return [*opened(Symptom()), ev.ProbeFinished(passed), ev.BranchTaken("lambda-permission", 0, Status.PASS),
            ev.HopMarked("lambda-permission", Status.PASS), *closed()]  # fmt: skip


def denied_events() -> list[ev.Event]:
    refused = evidence(1, "lambda_fn.permission", "lambda-permission", Status.UNKNOWN, "lambda.GetPolicy: not allowed.",
                       reason=Reason.DENIED, needs="lambda:GetPolicy", calls=(GET_POLICY,))  # fmt: skip
    no_log = evidence(2, "lambda_fn.log", "lambda-function", Status.UNKNOWN, "The log group does not exist.",
                      reason=Reason.NO_DATA, needs="a function that has run once")  # fmt: skip
    declined = evidence(3, "method.test_invoke", "client", Status.SKIPPED, "Not run.", reason=Reason.DECLINED)
    return [*opened(Symptom(500)), *(ev.ProbeFinished(item) for item in (refused, no_log, declined)),
            ev.HopMarked("lambda-permission", Status.UNKNOWN), *closed()]  # fmt: skip


def warning_events() -> list[ev.Event]:
    role = evidence(1, "stage.logging", "stage", Status.WARN, "The account has no logging role.")
    return [*opened(Symptom()), ev.ProbeFinished(role), ev.Found(NO_LOGS.id, Proof.PROVEN, "e1", "stage-logging"),
            ev.HopMarked("stage", Status.WARN, "no execution logs"), *closed()]  # fmt: skip


STORIES = {"fault": fault_events, "clean": clean_events, "denied": denied_events, "warning": warning_events}


def told(story: str) -> Verdict:
    return verdict(TREE, STORIES[story]())
