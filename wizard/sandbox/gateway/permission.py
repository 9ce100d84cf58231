"""May API Gateway call this function? By the function's resource policy, or by the integration's own role.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
and https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role

from wizard.sandbox import backends
from wizard.sandbox.policy import Call, Decision, decide, statements_of

INVOKE = "lambda:InvokeFunction"
SERVICE = "apigateway.amazonaws.com"
LAMBDA_URI = re.compile(r"arn:aws[a-z-]*:apigateway:([a-z0-9-]+):lambda:path/(?P<path>.+)")
LAMBDA_PATH = re.compile(
    r"(?:2015-03-31(?=.*/invocations)|2021-11-15(?=.*/response-streaming-invocations))"
    r"/functions/(?P<function>.*)/(?:invocations|response-streaming-invocations)"
)


def source_arn(region: str, account: str, api_id: str, stage: str, verb: str, resource_path: str) -> str:
    """The ARN a request presents to Lambda: path parameters stand as ``*``."""
    path = re.sub(r"\{[^/}]*\}", "*", resource_path)
    return f"arn:aws:execute-api:{region}:{account}:{api_id}/{stage}/{verb}{path}"


def allowed_by_resource_policy(
    statements: Iterable[Mapping[str, Any]], function_arn: str, source: str, function_region: str, account: str
) -> bool:
    """Judge the policy of the invoked qualifier. A function in another Region sees its own Region in the source ARN."""
    parts = source.split(":", 5)
    parts[3] = function_region
    context = {"aws:sourcearn": ":".join(parts), "aws:sourceaccount": account}
    call = Call(INVOKE, function_arn, SERVICE, context)
    return decide(statements, call, resource_policy=True) is Decision.ALLOW


def assumable(role_arn: str) -> bool:
    """True when the role exists and trusts API Gateway."""
    role = find_role(role_arn)
    return role is not None and _trusts_gateway(role)


def role_problem(role_arn: str, function_arn: str) -> str | None:
    """Why the integration's role cannot call the function (``assume`` or ``permission``), or None when it can."""
    role = find_role(role_arn)
    if role is None or not _trusts_gateway(role):
        return "assume"
    decision = decide(role_statements(role), Call(INVOKE, function_arn))
    return None if decision is Decision.ALLOW else "permission"


def find_role(arn: str) -> Role | None:
    """The IAM role with this ARN, if it exists."""
    try:
        return backends.iam().get_role_by_arn(arn)
    except NotFoundException:
        return None


def role_statements(role: Role) -> list[Mapping[str, Any]]:
    """Statements of all inline and attached policies of a role."""
    documents = list(role.policies.values())
    for policy in role.managed_policies.values():
        documents += [version.document for version in policy.versions if version.is_default]
    return [statement for text in documents for statement in statements_of(parsed(text))]


def parsed(document: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """A policy document as a mapping; what is no JSON object allows nothing."""
    try:
        loaded = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return {}
    return loaded if isinstance(loaded, Mapping) else {}


def _trusts_gateway(role: Role) -> bool:
    document = parsed(role.assume_role_policy_document)
    trust = [{**statement, "Resource": "*"} for statement in statements_of(document)]
    return decide(trust, Call("sts:AssumeRole", role.arn, SERVICE), resource_policy=True) is Decision.ALLOW
