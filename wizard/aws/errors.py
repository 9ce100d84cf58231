"""From what botocore raises to the errors of the port: one short line each, saying what was asked and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from wizard.aws.permissions import action_for
from wizard.model.aws import (
    AwsError,
    Denied,
    Expired,
    NoCredentials,
    NotFound,
    Throttled,
    TimedOut,
    Unreachable,
    Unsupported,
)

# Everything that a call through botocore may raise for reasons outside of this program.
RAISED = (boto.BotoCoreError, boto.ClientError, ResponseParserError)

# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Client.UnauthorizedOperation",
        "ForbiddenException",
        "NotAuthorized",
        "UnauthorizedAccess",
        "UnauthorizedOperation",
    }
)
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
# https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html
_NOT_ACCEPTED = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotSignedUp",
        "OptInRequired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_UNSUPPORTED = frozenset(
    {
        "InvalidAction",
        "NotImplemented",
        "NotImplementedError",
        "UnknownOperation",
        "UnknownOperationException",
        "UnsupportedOperation",
    }
)
_INTERNAL = frozenset({"InternalError", "InternalFailure"})
_NOT_FOUND = re.compile(r"NotFound(Exception)?$|^NoSuch")
_UNKNOWN_PATH = re.compile(r"Unknown [\w ]*path: ")
_PERFORM = re.compile(r"not authorized to perform:?\s+([a-z0-9-]+:\*?\w+)")
_ON = re.compile(r"\bon resource:\s+(arn:\S+)")
_BECAUSE = re.compile(r"(explicit deny(?: in (?:a|an) [\w-]+(?: [\w-]+)* policy)?)")

_NO_LOGIN = (
    boto.SSOTokenLoadError,
    boto.UnauthorizedSSOTokenError,
    boto.TokenRetrievalError,
    boto.SSOError,
    boto.NoAuthTokenError,
)
_NO_CREDENTIALS = (
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ConfigParseError,
    boto.ConfigNotFound,
    boto.MetadataRetrievalError,
    boto.MissingDependencyException,
    boto.UnknownCredentialError,
    boto.InvalidConfigError,
    boto.RefreshWithMFAUnsupportedError,
)
_NO_ENDPOINT = (
    boto.EndpointProviderError,
    boto.UnknownServiceError,
    boto.ServiceNotInRegionError,
    boto.EndpointVariantError,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The call that failed. `endpoint_url` is set when it went to an emulator or another endpoint of one's own."""

    service: str
    operation: str
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None

    def __str__(self) -> str:
        return f"{self.service}.{self.operation}"


def translate(error: Exception, asked: Asked) -> AwsError:
    """The port's error for one of RAISED."""
    if isinstance(error, boto.ClientError):
        return _from_answer(error, asked)
    if isinstance(error, ResponseParserError):
        return no_aws_answer(asked)
    return (
        _from_login(error, asked)
        or _from_network(error, asked)
        or AwsError(f"{asked}: {one_line(error)}", type(error).__name__)
    )


def no_aws_answer(asked: Asked) -> Unsupported:
    """For a page where an answer should be: a proxy, a sign-in page, some other server."""
    return Unsupported(
        f"{asked}: {_where(asked)} answered something that is not an AWS answer; a proxy or a sign-in page?"
    )


def one_line(text: object, limit: int = 200) -> str:
    """Any text on one line, control characters made visible, cut to `limit` characters."""
    flat = "".join(char if char.isprintable() else "\ufffd" for char in " ".join(str(text).split()))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _from_answer(error: boto.ClientError, asked: Asked) -> AwsError:
    answer: Any = error.response
    fault = answer.get("Error", {})
    code, words = str(fault.get("Code") or ""), str(fault.get("Message") or "")
    text = one_line(words)
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    if code.isdigit() and text.startswith("<"):
        return _web_page(status, asked)
    if code in _DENIED or (status == 403 and _PERFORM.search(words)):
        return _denied(code, " ".join(words.split()), asked)
    if code in _THROTTLED or status == 429:
        return Throttled(f"{asked}: refused for rate ({code}), also when asked again", code)
    if code in _EXPIRED:
        return Expired(f"the session has expired ({code}); {_log_in(asked)}", code)
    if code in _NOT_ACCEPTED:
        return NoCredentials(
            f"the credentials were not accepted ({code}); check the keys, the clock and that the Region is enabled",
            code,
        )
    if code in _UNSUPPORTED or status == 501 or _emulator_gap(code, text, asked):
        return Unsupported(f"{asked}: this endpoint does not offer it ({_code(code, status)})", code)
    if _NOT_FOUND.search(code):
        return NotFound(f"{asked}: {text or 'not found'}", code)
    return AwsError(f"{asked}: {text or 'failed'} ({_code(code, status)})", code)


