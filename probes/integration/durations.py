"""How long the backend takes against every timeout on the path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from probes._functions import configuration
from probes._metrics import Metrics, metrics, step_s
from probes._together import together
from probes._window import series
from probes.authorizer._authorizer import CALLS as AUTHORIZER_CALLS
from probes.integration import _limits
from probes.path._private import private
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

_CLOSE = 0.8


class Durations(Probe):
    """Measured durations, the integration's timeout and everybody else's on the path: who gives up first."""

    title = "Durations against timeouts"
    hop = "integration"
    api_types = frozenset({"rest", "http", "websocket"})
    needs = ("integration",)
    calls = frozenset(
        {
            "cloudwatch:GetMetricData",
            "lambda:GetFunctionConfiguration",
            *AUTHORIZER_CALLS,
            "apigateway:GetVpcLink",
            "apigatewayv2:GetVpcLink",
            "elbv2:DescribeListeners",
            "elbv2:DescribeListenerAttributes",
            "elbv2:DescribeLoadBalancerAttributes",
        }
    )
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when something took as long as the gateway waits, WARN when it came close."""
        answers = together(_questions(case, aws))
        measured = answers.pop("metrics")
        if isinstance(measured, AwsError):
            raise measured
        settings = answers.pop("function", None)
        limit = int(settings["Timeout"]) * 1000 if isinstance(settings, dict) and settings.get("Timeout") else None
        rows = [row for answer in answers.values() if not isinstance(answer, AwsError) for row in answer]
        facts = _facts(case, measured, limit, rows)
        missing = {_SAID[name]: answer for name, answer in answers.items() if isinstance(answer, AwsError)}
        if isinstance(settings, AwsError) and not isinstance(settings, NotFound):
            missing["the function's timeout"] = settings
        if missing:
            facts["partial"] = [
                {"what": what, "reason": error.reason, "needs": getattr(error, "action", None)}
                for what, error in missing.items()
            ]
        return self._judged(facts)

    def _judged(self, facts: dict[str, Any]) -> Evidence:
        longest, timeout = facts["max_ms"], facts["timeout_ms"]
        if longest is None:
            return self.passed("Nothing was measured in this time window.", **facts)
        told = f"The slowest call took {longest} ms ({facts['slowest']}), API Gateway waits {timeout} ms"
        if facts["exceeded"]:
            return self.failed(f"{told}: it gives up before the answer comes.", **facts)
        if facts["impatient"]:
            others = " and ".join(f"the {who.replace('-', ' ')}" for who in facts["impatient"])
            return self.warned(f"{told}; {others} did not wait that long.", **facts)
        if facts["close"]:
            return self.warned(f"{told}: close to its limit.", **facts)
        return self.passed(f"{told}.", **facts)


_SAID = {"authorizer": "the authorizer's timeout", "balancer": "the load balancer's idle timeout"}


def _questions(case: Case, aws: Aws) -> dict[str, Callable[[], Any]]:
    questions: dict[str, Callable[[], Any]] = {
        "metrics": lambda: metrics(aws, case),
        "authorizer": lambda: _limits.authorizer(aws, case),
        "balancer": lambda: _balancer(aws, case),
    }
    function = case.traced.function
    if function:
        questions["function"] = lambda: configuration(aws, case, function)
    return questions


def _balancer(aws: Aws, case: Case) -> list[_limits.Row]:
    way = private(aws, case)
    if way is not None and way.error and way.balancer is None:
        raise way.error
    return _limits.load_balancer(aws, case, way) if way and way.balancer else []


