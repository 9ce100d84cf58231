"""Pictures of evidence: they fit, values stand at their time, gaps stay gaps, nothing from outside gets through raw."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.ui.draw import facts
from wizard.model.json import Json
from wizard.model.probe import Evidence
from wizard.model.text import Line, cells, plain
from wizard.report import evidence as read
from wizard.ui import panes
from wizard.ui.draw import chart, story, timeline, waterfall
from wizard.ui.draw.scale import Axis, ago, amount, mean, resample, ruler, took
from wizard.ui.draw.spark import spark

EVIL = ["\x1b[31mred\x1b[0m", "a\u202eb", "a\nb", "\x00", "\x9b31m", "日本語" * 30, "x" * 500, "[bold]x", "\ud800", ""]


def text(lines: list[Line]) -> str:
    return "\n".join(map(plain, lines))


def errors() -> read.Errors:
    found = read.errors(facts.ALL)
    assert found
    return found


def durations() -> read.Durations:
    found = read.durations(facts.ALL)
    assert found
    return found


def test_spark() -> None:
    assert plain(spark([0, 1, 4, 8, None, 8], 6)) == "▁▃▅█ █"
    assert spark([0, 8, None], 3, "fail") == (("▁", "dim"), ("█", "fail"), (" ", ""))
    assert plain(spark([1, 1000], 2)) == "▂█"
    assert plain(spark([], 10)) == ""
    assert plain(spark([None, None], 4)) == "    "
    assert plain(spark([0, 0], 4)) == "▁▁▁▁"


def test_spark_joins_and_stretches() -> None:
    assert plain(spark([8, 8, 0, 0, None, None], 3)) == "█▁ "
    assert plain(spark([8, 0], 6)) == "███▁▁▁"
    assert plain(spark([None, 8], 1)) == "█"


@pytest.mark.parametrize("columns", [1, 2, 7, 30, 59, 60, 61, 90, 113, 240])
@pytest.mark.parametrize("at", [0, 1, 29, 58, 59])
def test_a_value_stands_where_its_time_is(columns: int, at: int) -> None:
    values: list[float | None] = [0.0] * 60
    values[at] = 60.0
    shown = resample(values, columns, max)
    axis = Axis(facts.START, 60 * 60 / columns, columns)
    assert len(shown) == columns
    assert shown.index(60.0) == axis.column(facts.START + timedelta(seconds=60 * at))
    assert max(value or 0 for value in resample(values, columns, mean)) > 0


def test_amounts_and_times_in_words() -> None:
    assert [amount(n) for n in (0, 3, 9999, 12_345, 4_500_000)] == ["0", "3", "9999", "12.3k", "4.5M"]
    assert [took(ms) for ms in (0, 41, 999.4, 2950, 29000, 120_000)] == [
        "0 ms",
        "41 ms",
        "999 ms",
        "2.95 s",
        "29 s",
        "120 s",
    ]
    assert [ago(s) for s in (0, 40, 150, 1500, 7200, 90_000, 400_000)] == [
        "0 s", "40 s", "2 min 30 s", "25 min", "2 h", "25 h", "5 days",
    ]  # fmt: skip


@pytest.mark.parametrize("columns", [1, 8, 20, 60, 200])
@pytest.mark.parametrize("length_s", [60, 3600, 86_400, 30 * 86_400, 400 * 86_400])
def test_the_ruler_marks_what_it_names(columns: int, length_s: int) -> None:
    axis = Axis(facts.START + timedelta(minutes=7), length_s / columns, columns)
    marks, labels = (plain(line) for line in ruler(axis))
    assert len(marks) == len(labels) == columns
    starts = [found.start() for found in re.finditer(r"\S+(?: \S+)*", labels)]
    assert [i for i, char in enumerate(marks) if char == "┴"] == starts


def test_the_onset_points_at_the_first_failing_column() -> None:
    for width in (60, 80, 100, 133, 200):
        rows = [plain(row) for row in timeline.when(errors().window, errors().onset, width)]
        bars, arrow = rows[1], rows[-1]
        assert arrow.index("▲") == bars.index("█")
        assert "since 4 Mar 05:20 UTC" in arrow


def test_an_onset_before_all_that_is_drawn_is_an_arrow_to_the_left() -> None:
    rows = timeline.when(errors().window, facts.START - timedelta(hours=2), 80)
    assert "◀ since 3 Mar 22:00 UTC" in plain(rows[-1])
    assert len(timeline.when(errors().window, None, 80)) == len(rows) - 1


def test_changes_stand_at_their_time_and_in_the_list() -> None:
    created, updated, _, oldest = read.changes(facts.ALL)
    rows = [plain(row) for row in timeline.timeline(errors(), (created, updated, oldest), 200, 9)]
    bars, dots, names = rows[0], rows[1], rows[2]
    assert bars.index("█") - 2 <= names.index("2") < bars.index("█") < names.index("1")
    assert dots.count("●") == 2
    assert "◀" in dots
    listed = [row for row in rows if row[1:2].isdigit()]
    assert [row.split()[0] for row in listed] == ["1", "2", "3"]
    assert "by alice · the last change before the errors began, by 2 min" in listed[1]
    assert "9 min after the errors began" in listed[0]


def test_a_change_in_the_very_period_in_which_errors_began_may_have_come_first() -> None:
    during, before = facts.change(-0.5, "first", None, "x"), facts.change(30, "second", None, "x")
    items = [facts.ERRORS, changed(facts.CHANGES, changes=[before, during])]
    found = read.errors(items)
    rows = [plain(row) for row in timeline.timeline(found, read.changes(items), 120, 9)]
    assert any(row.endswith("first · just when the errors began (known to 5 min)") for row in rows)
    exact = changed(facts.ERRORS, onset_precision_s=10)
    rows = [plain(row) for row in timeline.timeline(read.errors([exact]), read.changes(items), 120, 9)]
    assert any(row.endswith("first · 30 s after the errors began") for row in rows)
    assert any(row.endswith("second · the last change before the errors began, by 30 min") for row in rows)


def test_a_look_further_back_is_shown_when_it_tells_more() -> None:
    assert "The 3 days up to then" in text(panes.draw(panes.WHEN, facts.ALL, 80, 24))
    near: Json = {"start": facts.iso(facts.START), "step_s": 900, "count": [1] * 24, "errors": [1] * 24}
    assert "up to then" not in text(panes.draw(panes.WHEN, [changed(facts.ERRORS, history=near)], 80, 24))


def test_changes_without_errors_are_a_list() -> None:
    rows = [plain(row) for row in timeline.timeline(None, read.changes(facts.ALL), 180, 2)]
    assert len(rows) == 3
    assert rows[-1].strip() == "and 2 older"


def test_the_chart_shows_the_threshold_and_what_reaches_it() -> None:
    found = durations()
    assert found.latency
    rows = chart.chart(found.latency, 3000, 90, 10)
    line = next(row for row in rows if plain(row).startswith("3 s ┤"))
    assert [look for part, look in line if "━" in part] == ["fail"]
    assert plain(line).count("━") + plain(line).count("╌") == len(plain(line)) - len("3 s ┤")
    assert all("█" not in plain(row) for row in rows[: rows.index(line)])
    below = plain(rows[-3])
    gap = below.index("█ █") + 1
    assert gap > 0
    assert "┤" not in plain(rows[-3])
    assert len(rows) == 12


def test_a_chart_without_a_threshold_or_data() -> None:
    found = durations()
    assert found.latency
    assert "╌" not in text(chart.chart(found.latency, None, 80, 8))
    nothing = replace(found.latency, p50=(None,), p99=(None,), max=(None,))
    shown = text(chart.chart(nothing, 29000, 80, 8))
    assert "29 s ┤╌" in shown
    assert "█" not in shown


def test_slow_calls_stay_below_a_threshold_that_is_far_away() -> None:
    found = durations()
    assert found.latency
    rows = chart.chart(found.latency, 29000, 90, 10)
    line = next(row for row in rows if "29 s ┤" in plain(row))
    assert "fail" not in {look for row in rows for _, look in row}
    assert "━" not in plain(line)


def test_the_table_says_who_goes_first_and_how_much_of_it_is_used() -> None:
    rows = [plain(row) for row in chart.patience(durations(), 100)]
    assert rows[1].startswith("▸ function: shop-orders:live Timeout")
    assert rows[1].split()[-8:-1] == ["s", "7", "%", "98", "%", "100", "%"]
    assert rows[2].startswith("  gateway")
    assert rows[2].count("·") > 10
    assert chart.share_look(0.999) == "warn"
    assert chart.share_look(1.0) == "fail"


def test_nobody_measured_anything() -> None:
    limits = tuple(replace(limit, p50=None, p99=None, max=None) for limit in durations().limits)
    rows = chart.patience(replace(durations(), limits=limits), 100)
    assert plain(rows[1]).count("–") == 3
    assert chart.used(limits[0]) is None


def test_everybody_is_measured_by_what_they_wait_for_and_an_authorizer_never_gives_up_first() -> None:
    limits = (
        read.Limit("authorizer", "Authorizer (shop-auth)", 2000, 20, 30, 1800),
        read.Limit("client", "Client timeout", 2500, 220, 2960, 3010),
        *durations().limits,
        read.Limit("load-balancer", "Load balancer idle timeout (shop)", 60_000),
    )
    every = replace(durations(), limits=limits, first=None)
    rows = [plain(row) for row in chart.patience(every, 100)]
    assert rows[1].startswith("  Authorizer (shop-auth)")
    assert rows[1].split()[-7:-1] == ["1", "%", "1", "%", "90", "%"]
    assert rows[2].startswith("▸ Client timeout")
    assert "120 %" in rows[2]
    assert rows[5].startswith("  load-balancer: Load balancer idle timeout (shop)")
    assert rows[5].count("–") == 3
    assert chart.first_to_go(every).who == "client"


def test_more_than_the_limit_is_an_arrow() -> None:
    over = replace(durations(), limits=tuple(replace(limit, max=9000.0) for limit in durations().limits))
    first, second = chart.patience(over, 100)[1:]
    assert plain(first).endswith("▶")
    assert "300 %" in plain(first)
    assert plain(second).endswith("│")


def test_the_story_folds_ids_and_marks_what_decides() -> None:
    rows = [plain(row) for row in story.story(read.story(facts.ALL), 100)]
    assert sum(facts.GATEWAY_ID in row for row in rows) == 1
    assert sum(facts.LAMBDA_ID in row for row in rows) == 1
    assert "▶ 05:20:03.121 function 8b1d7e22… Task timed out after 3.00 seconds" in rows
    assert [row[2:14] for row in rows if row[4:5] == ":"] == sorted(row[2:14] for row in rows if row[4:5] == ":")


def test_a_short_story_keeps_what_decides_and_counts_the_rest() -> None:
    lines = read.story(facts.ALL)
    rows = [plain(row) for row in story.short_story(lines, 100, 4)]
    assert sum(row.startswith("▶") for row in rows) == 2
    left_out = sum(int(row.split()[1]) for row in rows if "⋮" in row)
    assert left_out == len(lines) - 4


def test_a_long_line_is_cut_unless_it_decides() -> None:
    line = read.Told(facts.ONSET, "gateway", "", "word " * 5000, False)
    assert len(story.story([line], 80)) == 5
    assert len(story.story([replace(line, deciding=True)], 80)) == 9
    assert plain(story.story([line], 80)[-1]).endswith("…")


def test_a_waterfall_marks_the_faulting_segment() -> None:
    rows = [plain(row) for row in waterfall.waterfall(read.traces(facts.ALL)[0], 100)]
    assert "fails at lambda-function" in rows[0]
    assert rows[3].startswith("  ✖ shop-orders")
    assert rows[4].startswith("  ◆ DynamoDB")
    assert rows[4].index("━") > rows[3].index("━")
    assert "and 2 more segments" in text(waterfall.waterfall(read.traces(facts.ALL)[0], 100, most=2))


@pytest.mark.parametrize("pane", panes.PANES, ids=lambda pane: pane.id)
@pytest.mark.parametrize("width", [36, 40, 56, 78, 98, 116, 196])
def test_every_pane_fits(pane: panes.Pane, width: int) -> None:
    for height in (10, 24, 60):
        for row in panes.draw(pane, facts.ALL, width, height):
            assert cells(plain(row)) <= width, plain(row)


@pytest.mark.parametrize("pane", panes.PANES, ids=lambda pane: pane.id)
def test_a_pane_without_facts_says_why(pane: panes.Pane) -> None:
    assert "Not looked at yet" in text(panes.draw(pane, [], 80, 24))
    empty = [replace(item, facts={}) for item in facts.ALL]
    assert not panes.has(pane, empty)
    shown = text(panes.draw(pane, empty, 200, 24))
    assert next(item for item in facts.ALL if item.probe in pane.probes).summary in shown


def test_an_unknown_answer_says_what_it_needs() -> None:
    assert "needs a Business Support plan" in text(panes.draw(panes.CHANGES, facts.ALL, 80, 24))


def test_health_events_stand_below_the_changes() -> None:
    event = {"service": "LAMBDA", "code": "AWS_LAMBDA_OPERATIONAL_ISSUE", "status": "open", "region": "us-east-1"}
    shown = text(panes.draw(panes.CHANGES, [replace(facts.HEALTH, facts={"events": [event]})], 120, 24))
    assert "LAMBDA · AWS_LAMBDA_OPERATIONAL_ISSUE · open · us-east-1" in shown


def poisoned(value: Any, evil: str) -> Any:
    """The same facts with every text but times replaced."""
    if isinstance(value, dict):
        return {name: poisoned(item, evil) for name, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item, evil) for item in value]
    return evil if isinstance(value, str) and read.moment(value) is None else value


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("width", [40, 80, 200])
def test_hostile_facts(evil: str, width: int) -> None:
    items = [replace(item, summary=evil, needs=evil, facts=poisoned(dict(item.facts), evil)) for item in facts.ALL]
    for pane in panes.PANES:
        assert panes.has(pane, items)
        for row in panes.draw(pane, items, width, 24):
            assert plain(row).isprintable()
            assert cells(plain(row)) <= width


SEGMENTS: list[Json] = [{"start_ms": 1e14, "duration_ms": -4}, {"start_ms": -9, "duration_ms": 1e14}]
HUGE: list[Json] = [1e14, 0, -5, 3.7, None, "x", 1e308, True]


@pytest.mark.parametrize("values", [HUGE, [], [0], [None], [5] * 5000])
def test_hostile_numbers(values: list[Json]) -> None:
    series: Json = {"start": facts.iso(facts.START), "step_s": 60}
    assert isinstance(series, dict)
    items = [
        changed(facts.ERRORS, series={**series, "count": values, "errors": values}, history=None, onset="9999-12-31"),
        changed(
            facts.DURATIONS,
            latency_series={**series, "p50": values, "p99": values, "max": values},
            threshold_ms=1e14,
            timeouts=[{"who": "a", "ms": 1e14}, {"who": "b", "ms": 1e-9}, {"who": "c", "ms": -1}],
        ),
        changed(facts.CHANGES, changes=[facts.change(1e6, "x", None, "y"), facts.change(-1e6, "x", None, "y")]),
        changed(facts.TRACES, traces=[{"segments": SEGMENTS}]),
    ]  # fmt: skip
    for pane in panes.PANES:
        for row in panes.draw(pane, items, 80, 24):
            assert cells(plain(row)) <= 80


def changed(item: Evidence, **new: Json) -> Evidence:
    return replace(item, facts={**item.facts, **new})
