"""Sporadic faults: what a fault changed is put back and done again between requests, or shared by an alias' weight.

A fault that is a new version of the function and nothing else runs beside the healthy version, behind the alias with a
weight: that is how a bad release really fails now and then. Any other fault is a setting of stage, permission, role or
concurrency; it flaps, as when two pipelines undo each other's work, and the trail shows every change that was made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from wizard.sandbox.world import ALIAS, FUNCTION, ROLE, ROLE_POLICY, World


@dataclass(frozen=True)
class State:
    """The settings of the shop that faults change; JSON texts where a setting is a document."""

    api: str
    version: str
    grants: tuple[str, ...]
    role_policy: str
    reserved: int | None


def take(world: World) -> State:
    """Read the present settings."""
    lambdas = world.client("lambda")
    return State(
        api=world.settings(),
        version=str(lambdas.get_alias(FunctionName=FUNCTION, Name=ALIAS)["FunctionVersion"]),
        grants=_grants(world),
        role_policy=_role_policy(world),
        reserved=lambdas.get_function_concurrency(FunctionName=FUNCTION).get("ReservedConcurrentExecutions"),
    )


def only_the_version(before: State, after: State) -> bool:
    """True when the fault is a release of the function and nothing else."""
    return before.version != after.version and replace(before, version=after.version) == after


def share_alias(world: World, before: State, after: State, share: float) -> None:
    """Send a share of the alias' invocations to the new version and the rest to the one before."""
    world.client("lambda").update_alias(
        FunctionName=FUNCTION,
        Name=ALIAS,
        FunctionVersion=before.version,
        RoutingConfig={"AdditionalVersionWeights": {after.version: share}},
    )


def change(world: World, now: State, wanted: State) -> None:
    """Turn the settings of ``now`` into those of ``wanted``; the version of the alias stays."""
    if now.api != wanted.api:
        world.change_settings(now.api, wanted.api)
    if now.grants != wanted.grants:
        _grant_anew(world, now.grants, wanted.grants)
    iam, lambdas = world.client("iam"), world.client("lambda")
    if now.role_policy != wanted.role_policy and wanted.role_policy:
        iam.put_role_policy(RoleName=ROLE, PolicyName=ROLE_POLICY, PolicyDocument=wanted.role_policy)
    elif now.role_policy != wanted.role_policy:
        iam.delete_role_policy(RoleName=ROLE, PolicyName=ROLE_POLICY)
    if now.reserved != wanted.reserved and wanted.reserved is not None:
        lambdas.put_function_concurrency(FunctionName=FUNCTION, ReservedConcurrentExecutions=wanted.reserved)
    elif now.reserved != wanted.reserved:
        lambdas.delete_function_concurrency(FunctionName=FUNCTION)


def _grants(world: World) -> tuple[str, ...]:
    """The statements on the alias, as JSON texts."""
    lambdas = world.client("lambda")
    try:
        policy = lambdas.get_policy(FunctionName=FUNCTION, Qualifier=ALIAS)["Policy"]
    except lambdas.exceptions.ResourceNotFoundException:
        return ()
    return tuple(sorted(json.dumps(statement, sort_keys=True) for statement in json.loads(policy)["Statement"]))


def _grant_anew(world: World, now: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    lambdas = world.client("lambda")
    for text in now:
        lambdas.remove_permission(FunctionName=FUNCTION, Qualifier=ALIAS, StatementId=json.loads(text)["Sid"])
    for text in wanted:
        lambdas.add_permission(FunctionName=FUNCTION, Qualifier=ALIAS, **_parameters(json.loads(text)))


def _parameters(statement: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of AddPermission that made a statement."""
    found = {
        "StatementId": str(statement["Sid"]),
        "Action": str(statement["Action"]),
        "Principal": str(statement["Principal"]["Service"]),
    }
    condition = statement.get("Condition", {})
    source = condition.get("ArnLike", {}).get("AWS:SourceArn")
    account = condition.get("StringEquals", {}).get("AWS:SourceAccount")
    return found | ({"SourceArn": source} if source else {}) | ({"SourceAccount": account} if account else {})


def _role_policy(world: World) -> str:
    iam = world.client("iam")
    try:
        found = iam.get_role_policy(RoleName=ROLE, PolicyName=ROLE_POLICY)["PolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        return ""
    return found if isinstance(found, str) else json.dumps(found)
