from __future__ import annotations

import json

import pytest

from wizard.aws.permissions import action_for, policy, resources_for


@pytest.mark.parametrize(
    ("call", "action", "resource"),
    [
        ("apigateway:GetStage", "apigateway:GET", "arn:aws:apigateway:*::/restapis/*"),
        ("apigateway:GetRestApis", "apigateway:GET", "arn:aws:apigateway:*::/restapis"),
        ("apigateway:GetAccount", "apigateway:GET", "arn:aws:apigateway:*::/account"),
        ("apigateway:GetBasePathMappings", "apigateway:GET", "arn:aws:apigateway:*::/domainnames/*/basepathmappings"),
        ("apigatewayv2:GetApi", "apigateway:GET", "arn:aws:apigateway:*::/apis/*"),
        ("apigateway:TestInvokeMethod", "apigateway:POST", "arn:aws:apigateway:*::/restapis/*"),
        ("lambda:GetPolicy", "lambda:GetPolicy", "arn:aws:lambda:*:*:function:*"),
        ("lambda:GetAccountSettings", "lambda:GetAccountSettings", "*"),
        ("lambda:Invoke", "lambda:InvokeFunction", "arn:aws:lambda:*:*:function:*"),
        ("logs:FilterLogEvents", "logs:FilterLogEvents", "arn:aws:logs:*:*:log-group:*"),
        ("logs:GetQueryResults", "logs:GetQueryResults", "*"),
        ("cloudwatch:GetMetricData", "cloudwatch:GetMetricData", "*"),
        ("elbv2:DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth", "*"),
        ("iam:GetRole", "iam:GetRole", "arn:aws:iam::*:role/*"),
        ("newservice:GetThing", "newservice:GetThing", "*"),
    ],
)
def test_each_operation_has_its_action_and_resource(call: str, action: str, resource: str) -> None:
    service, operation = call.split(":")
    assert action_for(service, operation) == action
    assert resources_for(service, operation) == (resource,)


def test_the_policy_keeps_apart_what_runs_the_backend() -> None:
    made = policy(
        [
            "apigateway:GetStage",
            "apigateway:GetRestApis",
            "lambda:GetPolicy",
            "cloudwatch:GetMetricData",
            "sts:GetCallerIdentity",
            "apigateway:TestInvokeMethod",
            "apigateway:GetStage",
        ]
    )
    json.dumps(made)
    assert made == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["apigateway:GET", "lambda:GetPolicy"],
                "Resource": [
                    "arn:aws:apigateway:*::/restapis",
                    "arn:aws:apigateway:*::/restapis/*",
                    "arn:aws:lambda:*:*:function:*",
                ],
            },
            {
                "Sid": "ReadWithoutResource",
                "Effect": "Allow",
                "Action": ["cloudwatch:GetMetricData"],
                "Resource": ["*"],
            },
            {
                "Sid": "OnlyIfYouSayYes",
                "Effect": "Allow",
                "Action": ["apigateway:POST"],
                "Resource": ["arn:aws:apigateway:*::/restapis/*"],
            },
        ],
    }


def test_other_partitions_and_nothing_at_all() -> None:
    assert policy(["lambda:GetPolicy"], "aws-cn")["Statement"][0]["Resource"] == ["arn:aws-cn:lambda:*:*:function:*"]
    assert policy(["sts:GetCallerIdentity"])["Statement"] == []