def _web_page(status: int, asked: Asked) -> AwsError:
    """For an error in HTML: what an emulator lacks, or something in the way that answers in place of AWS."""
    if asked.endpoint_url and status in (404, 405, 500):
        return Unsupported(f"{asked}: this endpoint does not offer it (HTTP {status})", str(status))
    return no_aws_answer(asked)


def _code(code: str, status: int) -> str:
    return f"HTTP {code or status}" if not code or code.isdigit() else code


def _emulator_gap(code: str, text: str, asked: Asked) -> bool:
    """How emulators say that they lack something.

    By an HTML page (botocore then gives the bare HTTP status as the code), an error 400 without a word, a plain
    internal failure, or not knowing the path (ministack).
    """
    if code.isdigit():
        return code in ("404", "405", "500") or not text
    if asked.endpoint_url and _UNKNOWN_PATH.match(text):
        return True
    return code in _INTERNAL and (asked.endpoint_url is not None or "not implemented" in text.lower())


def _denied(code: str, text: str, asked: Asked) -> Denied:
    named = _PERFORM.search(text)
    action = named[1] if named else action_for(asked.service, asked.operation)
    on, because = _ON.search(text), _BECAUSE.search(text)
    where = f" on {one_line(on[1].rstrip('.,'))}" if on else ""
    reason = f" ({because[1]})" if because else ""
    return Denied(action, f"{asked}: not allowed, needs {action}{where}{reason}", code)


def _from_login(error: Exception, asked: Asked) -> AwsError | None:
    name = type(error).__name__
    if isinstance(error, _NO_LOGIN):
        return Expired(f"the SSO session is missing or has expired; {_sso(asked)}", name)
    if isinstance(error, boto.LoginError):
        return Expired(f"the AWS login is missing or has expired; run: aws login{_profile(asked)}", name)
    if isinstance(error, boto.NoRegionError):
        return NoCredentials("no Region is set; set a Region with -r", name)
    if isinstance(error, boto.InvalidRegionError):
        return NoCredentials(f"{asked.region!r} is not the name of a Region; set a Region with -r", name)
    if isinstance(error, boto.NoCredentialsError):
        return NoCredentials("no AWS credentials found; choose a profile with -p, or run: aws configure", name)
    if isinstance(error, boto.ProfileNotFound):
        what = one_line(error).rstrip(".") if error.kwargs.get("profile") else "AWS_PROFILE is set to nothing"
        return NoCredentials(f"{what}; choose a profile with -p", name)
    if isinstance(error, _NO_CREDENTIALS):
        return NoCredentials(f"no usable AWS credentials: {one_line(error)}", name)
    return None


def _from_network(error: Exception, asked: Asked) -> AwsError | None:
    where, name = _where(asked), type(error).__name__
    if isinstance(error, boto.ConnectTimeoutError):
        return TimedOut(f"{asked}: no connection to {where} in time", name)
    if isinstance(error, boto.ReadTimeoutError):
        return TimedOut(f"{asked}: no answer from {where} in time", name)
    if isinstance(error, boto.SSLError):
        return Unreachable(f"{asked}: no secure connection to {where} (TLS): {one_line(error, 120)}", name)
    if isinstance(error, boto.ProxyConnectionError):
        return Unreachable(f"{asked}: the proxy on the way to {where} does not answer", name)
    if isinstance(error, boto.EndpointConnectionError):
        return Unreachable(f"{asked}: {where} cannot be reached{_doubt(asked)}", name)
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError | boto.IncompleteReadError):
        return Unreachable(f"{asked}: the connection to {where} broke off", name)
    if isinstance(error, _NO_ENDPOINT):
        return Unsupported(f"{asked}: not offered in {asked.region or 'this Region'}", name)
    return None


def _where(asked: Asked) -> str:
    return asked.endpoint_url or f"AWS in {asked.region or 'this Region'}"


def _doubt(asked: Asked) -> str:
    """A word on a Region that nobody knows: its endpoints have no address, which looks like no network."""
    from wizard.aws.browse import regions

    known = asked.endpoint_url or not asked.region or asked.region in regions()
    return "" if known else f"; {asked.region} is no Region known here, look at -r"


def _profile(asked: Asked) -> str:
    return f" --profile {asked.profile}" if asked.profile else ""


def _sso(asked: Asked) -> str:
    return f"run: aws sso login{_profile(asked)}"


def _log_in(asked: Asked) -> str:
    return f"sign in again, with SSO by: aws sso login{_profile(asked)}"
