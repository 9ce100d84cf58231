"""A custom domain: its mappings, where DNS leads, its certificate, its trust store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from probes.custom_domain.certificate import DomainCertificate
from probes.custom_domain.dns import WhereDnsLeads
from probes.custom_domain.mapping import MappingOfPath
from probes.custom_domain.truststore import Truststore
from probes.path.trace import TracePath
from tests.probes.conftest import API, ERRORS, NOW, STAGE, FakeAws, Key, healthy, new_case, traced
from wizard.model.aws import AwsError, NotFound, Unreachable
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.trace import Trace

HOST, ENTRANCE = "api.example.com", "d-1.execute-api.us-east-1.amazonaws.com"
ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
DOMAIN: dict[str, Any] = {
    "domainName": HOST,
    "domainNameStatus": "AVAILABLE",
    "regionalDomainName": ENTRANCE,
    "regionalHostedZoneId": "Z1",
    "regionalCertificateArn": ARN,
    "endpointConfiguration": {"types": ["REGIONAL"]},
}
ACCEPTED = {"Accepted": True, "NotAfter": "2027-01-01T00:00:00+00:00", "Names": [HOST]}


def after(days: float) -> str:
    return (NOW + timedelta(days=days)).isoformat()


def issued(**change: Any) -> dict[str, Any]:
    """An answer of DescribeCertificate."""
    usual = {
        "Status": "ISSUED",
        "Type": "AMAZON_ISSUED",
        "NotAfter": after(200),
        "SubjectAlternativeNames": [HOST],
        "RenewalEligibility": "ELIGIBLE",
    }
    return {"Certificate": {**usual, **change}}


def resolving(**names: Any) -> Any:
    """dns.Lookup of the domain (`own`) and of API Gateway's host (`entrance`)."""
    known = {HOST: names.get("own"), ENTRANCE: names.get("entrance", (ENTRANCE, ["192.0.2.1", "192.0.2.2"]))}

    def answer(**params: Any) -> dict[str, Any]:
        found = known[params["name"]]
        if isinstance(found, AwsError):
            raise found
        return {"CanonicalName": found[0], "Addresses": found[1]}

    return answer


def world(**domain: Any) -> dict[Key, Any]:
    return {
        **healthy(),
        ("apigateway", "GetDomainName"): {**DOMAIN, **domain},
        ("acm", "DescribeCertificate"): issued(),
        ("tls", "Handshake"): ACCEPTED,
        ("dns", "Lookup"): resolving(own=(ENTRANCE, ["192.0.2.1"])),
    }


def by_name() -> Case:
    return traced(world(), new_case(api_id=None, stage=None, host=HOST))


def run(probe: Probe, answers: dict[Key, Any]) -> Evidence:
    return probe.run(by_name(), FakeAws(answers))


# -- mapping ---------------------------------------------------------------------------------------


def untraced(answers: dict[Key, Any]) -> Evidence:
    """The mapping as it is looked at when the trace ended at the domain."""
    case = new_case(api_id=None, stage=None, host=HOST)
    found = TracePath().run(case, FakeAws(answers))
    assert found.status == "fail"
    assert [hop["id"] for hop in found.facts["hops"]] == ["client", "custom-domain"]  # type: ignore[union-attr,index,call-overload]
    trace = Trace.from_facts(found.facts["trace"])  # type: ignore[arg-type]
    assert (trace.domain, trace.api_id) == (HOST, None)
    return MappingOfPath().run(Case(case.target, case.symptom, case.window, trace=trace), FakeAws(answers))


def mapped(base: str) -> dict[str, Any]:
    return {"items": [{"basePath": base, "restApiId": API, "stage": STAGE}]}


def test_a_path_that_was_traced_has_its_mapping() -> None:
    aws = FakeAws(world())
    assert MappingOfPath().run(by_name(), aws).status == "pass"
    assert aws.used == set()


def test_no_mapping_fits() -> None:
    found = untraced({**world(), ("apigateway", "GetBasePathMappings"): mapped("store")})
    assert (found.status, found.facts["problem"], found.facts["first_part"]) == ("fail", "none-fits", "orders")
    assert "it has: /store" in found.summary


def test_routing_rules_may_lead_where_no_mapping_does() -> None:
    ruled = world(routingMode="ROUTING_RULE_THEN_API_MAPPING")
    assert untraced({**ruled, ("apigateway", "GetBasePathMappings"): mapped("store")}).status == "unknown"