def _facts(case: Case, measured: Metrics, function_limit: int | None, others: list[_limits.Row]) -> dict[str, Any]:
    live, draft = case.traced.integration, case.traced.configured
    timeout = live.timeout_ms if live else 0
    own = "method_integration" if measured.get("method_integration_max") is not None else "integration"
    gateway, function = measured.get(f"{own}_max"), measured.get("duration_max")
    candidates = {"integration": gateway, "function": function}
    known = {name: value for name, value in candidates.items() if value is not None}
    slowest = max(known, key=lambda name: known[name]) if known else None
    longest = known[slowest] if slowest else None
    prefix = {"integration": own, "function": "duration"}.get(slowest or "", own)
    # The stage's latency mixes all methods; only the method's own or its function's duration may accuse it.
    accusing = [value for value in (function, gateway if own == "method_integration" else None) if value is not None]
    if function is None and gateway is not None:
        accusing.append(gateway)
    exceeded = any(value >= timeout for value in accusing)
    errors = measured.total("method_errors") if measured.get("method_errors") is not None else measured.total("errors")
    rows = _limits.in_order([*_own(case, measured, own, function_limit), *others])
    waiting = [row for row in rows if row["who"] in _limits.WAITING]
    whole = case.traced.function is None or function_limit is not None
    return {
        "timeout_ms": timeout,
        "function_timeout_ms": function_limit,
        "p50_ms": _whole(measured.get(f"{prefix}_p50")),
        "p99_ms": _whole(measured.get(f"{prefix}_p99")),
        "max_ms": _whole(longest),
        "slowest": slowest,
        "exceeded": exceeded,
        "close": not exceeded and any(value >= _CLOSE * timeout for value in accusing),
        "impatient": [row["who"] for row in rows if _gave_up(row, accusing)],
        "function_timed_out": bool(
            function_limit and function is not None and function >= function_limit and measured.total("function_errors")
        ),
        "errors_5xx": errors,
        "timeouts": rows,
        "gives_up_first": waiting[0]["who"] if whole else None,
        "durations": {
            "p50_ms": _whole(measured.get(f"{prefix}_p50")),
            "p99_ms": _whole(measured.get(f"{prefix}_p99")),
            "max_ms": _whole(longest),
        },
        "threshold_ms": waiting[0]["ms"],
        **_latency(case, measured, own),
        "configured_timeout_ms": draft.timeout_ms if draft else None,
        "fits_configured": bool(exceeded and draft and draft.timeout_ms > max(accusing)),
        "requests": measured.total("count"),
    }


def _gave_up(row: dict[str, Any], accusing: list[float]) -> bool:
    """Whether somebody beside API Gateway and the function, who have causes of their own, did not wait long enough."""
    took = [row["max_ms"]] if row["who"] == "authorizer" else accusing if row["who"] == "client" else []
    return any(value is not None and value >= row["ms"] for value in took)


def _own(case: Case, measured: Metrics, own: str, function_limit: int | None) -> list[_limits.Row]:
    """What every path has: the client where it is known, the gateway, the function."""
    timeout = case.traced.integration.timeout_ms if case.traced.integration else 0
    took = _limits.took_of(measured, own)
    of = "IntegrationLatency" if own == "method_integration" else "IntegrationLatency of the whole stage"
    gateway = _limits.Row("gateway", "Integration timeout", timeout, "timeoutInMillis of the method", of, took)
    rows = [*_limits.client(case, measured), gateway]
    function = case.traced.function
    if function is not None and function_limit is not None:
        name, took = f"Function timeout ({function.name})", _limits.took_of(measured, "duration")
        rows.append(_limits.Row("function", name, function_limit, "Timeout of the function", "Duration", took))
    return rows


def _latency(case: Case, measured: Metrics, own: str) -> dict[str, Any]:
    """`latency_series`: the integration's latency period by period, in milliseconds; nothing when none was measured."""
    prefix = "method_series_integration" if own == "method_integration" else "series_integration"
    known = {stat: measured.series.get(f"{prefix}_{stat}") or {} for stat in ("p50", "p99", "max")}
    if not any(known.values()):
        return {}
    return {"latency_series": series(known, step_s(case), case.window.start, case.window.end)}


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
