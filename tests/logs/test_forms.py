"""`explain` over every form that a log can have, with the tree's own signatures."""

# ruff: noqa: E501
from __future__ import annotations

import gzip
import json

import pytest

from tests.logs.forms import (
    ACCESS_LOGS,
    CLIENT_TEXTS,
    EVENTS,
    EXECUTION,
    FUNCTION_LOGS,
    ID,
    LAMBDA,
    LARGE,
    REQUEST_LOGS,
    TRACE,
)
from wizard.logs import Explanation, explain, explain_bytes
from wizard.logs.feed import BLOCK
from wizard.tree import load

TREE = load()
KNOWN = (
    TREE.signatures,
    {cause.id: cause.refines for cause in TREE.causes.values()},
    {cause.id: cause.all_statuses for cause in TREE.causes.values()},
)


def read(text: str | bytes, size: int = 1 << 20) -> Explanation:
    data = text.encode() if isinstance(text, str) else text
    return explain_bytes((data[at : at + size] for at in range(0, len(data), size)), *KNOWN)


def first(text: str | bytes) -> str | None:
    found = read(text).findings
    return found[0].cause if found else None


@pytest.mark.parametrize("form", REQUEST_LOGS)
def test_a_request_is_understood_in_every_form(form: str) -> None:
    assert first(REQUEST_LOGS[form]) == "lambda-response-body-not-string"


@pytest.mark.parametrize("form", REQUEST_LOGS)
def test_the_numbers_are_those_of_the_input(form: str) -> None:
    text = REQUEST_LOGS[form]
    found = read(text)
    rows = text.split("\n")
    assert found.lines == len(rows) - text.endswith("\n")
    assert found.findings[0].lines
    for number in found.findings[0].lines:
        assert any(told in rows[number - 1] for told in ("response body before", "statusCode", "{"))


@pytest.mark.parametrize("form", FUNCTION_LOGS)
def test_a_functions_log(form: str) -> None:
    cause, text = FUNCTION_LOGS[form]
    assert first(text) == cause


@pytest.mark.parametrize("form", ACCESS_LOGS)
def test_an_access_log(form: str) -> None:
    cause, text = ACCESS_LOGS[form]
    assert first(text) == cause


@pytest.mark.parametrize("status", ["200", "403", "429"])
@pytest.mark.parametrize("form", ["JSON", "JSON, indented", "common", "XML", "XML, several lines", "CSV", "custom"])
def test_an_access_log_of_a_success_or_a_4xx_gives_nothing(form: str, status: str) -> None:
    text = ACCESS_LOGS[form][1].replace("502", status).replace(" 500 ", f" {status} ")
    assert status in text
    assert first(text) is None


@pytest.mark.parametrize("form", CLIENT_TEXTS)
def test_what_a_client_sees(form: str) -> None:
    cause, text = CLIENT_TEXTS[form]
    found = read(text).findings[0]
    assert found.cause == cause
    assert found.also


def test_4xx_and_successes_of_a_client_give_nothing() -> None:
    assert (
        first('HTTP/1.1 403 Forbidden\nx-amzn-ErrorType: AuthorizerConfigurationException\n\n{"message":null}') is None
    )
    assert first('> OPTIONS /x HTTP/2\n< HTTP/2 200\n{"message":"Internal server error"}') is None
    assert first("> OPTIONS /x HTTP/2\n< HTTP/2 500\n") is not None


def test_two_answers_of_curl_are_two_requests() -> None:
    text = 'HTTP/2 200\n\n{"ok":1}\nHTTP/2 504\n\n{"message": "Endpoint request timed out"}\nHTTP/2 403\n\n{"message":null}\n'
    assert [found.cause for found in read(text).findings] == ["integration-timeout"]


def test_a_status_tells_the_bare_bodies_apart() -> None:
    said = '\n\n{"message": "Internal server error"}'
    of_500, of_502 = (read(f"HTTP/1.1 {status}{said}").findings[0] for status in ("500 x", "502 x"))
    assert "lambda-permission-missing" in of_500.also
    assert "lambda-permission-missing" not in (of_502.cause, *of_502.also)
    assert "lambda-response-malformed" in (of_502.cause, *of_502.also)


def test_a_body_that_every_failure_shows_says_nothing_beside_a_real_reason() -> None:
    text = "\n".join(
        [
            *EXECUTION[:4],
            f'({ID}) Method response body after transformations: {{"message": "Internal server error"}}',
            EXECUTION[4],
        ]
    )
    assert [found.cause for found in read(text).findings] == ["lambda-response-body-not-string"]


def test_gzip_in_several_members_and_cut_off() -> None:
    rows = "\n".join(EXECUTION) + "\n"
    packed = gzip.compress(rows.encode()[:200]) + gzip.compress(rows.encode()[200:])
    assert (first(packed), read(packed).lines) == ("lambda-response-body-not-string", 5)
    assert read(gzip.compress(rows.encode() * 9)[:-30]).findings[0].cause == "lambda-response-body-not-string"
    assert read(b"\x1f\x8bno gzip at all").findings == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings(encoding: str) -> None:
    assert first("\n".join(EXECUTION).encode(encoding)) == "lambda-response-body-not-string"


def test_requests_mixed_line_by_line_stay_apart() -> None:
    other = "aaaaaaaa-2222-3333-4444-555555555555"
    good = [
        line.replace(ID, other)
        for line in [
            *EXECUTION[:2],
            f"({ID}) Successfully completed execution",
            f"({ID}) Method completed with status: 200",
        ]
    ]
    mixed = [line for pair in zip(EXECUTION, [*good, ""], strict=True) for line in pair]
    found = read("\n".join(mixed)).findings
    assert [(f.cause, f.requests) for f in found] == [("lambda-response-body-not-string", (ID,))]


