"""AWS itself, or whatever answers at an endpoint URL, behind the port."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wizard import __version__
from wizard.aws import guard, network, request
from wizard.model.aws import AwsError, HttpAnswer, Pages, Unsupported

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient
    from botocore.session import Session

    from wizard.aws.errors import Asked

USER_AGENT = f"apigw-wizard/{__version__}"
# The largest pages the services give; without it API Gateway sends 25 entries at a time.
# https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html
_PAGE_SIZE: dict[str, int | str] = {"apigateway": 500, "apigatewayv2": "500"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How to connect. Without keys the standard credential chain serves; with them one's own configuration is left out.

    Times in seconds; `attempts` counts the first one. A call that runs the backend is never sent twice and may take
    `invoke_timeout_s`.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    connect_timeout_s: float = 3.0
    read_timeout_s: float = 10.0
    invoke_timeout_s: float = 65.0
    attempts: int = 3


class Connection:
    """One boto3 session and its clients. Clients are made one after the other: side by side takes longer.

    boto3 is imported, the configuration read and the credentials looked for when the first client is wanted.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._maker: boto3.Session | None = None
        self._no_credentials = False
        self._clients: dict[tuple[str, str | None, bool], BaseClient] = {}

    @property
    def endpoint_url(self) -> str | None:
        """Where calls go when not to AWS itself. botocore reads the environment by itself; this is for messages."""
        return self.settings.endpoint_url or os.environ.get("AWS_ENDPOINT_URL")

    def session(self) -> Session:
        """The session; made once. Raises botocore's errors."""
        with self._lock:
            return self._opened()

    def client(self, service: str, region: str | None, invoking: bool) -> BaseClient:
        """The client for a service; made once. Raises botocore's errors."""
        key = (service, region, invoking)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._create(*key)
            return self._clients[key]

    def region(self) -> str | None:
        """The Region that is used when a call names none. Raises botocore's errors."""
        if self.settings.region:
            return self.settings.region
        if self.settings.access_key_id:
            return None
        named: str | None = (
            os.environ.get("AWS_REGION")
            or os.environ.get("AWS_DEFAULT_REGION")
            or self.session().get_config_variable("region")
        )
        return named

    def _opened(self) -> Session:
        if self._session is None:
            from botocore.session import Session

            if self.settings.access_key_id:
                self._session = Session(
                    session_vars={
                        "profile": (None, None, None, None),
                        "config_file": (None, None, os.devnull, None),
                        "credentials_file": (None, None, os.devnull, None),
                    }
                )
                self._session.set_credentials(self.settings.access_key_id, self.settings.secret_access_key or "")
            else:
                self._session = Session(profile=self.settings.profile)
        return self._session

    def _create(self, service: str, region: str | None, invoking: bool) -> BaseClient:
        from botocore.exceptions import NoCredentialsError

        session = self._opened()
        if self._maker is None:
            import boto3

            self._maker = boto3.Session(botocore_session=session)
        # Looked for once: without any, each new client would ask the instance metadata service again.
        self._no_credentials = self._no_credentials or session.get_credentials() is None
        if self._no_credentials:
            raise NoCredentialsError
        make: Any = self._maker.client  # its overloads want literal service names
        client: BaseClient = make(
            service, region_name=region, endpoint_url=self.settings.endpoint_url, config=self._config(invoking)
        )
        return client

    def _config(self, invoking: bool) -> Any:
        from botocore.config import Config

        own = self.settings
        options: dict[str, Any] = {}
        if request.is_loopback(_host(self.endpoint_url)):
            options["proxies"] = {}
        if own.access_key_id:
            options |= {"use_fips_endpoint": False, "use_dualstack_endpoint": False}
        return Config(
            connect_timeout=own.connect_timeout_s,
            read_timeout=own.invoke_timeout_s if invoking else own.read_timeout_s,
            retries={"mode": "standard", "total_max_attempts": 1 if invoking else own.attempts},
            user_agent_extra=USER_AGENT,
            **options,
        )


