"""Proxy or not, text or binary; and in which Region a bucket is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from probes.integration.bucket import Bucket
from probes.integration.kind import Kind
from tests.probes.conftest import ERRORS, FakeAws, Key, export, integration, resources, traced
from wizard.model.aws import AwsError
from wizard.model.probe import Evidence
from wizard.model.status import Status

EVENT = '{"httpMethod": "GET", "pathParameters": {"id": "$input.params(\'id\')"}}'
TEMPLATE = {"application/json": EVENT}
EVERY = ["*/*"]


def looked(world: dict[Key, Any], types: list[str] | None = None, known: bool = True, **live: Any) -> Evidence:
    wired = integration(**live)
    answer = export(get=wired)
    answer["body"] = json.dumps({**json.loads(answer["body"]), "x-amazon-apigateway-binary-media-types": types})
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = answer, resources(GET=wired)
    world["apigateway", "GetRestApi"] = {"id": "abc123", "binaryMediaTypes": types}
    return Kind().run(traced(world, None, deployed_known=known), FakeAws(world))


def test_a_proxy_hands_the_whole_request_on(world: dict[Key, Any]) -> None:
    found = looked(world)
    assert (found.status, found.facts["type"], found.facts["left_over"]) == (Status.PASS, "AWS_PROXY", [])
    assert looked(world, EVERY).facts["binary_stuck"] is False


@pytest.mark.parametrize(
    ("live", "left_over"),
    [
        ({"requestTemplates": TEMPLATE}, ["request templates"]),
        ({"responses": {"default": {"statusCode": "200"}}}, []),
        ({"responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": ""}}}}, []),
        ({"responses": {".*Error.*": {"statusCode": "500"}}}, ["integration responses"]),
        (
            {"responses": {"default": {"responseTemplates": {"application/json": "$x"}}}, "requestTemplates": TEMPLATE},
            ["request templates", "integration responses"],
        ),
    ],
)
def test_what_is_left_beside_a_proxy(world: dict[Key, Any], live: dict[str, Any], left_over: list[str]) -> None:
    found = looked(world, **live)
    assert (found.status, found.facts["left_over"]) == (Status.PASS, left_over)


def test_a_template_may_make_the_event_by_hand(world: dict[Key, Any]) -> None:
    assert looked(world, type="AWS", requestTemplates=TEMPLATE).facts["makes_fields"] == [
        "httpMethod",
        "pathParameters",
    ]
    assert looked(world, type="AWS").facts["makes_fields"] == []


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("types", "live", "stuck"),
    [
        (EVERY, {"type": "AWS"}, True),
        (["image/png"], {"type": "AWS", "requestTemplates": TEMPLATE}, True),
        (EVERY, {"type": "AWS", "contentHandling": "CONVERT_TO_TEXT"}, False),
        (None, {"type": "AWS"}, False),
        ([], {"type": "AWS"}, False),
        (EVERY, {"type": "HTTP", "uri": "https://a.example.com"}, False),
        (EVERY, {"type": "HTTP", "uri": "https://a.example.com", "requestTemplates": TEMPLATE}, True),
        (EVERY, {"type": "HTTP_PROXY", "uri": "https://a.example.com"}, False),
    ],
)
def test_binary_bodies_with_no_way_on(
    world: dict[Key, Any], types: list[str] | None, live: dict[str, Any], stuck: bool, known: bool
) -> None:
    found = looked(world, types, known, **live)
    assert (found.facts["binary_stuck"], found.status) == (stuck, Status.WARN if stuck else Status.PASS)
    assert found.facts["all_binary"] is (types == EVERY)


def test_a_mock_calls_nobody(world: dict[Key, Any]) -> None:
    assert looked(world, type="MOCK").status is Status.SKIPPED


@pytest.mark.parametrize("error", ERRORS)
def test_settings_that_cannot_be_read(world: dict[Key, Any], error: AwsError) -> None:
    case = traced(world)
    with pytest.raises(type(error)):
        Kind().run(case, FakeAws({("apigateway", "GetExport"): error}))


def bucket(world: dict[Key, Any], path: str, answer: Any) -> tuple[Evidence, FakeAws]:
    wired = {"type": "AWS", "uri": f"arn:aws:apigateway:us-east-1:{path}", "httpMethod": "GET", "credentials": "arn:r"}
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=wired), resources(GET=wired)
    case = traced(world)
    aws = FakeAws({("s3", "GetBucketLocation"): answer})
    return Bucket().run(case, aws), aws


@pytest.mark.parametrize("path", ["s3:path/shop-archive/{id}", "shop-archive.s3:path/{id}", "s3:path/shop-archive"])
@pytest.mark.parametrize(
    ("answer", "region", "same"),
    [
        ({}, "us-east-1", True),
        ({"LocationConstraint": None}, "us-east-1", True),
        ({"LocationConstraint": "EU"}, "eu-west-1", False),
        ({"LocationConstraint": "eu-central-1"}, "eu-central-1", False),
    ],
)
def test_where_a_bucket_is(world: dict[Key, Any], path: str, answer: dict[str, Any], region: str, same: bool) -> None:
    found, aws = bucket(world, path, answer)
    assert (found.status, found.facts["bucket_region"], found.facts["same_region"]) == (Status.PASS, region, same)
    assert aws.params("s3:GetBucketLocation") == [{"Bucket": "shop-archive"}]


@pytest.mark.parametrize("path", ["s3:path/{bucket}/{key}", "s3:action/ListBuckets", "dynamodb:action/GetItem"])
def test_no_bucket_is_named(world: dict[Key, Any], path: str) -> None:
    found, aws = bucket(world, path, {})
    assert (found.status, aws.asked) == (Status.SKIPPED, [])


@pytest.mark.parametrize("error", ERRORS)
def test_a_bucket_that_cannot_be_asked_about(world: dict[Key, Any], error: AwsError) -> None:
    with pytest.raises(type(error)):
        bucket(world, "s3:path/shop-archive/a", error)
