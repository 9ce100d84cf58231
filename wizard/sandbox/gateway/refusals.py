"""What the gateway answers by itself before an integration is asked: status, message, error type, response type.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

from wizard.sandbox.gateway.http import DENIED_TYPE, RefusalError


def unauthorized(message: str = "Unauthorized") -> RefusalError:
    """401: the request has no usable identity, or the authorizer said "Unauthorized"."""
    return RefusalError(401, message, "UnauthorizedException", "UNAUTHORIZED")


def access_denied(message: str) -> RefusalError:
    """403: a policy does not let the caller in."""
    return RefusalError(403, message, DENIED_TYPE, "ACCESS_DENIED")


def authorizer_misconfigured() -> RefusalError:
    """500: the authorizer could not be called, failed, or answered with what is no policy."""
    return RefusalError(500, None, "AuthorizerConfigurationException", "AUTHORIZER_CONFIGURATION_ERROR")


def authorizer_failed() -> RefusalError:
    """500: the authorizer did not answer in time."""
    return RefusalError(500, None, "AuthorizerFailureException", "AUTHORIZER_FAILURE")


def throttled() -> RefusalError:
    """429: too many requests for the stage, the method or the usage plan."""
    return RefusalError(429, "Too Many Requests", "TooManyRequestsException", "THROTTLED")


def quota_exceeded() -> RefusalError:
    """429: the key's usage plan has no request left in this period."""
    return RefusalError(429, "Limit Exceeded", "LimitExceededException", "QUOTA_EXCEEDED")


def too_large() -> RefusalError:
    """413: the body has more than 10 MB."""
    return RefusalError(413, "Request Too Long", "RequestTooLargeException", "REQUEST_TOO_LARGE")


def headers_too_large() -> RefusalError:
    """431: the request's headers have more than 10,240 bytes."""
    return RefusalError(431, "Request Header Fields Too Large", "BadRequestException", "DEFAULT_4XX")


def uri_too_long() -> RefusalError:
    """414: the ARN of a method with authorization would have more than 1,600 bytes."""
    return RefusalError(414, "Request URI too long", "BadRequestException", "DEFAULT_4XX")


def missing_parameters(names: list[str]) -> RefusalError:
    """400: parameters that the method requires are not in the request."""
    message = f"Missing required request parameters: [{', '.join(names)}]"
    return RefusalError(400, message, "BadRequestException", "BAD_REQUEST_PARAMETERS")
