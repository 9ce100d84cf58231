"""A door in front of an endpoint that lets every call wait, many at a time."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class SlowDoor:
    """`url` leads to the endpoint; every call takes `delay_s` seconds longer."""

    def __init__(self, endpoint_url: str) -> None:
        door = self
        self.delay_s = 0.0
        host = urlsplit(endpoint_url).netloc

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                threading.Event().wait(door.delay_s)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                behind = http.client.HTTPConnection(host, timeout=60)
                behind.request(self.command, self.path, body, {**dict(self.headers), "Connection": "close"})
                answer = behind.getresponse()
                told = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "connection", "transfer-encoding", "server", "date"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)
                behind.close()

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _pass_on

            def log_message(self, *_: Any) -> None:
                """Nothing: the benchmark's table is all that is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> SlowDoor:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()
