"""Whether only requests that had to wait for a new instance of the function run into a timeout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from probes._functions import configuration, log_group, region_of
from probes._logs import Event, newest
from probes._together import attempt
from probes.lambda_fn import _reports, _sharing, _ties
from probes.lambda_fn._function import traced_function
from probes.lambda_fn._reports import Report
from probes.lambda_fn._sharing import callers
from probes.lambda_fn._ties import tie
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

# So many fast warm invocations show that it is the start; a warm one is fast below this share of the limit.
_ENOUGH, _FAST = 2, 0.8
# So many of each, the newest, are looked up in the gateway's logs: whose requests were they?
_LOOKED_UP = _ties.AT_ONCE // 2
# What a client gets when something took too long.
_TIMEOUTS = (500, 502, 503, 504)


class ColdStart(Probe):
    """The REPORT lines of cold and warm invocations against the timeouts of gateway and function."""

    title = "First request of a new instance"
    hop = "lambda-function"
    api_types = frozenset({"rest", "http"})
    needs = ("function", "integration")
    calls = frozenset(
        {
            "logs:FilterLogEvents",
            "lambda:GetFunctionConfiguration",
            "cloudwatch:GetMetricData",
            *_ties.CALLS,
            *_sharing.CALLS,
        }
    )
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when cold invocations reach a timeout and warm ones of the same method stay well below it, PASS
        otherwise. The fact `shared` tells that some of them may belong to others.
        """
        # A 4xx may be of something that stands before the function: a start that is too slow counts all the same.
        if (case.symptom.status or 0) >= 500 and case.symptom.status not in _TIMEOUTS:
            return self.skipped(f"A {case.symptom.status} is no timeout.")
        function, integration = traced_function(case), case.traced.integration
        settings = attempt(lambda: configuration(aws, case, function))
        group, _ = log_group(settings, function)
        try:
            events, capped = newest(aws, case, group, _reports.PATTERN, region_of(function, case), counted=False)
        except NotFound:
            return self.unknown(Reason.NO_DATA, f"There is no log group {group}.", f"log group {group}")
        timeout = settings.get("Timeout") if isinstance(settings, dict) else None
        limits = {
            "gateway_ms": integration.timeout_ms if integration else None,
            "function_ms": int(timeout) * 1000 if timeout else None,
        }
        told = _reports.reports(events)
        slow = [report for report in told if _too_slow(report, limits)]
        facts = _facts(told, slow, limits, capped)
        whose = _whose(case, aws, group, told, slow) if facts["only_cold"] else Whose()
        if whose.others:
            told = [report for report in told if report.event not in whose.others]
            slow = [report for report in slow if report.event not in whose.others]
            facts = _facts(told, slow, limits, capped)
        return self._judged(told, slow, facts | {"others": len(whose.others), "shared": whose.shared})

    def _judged(self, told: list[Report], slow: list[Report], facts: dict[str, Any]) -> Evidence:
        if not told:
            return self.passed("No invocation was reported in this time window.", **facts)
        if slow and not facts["cold_slow"]:
            return self.passed(f"{facts['warm_slow']} warm invocations were too slow; it is not the start.", **facts)
        said = f"{facts['cold']} of {len(told)} invocations had to wait for a new instance"
        if not slow:
            return self.passed(f"{said}, none of them for too long.", **facts)
        lasted = f"{facts['cold_slow']} of them took too long (the longest {facts['cold_max_ms']} ms"
        if facts["only_cold"]:
            fast = f"all {facts['warm']} warm ones were fast (at most {facts['warm_max_ms']} ms)"
            more = "; not all of them can be tied to this method" if facts["shared"] else ""
            return self.failed(f"{said}; {lasted}), {fast}{more}.", **facts)
        return self.passed(f"{said}; {lasted}), and so did warm ones, or there were too few of them.", **facts)


@dataclass(frozen=True, slots=True)
class Whose:
    """Reports that other methods' requests left, and whether others may have left the warm ones among the rest."""

    others: tuple[Event, ...] = ()
    shared: bool = False


def _whose(case: Case, aws: Aws, group: str, told: list[Report], slow: list[Report]) -> Whose:
    """Whose the invocations are that would prove it.

    What another method does while it is warm says nothing of this one: a function that was stopped in the middle
    begins anew, so that every request of a method that always takes too long meets a new instance.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
    """
    warm = [report.event for report in _comparable(told, slow)[-_LOOKED_UP:]]
    ties = tie(case, aws, group, [*(report.event for report in slow[-_LOOKED_UP:]), *warm])
    # Where the gateway gave up, its log does not name the call of the function: the warm ones have to do.
    enough = sum(event in ties.ours for event in warm) >= _ENOUGH
    shared = not enough and bool(ties.others or callers(case, aws, traced_function(case)))
    return Whose(tuple(ties.others), shared)


def _too_slow(report: Report, limits: dict[str, int | None]) -> bool:
    """Whether somebody gave up: Lambda, which does not count the start, or the gateway, which does."""
    gateway = limits["gateway_ms"]
    return report.timed_out or (gateway is not None and report.whole_ms >= gateway)


def _facts(told: list[Report], slow: list[Report], limits: dict[str, int | None], capped: bool) -> dict[str, Any]:
    cold, warm = [each for each in told if each.cold], _comparable(told, slow)
    warm_max = max((each.whole_ms for each in warm), default=None)
    lowest = min((limit for limit in limits.values() if limit), default=None)
    fast = warm_max is not None and (lowest is None or warm_max < _FAST * lowest)
    cold_slow = sum(each.cold for each in slow)
    warm_slow = len(slow) - cold_slow
    init = sorted(each.init_ms or 0.0 for each in cold)
    return {
        **limits,
        "cold": len(cold),
        "warm": len(warm),
        "cold_slow": cold_slow,
        "warm_slow": warm_slow,
        "init_max_ms": round(init[-1]) if init else None,
        "init_p50_ms": round(init[len(init) // 2]) if init else None,
        "cold_max_ms": round(max((each.whole_ms for each in cold), default=0)),
        "warm_max_ms": None if warm_max is None else round(warm_max),
        "only_cold": bool(cold_slow and not warm_slow and len(warm) >= _ENOUGH and fast),
        # The longer part of the time that the longest cold invocation took: the start itself, or the first work after.
        "part": _part(cold),
        "capped": capped,
    }


def _comparable(told: list[Report], slow: list[Report]) -> list[Report]:
    """The warm invocations; once a start was too slow, those of that version that came after it.

    What an older release did, or the same one before it became slow, says nothing of this start.
    """
    warm = [each for each in told if not each.cold]
    first = next((each for each in slow if each.cold), None)
    return [each for each in warm if each.version == first.version and each.at > first.at] if first else warm


def _part(cold: list[Report]) -> str | None:
    longest = max(cold, key=lambda each: each.whole_ms, default=None)
    if longest is None:
        return None
    return "start" if (longest.init_ms or 0.0) >= longest.duration_ms else "first-work"
