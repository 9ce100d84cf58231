"""How long the backend takes against every timeout on the path."""

from __future__ import annotations

from typing import Any

from probes._functions import configuration
from probes._metrics import Metrics, metrics, step_s
from probes._together import together
from probes._window import series
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
    timeouts = _timeouts(case, timeout, function_limit)
    return {
        "timeout_ms": timeout,
        "function_timeout_ms": function_limit,
        "p50_ms": _whole(measured.get(f"{prefix}_p50")),
        "p99_ms": _whole(measured.get(f"{prefix}_p99")),
        "max_ms": _whole(longest),
        "slowest": slowest,
        "exceeded": exceeded,
        "close": not exceeded and any(value >= _CLOSE * timeout for value in accusing),
        "function_timed_out": bool(
            function_limit and function is not None and function >= function_limit and measured.total("function_errors")
        ),
        "errors_5xx": errors,
        "timeouts": timeouts,
        "gives_up_first": timeouts[0]["who"] if function_limit is not None else None,
        "durations": {
            "p50_ms": _whole(measured.get(f"{prefix}_p50")),
            "p99_ms": _whole(measured.get(f"{prefix}_p99")),
            "max_ms": _whole(longest),
        },
        "threshold_ms": timeouts[0]["ms"],
        **_latency(case, measured, own),
        "configured_timeout_ms": draft.timeout_ms if draft else None,
        "fits_configured": bool(exceeded and draft and draft.timeout_ms > max(accusing)),
        "requests": measured.total("count"),
        "table": _table(timeout, function_limit, measured, own),
    }


def _timeouts(case: Case, timeout: int, function_limit: int | None) -> list[dict[str, Any]]:
    """Every limit on the path in milliseconds, who gives up first at the top; on a tie the one that waits for it."""
    rows: list[dict[str, Any]] = [
        {"who": "gateway", "name": "Integration timeout", "ms": timeout, "source": "timeoutInMillis of the method"}
    ]
    function = case.traced.function
    if function is not None and function_limit is not None:
        name = f"Function timeout ({function.name})"
        rows.append({"who": "function", "name": name, "ms": function_limit, "source": "Timeout of the function"})
    return sorted(rows, key=lambda row: (row["ms"], row["who"] != "gateway"))


def _latency(case: Case, measured: Metrics, own: str) -> dict[str, Any]:
    """`latency_series`: the integration's latency period by period, in milliseconds; nothing when none was measured."""
    prefix = "method_series_integration" if own == "method_integration" else "series_integration"
    known = {stat: measured.series.get(f"{prefix}_{stat}") or {} for stat in ("p50", "p99", "max")}
    if not any(known.values()):
        return {}
    return {"latency_series": series(known, step_s(case), case.window.start, case.window.end)}


def _table(timeout: int, function_limit: int | None, measured: Metrics, own: str) -> list[dict[str, Any]]:
    rows: list[tuple[str, Any]] = [("Integration timeout", timeout), ("Function timeout", function_limit)]
    rows += [(f"Integration latency {stat}", measured.get(f"{own}_{stat}")) for stat in ("p50", "p99", "max")]
    rows += [(f"Function duration {stat}", measured.get(f"duration_{stat}")) for stat in ("p50", "p99", "max")]
    return [{"what": what, "ms": _whole(value)} for what, value in rows if value is not None]


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
