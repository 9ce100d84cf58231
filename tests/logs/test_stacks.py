"""What each runtime prints when a handler fails, with the tree's own signatures."""

from __future__ import annotations

import pytest

from wizard.logs import explain
from wizard.tree import load

TREE = load()
ID = "8f0a1b2c-0000-4000-8000-000000000001"

JAVA = """\
java.lang.NullPointerException: Cannot invoke "com.example.Order.getId()" because "order" is null
	at com.example.OrderHandler.handleRequest(OrderHandler.java:42)
	at java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(Unknown Source)
"""
DOTNET = f"""\
2026-01-15T10:00:00.000Z	{ID}	fail	System.NullReferenceException: Object reference not set.
   at Shop.Function.Handler(APIGatewayProxyRequest request, ILambdaContext context) in /src/Function.cs:line 23
"""
GO = """\
{"errorMessage":"runtime error: invalid memory address or nil pointer dereference","errorType":"errorString",\
"stackTrace":[{"path":"main.go","line":21,"label":"handler"}]}
"""
GO_PANIC = """\
panic: assignment to entry in nil map

goroutine 1 [running]:
"""
GO_NEW = "2026/01/15 10:00:00 calling the handler function resulted in a panic, the process should exit\n"
RUBY = """\
Error raised from handler method
{
  "errorMessage": "undefined method `[]' for nil:NilClass",
  "errorType": "Function<NoMethodError>",
  "stackTrace": ["/var/task/lambda_function.rb:8:in `lambda_handler'"]
}
"""


@pytest.mark.parametrize(
    "text", [JAVA, DOTNET, GO, GO_PANIC, GO_NEW, RUBY], ids=["java", "dotnet", "go", "go-panic", "go-new", "ruby"]
)
def test_a_failed_handler_is_told_in_every_language(text: str) -> None:
    log = f"START RequestId: {ID} Version: $LATEST\n{text}END RequestId: {ID}\n"
    found = explain(log.splitlines(keepends=True), TREE.signatures)
    assert "lambda-unhandled-exception" in [match.cause for match in found.findings]


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15T10:00:00Z INFO com.example.OrderHandler - retrying after java.net.SocketException was handled\n",
        f"2026-01-15T10:00:00.000Z\t{ID}\tinfo\tno failure here, System.Exception is only a word\n",
        "do not panic: all is well\n",
    ],
)
def test_words_in_passing_are_no_failure(text: str) -> None:
    log = f"START RequestId: {ID} Version: $LATEST\n{text}END RequestId: {ID}\n"
    assert explain(log.splitlines(keepends=True), TREE.signatures).findings == ()
