"""Lambda: policies per qualifier, real invocations, account settings, and details of the answers."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.awslambda import urls
from moto.awslambda.exceptions import GenericResourcNotFound, LambdaClientError, UnknownFunctionException
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.ec2.models import ec2_backends

from wizard.sandbox import backends, parts
from wizard.sandbox.functions import catalog, secrets
from wizard.sandbox.functions.catalog import FunctionArn, ResourcePolicy
from wizard.sandbox.functions.model import RefusedError
from wizard.sandbox.functions.runner import ACCOUNT_LIMIT

_Response = tuple[int, dict[str, str], str | bytes]
_plain_create = LambdaResponse.create_function
_plain_update = LambdaResponse.update_function_configuration


class _ConflictError(LambdaClientError):
    code = 409


def _refusal(refused: RefusedError) -> LambdaClientError:
    error = LambdaClientError(refused.code, refused.message)
    error.code = refused.status
    return error


def install() -> None:
    """Replace the handlers and the two deletions that have to forget policies."""
    replaced: list[Callable[[LambdaResponse], Any]] = [
        add_permission, remove_permission, get_policy, invoke, get_function, get_function_configuration,
        get_function_concurrency, create_function, update_function_configuration,
        get_function_recursion_config, put_function_recursion_config, delete_function, delete_alias, publish_version,
    ]  # fmt: skip
    for handler in replaced:
        setattr(LambdaResponse, handler.__name__, handler)
    urls.url_paths[r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/recursion-config/?$"] = (
        LambdaResponse.dispatch
    )


def account_settings(region: str) -> dict[str, Any]:
    """GetAccountSettings: limits and use of a Region."""
    latest = list(backends.functions(region).list_functions())
    reserved = sum(int(function.reserved_concurrency or 0) for function in latest)
    return {
        "AccountLimit": {
            "TotalCodeSize": 80530636800, "CodeSizeUnzipped": 262144000, "CodeSizeZipped": 52428800,
            "ConcurrentExecutions": ACCOUNT_LIMIT, "UnreservedConcurrentExecutions": ACCOUNT_LIMIT - reserved,
        },
        "AccountUsage": {"TotalCodeSize": sum(f.code_size for f in latest), "FunctionCount": len(latest)},
    }  # fmt: skip


def add_permission(self: LambdaResponse) -> _Response:
    """AddPermission: one statement on the policy of exactly one qualifier."""
    function, qualifier = _named(self)
    asked = self.json_body
    policy = _policy(self, function, qualifier)
    sid = str(asked["StatementId"])
    if sid in policy.statements:
        raise _ConflictError(
            "ResourceConflictException",
            f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the "
            "existing statement.",
        )
    _check_revision(asked.get("RevisionId"), policy)
    arn = FunctionArn(self.region, backends.ACCOUNT, function.function_name, qualifier).text
    policy.statements[sid] = _statement(asked, arn)
    policy.revision = str(uuid.uuid4())
    return 201, {"status": "201"}, json.dumps({"Statement": json.dumps(policy.statements[sid])})


def remove_permission(self: LambdaResponse) -> _Response:
    """RemovePermission."""
    function, qualifier = _named(self)
    policy = _policy(self, function, qualifier)
    sid = unquote(self.path.rstrip("/").rsplit("/", 1)[-1])
    if sid not in policy.statements:
        raise GenericResourcNotFound()
    _check_revision(self._get_param("RevisionId"), policy)
    del policy.statements[sid]
    policy.revision = str(uuid.uuid4())
    return 204, {"status": "204"}, ""


def get_policy(self: LambdaResponse) -> str:
    """GetPolicy of one qualifier."""
    function, qualifier = _named(self)
    policy = _policy(self, function, qualifier)
    if not policy.statements:
        raise GenericResourcNotFound()
    document = {"Version": "2012-10-17", "Id": "default", "Statement": list(policy.statements.values())}
    return json.dumps({"Policy": json.dumps(document), "RevisionId": policy.revision})


def invoke(self: LambdaResponse) -> _Response:
    """Invoke: the function runs for real; ``Event`` returns at once, ``DryRun`` runs nothing."""
    found, qualifier = _named(self)
    arn = FunctionArn(self.region, backends.ACCOUNT, found.function_name, qualifier)
    function = catalog.find(arn)
    if function is None:
        raise UnknownFunctionException(arn.text)
    kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
    if kind == "DryRun":
        return 204, {"status": "204"}, ""
    try:
        reserved = catalog.reserved_concurrency(self.region, function.name)
        future = parts.current().runner.submit(function, self.body or "{}", reserved)
    except RefusedError as refused:
        raise _refusal(refused) from refused
    if kind == "Event":
        return 202, {"status": "202"}, ""
    result = future.result()
    headers = {"status": "200", "X-Amz-Executed-Version": result.version, "content-type": "application/json"}
    if result.error:
        headers["X-Amz-Function-Error"] = result.error
    if self.headers.get("X-Amz-Log-Type") == "Tail":
        headers["X-Amz-Log-Result"] = base64.b64encode(result.log_tail.encode()).decode()
    return 200, headers, result.payload.encode()


def get_function(self: LambdaResponse) -> str:
    """GetFunction; a reserved concurrency of 0 is shown too."""
    function, qualifier = _named(self)
    answer = function.get_code()
    answer["Configuration"] = _configuration(function, qualifier)
    reserved = catalog.reserved_concurrency(self.region, function.function_name)
    answer.pop("Concurrency", None)
    if reserved is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return json.dumps(answer)


def get_function_configuration(self: LambdaResponse) -> str:
    """GetFunctionConfiguration of a function, version or alias."""
    function, qualifier = _named(self)
    return json.dumps(_configuration(function, qualifier))


def create_function(self: LambdaResponse) -> Any:
    """CreateFunction: keeps the settings that moto drops."""
    answer = _plain_create(self)
    name = str(self.json_body["FunctionName"]).rsplit(":", 1)[-1]
    _keep(self, name)
    return answer


def update_function_configuration(self: LambdaResponse) -> Any:
    """UpdateFunctionConfiguration: keeps the settings that moto drops, the KMS key among them."""
    answer = _plain_update(self)
    _keep(self, unquote(self.path.split("/")[-2]))
    return answer


def get_function_recursion_config(self: LambdaResponse) -> str:
    """GetFunctionRecursionConfig: loops are ended unless the function allows them."""
    function, _ = _named(self)
    return json.dumps({"RecursiveLoop": function.__dict__.get("recursive_loop", "Terminate")})


def put_function_recursion_config(self: LambdaResponse) -> str:
    """PutFunctionRecursionConfig."""
    function, _ = _named(self)
    function.__dict__["recursive_loop"] = self.json_body["RecursiveLoop"]
    return json.dumps({"RecursiveLoop": function.__dict__["recursive_loop"]})


def get_function_concurrency(self: LambdaResponse) -> str:
    """GetFunctionConcurrency: an empty object when nothing is reserved."""
    function, _ = _named(self)
    reserved = catalog.reserved_concurrency(self.region, function.function_name)
    return json.dumps({} if reserved is None else {"ReservedConcurrentExecutions": reserved})


def delete_function(self: LambdaResponse) -> _Response:
    """DeleteFunction, of a version or of everything; its policies go with it."""
    function, qualifier = _named(self)
    self.backend.delete_function(function.function_name, qualifier or None)
    parts.current().policies.forget(self.region, function.function_name, qualifier or None)
    return 204, {"status": "204"}, ""


def delete_alias(self: LambdaResponse) -> _Response:
    """DeleteAlias; its policy goes with it."""
    name, alias = unquote(self.path.split("/")[-3]), unquote(self.path.rsplit("/", 1)[-1])
    function = self.backend.get_function(name)
    self.backend.delete_alias(name=alias, function_name=function.function_name)
    parts.current().policies.forget(self.region, function.function_name, alias)
    return 204, {"status": "204"}, ""


def publish_version(self: LambdaResponse) -> _Response:
    """PublishVersion: a second call without a change in between gives the same version."""
    name = unquote(self.path.split("/")[-2])
    published = self.backend.publish_version(name, self._get_param("Description"))
    self.backend.get_function(name).code_or_config_updated = False
    assert published is not None
    return 201, {"status": "201"}, json.dumps(published.get_configuration())


def _named(self: LambdaResponse) -> tuple[LambdaFunction, str]:
    """The function that the path names, and the qualifier from the path or the query. Raises when there is none."""
    name = unquote(self.path.split("/functions/", 1)[1].split("/")[0])
    parsed = catalog.parse_arn(name)
    if parsed is not None:
        name, qualifier = parsed.name, parsed.qualifier
    else:
        name, _, qualifier = name.rsplit("function:", 1)[-1].partition(":")
    given = self.querystring.get("Qualifier") or self.querystring.get("qualifier")
    if not qualifier and given:
        qualifier = str(given[0])
    backend: LambdaBackend = self.backend
    return backend.get_function(name, qualifier or None), qualifier


def _policy(self: LambdaResponse, function: LambdaFunction, qualifier: str) -> ResourcePolicy:
    return parts.current().policies.get(self.region, function.function_name, qualifier)


def _configuration(function: LambdaFunction, qualifier: str) -> dict[str, Any]:
    configuration = function.get_configuration()
    configuration |= catalog.extras(function)
    if function.version != "$LATEST" and configuration.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
        configuration["SnapStart"] = {**configuration["SnapStart"], "OptimizationStatus": "On"}
    configuration |= parts.current().states.shown(function.region, function.function_name)
    if function.vpc_config:
        configuration["VpcConfig"] = {**function.vpc_config, "VpcId": _vpc(function)}
    if qualifier:
        arn = FunctionArn(function.region, backends.ACCOUNT, function.function_name, qualifier)
        configuration["FunctionArn"] = arn.text
    return configuration


def _keep(self: LambdaResponse, name: str) -> None:
    """Settings of $LATEST and of the version that was published in the same call."""
    asked = self.json_body
    function = self.backend.get_function(name)
    told = {key: asked[key] for key in ("FileSystemConfigs", "SnapStart") if key in asked}
    if "SnapStart" in told:
        told["SnapStart"] = {"OptimizationStatus": "Off", **told["SnapStart"]}
    published = list(self.backend.list_versions_by_function(name))[1:] if asked.get("Publish") else []
    for each in (function, *published):
        each.__dict__["extras"] = {**catalog.extras(each), **told}
        each.__dict__["granted_to"] = secrets.role_id(function.role)
        if "KMSKeyArn" in asked:
            each.kms_key_arn = asked["KMSKeyArn"] or None


def _vpc(function: LambdaFunction) -> str:
    """The VPC of the function's subnets; empty when none of them exists."""
    subnets = (function.vpc_config or {}).get("SubnetIds") or []
    known = ec2_backends[backends.ACCOUNT][function.region].describe_subnets()
    return next((str(each.vpc_id) for each in known if each.id in subnets), "")