def test_the_api_or_the_stage_of_the_mapping_is_gone() -> None:
    gone = {**world(), ("apigateway", "GetRestApi"): NotFound("no")}
    assert untraced(gone).facts["problem"] == "api-missing"
    no_stage = {**world(), ("apigateway", "GetStage"): NotFound("no"), ("apigateway", "GetStages"): {"item": []}}
    found = untraced(no_stage)
    assert (found.facts["problem"], found.facts["mapped_stage"]) == ("stage-missing", STAGE)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_mappings_that_cannot_be_read_are_unknown(error: AwsError) -> None:
    answers = {**world(), ("apigateway", "GetBasePathMappings"): error, ("apigatewayv2", "GetApiMappings"): error}
    case = new_case(api_id=None, host=HOST)
    case = Case(case.target, case.symptom, case.window, trace=Trace(domain=HOST))
    with pytest.raises(type(error)):
        MappingOfPath().run(case, FakeAws(answers))


# -- DNS -------------------------------------------------------------------------------------------


def dns(own: Any, record: str | None = None, **domain: Any) -> Evidence:
    answers = {**world(**domain), ("dns", "Lookup"): resolving(own=own)}
    if record:
        sets = [{"Name": f"{HOST}.", "Type": "A", "AliasTarget": {"DNSName": record}}]
        answers["route53", "ListHostedZonesByName"] = {"HostedZones": [{"Name": "example.com.", "Id": "/hostedzone/Z"}]}
        answers["route53", "ListResourceRecordSets"] = {"ResourceRecordSets": sets}
    return run(WhereDnsLeads(), answers)


@pytest.mark.parametrize(
    ("own", "record", "status", "problem"),
    [
        ((ENTRANCE, ["192.0.2.9"]), None, "pass", None),
        ((HOST, ["192.0.2.2"]), None, "pass", None),
        (("d-2.execute-api.us-east-1.amazonaws.com", ["192.0.2.9"]), None, "fail", "wrong-target"),
        (("abc123.execute-api.eu-west-1.amazonaws.com", ["192.0.2.9"]), None, "fail", "wrong-target"),
        (NotFound("no such name"), None, "fail", "no-such-name"),
        ((HOST, ["192.0.2.9"]), f"dualstack.{ENTRANCE}.", "pass", None),
        ((HOST, ["192.0.2.9"]), "d-2.execute-api.us-east-1.amazonaws.com.", "fail", "wrong-target"),
        ((HOST, ["192.0.2.9"]), "d111.cloudfront.net.", "warn", None),
        (("d111.cloudfront.net", ["192.0.2.9"]), None, "warn", None),
        ((HOST, ["192.0.2.9"]), "proxy.example.com.", "warn", "other-server"),
        (("shop.hosting.example", ["192.0.2.9"]), None, "warn", "other-server"),
        ((HOST, ["192.0.2.9"]), None, "unknown", None),
    ],
)
def test_where_a_name_leads(own: Any, record: str | None, status: str, problem: str | None) -> None:
    found = dns(own, record)
    assert (found.status, found.facts.get("problem")) == (status, problem)
    assert found.facts["wanted_target"] == ENTRANCE


def test_an_edge_optimized_domain_leads_to_its_own_distribution() -> None:
    edge = {"regionalDomainName": None, "distributionDomainName": "d222.cloudfront.net"}
    answers = {**world(**edge), ("dns", "Lookup"): {"CanonicalName": "d222.cloudfront.net", "Addresses": ["192.0.2.1"]}}
    assert run(WhereDnsLeads(), answers).status == "pass"


def test_a_private_domain_is_not_looked_up() -> None:
    aws = FakeAws(world(endpointConfiguration={"types": ["PRIVATE"]}))
    assert WhereDnsLeads().run(by_name(), aws).status == "skipped"
    assert "dns:Lookup" not in aws.used


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("call", [("apigateway", "GetDomainName"), ("dns", "Lookup")])
def test_unanswered_questions_about_dns(call: Key, error: AwsError) -> None:
    with pytest.raises(type(error)):
        run(WhereDnsLeads(), {**world(), call: error})


# -- certificate -----------------------------------------------------------------------------------


def certificate(shown: Any = ACCEPTED, held: Any = None, **domain: Any) -> Evidence:
    answers = {**world(**domain), ("tls", "Handshake"): shown, ("acm", "DescribeCertificate"): held or issued()}
    return run(DomainCertificate(), answers)


