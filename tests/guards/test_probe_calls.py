"""A probe asks what it declares, and declares what it asks: the permissions people grant are made from it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from probes.stage.insights import Insights
from tests.guards.odd_functions import ODD_FUNCTIONS
from tests.probes.at_once import _no_threads_of_probes
from tests.probes.conftest import (
    BY_VARIABLE,
    FUNCTION,
    LAMBDA,
    TWO,
    FakeAws,
    Key,
    access_line,
    export,
    healthy,
    integration,
    logged,
    new_case,
    resources,
    story,
    traced,
)
from tests.probes.v2 import http_shop, route, websocket_shop
from wizard.engine.catalog import all_probes, find_probe, probe_ids
from wizard.model.aws import AwsError, Denied, HttpAnswer, NotFound
from wizard.model.case import Case
from wizard.model.probe import Probe

__all__ = ["_no_threads_of_probes"]

GUARDED = {"AuthorizationType": "CUSTOM", "AuthorizerId": "a1"}
NO_REST_API: dict[Key, Any] = {("apigateway", "GetRestApi"): NotFound("no")}
HTTP = {**http_shop(routes=[route("GET /orders/{id}", **GUARDED)], stage={"StageName": "prod"}), **NO_REST_API}
BY_HAND = {"StageName": "prod", "AutoDeploy": False}
FAILING = story("Execution failed due to configuration error: Invalid permissions on Lambda function")
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
PRIVATE = {"type": "HTTP_PROXY", "uri": "http://orders.internal:80", "connectionType": "VPC_LINK", "connectionId": "l"}
LISTENERS = {
    "Listeners": [
        {
            "ListenerArn": f"{BALANCER}:listener/net/shop/1/2",
            "Port": 80,
            "Protocol": "TCP",
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": f"{BALANCER}:targetgroup/orders/3"}],
        }
    ]
}
HOST = "api.example.com"
CUSTOM_DOMAIN: dict[Key, Any] = {
    ("apigateway", "GetBasePathMappings"): {"items": [{"basePath": "(none)", "restApiId": "abc123", "stage": "prod"}]},
    ("apigateway", "GetDomainName"): {
        "regionalDomainName": "d-1.execute-api.us-east-1.amazonaws.com",
        "regionalCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    },
}
DISTRIBUTION = {
    "Id": "E1",
    "Aliases": {"Items": [HOST]},
    "DefaultCacheBehavior": {"TargetOriginId": "api"},
    "Origins": {
        "Items": [{"Id": "api", "DomainName": "abc123.execute-api.us-east-1.amazonaws.com", "OriginPath": "/prod"}]
    },
}
VPC_ENDPOINT = {
    "VpcEndpointId": "vpce-1",
    "ServiceName": "com.amazonaws.us-east-1.execute-api",
    "Groups": [{"GroupId": "sg-1"}],
    "PrivateDnsEnabled": True,
}
READ = {
    "type": "AWS",
    "uri": "arn:aws:apigateway:us-east-1:dynamodb:action/GetItem",
    "httpMethod": "POST",
    "credentials": "arn:aws:iam::123456789012:role/reader",
    "requestTemplates": {"application/json": '{"TableName": "orders"}'},
}
ASSUMED = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
ELSEWHERE = LAMBDA.format("arn:aws:lambda:us-east-1:123456789012:function:b")
SEARCHED: dict[Key, Any] = {
    ("logs", "GetQueryResults"): {
        "status": "Complete",
        "results": [
            [
                {"field": "@timestamp", "value": "2026-11-20 11:50:00.000"},
                {"field": "@message", "value": f"({TWO}) Execution failed"},
            ]
        ],
    },
}


def nameless(**params: Any) -> dict[str, Any]:
    """What a log of level ERROR holds."""
    return {"events": [{"timestamp": 1795175000000, "message": f"({TWO}) Execution failed"}]}


def failing_functions(**params: Any) -> dict[str, Any]:
    """Every function timed out; the gateway's log has a request that reached another one."""
    if str(params["logGroupName"]).startswith("/aws/lambda/"):
        return {
            "events": [
                {
                    "timestamp": 1795175000000,
                    "message": f"2026-11-20T11:43:20.000Z {TWO} Task timed out after 3.00 seconds",
                }
            ]
        }
    lines = [f"({TWO}) {line}" for line in story("Execution failed", uri=ELSEWHERE)]
    return {"events": [{"timestamp": 1795175000000, "message": line} for line in lines]}


