"""Addresses of console pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui import events as story
from wizard.model.path import Hop
from wizard.ui.console import console_url

TRACED = replace(story.CASE, trace=story.TRACE)
HOME = "https://us-east-1.console.aws.amazon.com"
ALIAS = f"{HOME}/lambda/home?region=us-east-1#/functions/shop-orders/aliases/live"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("stage", f"{HOME}/apigateway/main/apis/a1b2c3d4e5/stages?api=a1b2c3d4e5&region=us-east-1"),
        ("method", f"{HOME}/apigateway/main/apis/a1b2c3d4e5/resources?api=a1b2c3d4e5&region=us-east-1"),
        ("call", f"{HOME}/apigateway/main/apis/a1b2c3d4e5/resources?api=a1b2c3d4e5&region=us-east-1"),
        ("function", f"{ALIAS}?tab=code"),
        (
            "permission",
            f"{ALIAS}?tab=configure/permissions",
        ),
        ("domain", f"{HOME}/apigateway/main/publish/domain-names?domain=a.example&region=us-east-1"),
    ],
)
def test_each_kind_of_resource(kind: str, expected: str) -> None:
    assert console_url(Hop("x", kind, "a.example"), TRACED) == expected


def test_partitions_have_consoles_of_their_own() -> None:
    for region, domain in (("cn-north-1", "console.amazonaws.cn"), ("us-gov-west-1", "console.amazonaws-us-gov.com")):
        case = replace(TRACED, target=replace(TRACED.target, region=region))
        assert console_url(Hop("stage", "stage", "s"), case).startswith(f"https://{region}.{domain}/")


def test_without_ids_there_is_none() -> None:
    assert console_url(Hop("stage", "stage", "s"), story.CASE) == ""
    assert console_url(Hop("stage", "stage", "s"), replace(TRACED, target=replace(TRACED.target, region=None))) == ""


def test_hostile_names_stay_inside_the_address() -> None:
    assert story.TRACE.function
    function = replace(story.TRACE.function, name='a/../"><script> ?#', qualifier="x y")
    found = console_url(Hop("f", "function", "f"), replace(TRACED, trace=replace(story.TRACE, function=function)))
    assert "/functions/a%2F..%2F%22%3E%3Cscript%3E%20%3F%23/aliases/x%20y?tab=code" in found
