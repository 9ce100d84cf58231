"""Whether the certificate that the stage shows to HTTPS backends is still valid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from probes._metrics import moment
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

_HTTP = ("HTTP", "HTTP_PROXY")
_SOON = timedelta(days=30)


class ClientCertificate(Probe):
    """When the stage's client certificate was made and until when it is valid."""

    title = "Client certificate"
    hop = "stage"
    needs = ("client_certificate", "integration")
    api_types = frozenset({"rest"})
    calls = frozenset({"apigateway:GetClientCertificate"})
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html",
        "https://docs.aws.amazon.com/apigateway/latest/api/API_GetClientCertificate.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when it has expired or is gone, WARN when it ends within 30 days, SKIPPED where no backend sees it."""
        trace, identity = case.traced, str(case.traced.client_certificate)
        wired = trace.integration
        facts: dict[str, Any] = {"certificate": identity, "backend": trace.invoked_uri}
        if wired is None or wired.type not in _HTTP or not wired.uri.lower().startswith("https:"):
            return self.skipped("Only HTTPS backends are shown the stage's client certificate.", **facts)
        try:
            found = aws.call("apigateway", "GetClientCertificate", clientCertificateId=identity)
        except NotFound:
            return self.failed(f"The client certificate {identity} of the stage is gone.", **facts, exists=False)
        ends = moment(found.get("expirationDate"))
        if ends is None:
            return self.unknown(Reason.NO_DATA, "The certificate does not say until when it is valid.", **facts)
        ends = ends if ends.tzinfo else ends.replace(tzinfo=UTC)
        at = case.window.end
        facts |= {"exists": True, "expires": ends, "expired": ends <= at, "days_left": (ends - at).days}
        day = _day(ends)
        if ends <= at:
            return self.failed(f"The client certificate {identity} expired on {day}.", **facts)
        if ends - at < _SOON:
            return self.warned(f"The client certificate {identity} expires on {day}.", **facts)
        return self.passed(f"The client certificate {identity} is valid until {day}.", **facts)


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"