def waited(**params: Any) -> dict[str, Any]:
    """More than can be read, of calls to a database that never answered."""
    text = "ERROR connect ETIMEDOUT 10.0.2.9:5432"
    return {"events": [{"timestamp": 1795175000000, "message": text, "logStreamName": "s"}], "truncated": True}


def resources_guarded(kind: str) -> dict[str, Any]:
    """The working copy with an authorizer of this kind of authorization in front of the method, which wants a key."""
    found = resources(GET=integration())
    more = {"authorizationType": kind, "authorizerId": "a1", "apiKeyRequired": True}
    found["items"][2]["resourceMethods"]["GET"] |= more
    return found


def guarded_export(**more: Any) -> dict[str, Any]:
    """What the stage runs, with a Lambda authorizer in front of the method, which wants a key."""
    document = json.loads(export(get=integration())["body"])
    document["paths"]["/orders/{id}"]["get"]["security"] = [{"guard": [], "api_key": []}]
    told = {"type": "token", "authorizerUri": LAMBDA.format(FUNCTION)}
    scheme = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authorizer": told}
    document["components"] = {"securitySchemes": {"guard": scheme, "api_key": {"name": "x-api-key"}}}
    return {"contentType": "application/json", "body": json.dumps({**document, **more})}


TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:*"}]}
TOKEN = {"id": "a1", "name": "guard", "type": "TOKEN", "authorizerUri": LAMBDA.format(FUNCTION)}
GUARD: dict[Key, Any] = {
    ("apigateway", "GetResources"): resources_guarded("CUSTOM"),
    ("apigateway", "GetExport"): guarded_export(),
    ("apigateway", "GetAuthorizer"): TOKEN,
    ("apigateway", "TestInvokeAuthorizer"): {"clientStatus": 401, "log": ""},
}
KEYED = {
    "body": json.dumps(
        {
            "paths": {
                "/orders/{id}": {
                    "get": {
                        "security": [{"api_key": []}],
                        "x-amazon-apigateway-integration": {**integration(), "type": "aws_proxy"},
                    }
                }
            }
        }
    )
}
ODD: dict[str, dict[Key, Any]] = {
    "a private integration over a Network Load Balancer": {
        ("apigateway", "GetExport"): export(get=integration(**PRIVATE)),
        ("apigateway", "GetVpcLink"): {"status": "AVAILABLE", "targetArns": [f"{BALANCER}:loadbalancer/net/shop/1"]},
        ("elbv2", "DescribeListeners"): LISTENERS,
        ("elbv2", "DescribeListenerAttributes"): {"Attributes": []},
    },
    "a private integration over an Application Load Balancer": {
        ("apigateway", "GetExport"): export(
            get=integration(**PRIVATE, integrationTarget=f"{BALANCER}:listener/app/shop/1/2")
        ),
        ("apigatewayv2", "GetVpcLink"): {"VpcLinkStatus": "AVAILABLE"},
        ("elbv2", "DescribeListeners"): LISTENERS,
    },
    "a private API": {
        ("apigateway", "GetRestApi"): {
            "name": "shop",
            "endpointConfiguration": {"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"]},
            "policy": "{}",
        },
        ("ec2", "DescribeVpcEndpoints"): {"VpcEndpoints": [VPC_ENDPOINT]},
    },
    "a custom domain": CUSTOM_DOMAIN,
    "a custom domain whose name leads elsewhere": {
        **CUSTOM_DOMAIN,
        ("dns", "Lookup"): lambda **params: {"CanonicalName": params["name"], "Addresses": [params["name"]]},
        ("route53", "ListHostedZonesByName"): {"HostedZones": [{"Name": "example.com.", "Id": "/hostedzone/Z1"}]},
    },
    "a custom domain without a mapping": {
        **CUSTOM_DOMAIN,
        ("apigateway", "GetBasePathMappings"): {
            "items": [{"basePath": "other", "restApiId": "abc123", "stage": "prod"}]
        },
    },
    "a custom domain that leads to an API that is gone": {
        **CUSTOM_DOMAIN,
        ("apigateway", "GetRestApi"): NotFound("no"),
    },
    "a distribution in front": {
        ("apigateway", "GetBasePathMappings"): NotFound("no"),
        ("apigatewayv2", "GetApiMappings"): NotFound("no"),
        ("cloudfront", "ListDistributions"): {"DistributionList": {"Items": [DISTRIBUTION]}},
    },
    "a web ACL": {
        ("apigateway", "GetStage"): {"stageName": "prod", "webAclArn": "arn:aws:wafv2:x"},
        ("wafv2", "GetWebACLForResource"): {
            "WebACL": {"Name": "shop", "Rules": [{"Name": "r", "Action": {"Block": {}}, "VisibilityConfig": {}}]}
        },
        ("cloudwatch", "GetMetricData"): {"MetricDataResults": [{"Id": "r0", "Values": [3.0]}]},
    },
    "a function called through a mapping": {
        ("apigateway", "GetExport"): export(get=integration(type="AWS")),
        ("apigateway", "GetResources"): resources(GET=integration(type="AWS")),
        ("logs", "FilterLogEvents"): nameless,
    },
    "a function called through a mapping, and a log without an end": {
        ("apigateway", "GetExport"): export(get=integration(type="AWS")),
        ("apigateway", "GetResources"): resources(GET=integration(type="AWS")),
        ("logs", "FilterLogEvents"): lambda **params: {**nameless(**params), "truncated": True},
    },
    "an HTTP backend": {
        ("apigateway", "GetExport"): export(
            get={"type": "HTTP_PROXY", "uri": "https://orders.example.com", "httpMethod": "GET"}
        ),
        ("dns", "Lookup"): {"CanonicalName": "orders.example.com", "Addresses": ["8.8.8.8"]},
    },
    "a table that is read with a role": {
        ("apigateway", "GetExport"): export(get=READ),
        ("apigateway", "GetResources"): resources(GET=READ),
        ("iam", "GetRole"): {"Role": {"AssumeRolePolicyDocument": {"Statement": [ASSUMED]}}},
        ("iam", "SimulatePrincipalPolicy"): {"EvaluationResults": [{"EvalDecision": "allowed"}]},
        ("iam", "ListRolePolicies"): {"PolicyNames": ["own"]},
        ("iam", "GetRolePolicy"): {"PolicyDocument": "{}"},
        ("iam", "ListAttachedRolePolicies"): {"AttachedPolicies": [{"PolicyArn": "arn:p"}]},
        ("iam", "GetPolicy"): {"Policy": {"DefaultVersionId": "v1"}},
        ("iam", "GetPolicyVersion"): {"PolicyVersion": {"Document": "{}"}},
    },
    "a bucket": {
        ("apigateway", "GetExport"): export(get={**READ, "uri": "arn:aws:apigateway:us-east-1:s3:path/shop-archive/a"}),
        ("s3", "GetBucketLocation"): {},
    },
    "a function in a VPC that waited for its database": {
        ("lambda", "GetFunctionConfiguration"): {
            "Timeout": 3,
            "VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        },
        ("ec2", "DescribeSubnets"): {"Subnets": []},
        ("ec2", "DescribeSecurityGroups"): {"SecurityGroups": []},
        ("ec2", "DescribeNetworkInterfaces"): {"NetworkInterfaces": []},
        ("ec2", "DescribeRouteTables"): {"RouteTables": []},
        ("ec2", "DescribeNatGateways"): {"NatGateways": []},
        ("ec2", "DescribeVpcEndpoints"): {"VpcEndpoints": []},
        ("logs", "FilterLogEvents"): waited,
    },
    **ODD_FUNCTIONS,
    "a program of its own": {("lambda", "GetFunctionConfiguration"): {"Runtime": "provided.al2023"}},
    "an authorizer": GUARD,
    "an authorizer with a role": {
        **GUARD,
        ("apigateway", "GetAuthorizer"): {**TOKEN, "authorizerCredentials": "arn:aws:iam::123456789012:role/caller"},
        ("iam", "GetRole"): {"Role": {"AssumeRolePolicyDocument": TRUST}},
        ("iam", "SimulatePrincipalPolicy"): Denied("iam:SimulatePrincipalPolicy"),
        ("iam", "ListRolePolicies"): {"PolicyNames": ["own"]},
        ("iam", "ListAttachedRolePolicies"): {"AttachedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/x"}]},
        ("iam", "GetRolePolicy"): {"PolicyDocument": {}},
        ("iam", "GetPolicy"): {"Policy": {"DefaultVersionId": "v1"}},
    },
    "an authorizer of another name than the stage's": {
        **GUARD,
        ("apigateway", "GetAuthorizer"): {**TOKEN, "name": "other"},
        ("apigateway", "GetAuthorizers"): {"items": [TOKEN]},
    },
    "an authorizer that nobody granted": {**GUARD, ("lambda", "GetPolicy"): NotFound("no")},
    "an authorizer that names the key": {
        **GUARD,
        ("apigateway", "GetExport"): guarded_export(**{"x-amazon-apigateway-api-key-source": "AUTHORIZER"}),
        ("logs", "FilterLogEvents"): {"events": [], "truncated": True},
    },
    "an authorizer that asks a user pool": {
        ("apigateway", "GetResources"): resources_guarded("COGNITO_USER_POOLS"),
        ("apigateway", "GetExport"): Denied("apigateway:GET"),
        ("apigateway", "GetAuthorizer"): {
            "id": "a1",
            "name": "guard",
            "type": "COGNITO_USER_POOLS",
            "providerARNs": ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_1"],
        },
    },
    "errors in the function's log": {("logs", "FilterLogEvents"): failing_functions},
    "errors in the log of an HTTP API's function": {**HTTP, ("logs", "FilterLogEvents"): failing_functions},
    "errors in the log of a WebSocket API's function": {
        **websocket_shop(),
        **NO_REST_API,
        ("logs", "FilterLogEvents"): failing_functions,
    },
    "an execution log that names no method": {**SEARCHED, ("logs", "FilterLogEvents"): nameless},
    "an execution log of a WebSocket API that names no route": {
        **websocket_shop(),
        **NO_REST_API,
        **SEARCHED,
        ("logs", "FilterLogEvents"): nameless,
    },
    "quotas that are listed": {
        ("service-quotas", "ListServiceQuotas"): {"Quotas": [{"QuotaCode": "L-01C8A9E0", "Value": 300.0}]}
    },
    "a method that wants a key": {("apigateway", "GetExport"): KEYED, ("apigateway", "GetUsagePlans"): {"items": []}},
    "a method whose answers are kept": {
        **SEARCHED,
        ("apigateway", "GetStage"): {
            "stageName": "prod",
            "cacheClusterEnabled": True,
            "methodSettings": {"*/*": {"cachingEnabled": True}},
        },
        ("logs", "FilterLogEvents"): nameless,
    },
    "an HTTP backend behind a long log that names no method": {
        **SEARCHED,
        ("apigateway", "GetExport"): export(get=integration(type="HTTP_PROXY", uri="https://o.example")),
        ("logs", "FilterLogEvents"): lambda **params: {**nameless(**params), "truncated": True},
    },
    "healthy": {},
    "failing requests": {("logs", "FilterLogEvents"): logged(("11111111-1111-4111-8111-111111111111", FAILING))},
    "another function before": {
        ("logs", "FilterLogEvents"): logged(
            (
                "11111111-1111-4111-8111-111111111111",
                story("Execution failed", uri=LAMBDA.format("arn:aws:lambda:us-east-1:123456789012:function:b")),
            )
        )
    },
    "no policy": {("lambda", "GetPolicy"): NotFound("no")},
    "policy for another": {("lambda", "GetPolicy"): {"Policy": '{"Statement": []}'}},
    "no function": {("lambda", "GetFunctionConfiguration"): NotFound("no")},
    "no API": {("apigateway", "GetRestApi"): NotFound("no")},
    "an HTTP API": HTTP,
    "an HTTP API that does not deploy by itself": {**HTTP, **http_shop(stage=BY_HAND), **NO_REST_API},
    "a WebSocket API": {**websocket_shop(), **NO_REST_API},
    "variable missing": {
        ("apigateway", "GetStage"): {"stageName": "prod"},
        ("apigateway", "GetExport"): export(get=integration(uri=BY_VARIABLE)),
    },
    "variable names a function without permission": {
        ("lambda", "GetPolicy"): NotFound("no"),
        ("apigateway", "GetExport"): export(get=integration(uri=BY_VARIABLE)),
    },
    "a failing request was traced": {
        ("xray", "GetTraceSummaries"): {
            "TraceSummaries": [{"Id": "1-6a000000-000000000000000000000001", "HasFault": True}]
        },
    },
    "found in the access log": {
        ("logs", "FilterLogEvents"): {
            "events": [{"timestamp": 1795175000000, "message": access_line(status="502", lambdaId=TWO)}]
        },
    },
    "found by Insights": {
        ("logs", "GetQueryResults"): {
            "status": "Complete",
            "results": [
                [
                    {"field": "@timestamp", "value": "2026-11-20 11:50:00.000"},
                    {"field": "@message", "value": f"({TWO}) Execution failed"},
                ]
            ],
        },
    },
    "logs too long": {
        ("logs", "FilterLogEvents"): {"events": [], "truncated": True},
        ("logs", "GetQueryResults"): {"status": "Running"},
    },
    "other function configured": {
        ("apigateway", "GetExport"): export(
            get=integration(uri=LAMBDA.format("arn:aws:lambda:us-east-1:123456789012:function:b"))
        )
    },
}
TARGETS: list[dict[str, Any]] = [{}, {"stage": None, "account": None}, {"api_id": None, "host": "api.example.com"}]


