from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.aws.conftest import Endpoint
from wizard.aws import browse
from wizard.aws.cache import CachedAws
from wizard.aws.live import LiveAws
from wizard.aws.profiles import profiles
from wizard.aws.session import connect, identity
from wizard.model.aws import AwsError, Denied, Expired, HttpAnswer, NoCredentials, NotFound, Pages

IDENTITY = (
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    b"<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>U</UserId><Account>123456789012</Account>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
EXPIRED = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the "
    b"request is expired</Message></Error></ErrorResponse>"
)


def own_keys(endpoint: Endpoint, region: str | None = "us-east-1") -> CachedAws:
    return connect(region=region, endpoint_url=endpoint.url, access_key_id="AKIATEST", secret_access_key="test")


def test_the_account_behind_the_credentials(endpoint: Endpoint) -> None:
    endpoint.says(200, IDENTITY, Content_Type="text/xml")
    assert identity(own_keys(endpoint)) == "123456789012"


def test_expired_credentials(endpoint: Endpoint) -> None:
    endpoint.says(403, EXPIRED, Content_Type="text/xml")
    with pytest.raises(Expired, match="aws sso login"):
        identity(own_keys(endpoint))


def test_no_region_no_credentials_no_profile(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoCredentials, match="set a Region with -r"):
        identity(own_keys(endpoint, region=None))
    with pytest.raises(NoCredentials, match="no AWS credentials found"):
        identity(connect(region="us-east-1"))
    with pytest.raises(NoCredentials, match="gone"):
        identity(connect("gone"))
    monkeypatch.setenv("AWS_PROFILE", "away")
    with pytest.raises(NoCredentials, match="away"):
        identity(connect(region="us-east-1"))


def test_an_sso_profile_that_was_never_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    (tmp_path / "config").write_text(
        "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Read\n"
        "region = eu-west-1\n[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\n"
        "sso_region = eu-west-1\n"
    )
    with pytest.raises(Expired, match="aws sso login --profile dev"):
        identity(connect("dev"))


def test_profiles_and_regions_without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert profiles() == []
    (tmp_path / "config").write_text("[default]\n[profile b]\nregion=x\n[profile a]\nregion=x\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "gone")
    assert [each.id for each in profiles()] == ["a", "b", "default"]
    assert {"us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"} <= set(browse.regions())
    (tmp_path / "config").write_text("[broken\n")
    with pytest.raises(NoCredentials, match="cannot be read"):
        profiles()


def test_lists_to_pick_from(live: LiveAws, endpoint: Endpoint) -> None:
    endpoint.says(
        200,
        {
            "item": [
                {"id": "b1", "name": "shop", "endpointConfiguration": {"types": ["REGIONAL"]}},
                {"id": "a1", "name": "Orders"},
                {"id": "c1"},
            ]
        },
    )
    assert [(c.id, c.label, c.detail) for c in browse.apis(live)] == [
        ("c1", "c1", "c1, REST API"),
        ("a1", "Orders", "a1, REST API"),
        ("b1", "shop", "b1, REST API, regional"),
    ]
    endpoint.says(200, {"item": [{"stageName": "prod", "description": "Live"}, {"stageName": "dev"}]})
    assert [(c.id, c.detail) for c in browse.stages(live, "b1")] == [("dev", ""), ("prod", "Live")]
    endpoint.says(
        200,
        {
            "item": [
                {
                    "id": "r2",
                    "path": "/orders",
                    "resourceMethods": {"POST": {}, "GET": {"methodIntegration": {"type": "AWS_PROXY"}}},
                },
                {"id": "r1", "path": "/"},
            ]
        },
    )
    assert [(c.id, c.detail) for c in browse.methods(live, "b1")] == [
        ("GET /orders", "AWS_PROXY"),
        ("POST /orders", ""),
    ]


def test_a_list_that_was_cut_says_so(live: LiveAws, endpoint: Endpoint) -> None:
    count = iter(range(1000))
    endpoint.answer = lambda path: (200, {}, b'{"item": [{"id": "a%d"}], "position": "p%d"}' % ((n := next(count)), n))
    choices = browse.apis(live)
    assert [choice.truncated for choice in choices] == [False] * 19 + [True]


class Listing:
    """Answers listings from {(service, operation): page or error}; nothing else is asked of a pick list."""

    region = None

    def __init__(self, answers: dict[tuple[str, str], Any]) -> None:
        self.answers = answers

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        answer = self.answers.get((service, operation), NotFound("not there"))
        if isinstance(answer, AwsError):
            raise answer
        return dict(answer)

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        return Pages((self.call(service, operation),))

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        raise AssertionError("a list sends no request")


REST = {("apigateway", "GetRestApis"): {"items": [{"id": "r1", "name": "beta"}]}}
V2 = {
    ("apigatewayv2", "GetApis"): {
        "Items": [
            {"ApiId": "h1", "Name": "alpha", "ProtocolType": "HTTP"},
            {"ApiId": "w1", "Name": "chat", "ProtocolType": "WEBSOCKET"},
        ]
    }
}


def test_every_type_of_api_is_listed() -> None:
    assert [(c.id, c.detail, c.truncated) for c in browse.apis(Listing({**REST, **V2}))] == [
        ("h1", "h1, HTTP API", False),
        ("r1", "r1, REST API", False),
        ("w1", "w1, WebSocket API", False),
    ]


@pytest.mark.parametrize("refused", [("apigateway", "GetRestApis"), ("apigatewayv2", "GetApis")])
def test_what_may_not_be_listed_makes_the_list_incomplete(refused: tuple[str, str]) -> None:
    choices = browse.apis(Listing({**REST, **V2, refused: Denied("apigateway:GET")}))
    assert choices
    assert choices[-1].truncated


def test_no_list_at_all_is_no_empty_list() -> None:
    refused = Denied("apigateway:GET")
    with pytest.raises(Denied):
        browse.apis(Listing({("apigateway", "GetRestApis"): refused, ("apigatewayv2", "GetApis"): refused}))


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (["GET /b/{id}", "$default", "ANY /a"], ["ANY /{path+}", "ANY /a", "GET /b/{id}"]),
        (["$default"], ["ANY /{path+}"]),
        (["$connect", "send", "$default"], ["ROUTE $connect", "ROUTE $default", "ROUTE send"]),
    ],
)
def test_routes_are_listed_like_methods(keys: list[str], wanted: list[str]) -> None:
    routes = [{"RouteKey": key, "Target": "integrations/i1"} for key in keys]
    aws = Listing(
        {
            ("apigatewayv2", "GetRoutes"): {"Items": routes},
            ("apigatewayv2", "GetIntegrations"): {"Items": [{"IntegrationId": "i1", "IntegrationType": "AWS_PROXY"}]},
            ("apigatewayv2", "GetStages"): {"Items": [{"StageName": "prod"}, {"StageName": "$default"}]},
        }
    )
    choices = browse.methods(aws, "h1")
    assert sorted(choice.id for choice in choices) == sorted(wanted)
    assert {choice.detail for choice in choices} == {"AWS_PROXY"}
    assert [choice.id for choice in browse.stages(aws, "h1")] == ["$default", "prod"]
