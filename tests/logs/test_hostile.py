"""Input that wants to break the reader, or to look like something that it is not."""

# ruff: noqa: E501
from __future__ import annotations

import json
import tracemalloc

import pytest

from tests.logs.forms import EXECUTION, ID
from tests.logs.test_forms import TREE, first, read
from wizard.logs.document import Document
from wizard.model.text import plain
from wizard.report import explain as report

GOOD = "\n".join(EXECUTION)
NASTY = {
    "NULs": "\0" * 5_000,
    "ANSI": "\x1b[31mExecution\x1b[0m \x1b]0;title\x07 \x9b2J",
    "markup": "[bold red]x[/] [link=http://x]y[/link] <script>alert(1)</script> %s {0} {name}",
    "deep list": "[" * 100_000,
    "deep object": '{"a":' * 50_000,
    "deep and closed": "[" * 50_000 + "]" * 50_000,
    "deep event": '{"events": [' + '{"message": ' * 30_000,
    "open quote": '{"events": [{"message": "' + "x" * 70_000,
    "open braces": "{\n" * 5_000,
    "documents that are none": '{"events": [{"a" [{"b" \n' * 3_000,
    "commas": "," * 100_000,
    "open CSV quote": '@timestamp,@message\n1,"' + "x\n" * 5_000,
    "brackets": "(((((" * 20_000,
    "spaces": " " * 200_000,
    "digits": "1" * 200_000,
    "bidi": "\u202e\u2066 abc \u200b",
    "line separators": "a\u2028b\u2029c\x0bd\x0ce\x85f",
    "huge numbers": '{"timestamp": 1' + "0" * 5_000 + ', "message": "x", "logStreamName": "s"}',
    "odd types": json.dumps(
        {"events": [{"message": 5}, {"message": False}, [], 7, {"log": "status"}, {"@message": []}]}
    ),
    "odd record": json.dumps({"type": "platform.report", "record": {"metrics": 3, "status": [], "tracing": {"a": {}}}}),
}


@pytest.mark.parametrize("name", NASTY)
def test_a_real_failure_is_still_found_behind_it(name: str) -> None:
    text = NASTY[name]
    assert "lambda-response-body-not-string" in [f.cause for f in read(f"{GOOD}\n{text}\n").findings]
    assert [f.cause for f in read(f"{text}\n").findings] == []


def test_bytes_that_are_no_text() -> None:
    noise = bytes(range(256)) * 400
    assert "lambda-response-body-not-string" in [f.cause for f in read(GOOD.encode() + b"\n" + noise).findings]
    assert read(noise).findings == ()


def test_a_line_of_10_mb_costs_no_memory_and_hides_nothing() -> None:
    text = ("x" * 10_000_000).encode() + b"\n" + GOOD.encode()
    tracemalloc.start()
    found = read(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.lines, found.findings[0].lines) == (6, (4,))
    assert peak < 12_000_000


def test_a_document_of_many_megabytes_is_read_element_by_element() -> None:
    long = 160 * "."
    whole = (
        '{"events": ['
        + ",".join(
            json.dumps({"timestamp": 1795161600000, "message": f"({ID}) {long}fine {n}", "eventId": str(n)})
            for n in range(20_000)
        )
        + "]}"
    )
    data = whole.replace(
        f"{long}fine 19999", "Execution failed due to configuration error: Malformed Lambda proxy response"
    ).encode()
    assert len(data) > 5_000_000
    tracemalloc.start()
    found = read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [f.cause for f in found.findings] == ["lambda-response-malformed"]
    assert peak < 2.5 * len(data)  # the bytes and the text once each, whatever the number of elements


def test_what_the_client_sent_proves_nothing() -> None:
    assert (
        first(
            f"({ID}) Method request body before transformations: Task timed out after 3.00 seconds\n({ID}) Method completed with status: 500"
        )
        is None
    )
    assert first("> GET /Execution%20failed HTTP/1.1\n> x: AuthorizerConfigurationException\n< HTTP/1.1 500\n") is None


def test_nothing_in_a_report_can_move_a_cursor_or_pose_as_markup() -> None:
    text = GOOD.replace('"a": 1', '"a": "\x1b[2J\u202e[red]"')
    found = read(text)
    shown = "\n".join(plain(line) for line in report.lines(TREE, found.lines, found.findings, 100))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "lambda-response" in shown


def test_a_broken_document_gives_back_its_rest() -> None:
    document = Document(1)
    whole = list(document.feed('{"a": 1}, {"b": 2}, oops]}'))
    assert [value for _, value, _ in whole] == [{"a": 1}, {"b": 2}]
    assert (document.done, document.rest) == (True, "oops]}")
