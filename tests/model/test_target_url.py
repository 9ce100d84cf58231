from __future__ import annotations

import itertools

import pytest

from wizard.model.target_url import parse_target

BASE = "https://abc123.execute-api.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "api_id", "stage", "path", "region"),
    [
        (f"{BASE}/prod/orders/42", "abc123", "prod", "/orders/42", "eu-west-1"),
        (f"{BASE}/prod", "abc123", "prod", "/", "eu-west-1"),
        (f"{BASE}", "abc123", None, "/", "eu-west-1"),
        ("https://abc123.execute-api.cn-north-1.amazonaws.com.cn/prod/x", "abc123", "prod", "/x", "cn-north-1"),
        ("https://abc123.execute-api.us-gov-west-1.amazonaws.com/prod/x", "abc123", "prod", "/x", "us-gov-west-1"),
        ("https://abc123-vpce-0a1b.execute-api.us-east-2.amazonaws.com/prod/x", "abc123", "prod", "/x", "us-east-2"),
        ("http://abc123.execute-api.localhost:4566/dev/x", "abc123", "dev", "/x", None),
        (
            "http://abc123.execute-api.us-east-1.localhost.localstack.cloud:4566/dev/x",
            "abc123",
            "dev",
            "/x",
            "us-east-1",
        ),
        ("http://127.0.0.1:4566/_aws/execute-api/abc123/dev/a/b", "abc123", "dev", "/a/b", None),
        ("http://127.0.0.1:4566/_aws/execute-api/abc123/dev", "abc123", "dev", "/", None),
        ("http://localhost:4566/restapis/abc123/dev/_user_request_/a/b", "abc123", "dev", "/a/b", None),
        ("http://localhost:4566/restapis/abc123/dev/_user_request_", "abc123", "dev", "/", None),
    ],
)
def test_addresses_that_name_the_api(text: str, api_id: str, stage: str | None, path: str, region: str | None) -> None:
    target = parse_target(text)
    assert (target.api_id, target.stage, target.path, target.region) == (api_id, stage, path, region)
    assert (target.host, target.url, target.method) == (None, text, "GET")


@pytest.mark.parametrize(
    ("text", "host", "path"),
    [
        ("https://api.example.com/v1/orders/42", "api.example.com", "/v1/orders/42"),
        ("https://API.Example.COM.:8443/", "api.example.com", "/"),
        ("api.example.com", "api.example.com", "/"),
        ("https://api.example.com?x=/a/b", "api.example.com", "/"),
    ],
)
def test_any_other_host_is_a_custom_domain(text: str, host: str, path: str) -> None:
    target = parse_target(text)
    assert (target.host, target.api_id, target.stage, target.path) == (host, None, None, path)


WRAPPERS = [
    "{}",
    "  {}\n",
    "'{}'",
    '"{}"',
    "<{}>",
    "`{}`",
    "curl {}",
    "$ curl -sS '{}'",
    'curl "{}" -H "Accept: a/b"',
    "curl -o out.txt \\\n  {}",
    "curl --url={}",
    "curl --url {}",
    "GET {}",
    "get {}",
]
TAILS = ["", "?q=1", "?next=https://other.example.com/x", "#part", "?a=1#/b", "/"]
PATHS = [
    "/orders",
    "/orders/42",
    "/a%2Fb",
    "/caf%C3%A9",
    "/a//b",
    "/a;v=1",
    "/@me",
    "/a.b/c-d_e~f",
    "/%7Bid%7D",
    "/UPPER",
]


@pytest.mark.parametrize(("wrapper", "tail", "path"), list(itertools.product(WRAPPERS, TAILS, PATHS)))
def test_however_it_is_pasted_the_path_stays_the_path(wrapper: str, tail: str, path: str) -> None:
    url = f"{BASE}/prod{path}{tail}"
    target = parse_target(
        wrapper.format(f"'{url}'" if wrapper.startswith("curl") and "'" not in wrapper and '"' not in wrapper else url)
    )
    assert (target.api_id, target.stage, target.path, target.method) == ("abc123", "prod", path, "GET")
    assert target.url == url


