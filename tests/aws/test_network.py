"""DNS and TLS as this machine sees them: a listener of our own, with certificates made for the test."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from wizard.aws import network
from wizard.aws.cache import CachedAws
from wizard.aws.live import LiveAws, Settings
from wizard.aws.permissions import policy
from wizard.aws.replay import Recorder, ReplayAws
from wizard.model.aws import Call, NotFound, TimedOut, Unreachable, Unsupported

NOW = datetime.now(UTC)


def certificate(folder: Path, name: str, start: int, end: int) -> Path:
    """A self-signed certificate that is valid from `start` to `end` days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(4711)
        .not_valid_before(NOW + timedelta(days=start))
        .not_valid_after(NOW + timedelta(days=end))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def listening(path: Path | None) -> Iterator[int]:
    """A port of this machine that speaks TLS with a certificate, or that closes every connection at once."""
    door = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if path:
        context.load_cert_chain(path)

    def serve() -> None:
        try:
            raw, _ = door.accept()
        except OSError:
            return
        with raw:
            if path:
                with suppress(OSError):
                    context.wrap_socket(raw, server_side=True).close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield int(door.getsockname()[1])
    door.close()
    thread.join(5)


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes a certificate and lets this machine trust it."""

    def make(name: str, start: int, end: int) -> Path:
        path = certificate(tmp_path, name, start, end)
        context = ssl.create_default_context(cafile=str(path))
        monkeypatch.setattr(ssl, "create_default_context", lambda: context)
        return path

    return make


def test_a_certificate_that_is_accepted_is_told(trusted: Any) -> None:
    with listening(trusted("localhost", -1, 10)) as port:
        found = network.ask("tls", "Handshake", {"host": "localhost", "port": port})
    assert (found["Accepted"], found["Names"], found["Serial"]) == (True, ["localhost"], "1267")
    assert datetime.fromisoformat(found["NotAfter"]) - NOW < timedelta(days=10, minutes=1)
    assert found["Protocol"].startswith("TLSv1.")


@pytest.mark.parametrize(
    ("name", "start", "end", "problem"),
    [("localhost", -9, -1, "expired"), ("localhost", 1, 9, "not-yet-valid"), ("shop.example.com", -1, 9, "name")],
)
def test_why_a_certificate_is_not_accepted(trusted: Any, name: str, start: int, end: int, problem: str) -> None:
    with listening(trusted(name, start, end)) as port:
        found = network.handshake("localhost", port)
    assert (found["Accepted"], found["Problem"]) == (False, problem)
    assert found["Message"]


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    with listening(certificate(tmp_path, "localhost", -1, 9)) as port:
        assert network.handshake("localhost", port)["Problem"] == "self-signed"


def test_a_server_that_breaks_off() -> None:
    with listening(None) as port:
        assert network.handshake("localhost", port)["Problem"] == "refused"


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(Unreachable):
        network.handshake("127.0.0.1", port)


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door, pytest.raises(TimedOut):
        network.handshake("127.0.0.1", door.getsockname()[1], timeout_s=0.05)


def resolving(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def getaddrinfo(*_: Any, **__: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_where_a_name_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = (socket.AF_INET, socket.SOCK_STREAM, 6)
    resolving(
        monkeypatch,
        [(*stream, "D-1.Execute-API.us-east-1.amazonaws.com.", ("192.0.2.2", 443)), (*stream, "", ("192.0.2.1", 443))],
    )
    assert network.lookup("shop.example.com") == {
        "CanonicalName": "d-1.execute-api.us-east-1.amazonaws.com",
        "Addresses": ["192.0.2.1", "192.0.2.2"],
    }


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), NotFound),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), Unreachable),
        (UnicodeError("label too long"), NotFound),
    ],
)
def test_a_name_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[Exception]) -> None:
    resolving(monkeypatch, error)
    with pytest.raises(kind):
        network.lookup("shop.example.com")


def test_name_servers_that_do_not_answer_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: waiting.wait(5))
    with pytest.raises(TimedOut):
        network.lookup("shop.example.com", timeout_s=0.05)
    waiting.set()


def test_they_go_through_the_port_like_calls_and_need_no_permission() -> None:
    entries: list[dict[str, Any]] = []
    live = LiveAws(Settings(region="us-east-1", access_key_id="AKIA", secret_access_key="x"))
    view = CachedAws(Recorder(live, entries)).recorder()
    assert "127.0.0.1" in view.call("dns", "Lookup", name="localhost")["Addresses"]
    assert view.calls[0].cli() == "dig +noall +answer localhost"
    assert ReplayAws(entries).call("dns", "Lookup", name="localhost") == view.call("dns", "Lookup", name="localhost")
    assert policy(["dns:Lookup", "tls:Handshake", "sts:GetCallerIdentity"])["Statement"] == []
    with pytest.raises(Unsupported):
        network.ask("dns", "Update", {})


def test_hostile_names_are_quoted_in_commands() -> None:
    call = Call("tls", "Handshake", {"host": "x; rm -rf ~"}, None, True)
    assert call.cli() == "openssl s_client -connect 'x; rm -rf ~':443 -servername 'x; rm -rf ~' </dev/null"


def test_a_name_that_can_never_exist_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, AssertionError("asked"))
    for name in ("warehouse.shop.invalid", "SHOP.INVALID."):
        with pytest.raises(NotFound):
            network.lookup(name)
