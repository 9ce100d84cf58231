"""Whether API Gateway could read the trust store that decides which client certificates are let in."""

from __future__ import annotations

from probes.custom_domain._domain import domain_of, name_of
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe


class Truststore(Probe):
    """The warnings that API Gateway noted when it read the trust store, and the version it read.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
    """

    title = "Trust store of mutual TLS"
    hop = "custom-domain"
    api_types = frozenset({"rest", "http"})
    needs = ("domain",)
    calls = frozenset({"apigateway:GetDomainName"})
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when certificates in it are not valid."""
        domain, name = domain_of(aws, case), name_of(case)
        mutual = domain.get("mutualTlsAuthentication") or {}
        if not mutual.get("truststoreUri"):
            return self.skipped(f"{name} asks clients for no certificate.")
        warnings = [str(each) for each in mutual.get("truststoreWarnings") or []]
        facts = {
            "domain": name,
            "truststore": mutual["truststoreUri"],
            "truststore_version": mutual.get("truststoreVersion"),
            "warnings": warnings,
        }
        if warnings:
            return self.failed(f"API Gateway objects to the trust store of {name}: {warnings[0]}", **facts)
        return self.passed(f"API Gateway read the trust store of {name} without objection.", **facts)
