"""Connecting, and finding out as whom."""

from __future__ import annotations

from wizard.aws.cache import CachedAws
from wizard.aws.live import LiveAws, Settings
from wizard.model.aws import Aws, NoCredentials


def connect(
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
    *,
    access_key_id: str | None = None,
    secret_access_key: str | None = None,
) -> CachedAws:
    """A connection; returns at once, nothing is read or sent before the first question.

    What is not given comes from the environment (AWS_PROFILE, AWS_REGION or AWS_DEFAULT_REGION, AWS_ENDPOINT_URL), then
    from the AWS configuration files. With keys of its own (the sandbox) the connection leaves those alone.
    """
    return CachedAws(
        LiveAws(
            Settings(
                profile=profile or None,
                region=region or None,
                endpoint_url=endpoint_url or None,
                access_key_id=access_key_id,
                secret_access_key=secret_access_key,
            )
        )
    )


def identity(aws: Aws) -> str:
    """The account id that the credentials belong to.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html (needs no permission)

    Raises:
        NoCredentials: there are none, they are not accepted, or no Region is set.
        Expired: the session or the SSO login has run out.
        AwsError: the question got no answer for another reason.
    """
    if getattr(aws, "region", "unknown") is None:
        raise NoCredentials("no Region is set; set a Region with -r")
    return str(aws.call("sts", "GetCallerIdentity").get("Account") or "")
