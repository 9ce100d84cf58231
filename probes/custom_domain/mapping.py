"""Whether the custom domain leads to an API for this path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from probes._together import attempt
from probes.custom_domain._domain import domain_of, name_of
from probes.path._target import NotFoundHereError, fitting_of, mappings_of
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case, Target
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

_BY_MAPPING = "API_MAPPING_ONLY"


class MappingOfPath(Probe):
    """The domain's mappings of both versions of API Gateway, held against the request's path.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
    """

    title = "Mapping of the custom domain"
    hop = "custom-domain"
    needs = ("domain",)
    calls = frozenset(
        {
            "apigateway:GetBasePathMappings",
            "apigateway:GetDomainName",
            "apigateway:GetRestApi",
            "apigatewayv2:GetApiMappings",
            "apigatewayv2:GetApi",
        }
    )
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with the fact `problem` when the path leads nowhere: none-fits, api-missing or stage-missing."""
        target = replace(case.target, host=name_of(case))
        if case.traced.api_id:
            known = f"API {case.traced.api_id}, stage {case.traced.stage}"
            return self.passed(f"{target.host} leads to {known}.", domain=target.host, problem=None)
        try:
            mappings = mappings_of(target, aws)
        except NotFoundHereError as nothing:
            return self.unknown(Reason.NO_DATA, str(nothing), "the Region and account of the domain")
        fitting = fitting_of(mappings, target.path)
        facts: dict[str, Any] = {
            "domain": target.host,
            "mappings": [{"base_path": base, "api": api, "stage": stage} for base, api, stage in mappings],
            "first_part": target.path.strip("/").split("/")[0] or None,
        }
        if not fitting:
            return self._unmapped(case, aws, facts)
        base, api, stage = fitting[0]
        facts |= {"base_path": base or "(none)", "mapped_api": api, "mapped_stage": stage or None}
        if _gone(aws, replace(target, api_id=api)):
            return self.failed(
                f"/{base} of {target.host} leads to API {api}, which is gone.", problem="api-missing", **facts
            )
        named = stage or "the path's first part"
        said = f"/{base} of {target.host} leads to API {api}, which has no stage {named}."
        return self.failed(said, problem="stage-missing", **facts)

    def _unmapped(self, case: Case, aws: Aws, facts: dict[str, Any]) -> Evidence:
        """Routing rules may lead where no mapping does.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-mode.html
        """
        domain = attempt(lambda: domain_of(aws, case))
        mode = _BY_MAPPING if isinstance(domain, AwsError) else str(domain.get("routingMode") or _BY_MAPPING)
        facts |= {"routing_mode": mode, "problem": "none-fits"}
        if mode != _BY_MAPPING:
            said = f"No mapping of {facts['domain']} fits {case.target.path}; its routing rules may lead somewhere."
            return self.unknown(Reason.NO_DATA, said, "a look at the routing rules", **facts)
        known = ", ".join(sorted({f"/{each['base_path']}" for each in facts["mappings"]})) or "none"
        return self.failed(f"No mapping of {facts['domain']} fits {case.target.path}; it has: {known}.", **facts)


def _gone(aws: Aws, target: Target) -> bool:
    """Whether no API of any type has the id. Raises AwsError where that cannot be told."""
    try:
        aws.call("apigateway", "GetRestApi", restApiId=str(target.api_id))
    except NotFound:
        return isinstance(attempt(lambda: aws.call("apigatewayv2", "GetApi", ApiId=str(target.api_id))), NotFound)
    return False
