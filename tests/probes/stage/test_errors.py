"""When it failed: onset, share, steady or sporadic, and the window that log reading is narrowed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from probes._window import narrowed
from probes.stage.errors import StageErrors
from tests.probes.conftest import ERRORS, NOW, FakeAws, Key, new_case, periods, traced
from wizard.model.aws import AwsError
from wizard.model.case import Symptom
from wizard.model.probe import Evidence
from wizard.model.status import Status

Points = list[tuple[float, float]]


def metrics(
    now: list[dict[str, Any]], before: list[dict[str, Any]] | AwsError | None = None
) -> Callable[..., dict[str, Any]]:
    """GetMetricData: the window's own answer, and the history's for a start before the window."""

    def answer(**params: Any) -> dict[str, Any]:
        earlier = (NOW - params["StartTime"]).total_seconds() > 86_400
        if earlier and isinstance(before, AwsError):
            raise before
        return {"MetricDataResults": (before or []) if earlier else now}

    return answer


def run(world: dict[Key, Any], count: Points, errors: Points, before: Any = None, name: str = "series") -> Evidence:
    world["cloudwatch", "GetMetricData"] = metrics(periods(name, 60, count=count, errors=errors), before)
    return StageErrors().run(traced(world), FakeAws(world))


def test_no_requests_at_all(world: dict[Key, Any]) -> None:
    found = run(world, [], [])
    assert (found.status, found.facts["pattern"], found.facts["onset"]) == (Status.PASS, "none", None)
    assert "No request was counted" in found.summary


def test_requests_without_errors(world: dict[Key, Any]) -> None:
    found = run(world, [(30, 5), (20, 5)], [(30, 0), (20, 0)])
    assert (found.status, found.facts["requests"], found.facts["errors"]) == (Status.PASS, 10, 0)
    assert "narrowed" not in found.facts


def test_every_request_fails_since_the_onset(world: dict[Key, Any]) -> None:
    found = run(world, [(50, 4), (40, 4), (30, 3), (20, 3)], [(50, 0), (40, 0), (30, 3), (20, 3)], name="method_series")
    assert (found.status, found.facts["of"]) == (Status.FAIL, "method")
    assert (found.facts["onset"], found.facts["onset_precision_s"]) == ("2026-11-20T11:30:00+00:00", 60)
    assert (found.facts["share"], found.facts["pattern"], found.facts["errors"]) == (1.0, "steady", 6)
    assert found.facts["narrowed"] == {"start": "2026-11-20T11:28:31+00:00", "end": "2026-11-20T11:46:00+00:00"}


def test_some_requests_fail(world: dict[Key, Any]) -> None:
    found = run(world, [(50, 10), (30, 10), (10, 10)], [(50, 0), (30, 3), (10, 1)])
    assert (found.facts["share"], found.facts["pattern"]) == (0.2, "sporadic")


def test_a_few_errors_in_every_period_are_steady(world: dict[Key, Any]) -> None:
    busy = [(float(at), 100.0) for at in range(20, 30)]
    found = run(world, [(50, 100.0), *busy], [(50, 0), *((at, 10.0) for at, _ in busy)])
    assert (found.facts["share"], found.facts["pattern"]) == (0.1, "steady")


def test_the_stages_errors_may_be_another_methods(world: dict[Key, Any]) -> None:
    found = run(world, [(30, 4)], [(30, 4)])
    assert (found.status, found.facts["of"]) == (Status.WARN, "stage")
    assert "not measured" in found.summary


def test_a_method_without_errors_is_not_accused_by_its_stage(world: dict[Key, Any]) -> None:
    own = periods("method_series", 60, count=[(30, 4)], errors=[(30, 0)])
    stage = periods("series", 60, count=[(30, 9)], errors=[(30, 5)])
    world["cloudwatch", "GetMetricData"] = metrics(own + stage)
    assert StageErrors().run(traced(world), FakeAws(world)).status is Status.PASS


def test_the_series_has_a_place_for_every_period(world: dict[Key, Any]) -> None:
    series = run(world, [(30, 4)], [(30, 4)]).facts["series"]
    assert isinstance(series, dict)
    count = series["count"]
    assert isinstance(count, list)
    assert (series["start"], series["step_s"], len(count)) == ("2026-11-20T11:00:00+00:00", 60, 60)
    assert count[30] == 4
    assert count[:30] == [None] * 30


def test_errors_from_before_the_window_are_followed_back(world: dict[Key, Any]) -> None:
    count = [(60.0 * hours, 8.0) for hours in (0.5, 1, 2, 3, 4)]
    before = periods("series", 900, count=count, errors=[(at, 8.0 if at <= 180 else 0.0) for at, _ in count])
    found = run(world, [(59, 2), (10, 2)], [(59, 2), (10, 2)], before)
    assert (found.facts["onset"], found.facts["onset_precision_s"]) == ("2026-11-20T09:00:00+00:00", 900)


def test_errors_that_never_began_have_no_onset(world: dict[Key, Any]) -> None:
    always = [(60.0 * hours, 8.0) for hours in range(1, 73)]
    found = run(world, [(59, 2)], [(59, 2)], periods("series", 900, count=always, errors=always))
    assert found.facts["onset"] is None
    assert "for more than 3 days" in found.summary


def test_the_first_traffic_of_all_may_fail(world: dict[Key, Any]) -> None:
    before = periods("series", 900, count=[(20, 2)], errors=[(20, 2)])
    assert run(world, [(20, 2)], [(20, 2)], before).facts["onset"] == "2026-11-20T11:40:00+00:00"


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_without_metrics_nothing_is_known(world: dict[Key, Any], error: AwsError) -> None:
    with pytest.raises(type(error)):
        StageErrors().run(traced(world), FakeAws({**world, ("cloudwatch", "GetMetricData"): error}))


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_without_the_history_the_window_is_told(world: dict[Key, Any], error: AwsError) -> None:
    found = run(world, [(59, 2)], [(59, 2)], error)
    assert (found.status, found.facts["onset"]) == (Status.WARN, "2026-11-20T11:01:00+00:00")
    assert found.facts["partial"][0]["reason"] == error.reason  # type: ignore[index,call-overload]


def test_logs_are_narrowed_to_the_failing_time(world: dict[Key, Any]) -> None:
    world["cloudwatch", "GetMetricData"] = metrics(periods("series", 60, count=[(40, 1)], errors=[(40, 1)]))
    window = narrowed(FakeAws(world), traced(world))
    assert window is not None
    assert (window.start.minute, window.end.minute) == (18, 26)


@pytest.mark.parametrize("symptom", [Symptom(500, seen_in="test-invoke"), Symptom(500, request_id="x")])
def test_what_no_metric_counts_is_not_narrowed(world: dict[Key, Any], symptom: Symptom) -> None:
    world["cloudwatch", "GetMetricData"] = metrics(periods("series", 60, count=[(40, 1)], errors=[(40, 1)]))
    assert narrowed(FakeAws(world), traced(world, new_case(symptom=symptom))) is None


def test_logs_are_not_narrowed_without_metrics(world: dict[Key, Any]) -> None:
    assert narrowed(FakeAws({**world, ("cloudwatch", "GetMetricData"): ERRORS[0]}), traced(world)) is None
