from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from tests.aws.conftest import Endpoint, settings
from wizard.aws.live import LiveAws, Settings
from wizard.model.aws import TimedOut

ITEM = {"id": "r1", "path": "/"}


def test_an_answer_is_plain_data(live: LiveAws, endpoint: Endpoint) -> None:
    endpoint.says(200, {"stageName": "prod", "createdDate": 1_700_000_000, "variables": {"a": "b"}})
    assert live.call("apigateway", "GetStage", restApiId="abc123", stageName="prod") == {
        "stageName": "prod",
        "createdDate": "2023-11-14T22:13:20+00:00",
        "variables": {"a": "b"},
    }
    assert endpoint.seen == ["GET /restapis/abc123/stages/prod"]
    assert "apigw-wizard/" in endpoint.headers[0]["user-agent"]


def test_a_body_is_text(live: LiveAws, endpoint: Endpoint) -> None:
    endpoint.says(200, {"openapi": "3.0.1"}, Content_Type="application/json")
    answer = live.call(
        "apigateway",
        "GetExport",
        restApiId="abc123",
        stageName="prod",
        exportType="oas30",
        parameters={"extensions": "apigateway"},
        accepts="application/json",
    )
    assert answer == {"body": '{"openapi": "3.0.1"}', "contentType": "application/json"}


def test_a_body_that_breaks_off_is_no_crash(live: LiveAws, endpoint: Endpoint) -> None:
    endpoint.says(200, b"{}", Content_Length="5000")
    endpoint.headers.clear()
    with pytest.raises(Exception, match=r"GetExport") as caught:
        live.call("apigateway", "GetExport", restApiId="abc123", stageName="prod", exportType="oas30")
    assert type(caught.value).__module__ == "wizard.model.aws"


def pages_of(count: int) -> object:
    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        number = int(path.partition("position=p")[2].partition("&")[0] or 0)
        more = b', "position": "p%d"' % (number + 1) if number + 1 < count else b""
        return 200, {}, b'{"item": [{"id": "r%d"}]%s}' % (number, more)

    return answer


@pytest.mark.parametrize(
    ("count", "limit", "got", "truncated"),
    [(1, 20, 1, False), (3, 20, 3, False), (3, 3, 3, False), (4, 3, 3, True), (30, 20, 20, True)],
)
def test_pages_are_followed_to_the_cap_and_no_further(
    live: LiveAws, endpoint: Endpoint, count: int, limit: int, got: int, truncated: bool
) -> None:
    endpoint.answer = pages_of(count)  # type: ignore[assignment]
    pages = live.pages("apigateway", "GetResources", limit=limit, restApiId="abc123", embed=["methods"])
    assert [item["id"] for item in pages.items("items")] == [f"r{n}" for n in range(got)]
    assert pages.truncated is truncated
    assert len(endpoint.seen) == got
    assert all("limit=500" in path and "embed=methods" in path for path in endpoint.seen)


def test_an_endpoint_that_repeats_its_token_does_not_hold_us(live: LiveAws, endpoint: Endpoint) -> None:
    endpoint.says(200, {"item": [ITEM], "position": "same"})
    assert len(live.pages("apigateway", "GetResources", restApiId="abc123").pages) == 2


def test_a_listing_without_pages_is_one_page(live: LiveAws, endpoint: Endpoint) -> None:
    endpoint.says(200, {"item": [{"stageName": "prod"}]})
    pages = live.pages("apigateway", "GetStages", restApiId="abc123")
    assert (pages.items("item"), pages.truncated) == ([{"stageName": "prod"}], False)


def test_the_backend_is_never_run_twice(endpoint: Endpoint) -> None:
    door = LiveAws(settings(endpoint, attempts=3, invoke_timeout_s=0.2)).consented()
    endpoint.hangs()
    with pytest.raises(TimedOut):
        door.call("apigateway", "TestInvokeMethod", restApiId="abc123", resourceId="r", httpMethod="POST")
    assert len(endpoint.seen) == 1


def test_another_region_has_a_client_of_its_own_and_each_is_made_once(live: LiveAws, endpoint: Endpoint) -> None:
    for region in (None, "us-east-1", "eu-west-1", "eu-west-1"):
        live.call("lambda", "GetAccountSettings", region=region)
    signed_for = [headers["authorization"].split("/")[2] for headers in endpoint.headers]
    assert signed_for == ["us-east-1", "us-east-1", "eu-west-1", "eu-west-1"]
    assert len(live._connection._clients) == 2


def test_many_threads_share_clients_made_one_after_the_other(live: LiveAws, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, most = 0, 0
    create = live._connection._create

    def counted(*key: object) -> object:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        client = create(*key)  # type: ignore[arg-type]
        at_work -= 1
        return client

    monkeypatch.setattr(live._connection, "_create", counted)
    services = ["apigateway", "lambda", "logs", "cloudwatch"]
    threads = [threading.Thread(target=live.warm, args=(services,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, len(live._connection._clients)) == (1, 4)


def test_where_the_region_comes_from(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    config = tmp_path_factory.mktemp("aws") / "config"
    config.write_text("[default]\nregion = eu-south-1\n[profile dev]\nregion = eu-north-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    assert LiveAws(Settings()).region == "eu-south-1"
    assert LiveAws(Settings(profile="dev")).region == "eu-north-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    assert LiveAws(Settings(profile="dev")).region == "ap-south-1"
    monkeypatch.setenv("AWS_REGION", "ap-east-1")
    assert LiveAws(Settings()).region == "ap-east-1"
    assert LiveAws(Settings(region="sa-east-1")).region == "sa-east-1"


def test_keys_of_its_own_leave_the_persons_set_up_alone(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_PROFILE": "gone",
        "AWS_REGION": "eu-west-3",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_PROXY")
    LiveAws(settings(endpoint)).call("lambda", "GetAccountSettings")
    assert "Credential=AKIATEST/" in endpoint.headers[0]["authorization"]
    assert "/us-east-1/" in endpoint.headers[0]["authorization"]


def test_connecting_costs_nothing_before_the_first_question() -> None:
    code = "import sys, wizard.aws.session as s; s.connect('x', 'y', 'z'); sys.exit('botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_empty_answer_of_the_wrong_type_is_still_an_answer(live: LiveAws, endpoint: Endpoint) -> None:
    endpoint.says(200, b"{}", Content_Type="text/html; charset=utf-8")
    assert live.call("lambda", "GetFunctionConcurrency", FunctionName="f") == {}
    endpoint.says(200, {"ReservedConcurrentExecutions": 0}, Content_Type="text/html; charset=utf-8")
    assert live.call("lambda", "GetFunctionConcurrency", FunctionName="f") == {"ReservedConcurrentExecutions": 0}