@pytest.mark.parametrize("scheme", ["", "https://", "HTTPS://", "http://"])
@pytest.mark.parametrize("user", ["", "me:secret@"])
@pytest.mark.parametrize(
    "host", ["abc123.execute-api.eu-west-1.amazonaws.com", "ABC123.EXECUTE-API.EU-WEST-1.AMAZONAWS.COM"]
)
@pytest.mark.parametrize("port", ["", ":443"])
def test_scheme_user_case_and_port_change_nothing(scheme: str, user: str, host: str, port: str) -> None:
    target = parse_target(f"{scheme}{user}{host}{port}/Prod/orders")
    assert (target.api_id, target.stage, target.path, target.region) == ("abc123", "Prod", "/orders", "eu-west-1")
    assert target.url is not None
    assert target.url.endswith(f"{user}{host}{port}/Prod/orders")


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (f"curl -X POST {BASE}/p", "POST"),
        (f"curl -XDELETE {BASE}/p", "DELETE"),
        (f"curl --request=PUT {BASE}/p", "PUT"),
        (f"curl --request patch {BASE}/p", "PATCH"),
        (f"curl -I {BASE}/p", "HEAD"),
        (f"curl -d '{{}}' {BASE}/p", "POST"),
        (f"curl {BASE}/p --data-raw '{{\"a\": 1}}'", "POST"),
        (f"POST {BASE}/p", "POST"),
        (f"curl {BASE}/p", "GET"),
        (f"curl -sSX POST {BASE}/p", "POST"),
        (f"curl -sXPUT {BASE}/p", "PUT"),
        (f"curl -sI {BASE}/p", "HEAD"),
    ],
)
def test_the_method_that_stands_there_is_taken(text: str, method: str) -> None:
    assert parse_target(text).method == method
    assert parse_target(text, method="options").method == "OPTIONS"


ENDPOINT = "https://vpce-0a1b-2c3d.execute-api.us-east-2.vpce.amazonaws.com/prod/x"


@pytest.mark.parametrize(
    "target",
    [
        parse_target(ENDPOINT, api_id="abc123"),
        parse_target(f"curl -H 'x-apigw-api-id:abc123' {ENDPOINT}"),
        parse_target(f"curl {ENDPOINT} -H 'Host: abc123.execute-api.us-east-2.amazonaws.com'"),
    ],
)
def test_a_vpc_endpoint_needs_the_api_said_beside_it(target: object) -> None:
    assert target == parse_target(ENDPOINT, api_id="abc123")
    assert getattr(target, "api_id", None) == "abc123"
    assert getattr(target, "region", None) == "us-east-2"


def test_a_private_custom_domain_in_the_host_header() -> None:
    target = parse_target(f"curl {ENDPOINT} -H 'Host: private.example.com'")
    assert (target.host, target.api_id, target.path) == ("private.example.com", None, "/prod/x")


def test_what_is_given_beside_the_address() -> None:
    assert parse_target(BASE, stage="prod").stage == "prod"
    assert parse_target("https://api.example.com/x", region="eu-north-1").region == "eu-north-1"
    assert parse_target(f"{BASE}/prod", region="eu-north-1").region == "eu-west-1"
    assert parse_target("http://127.0.0.1:3000/x", api_id="abc", stage="s").path == "/x"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no address"),
        ("   ", "no address"),
        ("''", "no address"),
        ("curl", "not an address"),
        ("curl -v", "no address"),
        ("abc123", "not an address"),
        ("ftp://a.example.com/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("javascript://a.b/%0aalert(1)", "https://"),
        ("https://", "https://"),
        ("https://a.example.com:99999/", "usable"),
        ("https://[::1/", "usable"),
        ("https://a.example.com:x/", "usable"),
        (f"{BASE}/prod/a b", "blanks"),
        (f"{BASE}/prod/\x1b[31m", "control"),
        (f"{BASE}/a\n{BASE}/b", "blanks"),
        (f"{BASE}/a\u202eb", "control"),
        (ENDPOINT, "--api-id"),
        ("https://d-abc123.execute-api.eu-west-1.amazonaws.com/prod", "custom domain"),
        ("https://abc.lambda-url.eu-west-1.on.aws/", "Lambda function"),
        ("http://127.0.0.1:8080/x", "--api-id"),
        ("http://localhost/x", "--api-id"),
        ("http://[::1]:80/x", "--api-id"),
        ("http://intranet/x", "--api-id"),
    ],
)
def test_what_cannot_be_a_target_says_why_in_one_line(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_target(text)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


def test_an_address_that_contradicts_the_flags() -> None:
    with pytest.raises(ValueError, match="stage prod, not dev"):
        parse_target(f"{BASE}/prod/x", stage="dev")
    with pytest.raises(ValueError, match="API abc123, not other"):
        parse_target(f"{BASE}/prod/x", api_id="other")


def test_the_address_of_a_websocket_api_says_what_it_is() -> None:
    target = parse_target("wss://abc123.execute-api.eu-west-1.amazonaws.com/prod")
    assert (target.api_type, target.api_id, target.stage, target.path) == ("websocket", "abc123", "prod", "/")
    assert parse_target(f"{BASE}/prod").api_type == "rest"


@pytest.mark.parametrize(("path", "wanted"), [("/orders/42", "/orders/42"), ("/orders", "/orders"), ("", "/")])
def test_the_default_stage_stands_in_no_address(path: str, wanted: str) -> None:
    target = parse_target(f"{BASE}{path}", stage="$default")
    assert (target.stage, target.path) == ("$default", wanted)
