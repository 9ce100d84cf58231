"""A real request, and what its answer tells."""

from __future__ import annotations

import pytest

from probes.client.request import RealRequest
from tests.probes.conftest import FakeAws, new_case
from wizard.model.aws import AwsError, HttpAnswer, TimedOut, Unreachable
from wizard.model.probe import Evidence
from wizard.model.status import Effect, Reason, Status

URL = "https://abc123.execute-api.us-east-1.amazonaws.com/prod/orders/42"


def run(status: int, body: str = "", **target: str) -> tuple[Evidence, FakeAws]:
    headers = {"x-amzn-errortype": "InternalServerErrorException:http://x", "x-amzn-requestid": "r-1"}
    aws = FakeAws({}, HttpAnswer(status, headers, body, 12.4))
    return RealRequest().run(new_case(**target), aws), aws


def test_it_asks_first() -> None:
    assert RealRequest().effect is Effect.INVOKES_BACKEND
    assert "{method} {path}" in RealRequest().warning


def test_a_request_that_works() -> None:
    found, aws = run(200)
    assert (found.status, found.facts["client_statuses"]) == (Status.PASS, [])
    assert aws.asked == [("http", {"method": "GET", "url": URL})]


def test_a_request_that_fails() -> None:
    found, _ = run(504, '{"message": "Endpoint request timed out"}')
    assert (found.status, found.facts["status"], found.facts["client_statuses"]) == (Status.FAIL, 504, [504])
    assert found.facts["cause_ids"] == ["integration-timeout"]
    assert (found.facts["error_type"], found.facts["message"]) == (
        "InternalServerErrorException",
        "Endpoint request timed out",
    )
    assert (found.facts["request_id"], found.facts["took_ms"]) == ("r-1", 12)


@pytest.mark.parametrize(
    ("body", "message"), [("", None), ("<html>", "<html>"), ("[1]", "[1]"), ('{"Message": "x"}', "x")]
)
def test_any_body_will_do(body: str, message: str | None) -> None:
    assert run(502, body)[0].facts["message"] == message


def test_a_client_error_is_not_the_fault_looked_for() -> None:
    assert run(403, '{"message": "Forbidden"}')[0].status is Status.PASS


def test_the_clients_own_address_is_used() -> None:
    assert run(200, url="http://127.0.0.1:1/x?y=1")[1].asked[0][1]["url"] == "http://127.0.0.1:1/x?y=1"
    assert run(200, url="api.example.com/x")[1].asked[0][1]["url"] == "https://api.example.com/x"


def test_china_has_its_own_names() -> None:
    assert (
        run(200, region="cn-north-1")[1]
        .asked[0][1]["url"]
        .startswith("https://abc123.execute-api.cn-north-1.amazonaws.com.cn/")
    )


def test_without_an_address_nothing_is_sent() -> None:
    found = RealRequest().run(new_case(region=None), FakeAws({}))
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)


@pytest.mark.parametrize("error", [Unreachable("no way"), TimedOut("too slow")])
def test_no_answer_is_raised(error: AwsError) -> None:
    with pytest.raises(type(error)):
        RealRequest().run(new_case(), FakeAws({}, error))


def answered_by(**headers: str) -> object:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return RealRequest().run(new_case(), FakeAws({}, HttpAnswer(502, names, "<html>", 1.0))).facts["answered_by"]


def test_a_page_of_cloudfront_is_told_from_an_answer_that_it_passed_on() -> None:
    assert answered_by(x_cache="Error from cloudfront", via="1.1 x (CloudFront)") == "cloudfront"
    assert answered_by(x_cache="Error from cloudfront", x_amzn_requestid="r") == "backend"
    assert answered_by(x_cache="Error from cloudfront", x_amzn_errortype="InternalServerErrorException") == "gateway"
    assert answered_by(x_cache="Miss from cloudfront") == "backend"
