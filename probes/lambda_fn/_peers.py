"""Whom the function called in vain, as its own log tells: host, port and how it ended."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from probes._functions import configuration, log_group, region_of
from probes._logs import newest, text_of, time_of
from probes._together import attempt
from probes.lambda_fn._function import traced_function
from probes.lambda_fn.log import PATTERN
from wizard.logs import clean
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case

CALLS = frozenset({"logs:FilterLogEvents", "lambda:GetFunctionConfiguration", "cloudwatch:GetMetricData"})
_HOST = r"(?P<host>[\w.-]{1,253})"
# Words: botocore, Node.js, libpq, Go. Only waiting in vain tells of a way that is closed; a refusal came from somebody.
_SAYS = tuple(
    (how, re.compile(pattern))
    for how, pattern in (
        ("timeout", rf"Connect timeout on endpoint URL: \"?https?://{_HOST}(?::(?P<port>\d+))?"),
        ("timeout", rf"Could not connect to the endpoint URL: \"?https?://{_HOST}(?::(?P<port>\d+))?"),
        ("timeout", rf"\bETIMEDOUT {_HOST}:(?P<port>\d+)"),
        ("refused", rf"\bECONNREFUSED {_HOST}:(?P<port>\d+)"),
        ("timeout", rf"\bdial tcp {_HOST}:(?P<port>\d+): (?:i/o timeout|connect: connection timed out)"),
        ("refused", rf"\bdial tcp {_HOST}:(?P<port>\d+): connect: connection refused"),
        ("timeout", rf"connection to server at \"{_HOST}\"[^\n]{{0,60}}, port (?P<port>\d+) failed: [^\n]{{0,40}}time"),
        (
            "refused",
            rf"connection to server at \"{_HOST}\"[^\n]{{0,60}}, port (?P<port>\d+) failed: [^\n]{{0,40}}refused",
        ),
        ("unknown", rf"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) {_HOST}"),
        ("unknown", rf"\blookup {_HOST}[^\n]{{0,60}}: no such host"),
    )
)
# Names below amazonaws.com that lead to something in a VPC, not to an API of AWS.
_INSIDE = frozenset({"rds", "cache", "redshift", "docdb", "neptune", "kafka", "es", "elb", "efs", "mq", "memorydb"})
_AWS = re.compile(r"^(?P<rest>[\w.-]+)\.amazonaws\.com(?:\.cn)?$")
_REGION = re.compile(r"^[a-z]{2}(?:-[a-z]+)+-\d$")


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who was called: `how` is timeout, refused or unknown (the name); `port` None where it is not said."""

    host: str
    port: int | None
    how: str

    @property
    def service(self) -> str | None:
        """The AWS service whose API this is; None for everybody else."""
        found = _AWS.match(self.host)
        labels = found["rest"].split(".") if found else []
        if not labels or _INSIDE & set(labels):
            return None
        while len(labels) > 1 and (_REGION.match(labels[-1]) or labels[-1] in ("dualstack", "vpce")):
            labels.pop()
        return labels[-1].removesuffix("-fips")

    @property
    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The address where the host is one."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def outside(self) -> bool:
        """Whether it is certain to be outside of every VPC: an API of AWS, or a public address."""
        return self.service is not None or (self.address is not None and self.address.is_global)


def peers(aws: Aws, case: Case) -> list[Peer]:
    """Whom the function called in vain in the case's window, the newest first. The question is that of its log's check.

    Raises:
        AwsError: the log cannot be read; without a log group there are none.
    """
    function = traced_function(case)
    group, _ = log_group(attempt(lambda: configuration(aws, case, function)), function)
    try:
        events, _ = newest(aws, case, group, PATTERN, region_of(function, case), counted=False)
    except NotFound:
        return []
    return named(clean(text_of(event)).text for event in sorted(events, key=time_of, reverse=True))


def named(texts: Iterable[str]) -> list[Peer]:
    """The peers that these texts name, each once."""
    found: dict[Peer, None] = {}
    for text in texts:
        for how, says in _SAYS:
            for hit in says.finditer(text):
                port = hit.groupdict().get("port")
                found[Peer(hit["host"], int(port) if port else None, how)] = None
    return list(found)
