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


PYTHON_INIT = """\
[ERROR] KeyError: 'TABLE_NAME'
Traceback (most recent call last):
  File "/var/lang/lib/python3.12/importlib/__init__.py", line 90, in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
  File "/var/task/app.py", line 5, in <module>
    TABLE = os.environ["TABLE_NAME"]
"""


@pytest.mark.parametrize("before", ["", "2026-01-15T10:00:00.000000+00:00 2026/01/15/[$LATEST]0123456789abcdef "])
def test_a_traceback_printed_row_by_row_is_one_event(before: str) -> None:
    log = f"START RequestId: {ID} Version: $LATEST\n{before}{PYTHON_INIT}END RequestId: {ID}\n"
    found = explain(log.splitlines(keepends=True), TREE.signatures)
    match = found.findings[0]
    assert (found.lines, match.cause, match.lines[0], match.facts["missing_key"]) == (
        8,
        "lambda-init-error",
        2,
        "TABLE_NAME",
    )


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ('{"message": "Endpoint request timed out"}\n', "integration-timeout"),
        (f"2026-01-15T10:00:03.000Z {ID} Task timed out after 3.00 seconds\n", "lambda-timeout"),
        ("  indented to the end", "lambda-unhandled-exception"),
    ],
)
def test_what_follows_a_traceback_is_read_too(after: str, expected: str) -> None:
    log = f"[ERROR] ValueError: no\nTraceback (most recent call last):\n  a frame\n{after}"
    found = explain(log.splitlines(keepends=True), TREE.signatures)
    assert {"lambda-unhandled-exception", expected} <= {match.cause for match in found.findings}
    assert found.lines == 4


def test_an_error_in_a_json_line_stays_a_json_line() -> None:
    log = '{"level": "ERROR", "message": "[ERROR] ValueError: no"}\n  \n{"level": "INFO", "message": "well"}\n'
    assert explain(log.splitlines(keepends=True), TREE.signatures).lines == 3
