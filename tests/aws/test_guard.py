from __future__ import annotations

import re
from collections.abc import Iterator

import botocore.session
import pytest
from botocore.model import OperationModel

from tests.aws.conftest import Endpoint
from wizard.aws import guard
from wizard.aws.live import LiveAws
from wizard.model.aws import Forbidden, Unsupported

# Parts of names that change something, start something or hand out secrets, wherever they stand as a verb.
CHANGES = re.compile(
    r"^(Create|Put|Update|Delete|Modify|Set|Add|Remove|Attach|Detach|Associate|Disassociate|Start|Stop|Run|Invoke|"
    r"Test|Import|Export|Tag|Untag|Enable|Disable|Register|Deregister|Publish|Reset|Flush|Generate|Assume|"
    r"Authorize|Revoke|Reboot|Terminate|Accept|Reject|Cancel|Copy|Move|Send|Purchase|Request|Allocate|Release)"
)
SECRETS = re.compile(
    r"PasswordData|SessionToken|FederationToken|AccessToken|WebIdentityToken|SecretValue|PrivateKey|ConsoleOutput|"
    r"LaunchTemplateData|DeviceSampleConfiguration"
)


def operations(services: frozenset[str]) -> Iterator[tuple[str, OperationModel]]:
    session = botocore.session.Session()
    for service in sorted(services):
        model = session.get_service_model(service)
        yield from ((service, model.operation_model(name)) for name in model.operation_names)


def passes(service: str, operation: str, *, consented: bool = False, **params: object) -> bool:
    try:
        guard.check(service, operation, params, consented=consented)
    except Forbidden:
        return False
    return True


def test_nothing_that_changes_anything_passes_in_any_service_we_use() -> None:
    passed = [(service, model) for service, model in operations(guard.SERVICES) if passes(service, model.name)]
    assert len(passed) > 400
    for service, model in passed:
        name = f"{service}:{model.name}"
        if name in guard.QUERIES:
            continue
        assert not CHANGES.match(model.name), name
        assert not SECRETS.search(model.name), name
        posting = ("cloudfront", "xray", "route53")
        if model.service_model.metadata["protocol"].startswith("rest") and service not in posting:
            assert model.http["method"] == "GET", name


def test_all_other_verbs_of_rest_services_are_refused() -> None:
    for service, model in operations(frozenset({"apigateway", "apigatewayv2", "lambda"})):
        if model.http["method"] != "GET":
            assert not passes(service, model.name), model.name


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("secretsmanager", "GetSecretValue", {}),
        ("ssm", "GetParameter", {"WithDecryption": True}),
        ("ssm", "GetParameters", {}),
        ("kms", "Decrypt", {}),
        ("kms", "GetParametersForImport", {}),
        ("s3", "GetObject", {}),
        ("dynamodb", "GetItem", {}),
        ("dynamodb", "BatchGetItem", {}),
        ("sqs", "ReceiveMessage", {}),
        ("sts", "GetSessionToken", {}),
        ("sts", "GetFederationToken", {}),
        ("ecr", "GetAuthorizationToken", {}),
        ("cognito-identity", "GetCredentialsForIdentity", {}),
        ("cognito-idp", "DescribeUserPoolClient", {}),
        ("cognito-idp", "ListUsers", {}),
        ("ec2", "GetPasswordData", {}),
        ("lambda", "GetFunction", {}),
        ("apigateway", "GetApiKey", {"includeValue": True}),
        ("apigateway", "GetApiKeys", {"includeValues": True}),
        ("logs", "FilterLogEvents", {"unmask": True}),
        ("lambda", "InvokeAsync", {}),
        ("lambda", "InvokeWithResponseStream", {}),
        ("apigateway", "Getaway", {}),
        ("apigateway", "get_stage", {}),
        ("apigateway", "GetStage; DeleteStage", {}),
    ],
)
def test_what_reads_by_name_only_is_refused_even_with_consent(
    service: str, operation: str, params: dict[str, object]
) -> None:
    assert not passes(service, operation, consented=True, **params)


@pytest.mark.parametrize(
    "call",
    [
        "apigateway:GetStage",
        "apigateway:GetExport",
        "lambda:GetPolicy",
        "lambda:GetFunctionConfiguration",
        "logs:FilterLogEvents",
        "logs:GetQueryResults",
        "logs:StopQuery",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
        "iam:SimulatePrincipalPolicy",
        "xray:BatchGetTraces",
        "cloudtrail:LookupEvents",
        "elbv2:DescribeTargetHealth",
        "cognito-idp:DescribeUserPool",
        "kms:DescribeKey",
        "efs:DescribeMountTargets",
    ],
)
def test_what_probes_ask_passes(call: str) -> None:
    assert passes(*call.split(":"))


@pytest.mark.parametrize("call", sorted(guard.COSTING))
def test_what_aws_charges_for_by_what_it_reads_needs_a_yes(call: str) -> None:
    service, operation = call.split(":")
    assert not passes(service, operation)
    assert passes(service, operation, consented=True)
    assert guard.is_asked_first(service, operation)
    assert not guard.is_invoking(service, operation)


def test_a_running_query_is_asked_again_every_time() -> None:
    assert guard.is_fresh("logs", "GetQueryResults")
    assert guard.is_fresh("logs", "StartQuery")
    assert not guard.is_fresh("apigateway", "GetStage")


@pytest.mark.parametrize("call", sorted(guard.INVOKING))
def test_running_the_backend_needs_consent(call: str) -> None:
    assert not passes(*call.split(":"))
    assert passes(*call.split(":"), consented=True)


def test_nothing_forbidden_leaves_the_machine(live: LiveAws, endpoint: Endpoint) -> None:
    for door in (live, live.consented()):
        with pytest.raises(Forbidden):
            door.call("apigateway", "DeleteStage", restApiId="abc123", stageName="prod")
        with pytest.raises(Forbidden):
            door.pages("s3", "ListObjectVersions")
    with pytest.raises(Forbidden):
        live.call("apigateway", "TestInvokeMethod", restApiId="abc123", resourceId="r", httpMethod="GET")
    with pytest.raises(Forbidden):
        live.request("GET", endpoint.url)
    assert endpoint.seen == []


def test_consent_opens_the_invoking_calls_and_stays_where_it_was_given(live: LiveAws, endpoint: Endpoint) -> None:
    endpoint.says(200, {"status": 500, "log": "…"})
    answer = live.consented().call(
        "apigateway", "TestInvokeMethod", restApiId="abc123", resourceId="r", httpMethod="GET"
    )
    assert answer == {"status": 500, "log": "…"}
    assert live.consented().request("GET", f"{endpoint.url}/x").status == 200
    with pytest.raises(Forbidden):
        live.request("GET", endpoint.url)


def test_an_operation_that_does_not_exist(live: LiveAws) -> None:
    with pytest.raises(Unsupported, match="GetNothing"):
        live.call("apigateway", "GetNothing")


@pytest.mark.parametrize("operation", ["GetObject", "GetBucketPolicy", "ListObjectsV2", "ListBuckets", "PutObject"])
def test_of_s3_only_where_a_bucket_is_may_be_asked(operation: str) -> None:
    guard.check("s3", "GetBucketLocation", {"Bucket": "shop"})
    with pytest.raises(Forbidden):
        guard.check("s3", operation, {})
