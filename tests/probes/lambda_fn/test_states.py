"""The checks of what Lambda itself refuses: state, runtime, recursion."""

from __future__ import annotations

from datetime import date

import botocore.session
import pytest

from probes.lambda_fn.recursion import Recursion
from probes.lambda_fn.runtime import Runtime, deprecations
from probes.lambda_fn.state import State
from tests.cases.playing import tree
from wizard.model.aws import Denied, NotFound
from wizard.model.status import Proof, Status

CONFIGURATION, METRICS = "lambda:GetFunctionConfiguration", "cloudwatch:GetMetricData"
SETTING = "lambda:GetFunctionRecursionConfig"
ACTIVE = {"State": "Active", "LastUpdateStatus": "Successful", "Runtime": "python3.13", "Version": "7"}
KEY, NETWORK, FILES = "lambda-kms-access-denied", "lambda-vpc-eni-failure", "lambda-efs-mount-failure"
OTHERS = {
    "KMSKeyAccessDenied": KEY,
    "KMSKeyNotFound": KEY,
    "InvalidStateKMSKey": KEY,
    "DisabledKMSKey": KEY,
    "EniLimitExceeded": NETWORK,
    "InsufficientRolePermissions": NETWORK,
    "SubnetOutOfIPAddresses": NETWORK,
    "InvalidSubnet": NETWORK,
    "InvalidSecurityGroup": NETWORK,
    "EC2RequestLimitExceeded": NETWORK,
    "DisallowedByVpcEncryptionControl": NETWORK,
    "EFSIOError": FILES,
    "EFSMountConnectivityError": FILES,
    "EFSMountFailure": FILES,
    "EFSMountTimeout": FILES,
    "InvalidRuntime": "lambda-runtime-deprecated",
}
WITH_STATE_OF_THEIR_OWN = {"Idle": "Inactive", "Creating": "Pending", "Restoring": "Pending"}


def enum(name):
    model = botocore.session.Session().get_service_model("lambda")
    return model.shape_for(name).enum


def branch(found, **scope):
    """The branch that the tree takes for this evidence."""
    whole = {"status": found.status.value, "facts": found.facts, "found": [], "symptom": {"status": 500}, **scope}
    return next(branch for branch in tree().nodes["function-state"].branches if branch.when.holds(whole))


def state(case, answers, **settings):
    return State().run(case(), answers({CONFIGURATION: {**ACTIVE, **settings}}))


@pytest.mark.parametrize("code", enum("StateReasonCode"))
def test_every_reason_of_a_state_leads_to_its_cause(case, answers, code):
    standing = WITH_STATE_OF_THEIR_OWN.get(code, "Failed")
    own = {"Inactive": "lambda-state-inactive", "Pending": "lambda-state-pending-or-updating"}
    wanted = OTHERS.get(code) or own.get(standing, "lambda-state-failed")
    taken = branch(state(case, answers, State=standing, StateReasonCode=code, StateReason="so it is"))
    assert (taken.cause, taken.proof) == (wanted, Proof.PROVEN)


@pytest.mark.parametrize("code", sorted(set(enum("StateReasonCode")) - set(OTHERS) - set(WITH_STATE_OF_THEIR_OWN)))
def test_a_reason_of_failure_is_named_and_not_just_any_failure(code):
    """The branch before the one for whatever has failed names the code, so that a new one is noticed."""
    named = [b for b in tree().nodes["function-state"].branches if b.cause == "lambda-state-failed"][0]
    scope = {"status": "fail", "facts": {"state": "Failed", "reason_code": code}}
    assert named.when.holds(scope)
    assert not named.when.holds({**scope, "facts": {"state": "Failed", "reason_code": "SomethingNew"}})


@pytest.mark.parametrize("code", enum("LastUpdateStatusReasonCode"))
def test_a_failed_update_never_proves_anything(case, answers, code):
    found = state(case, answers, LastUpdateStatus="Failed", LastUpdateStatusReasonCode=code)
    assert found.status is Status.WARN
    taken = branch(found)
    assert taken.cause is None or taken.proof is Proof.HINTED
    if OTHERS.get(code) in (KEY, NETWORK, FILES):
        assert taken.cause == OTHERS[code]
    assert branch(found, symptom={"status": None}).cause is None


