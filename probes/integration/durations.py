"""How long the backend takes against every timeout on the path."""

from __future__ import annotations

from typing import Any

from probes._functions import configuration
from probes._metrics import Metrics, metrics
from probes._together import together
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

_CLOSE = 0.8


class Durations(Probe):
    """Measured durations, the integration's timeout and the function's: who gives up first."""

    title = "Durations against timeouts"
    hop = "integration"
    needs = ("integration",)
    calls = frozenset({"cloudwatch:GetMetricData", "lambda:GetFunctionConfiguration"})
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when something took as long as the gateway waits, WARN when it came close."""
        questions: dict[str, Any] = {"metrics": lambda: metrics(aws, case)}
        function = case.traced.function
        if function:
            questions["function"] = lambda: configuration(aws, case, function)
        answers = together(questions)
        measured = answers["metrics"]
        if isinstance(measured, AwsError):
            raise measured
        settings = answers.get("function")
        limit = (
            None
            if settings is None or isinstance(settings, AwsError) or not settings.get("Timeout")
            else int(settings["Timeout"]) * 1000
        )
        facts = _facts(case, measured, limit)
        if isinstance(settings, AwsError) and not isinstance(settings, NotFound):
            facts["partial"] = [
                {
                    "what": "the function's timeout",
                    "reason": settings.reason,
                    "needs": getattr(settings, "action", None),
                }
            ]
        return self._judged(facts)

    def _judged(self, facts: dict[str, Any]) -> Evidence:
        longest, timeout = facts["max_ms"], facts["timeout_ms"]
        if longest is None:
            return self.passed("Nothing was measured in this time window.", **facts)
        told = f"The slowest call took {longest} ms ({facts['slowest']}), API Gateway waits {timeout} ms"
        if facts["exceeded"]:
            return self.failed(f"{told}: it gives up before the answer comes.", **facts)
        if facts["close"]:
            return self.warned(f"{told}: close to its limit.", **facts)
        return self.passed(f"{told}.", **facts)


def _facts(case: Case, measured: Metrics, function_limit: int | None) -> dict[str, Any]:
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
    return {
        "timeout_ms": timeout,
        "function_timeout_ms": function_limit,
        "p50_ms": _whole(measured.get(f"{prefix}_p50")),
        "p99_ms": _whole(measured.get(f"{prefix}_p99")),
        "max_ms": _whole(longest),
        "slowest": slowest,
        "exceeded": exceeded,
        "close": not exceeded and any(value >= _CLOSE * timeout for value in accusing),
        "errors_5xx": errors,
        "gives_up_first": _first(timeout, function_limit),
        "configured_timeout_ms": draft.timeout_ms if draft else None,
        "fits_configured": bool(exceeded and draft and draft.timeout_ms > max(accusing)),
        "requests": measured.total("count"),
        "table": _table(timeout, function_limit, measured, own),
    }


def _first(timeout: int, function_limit: int | None) -> str | None:
    if function_limit is None:
        return None
    return "gateway" if timeout <= function_limit else "function"


def _table(timeout: int, function_limit: int | None, measured: Metrics, own: str) -> list[dict[str, Any]]:
    rows: list[tuple[str, Any]] = [("Integration timeout", timeout), ("Function timeout", function_limit)]
    rows += [(f"Integration latency {stat}", measured.get(f"{own}_{stat}")) for stat in ("p50", "p99", "max")]
    rows += [(f"Function duration {stat}", measured.get(f"duration_{stat}")) for stat in ("p50", "p99", "max")]
    return [{"what": what, "ms": _whole(value)} for what, value in rows if value is not None]


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
