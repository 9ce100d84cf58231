"""Whether AWS itself reports a problem with one of the services on the path."""

from __future__ import annotations

from typing import Any

from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

# The Health API has one endpoint for all Regions.
# https://docs.aws.amazon.com/health/latest/ug/health-api.html
_ENDPOINT = "us-east-1"
_NO_PLAN = "SubscriptionRequiredException"
_PAGES = 2


class Health(Probe):
    """Open AWS Health events of the services on this path, in its Region."""

    title = "AWS Health"
    hop = "stage"
    calls = frozenset({"health:DescribeEvents"})
    docs = ("https://docs.aws.amazon.com/health/latest/APIReference/API_DescribeEvents.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """WARN when an event is open, UNKNOWN when the account's support plan has no Health API."""
        services = ["APIGATEWAY", *(["LAMBDA"] if case.traced.function else [])]
        regions = sorted(
            {region for region in (case.target.region, getattr(case.traced.function, "region", None)) if region}
        )
        wanted = {"services": services, "eventStatusCodes": ["open"], "eventTypeCategories": ["issue"]}
        try:
            pages = aws.pages(
                "health",
                "DescribeEvents",
                region=_ENDPOINT,
                limit=_PAGES,
                filter={**wanted, **({"regions": [*regions, "global"]} if regions else {})},
            )
        except AwsError as error:
            if error.code != _NO_PLAN:
                raise
            return self.unknown(
                Reason.NO_DATA,
                "Open events of AWS are not known: the Health API wants a Business support plan or better.",
                "a Business support plan",
            )
        events = [_event(item) for item in pages.items("events")]
        if events:
            named = ", ".join(f"{event['service']} in {event['region']} since {event['start']}" for event in events[:3])
            return self.warned(f"AWS reports an open problem: {named}.", events=events)
        return self.passed(f"AWS reports no open problem with {' or '.join(services)} here.", events=[])


def _event(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "service": item.get("service"),
        "code": item.get("eventTypeCode"),
        "status": item.get("statusCode"),
        "start": item.get("startTime"),
        "region": item.get("region"),
    }
