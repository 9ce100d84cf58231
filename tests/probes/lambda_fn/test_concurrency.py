from __future__ import annotations

import pytest

from probes.lambda_fn.concurrency import Concurrency
from wizard.model.aws import Denied, NotFound
from wizard.model.status import Status

RESERVED, ACCOUNT, METRICS = "lambda:GetFunctionConcurrency", "lambda:GetAccountSettings", "cloudwatch:GetMetricData"
LIMITS = {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900}}


def measured(**values):
    return {"MetricDataResults": [{"Id": name, "Values": [value]} for name, value in values.items()]}


def table(reserved=None, **values):
    return {
        RESERVED: {} if reserved is None else {"ReservedConcurrentExecutions": reserved},
        ACCOUNT: LIMITS,
        METRICS: measured(**values),
    }


@pytest.mark.parametrize(
    ("answered", "status", "problem"),
    [
        (table(), Status.PASS, None),
        (table(5, invocations=9, throttles=0, concurrent_max=5), Status.PASS, None),
        (table(0, throttles=4), Status.FAIL, "reserved-zero"),
        (table(0), Status.FAIL, "reserved-zero"),
        (table(1, throttles=4), Status.FAIL, "throttled"),
        (table(None, throttles=1), Status.FAIL, "throttled"),
    ],
)
def test_concurrency(case, answers, answered, status, problem):
    found = Concurrency().run(case(), answers(answered))
    assert (found.status, found.facts.get("problem")) == (status, problem)


def test_facts(case, answers):
    facts = Concurrency().run(case(), answers(table(7, throttles=2, invocations=5, concurrent_max=7))).facts
    assert {
        name: facts[name] for name in ("reserved", "account_limit", "unreserved", "throttles", "concurrent_max")
    } == {"reserved": 7, "account_limit": 1000, "unreserved": 900, "throttles": 2, "concurrent_max": 7}


def test_failing_calls_leave_it_open_unless_it_does_not_matter(case, answers, failures):
    for call, error, answered in failures(Concurrency(), table()):
        found = Concurrency().run(case(), answers(answered))
        assert found.facts["not_asked"] == [str(error)]
        assert found.status is (Status.PASS if call == ACCOUNT else Status.UNKNOWN)
        if call != ACCOUNT:
            assert found.reason is error.reason


def test_what_is_known_counts_though_something_is_not(case, answers):
    assert Concurrency().run(case(), answers({**table(0), METRICS: Denied(METRICS)})).status is Status.FAIL
    throttled = Concurrency().run(case(), answers({**table(throttles=3), RESERVED: Denied(RESERVED)}))
    assert (throttled.status, throttled.facts["throttles"]) == (Status.FAIL, 3)


def test_unknown_names_the_action(case, answers):
    found = Concurrency().run(case(), answers({**table(), RESERVED: Denied(RESERVED)}))
    assert (found.status, found.needs) == (Status.UNKNOWN, RESERVED)


def test_declared_and_used_calls_are_the_same(case, answers):
    aws = answers(table())
    Concurrency().run(case(), aws)
    assert aws.used == Concurrency.calls


def test_a_function_that_is_not_there_has_none(case, answers):
    assert Concurrency().run(case(), answers({**table(), RESERVED: NotFound("x")})).status is Status.SKIPPED
