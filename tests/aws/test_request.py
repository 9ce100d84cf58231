from __future__ import annotations

import socket
import threading

import pytest

from tests.aws.conftest import Endpoint
from wizard.aws.request import BODY_LIMIT, is_loopback, send
from wizard.model.aws import AwsError, HttpAnswer, TimedOut, Unreachable


def ask(url: str, method: str = "GET", timeout_s: float = 5.0) -> HttpAnswer:
    return send(method, url, timeout_s=timeout_s, user_agent="apigw-wizard/test")


@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 403, 404, 429, 500, 502, 503, 504])
def test_every_status_is_an_answer(endpoint: Endpoint, status: int) -> None:
    endpoint.says(
        status, b"" if status == 204 else b'{"message": "hm"}', Location="http://127.0.0.1:9/", X_Amzn_ErrorType="X"
    )
    answer = ask(f"{endpoint.url}/prod/orders")
    assert answer.status == status
    assert answer.body == ("" if status == 204 else '{"message": "hm"}')
    assert answer.headers["x-amzn-errortype"] == "X"
    assert answer.took_ms > 0
    assert endpoint.seen == ["GET /prod/orders"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_methods_go_out_without_a_body(endpoint: Endpoint, method: str) -> None:
    assert ask(f"{endpoint.url}/x?a=1#part", method.lower()).status == 200
    assert endpoint.seen == [f"{method} /x?a=1"]
    assert endpoint.headers[0].get("content-length", "0") == "0"
    assert endpoint.headers[0]["user-agent"] == "apigw-wizard/test"


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/a%2Fb?q=%20", "/a%2Fb?q=%20"),
        ("/café", "/caf%C3%A9"),
        ("/a b", "/a%20b"),
        ("/{id}|", "/%7Bid%7D%7C"),
        ("", "/"),
    ],
)
def test_the_address_is_sent_as_given(endpoint: Endpoint, path: str, sent: str) -> None:
    ask(endpoint.url + path)
    assert endpoint.seen == [f"GET {sent}"]


def test_user_and_password_of_the_address_are_sent_as_the_client_would(endpoint: Endpoint) -> None:
    ask(endpoint.url.replace("//", "//me:p%40ss@"))
    assert endpoint.headers[0]["authorization"] == "Basic bWU6cEBzcw=="


def test_the_body_is_cut(endpoint: Endpoint) -> None:
    endpoint.says(200, b"x" * (BODY_LIMIT * 3))
    assert len(ask(endpoint.url).body) == BODY_LIMIT


def test_bytes_that_are_no_text(endpoint: Endpoint) -> None:
    endpoint.says(200, b"\xff\xfe\x00ok")
    assert ask(endpoint.url).body.endswith("ok")


def test_no_answer_in_time(endpoint: Endpoint) -> None:
    endpoint.hangs()
    with pytest.raises(TimedOut, match=r"did not answer within 0\.2 s"):
        ask(endpoint.url, timeout_s=0.2)


def test_a_body_that_drips_is_given_up_too() -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            client, _ = server.accept()
            with client:
                client.recv(4096)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not stop.wait(0.02):
                    try:
                        client.sendall(b".")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(TimedOut):
            ask(f"http://127.0.0.1:{server.getsockname()[1]}/", timeout_s=0.3)
        stop.set()
        thread.join(20)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be reached"):
        ask(f"http://127.0.0.1:{port}/")


def test_no_tls_behind_https(endpoint: Endpoint) -> None:
    with pytest.raises(Unreachable, match="no secure connection"):
        ask(endpoint.url.replace("http:", "https:"))


def test_not_a_web_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def chat() -> None:
            client, _ = server.accept()
            with client:
                client.recv(4096)
                client.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

        thread = threading.Thread(target=chat, daemon=True)
        thread.start()
        with pytest.raises(Unreachable, match="web server"):
            ask(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join(20)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "data:text/plain,x",
        "https://",
        "http://[::1/",
        "http://127.0.0.1:99999/",
        "orders",
        "javascript:alert(1)",
    ],
)
def test_only_http_and_https(url: str) -> None:
    with pytest.raises(AwsError, match="not an http or https URL"):
        ask(url)


def test_a_proxy_never_stands_before_this_machine(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert ask(endpoint.url).status == 200


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("localhost", True),
        ("api.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_loopback(host: str, is_one: bool) -> None:
    assert is_loopback(host) is is_one
