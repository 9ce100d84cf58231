"""Faults of the authorizer: API Gateway may not call it, cannot find it, or gets no policy from it."""

from __future__ import annotations

import json
from typing import Any

from wizard.sandbox.faults import Complaint, fault
from wizard.sandbox.furnishings.callers import AUTHORIZER_FUNCTION, AUTHORIZER_ROLE
from wizard.sandbox.world import ACCOUNT, REGION, Edit, World, function_uri, package

_HOP = "authorizer"
_TOKEN, _ROLE, _COGNITO, _KEY = (
    ("token-authorizer",),
    ("authorizer-role",),
    ("cognito-authorizer",),
    ("authorizer-key",),
)
_REQUEST = ("request-authorizer",)
_SID = "apigateway-authorizer"
_ANSWERS = '        "principalId": "customer",\n'
_CONTEXT = '"context": {"customer": "Ada", "tier": 2, "vip": True}'
_READS = "    token = token_of(event)\n"


def _code(world: World, *edits: Edit) -> None:
    """Release the authorizer's function with these changes to its source."""
    code = package("authorizer", edits)
    world.client("lambda").update_function_code(FunctionName=AUTHORIZER_FUNCTION, ZipFile=code)


def _configure(world: World, **settings: Any) -> None:
    world.client("lambda").update_function_configuration(FunctionName=AUTHORIZER_FUNCTION, **settings)


def _revoke(world: World) -> None:
    world.client("lambda").remove_permission(FunctionName=AUTHORIZER_FUNCTION, StatementId=_SID)


# -- whether it may be called ------------------------------------------------------------------------


@fault("authorizer-permission-missing", _HOP, "The authorizer's function lost its permission", needs=_TOKEN)
def no_permission(world: World) -> None:
    _revoke(world)


@fault("authorizer-permission-missing.methods", _HOP, "The permission names the API's methods", needs=_REQUEST)
def methods_granted(world: World) -> None:
    _revoke(world)
    world.grant("*/*/orders*", function=AUTHORIZER_FUNCTION, qualifier="", sid=_SID)


@fault("authorizer-permission-missing.other", _HOP, "The permission is for an authorizer made anew", needs=_TOKEN)
def other_authorizer(world: World) -> None:
    _revoke(world)
    world.grant("authorizers/9z8y7x", function=AUTHORIZER_FUNCTION, qualifier="", sid=_SID)


@fault("authorizer-credentials-role-invalid", _HOP, "The authorizer's role trusts Lambda only", needs=_ROLE)
def role_of_lambda(world: World) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    world.client("iam").update_assume_role_policy(
        RoleName=AUTHORIZER_ROLE, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )


@fault("authorizer-credentials-role-invalid.permission", _HOP, "The role may invoke the old authorizer", needs=_ROLE)
def role_of_another_function(world: World) -> None:
    old = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{AUTHORIZER_FUNCTION}-v1"
    allow = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": old}
    world.client("iam").put_role_policy(
        RoleName=AUTHORIZER_ROLE,
        PolicyName="call",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )


@fault("authorizer-credentials-role-invalid.gone", _HOP, "The authorizer's role was deleted", needs=_ROLE)
def no_role(world: World) -> None:
    iam = world.client("iam")
    iam.delete_role_policy(RoleName=AUTHORIZER_ROLE, PolicyName="call")
    iam.delete_role(RoleName=AUTHORIZER_ROLE)


# -- whether it can be found -------------------------------------------------------------------------


@fault("authorizer-uri-invalid", _HOP, "The authorizer's URI has the API date of another year", needs=_TOKEN)
def wrong_date(world: World) -> None:
    uri = function_uri(AUTHORIZER_FUNCTION).replace("2015-03-31", "2015-03-01")
    world.patch_authorizer({"/authorizerUri": uri})
    world.deploy("Authorizer by hand")


@fault("authorizer-uri-invalid.function", _HOP, "The authorizer's function was deleted", needs=_TOKEN)
def no_function(world: World) -> None:
    world.client("lambda").delete_function(FunctionName=AUTHORIZER_FUNCTION)


@fault("authorizer-uri-invalid.alias", _HOP, "The authorizer's URI names an alias that was never made", needs=_REQUEST)
def no_alias(world: World) -> None:
    world.patch_authorizer({"/authorizerUri": function_uri(AUTHORIZER_FUNCTION, "stable")})
    world.deploy("Only stable authorizers")


