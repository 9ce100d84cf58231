"""Logging, deployment and variables of a stage."""

from __future__ import annotations

from typing import Any

import pytest

from probes.stage.deployment import Deployment
from probes.stage.logging import StageLogging
from probes.stage.variables import StageVariables
from tests.probes.conftest import BY_VARIABLE, ERRORS, FakeAws, Key, export, integration, resources, traced
from wizard.model.aws import AwsError
from wizard.model.status import Reason, Status
from wizard.model.trace import Authorizer


def test_logging_is_on(world: dict[Key, Any]) -> None:
    found = StageLogging().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["level"], found.facts["role_missing"]) == (Status.PASS, "INFO", False)
    assert found.facts["log_group"] == "API-Gateway-Execution-Logs_abc123/prod"


def test_without_the_accounts_role_nothing_can_be_logged(world: dict[Key, Any]) -> None:
    world["apigateway", "GetAccount"] = {}
    found = StageLogging().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["role_missing"]) == (Status.WARN, True)


def test_logging_that_is_off_says_how_to_turn_it_on(world: dict[Key, Any]) -> None:
    world["apigateway", "GetStage"] = {"stageName": "prod"}
    found = StageLogging().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["role_missing"]) == (Status.WARN, False)
    assert found.facts["enable_command"] == (
        "aws apigateway update-stage --rest-api-id abc123 --stage-name prod "
        "--patch-operations 'op=replace,path=/*/*/logging/loglevel,value=INFO' --region us-east-1"
    )


def commands(world: dict[Key, Any]) -> list[str]:
    listed = StageLogging().run(traced(world), FakeAws(world)).facts["enable_commands"]
    assert isinstance(listed, list)
    return [str(line) for line in listed]


def test_what_is_on_needs_no_command(world: dict[Key, Any]) -> None:
    assert commands(world) == []


def test_every_missing_setting_has_its_exact_command(world: dict[Key, Any]) -> None:
    world["apigateway", "GetStage"] = {"stageName": "prod", "methodSettings": {"*/*": {"loggingLevel": "ERROR"}}}
    level, bodies = commands(world)
    assert "'op=replace,path=/*/*/logging/loglevel,value=INFO' --region us-east-1" in level
    assert "'op=replace,path=/*/*/logging/dataTrace,value=true' --region us-east-1" in bodies


def test_without_a_role_the_commands_make_one_first(world: dict[Key, Any]) -> None:
    world["apigateway", "GetAccount"] = {}
    lines = commands(world)
    assert [line.split()[2] for line in lines] == ["create-role", "attach-role-policy", "update-account"]
    assert "AmazonAPIGatewayPushToCloudWatchLogs" in lines[1]
    assert "path=/cloudwatchRoleArn" in lines[2]


@pytest.mark.parametrize("key", ["orders/{id}/GET", "~1orders~1{id}/GET", "/orders/{id}/GET"])
def test_a_methods_own_settings_win(world: dict[Key, Any], key: str) -> None:
    world["apigateway", "GetStage"] = {
        "stageName": "prod",
        "methodSettings": {"*/*": {"loggingLevel": "INFO"}, key: {"loggingLevel": "OFF"}},
    }
    assert StageLogging().run(traced(world), FakeAws(world)).facts["level"] == "OFF"


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("operation", ["GetAccount", "GetStage"])
def test_logging_that_cannot_be_read_is_unknown(world: dict[Key, Any], operation: str, error: AwsError) -> None:
    case = traced(world)
    world["apigateway", operation] = error
    found = StageLogging().run(case, FakeAws(world))
    assert (found.status, found.reason) == (Status.UNKNOWN, error.reason)
    assert found.needs == getattr(error, "action", None)


def test_the_stage_runs_what_is_configured(world: dict[Key, Any]) -> None:
    found = Deployment().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["undeployed"]) == (Status.PASS, False)
    assert found.facts["deployed_at"] == "2026-11-20T09:00:00+00:00"


def test_defaults_that_are_left_out_make_no_difference(world: dict[Key, Any]) -> None:
    spelt = {"passthroughBehavior": "WHEN_NO_MATCH", "connectionType": "INTERNET"}
    world["apigateway", "GetResources"] = resources(GET=integration(**spelt))
    live = integration()
    del live["timeoutInMillis"]
    world["apigateway", "GetExport"] = export(get=live)
    assert Deployment().run(traced(world), FakeAws(world)).status is Status.PASS


def test_a_change_that_waits_is_named(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(timeoutInMillis=250))
    found = Deployment().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["undeployed"]) == (Status.WARN, True)
    assert found.facts["differences"] == [{"field": "timeout_ms", "deployed": 250, "configured": 29_000}]


def test_a_method_that_was_never_deployed(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(post=integration())
    found = Deployment().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["method_deployed"]) == (Status.FAIL, False)


def test_a_method_that_is_no_longer_configured(world: dict[Key, Any]) -> None:
    world["apigateway", "GetResources"] = resources(POST=integration())
    assert Deployment().run(traced(world), FakeAws(world)).status is Status.WARN


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("operation", ["GetExport", "GetResources"])
def test_what_cannot_be_compared_is_not_called_equal(world: dict[Key, Any], operation: str, error: AwsError) -> None:
    world["apigateway", operation] = error
    with pytest.raises(type(error)):
        Deployment().run(traced(world), FakeAws(world))