@pytest.mark.parametrize("standing", sorted(set(enum("State")) - {"Active"}))
def test_every_state_but_active_is_a_failure(case, answers, standing):
    found = state(case, answers, State=standing)
    assert found.status is Status.FAIL
    assert branch(found).cause


def test_an_active_function_and_one_without_a_state_take_calls(case, answers):
    assert state(case, answers).status is Status.PASS
    assert State().run(case(), answers({CONFIGURATION: {"Runtime": "python3.13"}})).status is Status.PASS
    updated = state(case, answers, LastUpdateStatus="InProgress")
    assert (updated.status, branch(updated).cause) == (Status.WARN, None)


def test_a_version_with_a_snapshot_is_told_from_one_without(case, answers):
    pending = {"State": "Pending", "StateReasonCode": "Creating"}
    on = state(case, answers, **pending, SnapStart={"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"})
    off = state(case, answers, **pending, SnapStart={"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"})
    assert branch(on).cause == "lambda-snapstart-not-ready"
    assert branch(off).cause == "lambda-state-pending-or-updating"


@pytest.mark.parametrize("probe", [State(), Runtime()], ids=["state", "runtime"])
def test_no_function_no_state(case, answers, probe):
    aws = answers({})
    assert probe.run(case(), aws).status is Status.SKIPPED
    assert aws.used == probe.calls == {CONFIGURATION}


@pytest.mark.parametrize("probe", [State(), Runtime()], ids=["state", "runtime"])
def test_an_answer_that_is_refused_is_left_to_the_engine(case, answers, failures, probe):
    for _, error, answered in failures(probe, {CONFIGURATION: ACTIVE}):
        with pytest.raises(type(error)):
            probe.run(case(), answers(answered))


@pytest.mark.parametrize(
    ("settings", "status", "deprecated"),
    [
        ({"Runtime": "python3.13"}, Status.PASS, False),
        ({"Runtime": "nodejs12.x"}, Status.WARN, True),
        ({"Runtime": "python3.10"}, Status.WARN, True),
        ({"Runtime": "python9.1"}, Status.PASS, False),
        ({"Runtime": None, "PackageType": "Image"}, Status.SKIPPED, None),
    ],
)
def test_runtime(case, answers, settings, status, deprecated):
    found = Runtime().run(case(), answers({CONFIGURATION: {**ACTIVE, **settings}}))
    assert (found.status, found.facts.get("deprecated")) == (status, deprecated)


def test_the_table_of_runtimes_knows_those_of_the_service():
    known = deprecations()
    assert all(isinstance(day, date) for day in known.values())
    assert set(known) <= set(enum("Runtime"))
    # What is newer than the table has no date yet.
    new = {"nodejs26.x", "python3.15", "ruby4.0", "java8.al2023", "java11.al2023", "java17.al2023"}
    assert set(enum("Runtime")) - set(known) - {"nodejs4.3-edge"} <= new


def measured(**values):
    return {"MetricDataResults": [{"Id": name, "Values": [value]} for name, value in values.items()]}


def test_recursion(case, answers):
    quiet = answers({METRICS: measured(invocations=9)})
    assert Recursion().run(case(), quiet).status is Status.PASS
    assert quiet.used == {METRICS}
    dropped = answers({METRICS: measured(recursive_dropped=3), SETTING: {"RecursiveLoop": "Terminate"}})
    found = Recursion().run(case(), dropped)
    assert (found.status, found.facts["dropped"], found.facts["recursive_loop"]) == (Status.FAIL, 3, "Terminate")
    assert dropped.used == Recursion.calls
    unsaid = answers({METRICS: measured(recursive_dropped=3), SETTING: Denied(SETTING)})
    assert Recursion().run(case(), unsaid).status is Status.FAIL


def test_without_the_metric_only_an_allowed_loop_is_known_to_be_none(case, answers):
    def run(setting):
        return Recursion().run(case(), answers({METRICS: Denied(METRICS), SETTING: setting}))

    assert run({"RecursiveLoop": "Allow"}).status is Status.PASS
    assert run({"RecursiveLoop": "Terminate"}).status is Status.UNKNOWN
    assert run(Denied(SETTING)).needs == METRICS
    assert run(NotFound("gone")).status is Status.SKIPPED
