"""The authorizer of a REST method in full, as the stage runs it and as it is configured, in one form.

https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from probes._method import document
from probes.path._snapshot import AUTHORIZER
from wizard.model.arn import FunctionRef, fill_stage_variables, parse_lambda_uri
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case

COGNITO = "COGNITO_USER_POOLS"
# What `running` and `configured` may ask.
CALLS = frozenset({"apigateway:GetExport", "apigateway:GetAuthorizer", "apigateway:GetAuthorizers"})
_TTL_S = 300


@dataclass(frozen=True, slots=True)
class Guard:
    """One authorizer.

    `id` is None where only the stage's deployment knows it. `uri` is as configured, `invoked` with the stage's
    variables filled in, `missing` are those it lacks. `ttl_s` is how long an answer is kept, in seconds.
    """

    id: str | None
    name: str
    type: str
    uri: str = ""
    invoked: str = ""
    missing: tuple[str, ...] = ()
    credentials: str | None = None
    ttl_s: int = _TTL_S
    identity: str = ""
    pools: tuple[str, ...] = ()

    @property
    def function(self) -> FunctionRef | None:
        """The function it calls; None for a user pool, and where the URI names none."""
        return None if self.missing else parse_lambda_uri(self.invoked)

    def facts(self) -> dict[str, Any]:
        """What every check of the authorizer tells of it; fixes name these."""
        function = self.function
        return {
            "authorizer_id": self.id,
            "authorizer_name": self.name,
            "authorizer_type": self.type,
            "authorizer_uri": self.uri or None,
            "authorizer_function": function.name if function else None,
            "authorizer_function_arn": function.qualified_arn if function else None,
            "authorizer_qualifier": function.qualifier if function else None,
            "authorizer_role": self.credentials,
        }


def configured(aws: Aws, case: Case) -> Guard:
    """The authorizer as the next deployment would take it.

    Raises:
        NotFound: there is no such authorizer.
        AwsError: it cannot be read.
    """
    guard, api = case.traced.authorizer, case.traced.api_id
    if guard and guard.id:
        found = aws.call("apigateway", "GetAuthorizer", restApiId=api, authorizerId=guard.id)
        if not guard.name or found.get("name") == guard.name:
            return _from_api(found, case)
    # The working copy has put another authorizer in front of the method than the stage asks.
    listed = aws.pages("apigateway", "GetAuthorizers", restApiId=api).items("items")
    named = next((item for item in listed if guard and item.get("name") == guard.name), None)
    if named is None:
        raise NotFound(f"the API has no authorizer {guard.name if guard else ''}".rstrip())
    return _from_api(named, case)


def deployed(aws: Aws, case: Case) -> Guard | None:
    """The authorizer as the stage runs it, without its id; None where the export does not describe it.

    Raises:
        AwsError: the export cannot be read.
    """
    guard = case.traced.authorizer
    schemes = _mapping(_mapping(document(aws, case).get("components")).get("securitySchemes"))
    described = _mapping(schemes.get(guard.name or "")) if guard else {}
    if AUTHORIZER not in described:
        return None
    told = _mapping(described[AUTHORIZER])
    header = f"method.request.header.{described.get('name')}"
    return _filled(
        Guard(
            None,
            str(guard.name if guard else ""),
            str(told.get("type") or "TOKEN").upper(),
            str(told.get("authorizerUri") or ""),
            credentials=told.get("authorizerCredentials") or None,
            ttl_s=_seconds(told.get("authorizerResultTtlInSeconds")),
            identity=str(told.get("identitySource") or header),
            pools=tuple(map(str, told.get("providerARNs") or ())),
        ),
        case,
    )


def running(aws: Aws, case: Case) -> Guard:
    """The authorizer as the stage runs it where that is known, else as it is configured; with its id if it has one.

    Raises:
        AwsError: it cannot be read.
    """
    live = deployed(aws, case) if case.traced.deployed_known else None
    try:
        draft = configured(aws, case)
    except AwsError:
        if live is None:
            raise
        return live
    return replace(live, id=draft.id) if live else draft


def _from_api(found: Mapping[str, Any], case: Case) -> Guard:
    return _filled(
        Guard(
            found.get("id"),
            str(found.get("name") or ""),
            str(found.get("type") or "").upper(),
            str(found.get("authorizerUri") or ""),
            credentials=found.get("authorizerCredentials") or None,
            ttl_s=_seconds(found.get("authorizerResultTtlInSeconds")),
            identity=str(found.get("identitySource") or ""),
            pools=tuple(map(str, found.get("providerARNs") or ())),
        ),
        case,
    )


def _filled(guard: Guard, case: Case) -> Guard:
    uri, missing = fill_stage_variables(guard.uri, case.traced.stage_variables)
    return replace(guard, invoked=uri, missing=missing)


def _seconds(value: Any) -> int:
    return _TTL_S if value is None else int(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
