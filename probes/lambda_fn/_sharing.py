"""Who else calls a function: other methods of the API by their integrations, others by the function's policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from probes._together import together
from probes.lambda_fn._function import ask
from probes.lambda_fn._policy import SOURCE_ARN, statements
from wizard.model.arn import FunctionRef, fill_stage_variables, parse_lambda_uri
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case

HIDDEN = "perhaps callers that could not be read"
CALLS = frozenset(
    {
        "apigateway:GetResources",
        "apigatewayv2:GetRoutes",
        "apigatewayv2:GetIntegrations",
        "lambda:GetPolicy",
    }
)


def callers(case: Case, aws: Aws, function: FunctionRef) -> list[str]:
    """Everybody known beside the traced method, as people name them; what cannot be read may hide somebody."""
    answers = together(
        {"methods": lambda: _wired(case, aws), "policy": lambda: ask(case, aws, "GetPolicy", function).get("Policy")}
    )
    wired = {} if isinstance(answers["methods"], AwsError) else answers["methods"]
    own = case.traced.route_key or f"{case.traced.method_key} {case.traced.resource_path}"
    variables = case.traced.stage_variables
    same = [name for name, uri in wired.items() if name != own and _calls(uri, variables, function)]
    policy = "" if isinstance(answers["policy"], AwsError) else answers["policy"]
    found = [*sorted(same), *dict.fromkeys(_others(policy, str(case.traced.api_id)))]
    unread = any(isinstance(answer, AwsError) and not isinstance(answer, NotFound) for answer in answers.values())
    return [*found, *([HIDDEN] if unread else [])]


def _wired(case: Case, aws: Aws) -> dict[str, str]:
    """Method or route -> the URI of its integration, in the working copy."""
    api = case.traced.api_id
    if case.traced.api_type == "rest":
        pages = aws.pages("apigateway", "GetResources", restApiId=api, embed=["methods"])
        return {
            f"{verb} {resource.get('path')}": str(((method or {}).get("methodIntegration") or {}).get("uri") or "")
            for resource in pages.items("items")
            for verb, method in (resource.get("resourceMethods") or {}).items()
        }
    answers = together(
        {
            "routes": lambda: aws.pages("apigatewayv2", "GetRoutes", ApiId=api).items("Items"),
            "wirings": lambda: aws.pages("apigatewayv2", "GetIntegrations", ApiId=api).items("Items"),
        }
    )
    for answer in answers.values():
        if isinstance(answer, AwsError):
            raise answer
    uris = {f"integrations/{item.get('IntegrationId')}": item.get("IntegrationUri") for item in answers["wirings"]}
    return {str(route.get("RouteKey")): str(uris.get(route.get("Target")) or "") for route in answers["routes"]}


def _calls(uri: str, variables: Mapping[str, str], function: FunctionRef) -> bool:
    """Whether a URI leads to the same function; its aliases and versions share one log."""
    found = parse_lambda_uri(fill_stage_variables(uri, dict(variables))[0])
    return found is not None and (found.name, found.region, found.account) == (
        function.name,
        function.region,
        function.account,
    )


def _others(policy: Any, api_id: str) -> Iterator[str]:
    """Callers outside of this API that the policy lets in."""
    try:
        known = statements(policy or {})
    except ValueError:
        return
    for statement in known:
        principal = statement.get("Principal")
        service = principal.get("Service") if isinstance(principal, Mapping) else None
        if isinstance(service, str) and service != "apigateway.amazonaws.com":
            yield service
        for arn in _sources(statement) if service == "apigateway.amazonaws.com" else ():
            api = arn.split(":", 5)[-1].partition("/")[0]
            if api not in (api_id, "*", ""):
                yield f"API {api}"


def _sources(statement: Mapping[str, Any]) -> Iterator[str]:
    conditions = statement.get("Condition")
    for tests in conditions.values() if isinstance(conditions, Mapping) else ():
        for name, wanted in tests.items() if isinstance(tests, Mapping) else ():
            if str(name).lower() == SOURCE_ARN:
                yield from (str(arn) for arn in (wanted if isinstance(wanted, list) else [wanted]))
