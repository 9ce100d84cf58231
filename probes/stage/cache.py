"""Whether the stage's cache hands out errors that the backend answered earlier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probes._gateway import stage
from probes._logs import any_of, newest, text_of
from probes._metrics import period_s
from probes._together import together
from probes.stage._access_format import Record
from probes.stage._execution_log import Failures, failures
from probes.stage._placed import access_log, of_method
from probes.stage._settings import method_setting
from probes.stage._told import CALLS
from probes.stage.access_log import STATUSES
from wizard.logs import Story
from wizard.model.aws import Aws, AwsError, Denied, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

_AVAILABLE, _KEPT = "AVAILABLE", 20
_CALLED = ("Endpoint request URI", "Sending request to", "Endpoint response", "Received response")
# Any of them in an access-log line means that the integration was asked, or that the gateway itself refused.
_ASKED = ("integration.latency", "integrationLatency", "integration.status", "integration.integrationStatus")
_REFUSED = ("error.responseType", "error.message", "error.messageString", "integration.error")


class StageCache(Probe):
    """The cache's state and settings for the method, how often it answered, and 5xx answers that it gave."""

    title = "Stage cache"
    hop = "stage"
    needs = ("cached",)
    api_types = frozenset({"rest"})
    calls = CALLS | {"apigateway:GetStage"}
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when 5xx answers came from the cache, WARN when it is not available, SKIPPED when nothing is kept."""
        trace, shown = case.traced, stage(aws, case)
        setting, state = method_setting(shown, trace), str(shown.get("cacheClusterStatus") or _AVAILABLE)
        facts: dict[str, Any] = {
            "cluster": state,
            "on": bool(setting.get("cachingEnabled")),
            "ttl_s": setting.get("cacheTtlInSeconds"),
            "unauthorized_flush": setting.get("requireAuthorizationForCacheControl") is False,
        }
        wired = trace.integration
        if not facts["on"] or case.target.method.upper() != "GET" or (wired is not None and wired.type == "MOCK"):
            return self.skipped(f"Answers to {trace.method_key} {trace.resource_path} are not kept.", **facts)
        if state != _AVAILABLE:
            return self.warned(
                f"The cache of stage {trace.stage} is {state}; every request goes to the backend.", **facts
            )
        answers = _answers(aws, case, shown)
        kept, given = _in_log(answers["log"]), _in_access_log(answers.get("access"), case)
        ids = [each.request_id for each in kept] + [each.values.get("requestId") for each in given]
        statuses = [each.status for each in kept] + [each.status for each in given]
        facts |= {
            "errors_kept": max(len(kept), len(given)),
            "client_statuses": [status for status in statuses if status][:1],
            "request_ids": list(dict.fromkeys(identity for identity in ids if identity))[:_KEPT],
            "partial": _gaps(answers),
            **(answers["hits"] if isinstance(answers["hits"], dict) else {}),
        }
        return self._judged(
            facts, known=any(isinstance(answers.get(log), Failures | tuple) for log in ("log", "access"))
        )

    def _judged(self, facts: dict[str, Any], *, known: bool) -> Evidence:
        ttl = f"for {facts['ttl_s']} s" if facts["ttl_s"] is not None else "for a while"
        if facts["errors_kept"]:
            many = f"{facts['errors_kept']} time{'s' * (facts['errors_kept'] > 1)}"
            told = f"The cache answered {many} with a 5xx without asking the backend; it keeps answers {ttl}."
            return self.failed(told, **facts)
        hits = facts.get("hits")
        told = f"The cache keeps answers {ttl}"
        if not known and hits is None:
            return self.unknown(_reason(facts), f"{told}; whether errors are among them could not be read.", **facts)
        if hits:
            return self.passed(f"{told}; it gave {hits} answers, none of them known to be an error.", **facts)
        return self.passed(f"{told}; no error came from it.", **facts)


def _answers(aws: Aws, case: Case, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What the logs and the metrics say; `access`: the form and the lines of the access log, where it tells enough."""
    form, group = access_log(shown.get("accessLogSettings") or {})
    questions: dict[str, Any] = {"log": lambda: failures(aws, case), "hits": lambda: _hits(aws, case)}
    if group and "status" in form.names and set(_ASKED) & set(form.names):
        questions["access"] = lambda: (form, newest(aws, case, group, any_of(STATUSES))[0])
    return together(questions)


def _in_log(log: Any) -> list[Story]:
    return [each for each in log.stories if _from_cache(each)] if isinstance(log, Failures) else []


def _in_access_log(access: Any, case: Case) -> list[Record]:
    """Lines of a 5xx for which nothing was asked and which no refusal explains."""
    if not isinstance(access, tuple):
        return []
    records = [record for event in access[1] if (record := access[0].read(text_of(event)))]
    return [
        each
        for each in records
        if (each.status or 0) >= 500 and each.first((*_ASKED, *_REFUSED)) is None and of_method(each, case)
    ]


def _from_cache(story: Story) -> bool:
    """Whether a request got a 5xx though nothing was called and nothing failed."""
    called = any(line.text.startswith(_CALLED) for line in story.lines)
    return story.status is not None and story.status >= 500 and not called and not story.failures and story.uri is None


def _hits(aws: Aws, case: Case) -> dict[str, Any]:
    """How often the stage's cache answered, and how often it could not.

    Raises:
        AwsError: CloudWatch gave no answer.
    """
    named = {"ApiName": str(case.traced.api_name), "Stage": str(case.traced.stage)}
    queries = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/ApiGateway",
                    "MetricName": metric,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in named.items()],
                },
                "Period": period_s(case),
                "Stat": "Sum",
            },
            "ReturnData": True,
        }
        for name, metric in (("hits", "CacheHitCount"), ("misses", "CacheMissCount"))
    ]
    window = case.window
    pages = aws.pages(
        "cloudwatch", "GetMetricData", MetricDataQueries=queries, StartTime=window.start, EndTime=window.end
    )
    return {str(item.get("Id")): round(sum(item.get("Values") or [])) for item in pages.items("MetricDataResults")}


def _gaps(answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    what = {"log": "the execution log", "hits": "how often the cache answered", "access": "the access log"}
    return [
        {"what": told, "reason": error.reason, "needs": error.action if isinstance(error, Denied) else None}
        for name, told in what.items()
        if isinstance(error := answers.get(name), AwsError) and not isinstance(error, NotFound)
    ]


def _reason(facts: Mapping[str, Any]) -> Any:
    return facts["partial"][0]["reason"]
