"""What the person's own machine sees of a name: where DNS leads, and which certificate answers there.

Asked like operations of two more services, so that they are cached, noted and replayed as AWS's answers are:

    dns.Lookup(name)           {CanonicalName, Addresses}
    tls.Handshake(host, port)  {Accepted, Problem, Message, Protocol, NotAfter, Names, Issuer, Serial}

A handshake ends the connection as soon as the certificate is known: no HTTP request is sent and no backend runs, so
nobody has to be asked first. `Problem` is expired, not-yet-valid, name, self-signed, untrusted or refused; what stands
in the certificate is known only when it is accepted.
"""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime
from typing import Any

from wizard.model.aws import AwsError, NotFound, TimedOut, Unreachable, Unsupported

SERVICES = frozenset({"dns", "tls"})
TIMEOUT_S = 5.0
# A name under it exists nowhere, so nobody is asked. https://www.rfc-editor.org/rfc/rfc6761#section-6.4
_NEVER = ".invalid"
# https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
_PROBLEMS = {9: "not-yet-valid", 10: "expired", 18: "self-signed", 19: "self-signed", 62: "name", 64: "name"}


def ask(service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """The answer to one of the questions above.

    Raises:
        NotFound: DNS knows no such name.
        TimedOut: no answer within TIMEOUT_S seconds.
        Unreachable: no name server answers, or nobody at that port.
        Unsupported: there is no such question.
    """
    if (service, operation) == ("dns", "Lookup"):
        return lookup(str(params["name"]))
    if (service, operation) == ("tls", "Handshake"):
        return handshake(str(params["host"]), int(params.get("port") or 443))
    raise Unsupported(f"{service}.{operation}: there is no such question")


def lookup(name: str, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """The name that a chain of CNAME records ends in, and its addresses, by the resolver of this machine.

    The system's call cannot be given a time limit: a thread that takes longer is left behind.
    """
    if name.rstrip(".").lower().endswith(_NEVER):
        raise NotFound(f"DNS knows no name {name}")
    answers: list[Any] = []

    def resolve() -> None:
        try:
            answers.append(socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME))
        except (OSError, UnicodeError) as error:
            answers.append(error)

    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not answers:
        raise TimedOut(f"the name servers did not answer for {name} within {timeout_s:g} s")
    if isinstance(answers[0], Exception):
        raise _unresolved(name, answers[0])
    canonical = next((str(each[3]) for each in answers[0] if each[3]), name)
    return {
        "CanonicalName": canonical.rstrip(".").lower(),
        "Addresses": sorted({str(each[4][0]) for each in answers[0]}),
    }


def handshake(host: str, port: int = 443, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """How the TLS handshake with a host ends for a client of this machine, with its trusted authorities."""
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), timeout=timeout_s) as raw,
            context.wrap_socket(raw, server_hostname=host) as secured,
        ):
            return {"Accepted": True, "Protocol": secured.version(), **_certificate(secured.getpeercert() or {})}
    except ssl.SSLCertVerificationError as error:
        problem = _PROBLEMS.get(error.verify_code, "untrusted")
        return {"Accepted": False, "Problem": problem, "Message": error.verify_message}
    except ssl.SSLError as error:
        return {"Accepted": False, "Problem": "refused", "Message": error.reason or "TLS failed"}
    except socket.gaierror as error:
        raise _unresolved(host, error) from error
    except TimeoutError as error:
        raise TimedOut(f"{host} did not finish a TLS handshake within {timeout_s:g} s") from error
    except ConnectionResetError:
        return {"Accepted": False, "Problem": "refused", "Message": "the server broke off the handshake"}
    except (OSError, UnicodeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "the connection broke off"
        raise Unreachable(f"{host} cannot be reached on port {port}: {why}") from error


def _certificate(found: dict[str, Any]) -> dict[str, Any]:
    issuer = dict(pair for part in found.get("issuer") or () for pair in part)
    until = found.get("notAfter")
    return {
        "NotAfter": datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC).isoformat() if until else None,
        "Names": [value for kind, value in found.get("subjectAltName") or () if kind == "DNS"],
        "Issuer": issuer.get("organizationName") or issuer.get("commonName"),
        "Serial": str(found.get("serialNumber") or "").lower(),
    }


def _unresolved(name: str, error: Exception) -> AwsError:
    known = {code for code in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)) if code is not None}
    if isinstance(error, socket.gaierror) and error.errno not in known:
        return Unreachable(f"the name servers cannot be asked for {name}: {error.strerror}")
    return NotFound(f"DNS knows no name {name}")
