"""Whether the custom domain has a certificate that clients accept, as ACM says and as a client of this machine sees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from probes._together import together
from probes.custom_domain._domain import domain_of, entrances, name_of
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

SOON_DAYS = 30
# https://docs.aws.amazon.com/apigateway/latest/api/API_GetDomainName.html
_WAITING = frozenset({"PENDING_CERTIFICATE_REIMPORT", "PENDING_OWNERSHIP_VERIFICATION", "FAILED"})
# What a client of this machine may object to though others do not: its own list of authorities, a proxy in between.
_OF_THIS_MACHINE = frozenset({"untrusted", "self-signed"})


class DomainCertificate(Probe):
    """The certificate in ACM, and the one that a TLS handshake from here is shown; no HTTP request is sent.

    https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
    """

    title = "Certificate of the custom domain"
    hop = "custom-domain"
    needs = ("domain",)
    calls = frozenset({"apigateway:GetDomainName", "acm:DescribeCertificate", "tls:Handshake"})
    docs = ("https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-renewal.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when it is not valid for the name now, WARN when it soon will not be and nothing renews it."""
        domain, name = domain_of(aws, case), name_of(case)
        arn = str(domain.get("regionalCertificateArn") or domain.get("certificateArn") or "")
        questions: dict[str, Any] = {"tls": lambda: aws.call("tls", "Handshake", host=name)}
        if arn:
            # The certificate of an edge-optimized domain is in us-east-1, a Regional one in the API's Region.
            questions["acm"] = lambda: aws.call("acm", "DescribeCertificate", region=_region(arn), CertificateArn=arn)
        answers = together(questions)
        facts: dict[str, Any] = {"domain": name, "domain_status": domain.get("domainNameStatus"), "partial": []}
        facts |= {"domain_message": domain.get("domainNameStatusMessage"), "certificate_arn": arn or None}
        facts |= {"certificate_region": _region(arn), "mutual_tls": bool(domain.get("mutualTlsAuthentication"))}
        facts["entrance"] = next(iter(entrances(domain)), None)
        held = answers.get("acm")
        if isinstance(held, NotFound):
            return self.failed(f"The certificate of {name} is not in ACM any more.", **facts, problem="gone")
        shown = answers["tls"]
        if isinstance(held, AwsError) and isinstance(shown, AwsError):
            raise held
        if isinstance(held, AwsError):
            needs = getattr(held, "action", None)
            facts["partial"] = [{"what": "the certificate in ACM", "reason": held.reason, "needs": needs}]
        certificate = held.get("Certificate") or {} if isinstance(held, dict) else {}
        facts |= _held(certificate, name, case) | _seen(shown)
        return self._judged(name, facts)

    def _judged(self, name: str, facts: dict[str, Any]) -> Evidence:
        if problem := _problem(facts):
            return self.failed(f"{_SAID[problem].format(**facts)}", **facts, problem=problem)
        shown = facts["shown_problem"]
        if shown == "refused" and facts["mutual_tls"]:
            shown = None  # a client without a certificate is turned away, as it should be
        if shown:
            own = shown in _OF_THIS_MACHINE or shown == "refused"
            said = f"The certificate that {name} shows is not accepted here: {facts['shown_message']}."
            told = self.warned if own else self.failed
            return told(said, **facts, problem="shown-here" if own else "shown")
        left = facts["days_left"]
        if left is not None and left <= SOON_DAYS and not facts["renews"]:
            said = f"The certificate of {name} ends in {left} days, and nothing renews it."
            return self.warned(said, **facts, problem="expires-soon")
        until = f" until {facts['not_after'] or facts['shown_not_after']}"
        return self.passed(f"{name} has a certificate that is valid{until}.", **facts, problem=None)


_SAID = {
    "status": "The certificate of {domain} is {certificate_status}.",
    "expired": "The certificate of {domain} ended on {not_after}.",
    "name": "The certificate of {domain} is for {names_text} only.",
    "domain": "The domain {domain} is {domain_status}: {domain_message}",
}


def _problem(facts: Mapping[str, Any]) -> str | None:
    """What is wrong with what API Gateway and ACM hold."""
    if facts["days_left"] is not None and facts["days_left"] < 0:
        return "expired"
    if facts["certificate_status"] not in (None, "ISSUED"):
        return "status"
    if facts["covers"] is False:
        return "name"
    return "domain" if facts["domain_status"] in _WAITING else None


def _held(certificate: Mapping[str, Any], name: str, case: Case) -> dict[str, Any]:
    """What ACM says; `renews` whether ACM itself will renew it, and has not failed to so far."""
    names = [str(each).lower() for each in certificate.get("SubjectAlternativeNames") or []]
    until, renewal = certificate.get("NotAfter"), (certificate.get("RenewalSummary") or {}).get("RenewalStatus")
    left = (datetime.fromisoformat(str(until)) - case.window.end).days if until else None
    return {
        "certificate_status": certificate.get("Status"),
        "certificate_type": certificate.get("Type"),
        "not_after": until,
        "days_left": left,
        "names": names,
        "names_text": ", ".join(names),
        "covers": any(_covers(each, name) for each in names) if names else None,
        "renewal": renewal,
        "renews": certificate.get("RenewalEligibility") == "ELIGIBLE"
        and renewal not in ("FAILED", "PENDING_VALIDATION"),
    }


def _seen(shown: Any) -> dict[str, Any]:
    """How the handshake from here ended."""
    if isinstance(shown, AwsError):
        return {"shown_problem": None, "shown_message": str(shown), "shown_not_after": None, "looked": False}
    return {
        "shown_problem": None if shown.get("Accepted") else shown.get("Problem"),
        "shown_message": shown.get("Message"),
        "shown_not_after": shown.get("NotAfter"),
        "looked": True,
    }


def _covers(pattern: str, name: str) -> bool:
    """Whether a certificate's name means this one; a * stands for one whole label."""
    if pattern.startswith("*."):
        return name.partition(".")[2] == pattern[2:]
    return pattern == name


def _region(arn: str) -> str | None:
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 else None
