"""What counts as it stands when a case is walked again, and what is looked at or asked anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.tui import events as story
from wizard.model import events as ev
from wizard.model.status import Reason, Status
from wizard.model.verdict import verdict
from wizard.ui import again

NOW = story.WHEN + timedelta(hours=1)
YES = [ev.Asked(story.BY_HAND), ev.Answered(story.BY_HAND.id, "yes")]
AGREED = [ev.Asked(story.CONSENT), ev.Answered(story.CONSENT.id, "yes")]
WALK = [*story.failing(), *YES, *AGREED]


def probes(begin: again.Begin) -> set[str]:
    return {item.probe for item in begin.known}


def test_taken_up_everything_counts_but_what_lacked_a_network_or_a_login() -> None:
    lost = replace(story.EVIDENCE["lambda_fn.log"], status=Status.UNKNOWN, reason=Reason.OFFLINE)
    refused = replace(story.EVIDENCE["lambda_fn.settings"], status=Status.UNKNOWN, reason=Reason.DENIED)
    begin = again.resumed([*WALK, ev.ProbeFinished(lost), ev.ProbeFinished(refused)])
    assert probes(begin) == set(story.EVIDENCE) - {"lambda_fn.log"}
    assert begin.case
    assert begin.case.answers == {story.BY_HAND.id: "yes"}
    assert begin.case.window == story.CASE.window
    assert begin.case.trace is None


def test_a_yes_to_a_request_counts_once() -> None:
    begin = again.retried(WALK, "method.test_invoke")
    assert begin.case
    assert "consent:method.test_invoke" not in begin.case.answers
    assert "method.test_invoke" not in probes(begin)


def test_an_answer_given_otherwise_forgets_that_answer_alone() -> None:
    begin = again.reanswered(WALK, story.BY_HAND.id)
    assert begin.case
    assert begin.case.answers == {}
    assert probes(begin) == set(story.EVIDENCE)


def test_answers_are_carried_from_walk_to_walk() -> None:
    first = again.resumed(WALK)
    assert first.case
    later = again.retried([ev.CaseOpened(first.case, NOW), *story.failing()[1:]], "lambda_fn.log")
    assert later.case
    assert later.case.answers == {story.BY_HAND.id: "yes"}


def test_after_a_fix_only_settings_that_were_in_order_count() -> None:
    finding = verdict(story.TREE, story.failing()).findings[0]
    begin = again.mended(WALK, finding, NOW)
    assert begin.case
    assert begin.case.symptom.status is None
    assert begin.case.window.start == NOW
    of_requests = {"stage.execution_log", "integration.durations"}
    assert set(story.EVIDENCE) - probes(begin) == {"path.trace", "lambda_fn.permission", *of_requests}
    later = again.mended(WALK, finding, NOW + timedelta(minutes=9), since=NOW)
    assert later.case
    assert (later.case.window.start, later.case.window.end) == (NOW, NOW + timedelta(minutes=10))


def test_a_declined_request_is_offered_again_where_only_a_request_can_show_the_fix() -> None:
    finding = verdict(story.TREE, story.failing()).findings[0]
    no = replace(story.EVIDENCE["method.test_invoke"], status=Status.UNKNOWN, reason=Reason.DECLINED)
    walk = [*WALK, ev.ProbeFinished(no)]
    assert "method.test_invoke" in probes(again.mended(walk, finding, NOW))
    by_log = replace(finding, cause=replace(finding.cause, verify="stage.execution_log"))
    assert "method.test_invoke" not in probes(again.mended(walk, by_log, NOW))


def test_a_log_without_a_request_shows_no_fix() -> None:
    assert again.of_requests(story.EVIDENCE["stage.execution_log"])
    assert not again.of_requests(story.EVIDENCE["lambda_fn.permission"])
    silent = replace(story.EVIDENCE["stage.execution_log"], status=Status.PASS, facts={"requests": 0})
    assert not again.requested([silent])
    assert again.requested([replace(silent, facts={"requests": 2})])
    assert again.requested([replace(story.EVIDENCE["method.test_invoke"], status=Status.PASS)])


def test_the_last_question() -> None:
    assert again.last_question(story.failing()) is None
    assert again.last_question([*YES, *AGREED]) == story.CONSENT
    assert again.last_question([*AGREED, *YES]) == story.BY_HAND
