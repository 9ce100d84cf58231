"""Streamed or whole: the integration's mode against the function's."""

from __future__ import annotations

from typing import Any

import pytest

from probes.lambda_response.transfer_mode import TransferMode
from tests.probes.conftest import ERRORS, LIVE, FakeAws, export, healthy, integration, traced
from wizard.model.status import Status

STREAMING = LIVE.replace("2015-03-31", "2021-11-15").replace("/invocations", "/response-streaming-invocations")
FUNCTION = ("lambda", "GetFunctionConfiguration")


def world(mode: str | None, settings: dict[str, Any]) -> dict[Any, Any]:
    changes = {"responseTransferMode": mode, "uri": STREAMING} if mode else {}
    return {**healthy(), FUNCTION: settings, ("apigateway", "GetExport"): export(get=integration(**changes))}


def adapter(mode: str) -> dict[str, Any]:
    return {"Environment": {"Variables": {"AWS_LWA_INVOKE_MODE": mode, "SECRET": "s3cr3t"}}}


LAYER = {"Layers": [{"Arn": "arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:24"}]}


@pytest.mark.parametrize(
    ("mode", "settings", "mismatch"),
    [
        (None, adapter("response_stream"), "function-streams"),
        (None, adapter("RESPONSE_STREAM"), "function-streams"),
        ("STREAM", adapter("buffered"), "integration-streams"),
        ("STREAM", LAYER, "integration-streams"),
        (None, adapter("buffered"), None),
        (None, LAYER, None),
        (None, {}, None),
        ("STREAM", adapter("response_stream"), None),
        ("STREAM", {}, None),
    ],
)
def test_both_stream_or_none_does(mode, settings, mismatch):
    answers = world(mode, settings)
    aws = FakeAws(answers)
    found = TransferMode().run(traced(answers), aws)
    assert (found.status, found.facts["mismatch"]) == (Status.FAIL if mismatch else Status.PASS, mismatch)
    assert "s3cr3t" not in str(found)
    assert aws.used <= TransferMode.calls


def test_only_a_proxy_can_stream():
    answers = {**healthy(), ("apigateway", "GetExport"): export(get=integration(type="AWS"))}
    aws = FakeAws(answers)
    assert TransferMode().run(traced(answers), aws).status is Status.SKIPPED
    assert aws.used == set()


@pytest.mark.parametrize("error", ERRORS)
def test_a_function_that_cannot_be_read_is_no_answer(error):
    answers = world(None, adapter("response_stream"))
    case = traced(answers)
    with pytest.raises(type(error)):
        TransferMode().run(case, FakeAws({**answers, FUNCTION: error}))
