"""What people paste, against the signatures of the tree: texts as runtimes and services write them."""

from __future__ import annotations

from functools import cache

import pytest

from wizard.logs import Match, explain
from wizard.model.tree import Tree
from wizard.tree import load

ID = "8f5e6d7c-1111-2222-3333-444455556666"
ROLE = "arn:aws:sts::123456789012:assumed-role"

TEXTS: dict[str, tuple[str, str]] = {
    "Node's heap, ended by itself": (
        "lambda-out-of-memory",
        "FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory\n"
        f"RequestId: {ID} Error: Runtime exited with error: signal: aborted (core dumped)\nRuntime.ExitError",
    ),
    "the JVM's memory": ("lambda-out-of-memory", "java.lang.OutOfMemoryError: Metaspace"),
    "an image for another processor": (
        "lambda-entrypoint-invalid",
        "IMAGE\tLaunch error: fork/exec /lambda-entrypoint.sh: exec format error\tEntrypoint: [/lambda-entrypoint.sh]",
    ),
    "an entry point with a relative path": (
        "lambda-entrypoint-invalid",
        f"RequestId: {ID} Error: fork/exec node_modules/.bin/aws-lambda-ric: exec format error",
    ),
    "a function that is being made ready": (
        "lambda-state-pending-or-updating",
        "ERROR: Lambda is initializing your function. It will be ready to invoke shortly.",
    ),
    "network interfaces used up": (
        "lambda-vpc-eni-failure",
        "Execution failed due to configuration error: Lambda was not able to create an ENI in the VPC of the Lambda "
        "function because the limit for Network Interfaces has been reached.",
    ),
    "Java code for a later runtime": (
        "lambda-init-error",
        "com/example/Handler has been compiled by a more recent version of the Java Runtime (class file version 65.0): "
        "java.lang.UnsupportedClassVersionError",
    ),
    "Node modules of two kinds": (
        "lambda-init-error",
        "ReferenceError: require is not defined in ES module scope, you can use import instead",
    ),
    ".NET: no such type": (
        "lambda-handler-not-found",
        "Unable to load type 'Orders.Function' from assembly 'Orders'.: LambdaException",
    ),
    "Ruby: no such gem": (
        "lambda-dependency-missing",
        '{"errorMessage": "cannot load such file -- pg", "errorType": "Init<LoadError>", "stackTrace": []}',
    ),
    ".NET: no such assembly": (
        "lambda-dependency-missing",
        "System.IO.FileLoadException: Could not load file or assembly 'Dapper, Version=2.0.0.0, Culture=neutral'.",
    ),
    "an HTTP API's own role": (
        "integration-credentials-role-missing-permission",
        '{"requestId":"a=","status":"500","routeKey":"POST /start","integrationErrorMessage":"User: '
        f"{ROLE}/start-orders/x is not authorized to perform: states:StartExecution on resource: arn:aws:states:"
        'us-east-1:123456789012:stateMachine:orders"}',
    ),
    "a throttled function in an access log": (
        "lambda-throttled",
        '{"requestId":"a=","status":"503","integrationErrorMessage":"Rate exceeded"}',
    ),
    "a web server's page": (
        "backend-http-5xx-passthrough",
        "HTTP/1.1 502 Bad Gateway\nServer: nginx\n\n<body><center><h1>502 Bad Gateway</h1></center></body>",
    ),
    "a field of the event that need not be there": (
        "lambda-unhandled-exception",
        "[ERROR] KeyError: 'pathParameters'\nTraceback (most recent call last):\n"
        '  File "/var/task/app.py", line 12, in handler',
    ),
}
HARMLESS = {
    "a load balancer's success": "HTTP/1.1 200 OK\nServer: awselb/2.0\n\n<h1>Shop</h1>",
    "a page that was not found": "HTTP/1.1 404 Not Found\nServer: awselb/2.0\n\n<h1>404 Not Found</h1>",
    "a 413 of API Gateway": (
        f"({ID}) Lambda invocation failed with status: 413\n({ID}) Method completed with status: 413"
    ),
    "a role that was refused, as the client's 403": (
        f'{{"status":"403","integrationErrorMessage":"User: {ROLE}/a/b is not authorized to perform: sqs:SendMessage"}}'
    ),
}


@cache
def tree() -> Tree:
    return load()


def found(text: str) -> tuple[Match, ...]:
    causes = tree().causes.values()
    refines = {cause.id: cause.refines for cause in causes}
    statuses = {cause.id: cause.all_statuses for cause in causes}
    return explain(text.splitlines(), tree().signatures, refines, statuses).findings


@pytest.mark.parametrize("name", TEXTS)
def test_the_cause_stands_first(name: str) -> None:
    cause, text = TEXTS[name]
    assert [match.cause for match in found(text)][:1] == [cause]


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_5xx_gives_nothing(name: str) -> None:
    assert found(HARMLESS[name]) == ()


def test_a_woken_function_and_a_new_one_say_the_same() -> None:
    (match,) = found(TEXTS["a function that is being made ready"][1])
    assert match.also == ("lambda-state-inactive",)


def test_a_load_balancers_answer_names_its_targets_too() -> None:
    (match,) = found("HTTP/1.1 503 Service Unavailable\nServer: awselb/2.0\nContent-Type: text/html")
    assert {match.cause, *match.also} == {"backend-http-5xx-passthrough", "lb-targets-unhealthy"}
