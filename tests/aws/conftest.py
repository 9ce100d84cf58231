"""An endpoint on this machine that answers whatever a test tells it, in place of AWS."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.loaders import Loader, create_loader

from wizard.aws.live import LiveAws, Settings

Answer = tuple[int, dict[str, str], bytes]


class Endpoint:
    """`answer(path)` is asked for every request; `seen` are they, as "METHOD path"; `release` ends slow answers."""

    def __init__(self) -> None:
        self.answer: Callable[[str], Answer] = lambda path: (200, {}, b"{}")
        self.seen: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.release = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def says(self, status: int, body: object = b"", **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answer = lambda path: (status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)

    def hangs(self) -> None:
        def wait(path: str) -> Answer:
            self.release.wait(20)
            return 200, {}, b"{}"

        self.answer = wait

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def _reply(self) -> None:
                endpoint.seen.append(f"{self.command} {self.path}")
                endpoint.headers.append({name.lower(): value for name, value in self.headers.items()})
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, body = endpoint.answer(self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = _reply

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    return

            def log_message(self, format: str, *args: object) -> None:
                return

        return Handler


@pytest.fixture(scope="session")
def loader() -> Loader:
    """The service models, each read once for all tests."""
    return create_loader()


@pytest.fixture(autouse=True)
def _one_loader(monkeypatch: pytest.MonkeyPatch, loader: Loader) -> None:
    monkeypatch.setattr("botocore.session.create_loader", lambda *_: loader)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    yield server
    server.close()


@pytest.fixture
def live(endpoint: Endpoint) -> LiveAws:
    """Asks the endpoint once, without retries."""
    return LiveAws(settings(endpoint))


def settings(endpoint: Endpoint, **changes: object) -> Settings:
    given: dict[str, object] = {
        "region": "us-east-1",
        "endpoint_url": endpoint.url,
        "access_key_id": "AKIATEST",
        "secret_access_key": "test",
        "attempts": 1,
        "connect_timeout_s": 20.0,
        "read_timeout_s": 20.0,
        "invoke_timeout_s": 20.0,
    }
    return Settings(**(given | changes))  # type: ignore[arg-type]