@pytest.mark.parametrize("function_first", [True, False])
@pytest.mark.parametrize("link", [f"x-amzn-RequestId={LAMBDA}, X=1", f"X-Amzn-Trace-Id=root=1;{TRACE}"])
def test_a_function_is_heard_in_the_light_of_its_request(function_first: bool, link: str) -> None:
    """An error that the function logged and survived is none: its request ended well."""
    function = [
        f"2026-11-20T08:00:03.000Z {LAMBDA} Task timed out after 3.00 seconds",
        f"REPORT RequestId: {LAMBDA}\tDuration: 3 ms\tXRAY TraceId: {TRACE}\tSampled: true",
    ]
    gateway = [
        f"({ID}) Endpoint response headers: {{Date=x, {link}}}",
        f"({ID}) Successfully completed execution",
        f"({ID}) Method completed with status: {{}}",
    ]
    rows = [*function, *gateway] if function_first else [*gateway, *function]
    assert first("\n".join(rows).replace("{}", "200")) is None
    assert first("\n".join(rows).replace("{}", "502")) == "lambda-timeout"


def test_an_access_log_entry_speaks_for_the_request_of_the_execution_log() -> None:
    entry = json.dumps({"requestId": ID, "httpMethod": "GET", "status": "200"})
    assert first("\n".join([*EXECUTION[:4], entry])) is None
    assert first("\n".join([*EXECUTION[:4], entry.replace("200", "502")])) == "lambda-response-body-not-string"


def test_an_event_cut_after_1024_bytes() -> None:
    body = '{"statusCode": 200, "headers": {}, "ok": 1, "body": "' + "a" * 2_000
    rows = [EVENTS[0], (f"Endpoint response body before transformations: {body}")[:1_024] + " [TRUNCATED]", *EVENTS[3:]]
    assert first("\n".join(f"({ID}) {row}" for row in rows)) == "lambda-response-unknown-field"


def test_shared_texts_of_one_request_are_narrowed_to_what_fits_them_all() -> None:
    rows = ["Invalid permissions on Lambda function", "Authorizer error"]
    text = "\n".join(f"({ID}) Execution failed due to configuration error: {row}" for row in rows)
    found = read(text).findings
    others = ("authorizer-credentials-role-invalid", "authorizer-uri-invalid")
    assert [(f.cause, f.also) for f in found] == [("authorizer-permission-missing", others)]
    binary = f"({ID}) Method request body before transformations: [Binary Data]\n({ID}) Execution failed due to configuration error: Unable to transform request\n"
    assert first(binary) == "binary-media-types-break-mock"


ALL = "\n".join(
    [
        *REQUEST_LOGS.values(),
        *(text for _, text in [*FUNCTION_LOGS.values(), *ACCESS_LOGS.values(), *CLIENT_TEXTS.values()]),
    ]
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1_000, 4_096])
def test_any_split_of_the_input_gives_the_same(size: int) -> None:
    text = "\n".join(
        [REQUEST_LOGS["filter-log-events, indented"], "ünïcode ✓", *EXECUTION, REQUEST_LOGS["Insights CSV"]]
    )
    whole = read(text)
    assert whole.findings
    assert read(text, size) == whole
    packed = gzip.compress(text.encode())
    assert read(packed, size) == whole


@pytest.mark.parametrize("block", [17, 100, 999, 5_000])
def test_the_size_of_a_block_changes_nothing_that_is_found(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for form in (
        "filter-log-events, indented",
        "filter-log-events, one line",
        "get-query-results",
        "Insights CSV",
        "execution log",
    ):
        whole = read(REQUEST_LOGS[form])
        with monkeypatch.context() as patch:
            patch.setattr("wizard.logs.feed.BLOCK", block)
            split = read(REQUEST_LOGS[form])
        assert (split.lines, [f.cause for f in split.findings]) == (whole.lines, [f.cause for f in whole.findings]), (
            form
        )


def test_lines_and_bytes_say_the_same() -> None:
    assert explain(ALL.split("\n"), *KNOWN) == read(ALL + "\n")


def test_a_failure_in_a_long_quiet_log_is_found_at_its_line() -> None:
    quiet = [
        line.replace(ID, "{id}")
        for line in [
            *EXECUTION[:2],
            f"({ID}) Successfully completed execution",
            f"({ID}) Method completed with status: 200",
        ]
    ]
    calm = (
        "\n".join("\n".join(quiet).replace("{id}", f"{n:08x}-2222-3333-4444-555555555555") for n in range(9_000)) + "\n"
    )
    assert len(calm) > 8 * BLOCK
    found = read(calm + "\n".join(EXECUTION) + "\n" + calm)
    before = calm.count("\n")
    assert found.lines == 2 * before + 5
    assert [(f.cause, f.lines) for f in found.findings] == [("lambda-response-body-not-string", (before + 3,))]


def test_the_end_of_a_request_is_awaited_over_quiet_text() -> None:
    """The status that shows the request to be harmless comes long after the line that looked bad."""
    calm = "".join(f"({n:08x}-2222-3333-4444-555555555555) Successfully completed execution\n" for n in range(20_000))
    assert len(calm) > 4 * BLOCK
    text = EXECUTION[0] + f"\n({ID}) {LARGE}\n" + calm
    assert first(text + f"({ID}) Method completed with status: 200\n" + calm) is None
    assert first(text + f"({ID}) Method completed with status: 502\n" + calm) == "lambda-response-too-large"
