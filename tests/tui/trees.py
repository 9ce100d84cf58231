"""A small tree, written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.model.status import Level
from wizard.model.tree import Branch, Cause, Fix, Node, Tree, TreeHop


class Always:
    """A condition that holds."""

    def holds(self, scope: Mapping[str, Any]) -> bool:
        return True


def _node(id: str, title: str, why: str, probe: str | None, rules_out: tuple[str, ...] = ()) -> Node:
    question = None if probe else "Does the policy printed by the command name apigateway.amazonaws.com?"
    how = None if probe else "aws lambda get-policy --function-name shop-orders --qualifier live"
    return Node(
        id,
        title,
        why,
        probe=probe,
        question=question,
        how=how,
        branches=(Branch(Always(), rules_out=rules_out), Branch(Always())),
    )


def _cause(
    id: str, code: str, hop: str, title: str, why: str, fixes: Mapping[str, str], level: Level = Level.FAULT
) -> Cause:
    statuses = (500,) if hop == "lambda-permission" else (502,) if level is Level.FAULT else ()
    return Cause(
        id,
        code,
        hop,
        title,
        why,
        ("rest",),
        {"rest": statuses},
        ("url", "test-invoke"),
        level,
        tuple(Fix(kind, text) for kind, text in fixes.items()),
        "lambda_fn.permission",
        ("https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",),
    )


PERMISSION_FIXES = {
    "cli": "aws lambda add-permission --function-name {function} --qualifier {qualifier} "
    "--statement-id apigateway-orders "
    "--action lambda:InvokeFunction --principal apigateway.amazonaws.com --source-arn '{source_arn}' --region {region}",
    "sam": "OrdersPermission:\n  Type: AWS::Lambda::Permission\n  Properties:\n"
    "    FunctionName: {function}:{qualifier}\n"
    "    Action: lambda:InvokeFunction\n    Principal: apigateway.amazonaws.com\n    SourceArn: {source_arn}",
    "terraform": 'resource "aws_lambda_permission" "orders" {\n  function_name = "{function}"\n'
    '  qualifier     = "{qualifier}"\n'
    '  action        = "lambda:InvokeFunction"\n  principal     = "apigateway.amazonaws.com"\n'
    '  source_arn    = "{source_arn}"\n}',
    "console": "1. Open Lambda, function {function}, alias {qualifier}.\n"
    "2. Configuration > Permissions > Add permissions.\n"
    "3. Choose AWS service, API Gateway, and paste {source_arn} as the source ARN.",
}
CAUSES = (
    _cause(
        "lambda-permission-missing",
        "GW0801",
        "lambda-permission",
        "API Gateway is not allowed to invoke the function",
        "No statement of the function's resource policy lets apigateway.amazonaws.com invoke it. Lambda refuses "
        "the call before any code runs, and the client sees a 500. It typically happens when an alias is created "
        "without a permission of its own.",
        PERMISSION_FIXES,
    ),
    _cause(
        "logging-role-missing",
        "GW0402",
        "stage",
        "The account has no role for writing API Gateway logs",
        "Without the role no stage of this account and Region writes execution logs, "
        "so failing requests leave no trace.",
        {"cli": "aws apigateway update-account --patch-operations op=replace,path=/cloudwatchRoleArn,value=<role_arn>"},
        Level.WARNING,
    ),
    _cause(
        "lambda-timeout",
        "GW1001",
        "lambda-function",
        "The function runs longer than its timeout",
        "It is stopped.",
        {"cli": "aws lambda …"},
    ),
    _cause(
        "lambda-throttled",
        "GW0901",
        "lambda-service",
        "The function is throttled",
        "No room to run.",
        {"cli": "aws lambda …"},
    ),
    _cause(
        "lambda-integration-method-not-post",
        "GW0603",
        "integration-config",
        "The integration calls Lambda with a method other than POST",
        "Lambda takes POST only.",
        {"cli": "aws apigateway …"},
    ),
    _cause(
        "stage-variable-missing",
        "GW0406",
        "stage",
        "A stage variable that the integration uses is missing",
        "It is empty.",
        {"cli": "aws …"},
    ),
)
NODES = (
    _node(
        "stage-logging",
        "Does the stage write execution logs?",
        "The log tells at which hop a request ended.",
        "stage.logging",
    ),
    _node(
        "execution-log",
        "What does the execution log say?",
        "It names the step that failed for each request.",
        "stage.execution_log",
    ),
    _node(
        "stage-variables",
        "Are all stage variables there?",
        "A missing one leaves a hole in the function's name.",
        "stage.variables",
        ("stage-variable-missing",),
    ),
    _node("method", "Is the method deployed?", "Only what is deployed answers.", "method.settings"),
    _node(
        "integration-settings",
        "Is the integration set up for Lambda?",
        "Lambda is called with POST, whatever the client sends.",
        "integration.settings",
        ("lambda-integration-method-not-post",),
    ),
    _node(
        "durations",
        "How long do requests take against every timeout?",
        "The first timeout on the way decides.",
        "integration.durations",
    ),
    _node(
        "lambda-permission",
        "May API Gateway invoke the function?",
        "Without a matching statement Lambda refuses the call and the client gets a 500.",
        "lambda_fn.permission",
    ),
    _node(
        "permission-by-hand",
        "May API Gateway invoke the function, looked at by hand?",
        "You may be allowed to read what these credentials are not.",
        None,
    ),
    _node(
        "concurrency",
        "Is there room for another invocation?",
        "Throttled invocations never run.",
        "lambda_fn.concurrency",
        ("lambda-throttled",),
    ),
    _node(
        "function-settings", "Is the function fit to run?", "State, handler, timeout and memory.", "lambda_fn.settings"
    ),
    _node(
        "function-log",
        "What does the function's log say?",
        "Unhandled errors, time-outs and missing modules stand there.",
        "lambda_fn.log",
        ("lambda-timeout",),
    ),
    _node(
        "test-invoke",
        "Does a test request get through?",
        "It passes the same hops without the client.",
        "method.test_invoke",
    ),
)
TREE = Tree(
    hops=(
        TreeHop("stage", "Stage", ("stage-logging", "execution-log", "stage-variables")),
        TreeHop("method", "Method", ("method",)),
        TreeHop("integration-config", "Integration settings", ("integration-settings",)),
        TreeHop("integration", "Integration call", ("durations",)),
        TreeHop("lambda-permission", "Permission to invoke", ("lambda-permission",)),
        TreeHop("lambda-service", "Lambda service", ("concurrency",)),
        TreeHop("lambda-function", "Function", ("function-settings", "function-log")),
        TreeHop("client", "Client", ("test-invoke",)),
    ),
    nodes={node.id: node for node in NODES},
    causes={cause.id: cause for cause in CAUSES},
)
TITLES = {
    "path.trace": "Stage export, resources and methods",
    "lambda_fn.permission": "The resource policy of the alias that is invoked",
    "stage.execution_log": "Failing requests in the execution log",
    "lambda_fn.log": "The function's log",
}
