from __future__ import annotations

import socket

import pytest
from botocore import exceptions as boto

from tests.aws.conftest import Endpoint, settings
from wizard.aws.errors import Asked, translate
from wizard.aws.live import LiveAws, Settings
from wizard.model import aws as port

STAGE = {"restApiId": "abc123", "stageName": "prod"}
DENIED = (
    "User: arn:aws:iam::123456789012:user/me is not authorized to perform: apigateway:GET on resource: "
    "arn:aws:apigateway:us-east-1::/restapis/abc123/stages/prod with an explicit deny in a service control policy"
)


def met(live: LiveAws, service: str = "apigateway", operation: str = "GetStage", **params: object) -> port.AwsError:
    with pytest.raises(port.AwsError) as caught:
        live.call(service, operation, **(params or STAGE))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "text", "kind", "says"),
    [
        (
            404,
            "NotFoundException",
            "Invalid stage identifier specified",
            port.NotFound,
            "apigateway.GetStage: Invalid stage identifier",
        ),
        (403, "AccessDeniedException", DENIED, port.Denied, "explicit deny in a service control policy"),
        (403, "AccessDeniedException", "no", port.Denied, "needs apigateway:GET"),
        (429, "TooManyRequestsException", "Too Many Requests", port.Throttled, "refused for rate"),
        (400, "ThrottlingException", "Rate exceeded", port.Throttled, "refused for rate"),
        (403, "ExpiredTokenException", "expired", port.Expired, "aws sso login"),
        (403, "ExpiredToken", "expired", port.Expired, "aws sso login"),
        (403, "UnrecognizedClientException", "invalid", port.NoCredentials, "not accepted"),
        (403, "InvalidClientTokenId", "invalid", port.NoCredentials, "not accepted"),
        (403, "SignatureDoesNotMatch", "Signature expired", port.NoCredentials, "the clock"),
        (501, "InternalFailure", "API action not implemented", port.Unsupported, "does not offer"),
        (500, "InternalFailure", "", port.Unsupported, "does not offer"),
        (400, "NotImplemented", "no", port.Unsupported, "does not offer"),
        (400, "UnknownOperationException", "", port.Unsupported, "does not offer"),
        (400, "400", "", port.Unsupported, "HTTP 400"),
        (404, "NotFoundException", "Unknown API Gateway v1 path: /x", port.Unsupported, "does not offer"),
        (500, "ServiceFailure", "Something\n went\x1b[31m wrong", port.AwsError, "Something went"),
    ],
)
def test_what_the_service_says(
    live: LiveAws, endpoint: Endpoint, status: int, code: str, text: str, kind: type[port.AwsError], says: str
) -> None:
    endpoint.says(status, {"message": text}, x_amzn_ErrorType=code)
    error = met(live)
    assert type(error) is kind
    assert says in str(error)
    assert error.code == code


def test_a_denied_call_names_the_action_of_the_message_and_of_the_table(live: LiveAws, endpoint: Endpoint) -> None:
    endpoint.says(403, {"message": DENIED}, x_amzn_ErrorType="AccessDeniedException")
    by_message = met(live)
    endpoint.says(403, {"message": "You shall not pass"}, x_amzn_ErrorType="AccessDeniedException")
    by_table = met(live, "lambda", "GetPolicy", FunctionName="orders")
    assert isinstance(by_message, port.Denied)
    assert by_message.action == "apigateway:GET"
    assert isinstance(by_table, port.Denied)
    assert by_table.action == "lambda:GetPolicy"


@pytest.mark.parametrize("status", [404, 405, 500])
def test_an_html_page_is_an_emulator_without_the_operation(live: LiveAws, endpoint: Endpoint, status: int) -> None:
    endpoint.says(status, b"<!doctype html><title>Error</title><h1>Error</h1>")
    assert isinstance(met(live), port.Unsupported)


def test_a_page_in_place_of_an_answer(live: LiveAws, endpoint: Endpoint) -> None:
    endpoint.says(200, b"<html>Sign in to the hotel network</html>", Content_Type="text/html; charset=utf-8")
    assert isinstance(met(live), port.Unsupported)


