"""When requests to the stage failed, and how many of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from probes._metrics import Metrics, history, metrics
from probes._together import together
from probes._window import Errors, around, began, of_metrics, series
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

# How far the errors are followed back, and in what steps.
_DAYS, _STEP_S = 3, 900


class StageErrors(Probe):
    """Requests and 5xx answers period by period: since when, what share, all the time or now and then."""

    title = "When it failed"
    hop = "stage"
    calls = frozenset({"cloudwatch:GetMetricData"})
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when the method itself answered 5xx, WARN when only the stage as a whole is known to have."""
        length = timedelta(days=_DAYS)
        questions: dict[str, Any] = {"now": lambda: metrics(aws, case)}
        if case.window.end - case.window.start < length:
            questions["before"] = lambda: history(aws, case, length, _STEP_S)
        answers = together(questions)
        if isinstance(answers["now"], AwsError):
            raise answers["now"]
        before = answers.get("before")
        seen = of_metrics(answers["now"], case)
        facts = _facts(case, seen, before if isinstance(before, Metrics) else None)
        if isinstance(before, AwsError):
            what = f"5xx answers of the {_DAYS} days before"
            facts["partial"] = [{"what": what, "reason": before.reason, "needs": getattr(before, "action", None)}]
        return self._judged(case, seen, facts)

    def _judged(self, case: Case, seen: Errors, facts: dict[str, Any]) -> Evidence:
        got = "failed" if case.traced.api_type == "websocket" else "got a 5xx"
        if not seen.total:
            told = f"None of {seen.requests} requests" if seen.requests else "No request was counted, so none"
            return self.passed(f"{told} to this {seen.of} {got} in this time window.", **facts)
        since = f"since {facts['onset']:%Y-%m-%d %H:%M} UTC" if facts["onset"] else f"for more than {_DAYS} days"
        share = f"{seen.total} of {seen.requests} requests to this {seen.of}"
        told = f"{share} {got}, {since}, {seen.pattern}: {round(seen.share * 100)} % of the requests in that time."
        if seen.of == "method":
            return self.failed(told, **facts)
        return self.warned(f"{told} Which methods they went to is not measured.", **facts)


def _facts(case: Case, seen: Errors, before: Metrics | None) -> dict[str, Any]:
    window = case.window
    step, onset = _onset(case, seen, before)
    facts: dict[str, Any] = {
        "of": seen.of,
        "series": series({"count": seen.count, "errors": seen.errors}, seen.step_s, window.start, window.end),
        "onset": onset,
        "onset_precision_s": step,
        "pattern": seen.pattern,
        "share": seen.share,
        "requests": seen.requests,
        "errors": seen.total,
    }
    if left := around(seen, case):
        facts["narrowed"] = {"start": left.start, "end": left.end}
    if before is not None and _known(before):
        known = {name: before.series.get(f"series_{name}") or {} for name in ("count", "errors")}
        facts["history"] = series(known, _STEP_S, min(known["count"]), window.end)
    return facts


def _onset(case: Case, seen: Errors, before: Metrics | None) -> tuple[int, datetime | None]:
    """When it began and how exact that is, in seconds; None for longer ago than is known."""
    if not seen.onset or not seen.from_start or before is None or not _known(before):
        return seen.step_s, seen.onset
    onset = began(before, _STEP_S, seen, case.window.end - timedelta(days=_DAYS))
    if onset and onset >= seen.onset - timedelta(seconds=_STEP_S):
        return seen.step_s, seen.onset
    return _STEP_S, onset


def _known(before: Metrics) -> bool:
    return bool(before.series.get("series_count"))
