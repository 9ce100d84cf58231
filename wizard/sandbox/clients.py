"""boto3 clients for the sandbox, untouched by the AWS settings of the person who runs it."""

from __future__ import annotations

import os
from functools import cache
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from wizard.sandbox import clock

ACCESS_KEY_ID = "AKIASANDBOXSANDBOX00"
SECRET_ACCESS_KEY = "sandbox"

_creating = Lock()


@cache
def _session() -> boto3.Session:
    """A session that reads neither profile nor config files nor credentials of this machine."""
    own = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return boto3.Session(
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        botocore_session=botocore.session.Session(session_vars=own),
    )


@cache
def _client(endpoint_url: str, service: str, region: str) -> Any:
    config = Config(
        retries={"total_max_attempts": 1},
        connect_timeout=3,
        read_timeout=40,
        max_pool_connections=20,
        proxies={},
        parameter_validation=False,
    )
    # The service is named at run time, so its client has no static type.
    create: Any = _session().client
    made = create(service, region_name=region, endpoint_url=endpoint_url, config=config)
    made.meta.events.register("before-send", _tell_the_time)
    return made


def _tell_the_time(request: Any, **_: Any) -> None:
    """Let a call happen when the present block wants it; see clock.set_back."""
    if clock.ago():
        request.headers[clock.HEADER] = f"{clock.ago():.3f}"


def client(endpoint_url: str, service: str, region: str) -> Any:
    """The boto3 client of ``service`` (for example ``lambda``) in ``region``; made once, then shared."""
    with _creating:
        return _client(endpoint_url, service, region)
