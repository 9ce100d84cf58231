"""The address of an HTTP integration, judged by itself: form, path parameters, host, port.

https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_NAME = re.compile(r"\{([^{}/]*)\}")
_ILLEGAL = re.compile(r"[\s{}|\\^`\"<>]")
_PATH = "integration.request.path."
_PORTS, _FIRST_FREE_PORT = (80, 443), 1024
_LOCAL = ("localhost", "localhost.localdomain")


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says. `kind` of its host: name, local, private, ipv6, ipv4; empty without a host.

    `unfilled` are the {names} in it that no request parameter fills; `port` is the one that it leads to.
    """

    problems: tuple[str, ...]
    scheme: str = ""
    host: str = ""
    port: int | None = None
    kind: str = ""
    unfilled: tuple[str, ...] = ()
    illegal_at: int | None = None


def judge(url: str, parameters: Mapping[str, str], *, private: bool = False) -> Address:
    """An address whose stage variables are filled in; `private` when it is called over a VPC link.

    A VPC link resolves no name and reaches every port that the load balancer listens on.
    """
    unfilled = tuple(name for name in _NAME.findall(url) if f"{_PATH}{name.rstrip('+')}" not in parameters)
    plain = _NAME.sub(lambda match: match[0] if match[1] in unfilled else "x", url)
    illegal = _ILLEGAL.search(_NAME.sub("x", url))
    scheme, host, port = _parts(plain)
    problems = ["unfilled-parameter"] if unfilled else []
    problems += ["illegal-character"] if illegal else []
    if scheme not in ("http", "https"):
        problems.append("no-scheme" if "://" not in url else "other-scheme")
    elif not host:
        problems.append("no-host")
    elif port == -1:
        problems.append("bad-port")
    kind = _kind(host)
    if not problems and not private:
        problems += _out_of_reach(kind, port)
    shown = port if port not in (None, -1) else {"http": 80, "https": 443}.get(scheme)
    return Address(tuple(problems), scheme, host, shown, kind, unfilled, illegal.start() if illegal else None)


def _parts(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of the text; port -1 when it is no port."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return url.partition(":")[0].lower() if "://" in url else "", "", None
    try:
        return parts.scheme.lower(), host, parts.port
    except ValueError:
        return parts.scheme.lower(), host, -1


def _kind(host: str) -> str:
    if not host:
        return ""
    if host.lower() in _LOCAL:
        return "local"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "name"
    if address.is_loopback:
        return "local"
    if address.version == 6:
        return "ipv6"
    return "private" if address.is_private or address.is_link_local else "ipv4"


def _out_of_reach(kind: str, port: int | None) -> list[str]:
    """What public HTTP integrations do not reach: private and IPv6 addresses, ports below 1024 but 80 and 443."""
    found = {"private": ["private-address"], "ipv6": ["ipv6-address"]}.get(kind, [])
    blocked = port is not None and port not in _PORTS and port < _FIRST_FREE_PORT
    return found + (["port-blocked"] if blocked else [])