class LiveAws:
    """Aws over botocore. Only what the guard lets out is sent; `consented()` gives a view that may run the backend."""

    def __init__(self, settings: Settings | Connection | None = None, *, allows_invoke: bool = False) -> None:
        self._connection = settings if isinstance(settings, Connection) else Connection(settings or Settings())
        self._allows_invoke = allows_invoke

    @property
    def region(self) -> str | None:
        """The Region of calls that name none; raises NoCredentials when the profile is not there."""
        from wizard.aws.errors import RAISED

        try:
            return self._connection.region()
        except RAISED as error:
            raise self._error(error, "config", "region", None) from error

    def consented(self) -> LiveAws:
        """The same connection for a probe whose invoking calls the person has agreed to."""
        return LiveAws(self._connection, allows_invoke=True)

    def warm(self, services: Iterable[str]) -> None:
        """Make the clients of these services, one after the other. Raises AwsError as the calls would."""
        for service in services:
            self._client(service, "warm", None, False)

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        """One answer as plain JSON-like data: times as ISO 8601 text in UTC, bodies as text, no ResponseMetadata."""
        guard.check(service, operation, params, consented=self._allows_invoke)
        if service in network.SERVICES:
            return network.ask(service, operation, params)
        return self._send(service, operation, region, params)

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        """All pages up to `limit`; a listing that botocore cannot page is one page."""
        guard.check(service, operation, params, consented=self._allows_invoke)
        paging = self._paging(service, operation, region)
        if paging is None:
            return Pages((self._send(service, operation, region, params),))
        asked = dict(params)
        if paging.size_key and service in _PAGE_SIZE:
            asked.setdefault(paging.size_key, _PAGE_SIZE[service])
        pages: list[dict[str, Any]] = []
        token: dict[str, Any] = {}
        while True:
            pages.append(self._send(service, operation, region, asked | token))
            following = paging.following(pages[-1])
            if not following or following == token:
                return Pages(tuple(pages))
            if len(pages) >= limit:
                return Pages(tuple(pages), truncated=True)
            token = following

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        """A real HTTP request without a body; only with consent."""
        guard.check_request(consented=self._allows_invoke)
        return request.send(method, url, timeout_s=timeout_s, user_agent=USER_AGENT)

    def _send(self, service: str, operation: str, region: str | None, params: Mapping[str, Any]) -> dict[str, Any]:
        from botocore import xform_name

        from wizard.aws.errors import RAISED, no_aws_answer

        client = self._client(service, operation, region, guard.is_invoking(service, operation))
        method = getattr(client, xform_name(operation), None)
        if method is None or client.meta.method_to_api_mapping.get(xform_name(operation)) != operation:
            raise Unsupported(f"{service}.{operation}: this version of botocore does not know it")
        try:
            answer = plain(method(**params))
        except RAISED as error:
            raise self._error(error, service, operation, region) from error
        headers = answer.pop("ResponseMetadata", {}).get("HTTPHeaders", {})
        if not answer and _is_page(headers):
            raise no_aws_answer(self._asked(service, operation, region))
        return dict(answer)

    def _client(self, service: str, operation: str, region: str | None, invoking: bool) -> BaseClient:
        from wizard.aws.errors import RAISED, one_line

        try:
            return self._connection.client(service, region or self.region, invoking)
        except RAISED as error:
            raise self._error(error, service, operation, region) from error
        except ValueError as error:  # botocore's word for settings it cannot use, like an endpoint URL that is none
            raise AwsError(f"no connection can be made: {one_line(error)}") from error

    def _error(self, error: Exception, service: str, operation: str, region: str | None) -> AwsError:
        from wizard.aws.errors import translate

        return translate(error, self._asked(service, operation, region))

    def _asked(self, service: str, operation: str, region: str | None) -> Asked:
        from wizard.aws.errors import Asked

        own = self._connection.settings
        return Asked(service, operation, region or own.region, own.profile, self._connection.endpoint_url)

    def _paging(self, service: str, operation: str, region: str | None) -> Paging | None:
        from botocore.exceptions import DataNotFoundError

        self._client(service, operation, region, False)
        try:
            model = self._connection.session().get_paginator_model(service).get_paginator(operation)
        except (ValueError, DataNotFoundError):
            return None
        return Paging(
            _listed(model["input_token"]),
            _listed(model["output_token"]),
            model.get("more_results"),
            model.get("limit_key"),
        )


@dataclass(frozen=True, slots=True)
class Paging:
    """How one operation is paged, in the words of botocore's paginator models."""

    tokens_in: tuple[str, ...]
    tokens_out: tuple[str, ...]
    more: str | None
    size_key: str | None

    def following(self, page: dict[str, Any]) -> dict[str, Any]:
        """The parameters that ask for the page after this one, empty at the end."""
        if self.more and not page.get(self.more):
            return {}
        found = {name: page.get(key) for name, key in zip(self.tokens_in, self.tokens_out, strict=True)}
        return {name: value for name, value in found.items() if value}


def plain(value: Any) -> Any:
    """An answer of botocore as plain data."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if hasattr(value, "read"):
        value = value.read()
    return value.decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else value


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def _is_page(headers: Mapping[str, str]) -> bool:
    """Whether a web page came back, which botocore reads as an empty answer; "{}" is two bytes, whatever its type."""
    return "text/html" in headers.get("content-type", "") and headers.get("content-length", "") not in ("0", "2")


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
