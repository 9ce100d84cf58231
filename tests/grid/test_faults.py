"""The regression oracle: every fault is named, pairs on different hops are both named, no fault stays clean.

All of it runs in one sandbox process. Nothing here is acted: the world is really broken, requests really fail, and the
check sees no more than it would see of AWS. Pasted answers of the printed commands lead to the same verdict.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations

import pytest

from tests.grid.arena import Arena
from tests.grid.guided import essence, guided
from wizard.sandbox.faults import all_faults
from wizard.sandbox.scenario import possible

FAULTS = {fault.id: fault for fault in all_faults() if fault.api_type == "rest"}
# Not faults of a stage: one only blocks the logs, the other shows in the console's test alone.
BLOCKER, CONSOLE_ONLY = "logging-role-missing", "lambda-permission-console-test-only"
PAIRS, SEED = 60, 20261120
CAUSES = [
    "lambda-permission-missing",
    "lambda-permission-source-arn-mismatch",
    "lambda-permission-source-arn-region",
    "lambda-permission-stage-variable",
    "lambda-permission-alias-qualifier",
    "lambda-permission-source-account",
    "lambda-permission-console-test-only",
    "lambda-integration-method-not-post",
    "integration-uri-function-not-found",
    "stage-variable-missing",
    "stage-not-redeployed",
    "logging-role-missing",
    "lambda-throttled",
    "lambda-reserved-concurrency-zero",
    "lambda-kms-access-denied",
    "lambda-vpc-eni-failure",
    "lambda-state-pending-or-updating",
    "lambda-state-inactive",
    "lambda-state-failed",
    "lambda-runtime-deprecated",
    "lambda-recursion-terminated",
    "lambda-snapstart-not-ready",
    "lambda-efs-mount-failure",
    "lambda-request-too-large",
    "lambda-timeout",
    "lambda-unhandled-exception",
    "lambda-out-of-memory",
    "lambda-init-error",
    "lambda-handler-not-found",
    "lambda-dependency-missing",
    "lambda-execution-role-denied",
    "lambda-response-malformed",
    "lambda-response-body-not-string",
    "lambda-response-bad-statuscode",
    "lambda-response-bad-headers",
    "lambda-response-unknown-field",
    "lambda-response-too-large",
    "lambda-returned-5xx",
    "integration-timeout",
    "stage-throttled",
    "canary-broken-deployment",
    "stage-cached-error",
    "headers-over-10240",
    "payload-over-10mb",
    "authorizer-permission-missing",
    "authorizer-credentials-role-invalid",
    "authorizer-uri-invalid",
    "authorizer-cognito-pool-invalid",
    "authorizer-lambda-error",
    "authorizer-malformed-response",
    "authorizer-context-invalid-type",
    "authorizer-timeout",
    "authorizer-throttled",
    "authorizer-usage-key-missing",
    "lambda-process-crash",
    "lambda-entrypoint-invalid",
    "lambda-vpc-no-egress",
    "lambda-downstream-unreachable",
    "lambda-cold-start",
    "lambda-response-base64-invalid",
    "lambda-response-stream-mode-mismatch",
    "resource-policy-deny",
    "private-endpoint-unreachable",
    "request-template-error",
    "binary-media-types-break-mock",
    "mock-statuscode-missing",
    "request-header-override-illegal",
    "parameter-overridden-twice",
    "request-base64-conversion-failed",
    "passthrough-never-no-template",
    "foreach-iteration-limit",
    "request-template-field-missing",
    "response-no-match-selection-pattern",
    "response-invalid-method-response",
    "response-template-error",
    "response-base64-conversion-failed",
    "response-header-mapping-invalid",
    "gateway-response-template-broken",
    "integration-aws-arn-invalid-action",
    "integration-endpoint-url-invalid",
    "integration-host-dns-unresolvable",
    "integration-port-blocked",
    "integration-credentials-role-not-assumable",
    "integration-credentials-role-missing-permission",
    "integration-type-proxy-mismatch",
    "integration-content-handling-missing",
    "integration-method-or-path-mismatch",
]


def pairs() -> list[tuple[str, str]]:
    """Pairs of faults on different hops, the same ones in every run."""
    apart = [(a, b) for a, b in combinations(sorted(CAUSES), 2) if FAULTS[a].hop != FAULTS[b].hop]
    return random.Random(SEED).sample([pair for pair in apart if possible(pair)], PAIRS)


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as running:
        yield running


def test_there_is_a_fault_for_every_cause() -> None:
    assert {fault.cause for fault in FAULTS.values()} == set(CAUSES)
    assert set(CAUSES) <= set(FAULTS)


def test_no_fault_is_clean(arena: Arena) -> None:
    report, code = arena.play([])
    assert (report["outcome"], report["failing_hop"], code) == ("clean", None, 0)
    assert report["findings"] == []
    # A basic account cannot ask AWS Health; that is said, and leaves nothing open.
    assert [(item["probe"], item["detail"]) for item in report["not_checked"]] == [("stage.health", True)]


def test_no_fault_stays_clean_when_the_backend_is_really_called(arena: Arena) -> None:
    report, code = arena.play([], allow_invoke=True)
    assert (report["outcome"], report["findings"], code) == ("clean", [], 0)
    ran = {item["probe"]: item["status"] for item in report["evidence"]}
    assert (ran["method.test_invoke"], ran["client.request"]) == ("pass", "pass")


@pytest.mark.parametrize("fault_id", sorted(set(FAULTS) - {BLOCKER}))
def test_every_fault_is_named_first(arena: Arena, fault_id: str) -> None:
    fault = FAULTS[fault_id]
    report, code = arena.play([fault_id])
    first = report["findings"][0]
    assert first["explains_symptom"], report["findings"]
    assert first["cause"] == fault.cause
    assert first["confidence"] in ("confirmed", "likely")
    assert (report["failing_hop"], code) == (fault.hop, 3)
    assert [fix for fix in first["fix"] if "<function>" in fix["text"] or "<api_id>" in fix["text"]] == []
    pasted, commands = guided(arena.line)
    assert essence(pasted) == essence(report)
    assert len(commands) == len(set(commands))


def test_a_blocked_log_is_a_warning(arena: Arena) -> None:
    report, code = arena.play([BLOCKER])
    assert [(f["cause"], f["confidence"], f["explains_symptom"]) for f in report["findings"]] == [
        (BLOCKER, "confirmed", False)
    ]
    assert (report["outcome"], report["failing_hop"], code) == ("warning", None, 4)
    assert essence(guided(arena.line)[0]) == essence(report)


@pytest.mark.parametrize("pair", pairs(), ids=" + ".join)
def test_both_of_a_pair_are_named(arena: Arena, pair: tuple[str, str]) -> None:
    report, code = arena.play(pair)
    assert set(pair) <= {finding["cause"] for finding in report["findings"]}
    assert code == 3
