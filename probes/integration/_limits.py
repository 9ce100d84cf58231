"""Everybody on the path who stops waiting, when, and how long what they wait for took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from probes._functions import configuration
from probes._metrics import Metrics
from probes._together import attempt
from probes.authorizer._authorizer import running
from probes.authorizer._measured import DURATIONS as _STATS
from probes.authorizer._measured import measured as authorizer_measured
from probes.load_balancer._balancer import idle_timeout_ms, measured
from probes.path._private import Private
from wizard.model.arn import fill_stage_variables, parse_lambda_uri
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.trace import Authorizer

# A Lambda authorizer of an HTTP API has ten seconds; that of a REST API shares the 29 with everything else.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
_AUTHORIZER_MS = {"http": 10_000}
_LONGEST_MS = 29_000
_LAMBDA_AUTHORIZERS = ("TOKEN", "REQUEST")
# Who is still waiting while the backend works; an authorizer has ended by then.
WAITING = ("client", "gateway", "function", "load-balancer")


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody who waits `ms` milliseconds, and how long it took what they wait for (`of`)."""

    who: str
    name: str
    ms: int
    source: str
    of: str
    took: Mapping[str, float | None]

    def fact(self) -> dict[str, Any]:
        """The row as it stands in the facts: the times in whole milliseconds."""
        took = {name: None if (value := self.took.get(name)) is None else round(value) for name in _STATS}
        return {"who": self.who, "name": self.name, "ms": self.ms, "source": self.source, "of": self.of, **took}


def took_of(metrics: Metrics, prefix: str) -> dict[str, float | None]:
    """p50, p99 and maximum of one of the path's metrics."""
    return {name: metrics.get(f"{prefix}_{name.removesuffix('_ms')}") for name in _STATS}


def client(case: Case, metrics: Metrics) -> list[Row]:
    """The client's own patience, where somebody said how long that is."""
    if case.client_timeout_ms is None:
        return []
    source = "--client-timeout"
    return [Row("client", "Client timeout", case.client_timeout_ms, source, "Latency", took_of(metrics, "latency"))]


def authorizer(aws: Aws, case: Case) -> list[Row]:
    """The Lambda authorizer of the method: as long as its function may take, within what API Gateway allows.

    Raises:
        AwsError: what is set up could not be read.
    """
    guard = _authorizer(aws, case)
    if guard is None:
        return []
    allowed = _AUTHORIZER_MS.get(case.traced.api_type, _LONGEST_MS)
    source = f"{allowed // 1000} s that API Gateway allows"
    uri, missing = fill_stage_variables(guard.uri or "", case.traced.stage_variables)
    function = None if missing else parse_lambda_uri(uri)
    if function is None:
        return [Row("authorizer", f"Authorizer ({guard.name or guard.id})", allowed, source, "Duration", {})]
    try:
        settings = configuration(aws, case, function)
    except NotFound:
        settings = {}
    own = int(settings.get("Timeout") or 0) * 1000
    if 0 < own < allowed:
        allowed, source = own, "Timeout of the authorizer's function"
    took = attempt(lambda: authorizer_measured(aws, case, function))
    told = {} if isinstance(took, AwsError) else {name: took[name] for name in _STATS}
    return [Row("authorizer", f"Authorizer ({function.name})", allowed, source, "Duration", told)]


def load_balancer(aws: Aws, case: Case, way: Private) -> list[Row]:
    """The load balancer's idle timeout: it drops a connection on which nothing comes for that long.

    Raises:
        AwsError: its attributes could not be read.
    """
    limit = idle_timeout_ms(aws, way)
    if limit is None:
        return []
    seen = attempt(lambda: measured(aws, case, way)) if way.kind == "application" else {}
    known = {} if isinstance(seen, AwsError) else seen
    took = {name: known.get(f"response_{name.removesuffix('_ms')}") for name in _STATS}
    source = "idle_timeout.timeout_seconds" if way.kind == "application" else "idle timeout of the TCP listener"
    name = f"Load balancer idle timeout ({way.name})"
    return [Row("load-balancer", name, limit, source, "TargetResponseTime", took)]


def in_order(rows: list[Row]) -> list[dict[str, Any]]:
    """The rows as facts, who gives up first at the top; on a tie the one that waits for the other."""
    outermost = ("client", "gateway")
    ordered = sorted(rows, key=lambda row: (row.ms, outermost.index(row.who) if row.who in outermost else 9))
    return [row.fact() for row in ordered]


def _authorizer(aws: Aws, case: Case) -> Authorizer | None:
    """What guards the method, if it is a Lambda function."""
    guard = case.traced.authorizer
    if guard and case.traced.api_type == "rest":
        found = running(aws, case)
        guard = Authorizer(found.id, found.type, found.name, found.uri)
    return guard if guard and guard.type in _LAMBDA_AUTHORIZERS else None