def answers_in(world: str, refused: str | None = None) -> dict[Key, Any]:
    """The answers of an odd world, one call of them refused."""
    answers = {**healthy(), **ODD[world]}
    if refused:
        service, operation = refused.split(":")
        answers[service, operation] = Denied("x:Y")
    return answers


@cache
def ways(world: str, refused: str | None) -> tuple[tuple[Case, ...], frozenset[str]]:
    """The case traced in every way the trace may have gone in this world, and what the trace asked."""
    answers = answers_in(world, refused)
    aws = FakeAws(answers)
    try:
        case = traced(answers, aws=aws)
    except (AwsError, KeyError):
        case = traced(healthy())
    found = [case]
    with contextlib.suppress(AwsError, KeyError):  # the same by the name that the client uses
        found.append(traced(answers, new_case(api_id=None, host=HOST), aws=aws))
    found.append(replace(case, trace=replace(case.traced, deployed_known=False)))
    found.append(replace(case, trace=replace(case.traced, resource_id=None, configured=None)))
    return tuple(found), frozenset(aws.used)


def cases(probe: Probe, world: str, refused: str | None) -> tuple[tuple[Case, ...], frozenset[str]]:
    """Untraced for the trace itself, traced for all others; with what was asked for that."""
    if probe.id == "path.trace":
        return tuple(new_case(**target) for target in TARGETS), frozenset()
    return ways(world, refused if refused in ways(world, None)[1] else None)


