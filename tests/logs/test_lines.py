from __future__ import annotations

import pytest

from wizard.logs import clean, stories

ID = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("raw", "text", "request_id"),
    [
        (
            "Tue Sep 01 23:33:52 UTC 2020 : Method completed with status: 500\n",
            "Method completed with status: 500",
            None,
        ),
        ("Tue Sep  1 23:33:52 UTC 2020 : ", "", None),
        (f"({ID}) Method completed with status: 500", "Method completed with status: 500", ID),
        (f"({ID.upper()}) x: y", "x: y", ID),
        (f"2026-11-20T08:00:00.000000+00:00 stream1 ({ID}) a: b", "a: b", ID),
        (f"2026-11-20T08:00:00.000Z | ({ID}) a: b", "a: b", ID),
        (f"1579627365972,({ID}) a: b", "a: b", ID),
        (f'        "message": "({ID}) say: \\"hi\\"",', 'say: "hi"', ID),
        (f"({ID}) body: \n{{\n  1\n}}", "body: \n{\n  1\n}", ID),
        (f"START RequestId: {ID} Version: $LATEST", f"START RequestId: {ID} Version: $LATEST", ID),
        (
            f"[ERROR]\t2026-11-20T08:00:00.000Z\t{ID}\tno: luck",
            f"[ERROR]\t2026-11-20T08:00:00.000Z\t{ID}\tno: luck",
            ID,
        ),
        (
            f"2026-11-20T08:00:00.000Z {ID} Task timed out after 3.00 seconds",
            f"2026-11-20T08:00:00.000Z {ID} Task timed out after 3.00 seconds",
            ID,
        ),
        ("Invalid permissions on Lambda function", "Invalid permissions on Lambda function", None),
        ("", "", None),
    ],
)
def test_prefixes_come_off(raw, text, request_id):
    line = clean(raw, 7)
    assert (line.number, line.text, line.request_id) == (7, text, request_id)


def test_times_are_kept():
    assert clean("Tue Sep 01 23:33:52 UTC 2020 : x").at == "Tue Sep 01 23:33:52 UTC 2020"
    assert clean(f"2026-11-20T08:00:00.000Z {ID} Task timed out: x").at == "2026-11-20T08:00:00.000Z"


@pytest.mark.parametrize("raw", ["(" * 50_000, '"message": "\\', "a" * 500_000, ": " * 100_000, "\x1b[31m: (x)"])
def test_strange_lines_are_lines(raw):
    assert len(clean(raw).text) <= 65_536


def test_stories_know_method_path_and_status():
    told = stories(
        [
            f"({ID}) HTTP Method: GET, Resource Path: /orders/42",
            f"({ID}) Endpoint request URI: https://lambda.us-east-1.amazonaws.com/x/functions/y",
            f"({ID}) Execution failed due to a timeout error",
            f"({ID}) Method completed with status: 504",
        ]
    )[0]
    assert (told.request_id, told.method, told.resource_path, told.status, told.failed, told.calls_lambda) == (
        ID,
        "GET",
        "/orders/42",
        504,
        True,
        True,
    )
    assert len(told.lines) == 4


def test_a_request_still_under_way_has_failed_once_its_log_says_so():
    assert stories([f"({ID}) Execution failed due to a timeout error"])[0].failed
    assert not stories([f"({ID}) HTTP Method: GET, Resource Path: /"])[0].failed
