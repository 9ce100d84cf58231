"""What a report says before it has a form: everything that is wrong, and what nobody looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.report import made
from wizard.model.aws import Call
from wizard.model.status import Confidence, Reason, Status
from wizard.model.verdict import Verdict
from wizard.report.content import report
from wizard.report.formats import RENDERERS
from wizard.report.summary import summary
from wizard.report.text import next_step, telling


def two_faults() -> Verdict:
    result = made.told("fault")
    first = next(each for each in result.findings if each.cause.id == made.MISSING.id)
    other = replace(first.cause, id="lambda-timeout", title="The function takes too long.", verify="lambda_fn.log")
    return replace(result, findings=(*result.findings, replace(first, cause=other)))


def test_whoever_reads_the_summary_alone_knows_of_every_fault() -> None:
    said = summary(two_faults(), made.TREE)
    assert said[1] == "Another fault was found: The function takes too long."
    assert said[-1].startswith("Next step: apply the fixes, then run the same check again (")
    assert "lambda_fn.log must pass" in said[-1]
    for name in ("markdown", "html"):
        assert said[1] in RENDERERS[name](report(two_faults(), made.TREE))


def test_a_mere_possibility_is_no_second_fault() -> None:
    result = two_faults()
    unsure = replace(result, findings=(*result.findings[:-1],
                                       replace(result.findings[-1], confidence=Confidence.POSSIBLE)))  # fmt: skip
    assert len(summary(unsure, made.TREE)) == 3
    assert next_step(unsure).startswith("apply the fix, ")


def test_what_was_not_run_is_not_among_what_was_checked() -> None:
    result = made.told("denied")
    needless = made.evidence(9, "stage.canary", "stage", Status.SKIPPED, "There is no canary.")
    said = report(replace(result, evidence=(*result.evidence, needless)), made.TREE)
    assert [item.probe for item, _ in said.checked] == []
    assert said.unneeded == (("stage.canary", "There is no canary."),)
    assert [each.settles for each in said.unchecked if each.probe == "method.test_invoke"] == ["a yes: --allow-invoke"]
    assert any(item.reason is Reason.DECLINED for item in result.evidence)


@pytest.mark.parametrize(("api_type", "words"), [("http", "HTTP API"), ("websocket", "WebSocket API")])
def test_the_type_of_an_api_is_written_as_people_write_it(api_type: str, words: str) -> None:
    result = made.told("clean")
    case = replace(result.case, target=replace(result.case.target, api_type=api_type))
    assert ("Type", words) in report(replace(result, case=case), made.TREE).facts


@pytest.mark.parametrize("story", ["clean", "warning"])
def test_no_title_says_the_same_twice(story: str) -> None:
    title = report(made.told(story), made.TREE).title
    assert title.lower().count("nothing") == 1


def test_the_command_beside_a_proof_searches_the_log_it_was_read_in() -> None:
    calls = tuple(
        Call(service, operation, params, "us-east-1", True)
        for service, operation, params in (
            ("apigateway", "GetStage", {"restApiId": "a1b2c3d4e5"}),
            ("logs", "FilterLogEvents", {"logGroupName": "shop-access"}),
            ("logs", "FilterLogEvents", {"logGroupName": "/aws/lambda/shop-orders"}),
        )
    )
    read = made.evidence(1, "stage.access_log", "stage", Status.FAIL, "1 failed.", calls=calls, facts={"causes": [{}]})
    assert [call.params.get("logGroupName") for call in telling(read)] == ["shop-access"]
    assert telling(replace(read, facts={})) == calls