def refused(problem: str) -> dict[str, Any]:
    return {"Accepted": False, "Problem": problem, "Message": problem}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"NotAfter": after(-1), "Status": "EXPIRED"}, "expired"),
        ({"Status": "PENDING_VALIDATION", "NotAfter": None}, "status"),
        ({"Status": "REVOKED"}, "status"),
        ({"SubjectAlternativeNames": ["www.example.com", "*.api.example.com"]}, "name"),
    ],
)
def test_what_acm_says_against_a_certificate(change: dict[str, Any], problem: str) -> None:
    found = certificate(held=issued(**change))
    assert (found.status, found.facts["problem"]) == ("fail", problem)
    assert found.facts["certificate_region"] == "eu-west-1"


def test_a_wildcard_stands_for_one_label() -> None:
    assert certificate(held=issued(SubjectAlternativeNames=["*.example.com"])).status == "pass"
    assert certificate(held=issued(SubjectAlternativeNames=["*.com"])).status == "fail"


@pytest.mark.parametrize(
    ("days", "eligible", "renewal", "status"),
    [
        (12, "ELIGIBLE", None, "pass"),
        (12, "INELIGIBLE", None, "warn"),
        (12, "ELIGIBLE", "PENDING_VALIDATION", "warn"),
        (31, "INELIGIBLE", None, "pass"),
    ],
)
def test_a_certificate_that_ends_soon(days: int, eligible: str, renewal: str | None, status: str) -> None:
    change: dict[str, Any] = {"NotAfter": after(days), "RenewalEligibility": eligible}
    change |= {"RenewalSummary": {"RenewalStatus": renewal}} if renewal else {}
    found = certificate(held=issued(**change))
    assert (found.status, found.facts["problem"]) == (status, "expires-soon" if status == "warn" else None)


def test_a_domain_that_waits_for_its_owner() -> None:
    found = certificate(domainNameStatus="PENDING_CERTIFICATE_REIMPORT", domainNameStatusMessage="import it again")
    assert (found.status, found.facts["problem"]) == ("fail", "domain")
    assert "import it again" in found.summary


@pytest.mark.parametrize(
    ("shown", "status", "problem"),
    [
        ("expired", "fail", "shown"),
        ("name", "fail", "shown"),
        ("untrusted", "warn", "shown-here"),
        ("refused", "warn", "shown-here"),
    ],
)
def test_what_a_client_here_says_against_it(shown: str, status: str, problem: str) -> None:
    found = certificate(refused(shown))
    assert (found.status, found.facts["problem"]) == (status, problem)


def test_with_mutual_tls_a_client_without_certificate_is_turned_away() -> None:
    assert certificate(refused("refused"), mutualTlsAuthentication={"truststoreUri": "s3://a/b"}).status == "pass"


def test_a_certificate_that_is_gone() -> None:
    assert certificate(held=NotFound("no")).facts["problem"] == "gone"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_one_of_acm_and_the_handshake_has_to_do(error: AwsError) -> None:
    found = certificate(held=error)
    assert (found.status, found.facts["partial"][0]["reason"]) == ("pass", error.reason)  # type: ignore[index,call-overload]
    assert certificate(Unreachable("no way")).status == "pass"
    assert certificate(refused("expired"), held=error).status == "fail"
    with pytest.raises(type(error)):
        certificate(Unreachable("no way"), held=error)
    with pytest.raises(type(error)):
        run(DomainCertificate(), {**world(), ("apigateway", "GetDomainName"): error})


# -- trust store -----------------------------------------------------------------------------------


def test_a_trust_store() -> None:
    mutual = {"truststoreUri": "s3://trust/clients.pem", "truststoreVersion": "3"}
    assert run(Truststore(), world()).status == "skipped"
    assert run(Truststore(), world(mutualTlsAuthentication=mutual)).status == "pass"
    found = run(Truststore(), world(mutualTlsAuthentication={**mutual, "truststoreWarnings": ["too old"]}))
    assert (found.status, found.facts["truststore"]) == ("fail", "s3://trust/clients.pem")
    assert "too old" in found.summary


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_domain_that_cannot_be_read(error: AwsError) -> None:
    with pytest.raises(type(error)):
        run(Truststore(), {**world(), ("apigateway", "GetDomainName"): error})