def test_a_snapshot_that_was_unreadable_only_before_is_still_unknown(world: dict[Key, Any]) -> None:
    found = Deployment().run(traced(world, deployed_known=False), FakeAws(world))
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)
    found = Deployment().run(traced(world, resource_id=None, configured=None), FakeAws(world))
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_the_time_of_the_deployment_is_not_essential(world: dict[Key, Any], error: AwsError) -> None:
    world["apigateway", "GetDeployment"] = error
    found = Deployment().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["deployed_at"]) == (Status.PASS, None)
    assert found.facts["partial"][0]["reason"] == error.reason  # type: ignore[index,call-overload]


def test_variables_that_are_used_and_there(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(uri=BY_VARIABLE))
    found = StageVariables().run(traced(world), FakeAws({}))
    assert (found.status, found.facts["used"]) == (Status.PASS, ["name"])


@pytest.mark.parametrize("defined", [{}, {"Name": "shop-orders"}, {"name": ""}])
def test_a_variable_that_is_missing_misspelt_or_empty(world: dict[Key, Any], defined: dict[str, str]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(uri=BY_VARIABLE))
    world["apigateway", "GetStage"] = {"stageName": "prod", "variables": defined}
    found = StageVariables().run(traced(world), FakeAws({}))
    assert (found.status, found.facts["variable"], found.facts["missing"]) == (Status.FAIL, "name", ["name"])


def test_a_variable_in_the_role_counts(world: dict[Key, Any]) -> None:
    role = "arn:aws:iam::123456789012:role/${stageVariables.role}"
    world["apigateway", "GetExport"] = export(get=integration(credentials=role))
    assert StageVariables().run(traced(world), FakeAws({})).facts["variable"] == "role"


def test_no_variables_used(world: dict[Key, Any]) -> None:
    assert StageVariables().run(traced(world), FakeAws({})).status is Status.SKIPPED


def mapped(world: dict[Key, Any], **changes: Any) -> None:
    """The same non-proxy integration on the stage and in the working copy."""
    wired = integration(type="AWS", **changes)
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=wired), resources(GET=wired)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"requestTemplates": {"application/json": '{"table": "$stageVariables.table"}'}}, "request template"),
        ({"requestTemplates": {"application/json": "${stageVariables['table']}"}}, "request template"),
        ({"requestTemplates": {"application/json": "$stageVariables.get('table')"}}, "request template"),
        ({"requestParameters": {"integration.request.header.T": "stageVariables.table"}}, "request mapping"),
    ],
)
def test_a_missing_variable_of_a_mapping_is_a_warning(
    world: dict[Key, Any], changes: dict[str, Any], place: str
) -> None:
    mapped(world, **changes)
    found = StageVariables().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["missing_places"], found.facts["variable"]) == (Status.WARN, [place], "table")
    world["apigateway", "GetStage"]["variables"]["table"] = "orders"
    assert StageVariables().run(traced(world), FakeAws(world)).status is Status.PASS


def test_a_missing_variable_of_the_authorizer_is_a_warning(world: dict[Key, Any]) -> None:
    guard = Authorizer("a1", "TOKEN", "customers", BY_VARIABLE.replace("name", "guard"))
    found = StageVariables().run(traced(world, authorizer=guard), FakeAws(world))
    assert found.facts["missing_elsewhere"] == [{"variable": "guard", "place": "authorizer"}]


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_mappings_that_cannot_be_read_are_said(world: dict[Key, Any], error: AwsError) -> None:
    mapped(world)
    case = traced(world)
    world["apigateway", "GetExport"] = error
    found: Any = StageVariables().run(case, FakeAws(world))
    assert [part["reason"] for part in found.facts["partial"]] == [error.reason.value]


def test_a_template_that_waits_for_its_deployment_is_told_in_words(world: dict[Key, Any]) -> None:
    mapped(world, requestTemplates={"application/json": '{"a": 1}'})
    wired = integration(type="AWS", requestTemplates={"application/json": '{"a": 2}', "text/plain": "x"})
    world["apigateway", "GetResources"] = resources(GET=wired)
    found: Any = Deployment().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["undeployed"], found.facts["differences"]) == (Status.WARN, True, [])
    assert found.facts["told"] == [
        "the request template text/plain is configured and not deployed",
        'the request template application/json is {"a": 1} on the stage and {"a": 2} as configured',
    ]


def test_guard_and_binary_types_are_compared(world: dict[Key, Any]) -> None:
    draft = resources(GET=integration())
    draft["items"][2]["resourceMethods"]["GET"] |= {"authorizationType": "AWS_IAM", "apiKeyRequired": True}
    world["apigateway", "GetResources"] = draft
    world["apigateway", "GetRestApi"]["binaryMediaTypes"] = ["image/png"]
    assert Deployment().run(traced(world), FakeAws(world)).facts["told"] == [
        "authorization is NONE on the stage and AWS_IAM as configured",
        "an API key is only configured to be required",
        "the binary media type image/png is configured and not deployed",
    ]


def test_a_changed_integration_is_told_in_words(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(timeoutInMillis=250))
    told = Deployment().run(traced(world), FakeAws(world)).facts["told"]
    assert told == ["timeout ms is 250 on the stage and 29000 as configured"]


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_what_else_was_changed_may_stay_unknown(world: dict[Key, Any], error: AwsError) -> None:
    case = traced(world)
    world["apigateway", "GetRestApi"] = error
    found: Any = Deployment().run(case, FakeAws(world))
    assert found.status is Status.PASS
    assert [part["reason"] for part in found.facts["partial"]] == [error.reason.value]