def _check_revision(given: str | None, policy: ResourcePolicy) -> None:
    if given and given != policy.revision:
        raise LambdaClientError(
            "PreconditionFailedException",
            "The RevisionId provided does not match the latest RevisionId for the Lambda function or alias. Call the "
            "GetPolicy API to retrieve the latest RevisionId for your resource.",
        )


def _statement(asked: dict[str, Any], arn: str) -> dict[str, Any]:
    """The statement as Lambda writes it from the parameters of AddPermission."""
    principal = str(asked["Principal"])
    shown: Any = principal
    if principal.endswith(".amazonaws.com"):
        shown = {"Service": principal}
    elif principal != "*":
        shown = {"AWS": f"arn:aws:iam::{principal}:root" if principal.isdigit() else principal}
    statement = {"Sid": asked["StatementId"], "Effect": "Allow", "Principal": shown}
    statement |= {"Action": asked["Action"], "Resource": arn}
    condition: dict[str, dict[str, str]] = {}
    if asked.get("SourceAccount"):
        condition.setdefault("StringEquals", {})["AWS:SourceAccount"] = asked["SourceAccount"]
    if asked.get("PrincipalOrgID"):
        condition.setdefault("StringEquals", {})["aws:PrincipalOrgID"] = asked["PrincipalOrgID"]
    if asked.get("SourceArn"):
        condition["ArnLike"] = {"AWS:SourceArn": asked["SourceArn"]}
    return {**statement, "Condition": condition} if condition else statement
