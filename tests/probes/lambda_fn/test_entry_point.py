"""What Lambda starts."""

from __future__ import annotations

from typing import Any

import pytest

from probes.lambda_fn.entry_point import EntryPoint
from wizard.model.aws import Throttled
from wizard.model.status import Status

CUSTOM = {"Runtime": "provided.al2023", "Architectures": ["arm64"], "PackageType": "Zip"}


def world(settings: dict[str, Any], calls: float = 4, errors: float = 4) -> dict[str, Any]:
    values = {"invocations": calls, "function_errors": errors}
    measured = {"MetricDataResults": [{"Id": name, "Values": [value]} for name, value in values.items()]}
    return {"lambda:GetFunctionConfiguration": settings, "cloudwatch:GetMetricData": measured}


def test_a_custom_runtime_that_never_went_well(case, answers):
    aws = answers(world(CUSTOM))
    found = EntryPoint().run(case(), aws)
    assert (found.status, found.facts["architecture"], found.facts["always_fails"]) == (Status.PASS, "arm64", True)
    assert aws.used == EntryPoint.calls


@pytest.mark.parametrize(("calls", "errors"), [(4, 3), (0, 0)])
def test_one_that_went_well_once_does_start(case, answers, calls, errors):
    assert EntryPoint().run(case(), answers(world(CUSTOM, calls, errors))).facts["always_fails"] is False


def test_lambdas_own_program_is_not_looked_at(case, answers):
    aws = answers(world({"Runtime": "python3.12"}))
    assert EntryPoint().run(case(), aws).status is Status.SKIPPED
    assert aws.used == {"lambda:GetFunctionConfiguration"}


def test_lambda_itself_reports_the_settings_of_an_image(case, answers):
    image = {"Error": {"ErrorCode": "x", "Message": "bad command"}, "ImageConfig": {"Command": ["app"]}}
    found = EntryPoint().run(case(), answers(world({"PackageType": "Image", "ImageConfigResponse": image})))
    assert (found.status, found.facts["image_error"], found.facts["command"]) == (Status.FAIL, "bad command", ["app"])


def test_the_settings_count_even_when_nothing_was_measured(case, answers):
    table = {**world(CUSTOM), "cloudwatch:GetMetricData": Throttled("slow down")}
    assert EntryPoint().run(case(), answers(table)).facts["always_fails"] is False


def test_settings_that_cannot_be_read_are_no_answer(case, answers, failures):
    for call, error, changed in failures(EntryPoint(), world(CUSTOM)):
        if call == "lambda:GetFunctionConfiguration":
            with pytest.raises(type(error)):
                EntryPoint().run(case(), answers(changed))