def test_aws_itself_failing_is_not_called_unsupported() -> None:
    answer = {"Error": {"Code": "InternalFailure", "Message": "oops"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
    error = translate(boto.ClientError(answer, "GetStage"), Asked("apigateway", "GetStage"))  # type: ignore[arg-type]
    assert type(error) is port.AwsError


def test_a_slow_endpoint_is_given_up(endpoint: Endpoint) -> None:
    endpoint.hangs()
    error = met(LiveAws(settings(endpoint, read_timeout_s=0.2)))
    assert type(error) is port.TimedOut
    assert endpoint.url in str(error)


def test_nobody_listens(endpoint: Endpoint) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    error = met(LiveAws(settings(endpoint, endpoint_url=url)))
    assert type(error) is port.Unreachable
    assert url in str(error)


def test_no_tls_behind_https(endpoint: Endpoint) -> None:
    error = met(LiveAws(settings(endpoint, endpoint_url=endpoint.url.replace("http:", "https:"))))
    assert type(error) is port.Unreachable
    assert "TLS" in str(error)


def test_no_endpoint_url(endpoint: Endpoint) -> None:
    assert "Invalid endpoint: nonsense" in str(met(LiveAws(settings(endpoint, endpoint_url="nonsense"))))


def test_an_endpoint_url_that_cannot_be_read(endpoint: Endpoint) -> None:
    assert "no connection can be made" in str(met(LiveAws(settings(endpoint, endpoint_url="http://[::1"))))


def test_an_emulator_named_by_the_environment(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
    endpoint.says(500, {"message": ""}, x_amzn_ErrorType="InternalFailure")
    assert isinstance(met(LiveAws(settings(endpoint, endpoint_url=None))), port.Unsupported)


def test_retries_then_throttled(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    endpoint.says(429, {"message": "Too Many Requests"}, x_amzn_ErrorType="TooManyRequestsException")
    assert isinstance(met(LiveAws(settings(endpoint, attempts=3))), port.Throttled)
    assert len(endpoint.seen) == 3


@pytest.mark.parametrize(
    ("own", "kind", "says"),
    [
        (Settings(region="us-east-1"), port.NoCredentials, "no AWS credentials found"),
        (Settings(profile="gone", region="us-east-1"), port.NoCredentials, "gone"),
        (Settings(access_key_id="AKIATEST", secret_access_key="x"), port.NoCredentials, "set a Region with -r"),
        (
            Settings(region="not a region!", access_key_id="AKIATEST", secret_access_key="x"),
            port.NoCredentials,
            "set a Region",
        ),
    ],
)
def test_a_set_up_that_cannot_work(own: Settings, kind: type[port.AwsError], says: str) -> None:
    error = met(LiveAws(own))
    assert type(error) is kind
    assert says in str(error)


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (boto.SSOTokenLoadError(error_msg="x"), port.Expired, "aws sso login --profile dev"),
        (boto.UnauthorizedSSOTokenError(), port.Expired, "aws sso login --profile dev"),
        (boto.TokenRetrievalError(provider="sso", error_msg="x"), port.Expired, "aws sso login --profile dev"),
        (boto.LoginRefreshRequired(), port.Expired, "aws login --profile dev"),
        (
            boto.PartialCredentialsError(provider="env", cred_var="aws_secret_access_key"),
            port.NoCredentials,
            "no usable",
        ),
        (boto.CredentialRetrievalError(provider="process", error_msg="a\nb"), port.NoCredentials, "a b"),
        (boto.ConfigParseError(path="/x"), port.NoCredentials, "/x"),
        (boto.NoCredentialsError(), port.NoCredentials, "choose a profile"),
        (boto.NoRegionError(), port.NoCredentials, "-r"),
        (boto.ProfileNotFound(profile="dev"), port.NoCredentials, "dev"),
        (boto.EndpointConnectionError(endpoint_url="https://x"), port.Unreachable, "cannot be reached"),
        (boto.ConnectTimeoutError(endpoint_url="https://x"), port.TimedOut, "no connection"),
        (boto.ReadTimeoutError(endpoint_url="https://x"), port.TimedOut, "no answer"),
        (boto.ConnectionClosedError(endpoint_url="https://x"), port.Unreachable, "broke off"),
        (boto.ProxyConnectionError(proxy_url="http://p"), port.Unreachable, "proxy"),
        (boto.EndpointResolutionError(msg="x"), port.Unsupported, "not offered in us-east-1"),
        (boto.UnknownServiceError(service_name="x", known_service_names="y"), port.Unsupported, "not offered"),
        (boto.ParamValidationError(report="Missing required\nparameter"), port.AwsError, "Missing required parameter"),
    ],
)
def test_every_error_of_botocore_has_its_own(error: Exception, kind: type[port.AwsError], says: str) -> None:
    found = translate(error, Asked("lambda", "GetPolicy", "us-east-1", "dev"))
    assert type(found) is kind
    assert says in str(found)
    assert "\n" not in str(found)
