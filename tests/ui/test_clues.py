"""What a pasted text gives away about the request that failed."""

from __future__ import annotations

import pytest

from wizard.ui.clues import Clues, clues, request_id

ID = "8fe5a4b6-0000-4000-8000-1234567890ab"


@pytest.mark.parametrize(
    ("text", "expected"),
    [(ID, ID), (f"  {ID.upper()}\n", ID.upper()), ("FJ3-bFmsIAMEJVQ=", "FJ3-bFmsIAMEJVQ="), (f"id {ID}", ""), ("", "")],
)
def test_a_request_id_alone(text: str, expected: str) -> None:
    assert request_id(text) == expected


def test_an_execution_log() -> None:
    found = clues(
        f"""API-Gateway-Execution-Logs_a1b2c3d4e5/prod
        (11111111-0000-4000-8000-000000000000) Method completed with status: 200
        ({ID}) HTTP Method: POST, Resource Path: /orders
        ({ID}) Method completed with status: 504"""
    )
    assert found == Clues(api_id="a1b2c3d4e5", stage="prod", method="POST", path="/orders", request_id=ID, status="504")
    assert found.words() == f"API a1b2c3d4e5, stage prod, POST /orders, status 504, request {ID}"


def test_what_curl_shows() -> None:
    found = clues(
        f"""> POST /prod/orders?x=1 HTTP/2
> Host: a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com
< HTTP/2 502
< x-amzn-requestid: {ID}
< x-amzn-errortype: InternalServerErrorException
{{"message": "Internal server error"}}"""
    )
    assert found.url == "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders?x=1"
    assert (found.method, found.status, found.request_id) == ("POST", "502", ID)
    assert (found.error_type, found.message) == ("InternalServerErrorException", "Internal server error")


def test_an_arn_in_a_mail() -> None:
    found = clues("it is arn:aws:execute-api:eu-central-1:123456789012:abc123/test/GET/pets/7 that fails")
    assert (found.region, found.api_id, found.stage) == ("eu-central-1", "abc123", "test")
    assert (found.method, found.path) == ("GET", "/pets/7")


@pytest.mark.parametrize("text", ["", "hello", "\x1b[31m" * 100, "x" * 1_000_000, "\n" * 100_000, "http://" * 10_000])
def test_texts_without_clues_give_none(text: str) -> None:
    assert clues(text) == Clues()