def asked(probe: Probe, world: str, refused: str | None = None) -> set[str]:
    """What the probe asks in this world, whatever comes of it."""
    used: set[str] = set()
    answers = answers_in(world, refused)
    for case in cases(probe, world, refused)[0]:
        aws = FakeAws(answers, HttpAnswer(200, {}, "", 1.0))
        with contextlib.suppress(AwsError, LookupError):
            probe.foresee(case, aws)
        with contextlib.suppress(AwsError, LookupError):
            probe.run(case, aws)
        used |= aws.used - {"http"}
    return used


def asked_anywhere(probe: Probe) -> set[str]:
    """What the probe asks in every odd world, and in each of them with one declared call refused.

    Refusing what neither the trace nor the probe asks there changes nothing, so that is left out.
    """
    used: set[str] = set()
    for world in ODD:
        whole = asked(probe, world)
        heard = whole | cases(probe, world, None)[1]
        used |= whole.union(*(asked(probe, world, call) for call in probe.calls & heard))
    return used


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Insights, "pause", staticmethod(lambda seconds: None))


@pytest.mark.parametrize("probe_id", probe_ids())
def test_a_probe_declares_exactly_what_it_asks(probe_id: str) -> None:
    probe = find_probe(probe_id)
    used = asked_anywhere(probe)
    assert used - probe.calls == set(), "asked but not declared"
    assert probe.calls - used == set(), "declared but never asked"


def test_every_probe_says_what_it_is() -> None:
    for probe in all_probes():
        assert probe.title, probe.id
        assert probe.hop, probe.id
        assert all(doc.startswith("https://") for doc in probe.docs), probe.id