@fault("authorizer-cognito-pool-invalid", _HOP, "The customers' user pool was deleted", needs=_COGNITO)
def no_pool(world: World) -> None:
    world.client("cognito-idp").delete_user_pool(UserPoolId=world.made["user-pool"])


@fault("authorizer-cognito-pool-invalid.region", _HOP, "The authorizer looks for the pool elsewhere", needs=_COGNITO)
def pool_elsewhere(world: World) -> None:
    arn = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{world.made['user-pool']}"
    gateway, at = world.client("apigateway"), {"restApiId": world.api_id, "authorizerId": world.made["authorizer"]}
    moved = {"op": "add", "path": "/providerARNs", "value": arn.replace(REGION, "eu-central-1")}
    gone = {"op": "remove", "path": "/providerARNs", "value": arn}
    gateway.update_authorizer(**at, patchOperations=[moved, gone])
    world.deploy("Customers live in Frankfurt")


# -- whether it decides ------------------------------------------------------------------------------


@fault("authorizer-lambda-error", _HOP, "The authorizer reads a claim that tokens do not have", needs=_TOKEN)
def crashes(world: World) -> None:
    _code(world, (_READS, f'{_READS}    tenant = event["claims"]["tenant"]\n'))


@fault("authorizer-lambda-error.init", _HOP, "The authorizer wants a variable that nobody set", needs=_REQUEST)
def cannot_start(world: World) -> None:
    _code(world, ('log = logging.getLogger("authorizer")', 'log = logging.getLogger(os.environ["ISSUER"])'))


@fault("authorizer-lambda-error.word", _HOP, "The authorizer says Invalid token instead of Unauthorized", needs=_TOKEN)
def other_word(world: World) -> None:
    _code(world, ("    effect = ", '    if "." not in token:\n        raise Exception("Invalid token")\n    effect = '))


@fault("authorizer-malformed-response", _HOP, "The authorizer returns nothing", needs=_TOKEN)
def nothing(world: World) -> None:
    _code(world, ("    return answer\n", "    answer\n"))


@fault("authorizer-malformed-response.principal", _HOP, "The authorizer leaves out the principal", needs=_REQUEST)
def no_principal(world: World) -> None:
    _code(world, (_ANSWERS, ""))


@fault("authorizer-malformed-response.proxy", _HOP, "The authorizer answers like a proxy function", needs=_TOKEN)
def like_a_proxy(world: World) -> None:
    _code(world, ("    return answer\n", '    return {"statusCode": 200, "body": "welcome"}\n'))


@fault("authorizer-malformed-response.policy", _HOP, "The authorizer's policy names no resource", needs=_TOKEN)
def no_resource(world: World) -> None:
    _code(world, (', "Resource": f"{api}/{stage}/*"}', "}"))


@fault("authorizer-context-invalid-type", _HOP, "The authorizer hands on a list of roles", needs=_TOKEN)
def list_in_context(world: World) -> None:
    _code(world, (_CONTEXT, _CONTEXT.replace("}", ', "roles": ["buyer", "tester"]}')))


@fault("authorizer-context-invalid-type.null", _HOP, "The authorizer hands on null", needs=_REQUEST)
def null_in_context(world: World) -> None:
    _code(world, (_CONTEXT, _CONTEXT.replace("}", ', "discount": None}')))


@fault("authorizer-timeout", _HOP, "The authorizer needs longer than its function may take", needs=_TOKEN)
def too_slow(world: World) -> None:
    _code(world, (_READS, f"    import time\n\n    time.sleep(4)  # fetch the keys\n{_READS}"))
    _configure(world, Timeout=1)


@fault("authorizer-throttled", _HOP, "The authorizer may run once at a time", Complaint.RUSH, needs=_TOKEN)
def one_at_a_time(world: World) -> None:
    _code(world, (_READS, f"    import time\n\n    time.sleep(0.2)  # fetch the keys\n{_READS}"))
    world.client("lambda").put_function_concurrency(FunctionName=AUTHORIZER_FUNCTION, ReservedConcurrentExecutions=1)


@fault("authorizer-throttled.zero", _HOP, "The authorizer was switched off by a concurrency of 0", needs=_TOKEN)
def none_at_a_time(world: World) -> None:
    world.client("lambda").put_function_concurrency(FunctionName=AUTHORIZER_FUNCTION, ReservedConcurrentExecutions=0)


@fault("authorizer-usage-key-missing", _HOP, "The authorizer does not name the caller's key", needs=_KEY)
def no_usage_key(world: World) -> None:
    _configure(world, Environment={"Variables": {}})
