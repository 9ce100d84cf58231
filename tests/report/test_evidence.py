"""Facts of probes as typed values: what has the agreed shape is read, whatever else stands there is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.report import made
from tests.ui.draw import facts
from wizard.model import events as ev
from wizard.model.case import Symptom
from wizard.model.json import Json
from wizard.model.probe import Evidence
from wizard.model.status import Outcome, Proof, Status
from wizard.model.text import cells
from wizard.model.verdict import Verdict, verdict
from wizard.report import ansi
from wizard.report import evidence as read
from wizard.report.json import document
from wizard.report.redact import redact
from wizard.ui.headless import Walked, text_report
from wizard.ui.panes import sections


def told(*evidence: Evidence, found: bool = True) -> Verdict:
    proof = made.evidence(1, "lambda_fn.permission", "lambda-permission", Status.FAIL, "No statement.")
    events: list[ev.Event] = [*made.opened(Symptom(502 if found else None))]
    events += [ev.ProbeFinished(item) for item in (proof, *evidence)]
    events += [ev.Found(made.MISSING.id, Proof.PROVEN, "e1", "lambda-permission")] if found else []
    return verdict(made.TREE, [*events, *made.closed()])


def text(result: Verdict) -> str:
    return ansi.render(text_report(Walked(result, made.TREE)))


def changed(item: Evidence, **new: Json) -> Evidence:
    return replace(item, facts={**item.facts, **new})


def test_everything_is_read() -> None:
    errors, durations = read.errors(facts.ALL), read.durations(facts.ALL)
    assert errors
    assert (errors.onset, errors.window.total, len(errors.window.count)) == (facts.ONSET, 96, 72)
    assert errors.window.count[20] is None
    assert errors.window.end == facts.START + timedelta(hours=6)
    assert errors.around(facts.ONSET) is errors.window
    assert errors.around(facts.ONSET, facts.START - timedelta(days=1)) is errors.history
    assert durations
    assert durations.latency
    assert [(limit.who, limit.ms) for limit in durations.limits] == [("function", 3000), ("gateway", 29000)]
    assert (durations.first, durations.p50, durations.max, durations.threshold_ms) == ("function", 212.4, 3000, 3000)
    assert durations.latency.max[-1] == 3000
    assert [change.who for change in read.changes(facts.ALL)] == ["ben", f"{facts.ROLE}/alice", "", "ben"]
    assert [len(trace.segments) for trace in read.traces(facts.ALL)] == [4, 0]
    assert read.traces(facts.ALL)[0].segments[3].trouble == "throttle"
    assert read.health(facts.ALL) == ()


def test_the_story_is_put_together_from_logs_that_share_a_request() -> None:
    lines = read.story(facts.ALL)
    assert [line.text for line in lines] == [line["text"] for line in facts.STORY]
    assert [line.deciding for line in lines].count(True) == 2
    other = changed(facts.ACCESS, story=[facts.told(1, "access", "another-request", "status 502")])
    assert "access" not in {line.source for line in read.story([facts.EXECUTION, other])}


def test_a_story_without_times_keeps_the_order_it_came_in() -> None:
    lines: list[Json] = [{"source": "gateway", "text": str(n), "request_id": "r"} for n in range(5)]
    assert [line.text for line in read.story([changed(facts.EXECUTION, story=lines)])] == list("01234")


@pytest.mark.parametrize(
    "junk", [None, 7, "x", [], {}, [None, 3, "x", []], [{}], {"start": "x"}, {"start": None, "p50": 3}]
)
def test_junk_is_left_out(junk: Json) -> None:
    names = {name for item in facts.ALL for name in item.facts}
    items = [replace(item, facts=dict.fromkeys(names, junk)) for item in facts.ALL]
    assert read.errors(items) is None
    assert read.durations(items) is None
    assert read.changes(items) == ()
    assert all(trace.segments == () for trace in read.traces(items))
    assert not any(line.text for line in read.story(items))


@pytest.mark.parametrize("value", [True, "3", None, float("nan"), float("inf"), -float("inf"), 1e300, [1]])
def test_what_is_no_number(value: Json) -> None:
    assert read.number(value) is None


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-03-04T05:20:00Z", facts.ONSET),
        ("2026-03-04T05:20:00", facts.ONSET),
        ("2026-03-04T06:20:00+01:00", facts.ONSET),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        (5, None),
    ],
)
def test_moments(value: Json, at: datetime | None) -> None:
    assert read.moment(value) == at


def test_a_series_must_have_a_sensible_step() -> None:
    for step in (0, -60, 1e12, "300", None):
        series: Json = {"start": "2026-03-04T00:00:00Z", "step_s": step, "count": [1], "errors": [1]}
        assert read.errors([changed(facts.ERRORS, series=series)]) is None


def test_the_report_of_a_fault_has_all_sections() -> None:
    shown = text(told(*facts.ALL))
    rows = shown.splitlines()
    places = [rows.index(name) for name in ("Path", "When", "Durations", "Story", "Changes", "Not checked")]
    assert places == sorted(places)
    assert "since 4 Mar 05:20 UTC ▲" in shown
    assert "First to give up: function, after 3 s" in shown
    assert sum(row.startswith("▶ 05:20:03") for row in rows) == 2
    assert "the last change before the errors began, by 2 min" in shown
    assert max(cells(row) for row in rows[places[1] : places[-1]]) <= 80


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_sections_fit(width: int) -> None:
    for row in sections(told(*facts.ALL), width):
        assert cells("".join(part for part, _ in row)) <= width


def test_a_report_without_such_facts_has_no_such_sections() -> None:
    assert sections(told(), 80) == []
    quiet = [replace(item, facts={}) for item in facts.ALL]
    assert sections(told(*quiet), 80) == []


def test_a_clean_report_stays_short() -> None:
    result = told(facts.DURATIONS, facts.CHANGES, found=False)
    assert sections(replace(result, outcome=Outcome.CLEAN), 80) == []
    assert sections(replace(result, outcome=Outcome.INCONCLUSIVE), 80)


def test_durations_far_from_every_timeout_are_not_reported() -> None:
    rows = facts.DURATIONS.facts["timeouts"]
    assert isinstance(rows, list)
    quick = changed(facts.DURATIONS, timeouts=[{**row, "max_ms": 200} for row in rows if isinstance(row, dict)])
    assert sections(told(quick), 80) == []


def test_json_holds_the_facts() -> None:
    evidence = document(told(*facts.ALL))["evidence"]
    assert isinstance(evidence, list)
    found = next(item for item in evidence if isinstance(item, dict) and item["probe"] == "stage.execution_log")
    assert isinstance(found, dict)
    assert found["facts"] == json.loads(json.dumps(dict(facts.EXECUTION.facts)))


def test_a_redacted_report_keeps_times_and_order_but_no_names() -> None:
    result = told(*facts.ALL)
    shown = text(redact(result))
    for secret in (facts.GATEWAY_ID, facts.GATEWAY_ID[:8], facts.LAMBDA_ID[:8], "alice", "by ben", "69a7be74"):
        assert secret not in shown
    assert "by person-1" in shown
    assert [line.at for line in read.story(redact(result).evidence)] == [line.at for line in read.story(facts.ALL)]
    assert "since 4 Mar 05:20 UTC ▲" in shown


def test_somebody_named_like_a_word_does_not_change_the_words() -> None:
    result = told(changed(facts.CHANGES, changes=[facts.change(2, "a function was updated", "function", "cloudtrail")]))
    shown = text(redact(result))
    assert "a function was updated by person-1" in shown
    assert "invoke the function." in " ".join(shown.split())
