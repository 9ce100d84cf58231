"""Events to snapshots, and what is never read as markup."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from textual.content import Content

from tests.tui import events as story
from tests.tui.trees import NODES, TREE
from wizard.model import events as ev
from wizard.model.case import Target
from wizard.model.probe import Evidence
from wizard.model.status import Status
from wizard.model.target_url import parse_target
from wizard.model.text import plain
from wizard.ui.tui.form import Form, split_verb
from wizard.ui.tui.paint import content, spread
from wizard.ui.tui.state import Looks, Phase, Place, Step, fold
from wizard.ui.tui.verdict_view import sentences
from wizard.ui.tui.views import evidence_page, flat, progress, step_view
from wizard.ui.tui.widgets.trail import _options


def test_before_the_tree_is_there() -> None:
    walk = fold(None, [], Phase.LOADING)
    assert walk.steps == ()
    assert progress(walk) == [("starting…", "dim")]


def test_midway() -> None:
    walk = fold(TREE, story.midway(), Phase.WALKING)
    assert walk.steps[walk.now].node.id == "lambda-permission"
    assert [step.place for step in walk.steps[: walk.now]] == [Place.DONE] * walk.now
    assert {step.place for step in walk.steps[walk.now + 1 :]} == {Place.AHEAD}
    assert walk.running == ("lambda_fn.concurrency", "lambda_fn.log", "lambda_fn.permission", "lambda_fn.settings")
    assert walk.steps[-1].running is False


def test_a_question_stands_right_behind_the_step_that_led_to_it() -> None:
    asked = [*story.blind()[:-2], ev.NodeEntered("permission-by-hand", "lambda-permission")]
    order = [step.node.id for step in fold(TREE, asked, Phase.WALKING).steps]
    assert order.count("permission-by-hand") == 1
    walk = [*story.midway(), *story.visit("lambda-permission", story.EVIDENCE["lambda_fn.permission"])]
    walk.append(ev.NodeEntered("permission-by-hand", "lambda-permission"))
    order = [step.node.id for step in fold(TREE, walk, Phase.WALKING).steps]
    assert order[order.index("lambda-permission") + 1] == "permission-by-hand"


def test_steps_of_hops_that_the_path_lacks_are_left_out() -> None:
    events = [e for e in story.failing() if not (isinstance(e, ev.HopDiscovered) and e.hop.id == "lambda-function")]
    nodes = [step.node.id for step in fold(TREE, events, Phase.DONE).steps]
    assert "function-log" not in nodes


def test_a_trace_that_fails_is_the_first_step() -> None:
    lost = replace(story.EVIDENCE["path.trace"], status=Status.FAIL, summary="No API a1b2c3d4e5 in us-east-1.")
    events: list[ev.Event] = [ev.CaseOpened(story.CASE, story.WHEN), ev.ProbeFinished(lost), *story.CLOSING]
    walk = fold(TREE, events, Phase.DONE)
    assert walk.steps[0].status is Status.FAIL
    assert {step.status for step in walk.steps[1:]} == {Status.SKIPPED}


@pytest.mark.parametrize("width", [30, 40, 78, 200])
def test_hostile_text_stays_text(width: int) -> None:
    hostile = "[bold red]x[/] \x1b[31mred\x1b[0m \u202edrow [@click=app.quit]y[/] $(rm -rf) \x07"
    evidence = Evidence(
        "a.b", "stage", Status.FAIL, hostile, {"k": hostile, "list": [hostile]}, detail=f"{hostile}\n{hostile}"
    )
    lines = evidence_page(
        Step(NODES[0], "stage", "Stage", Place.DONE, Status.FAIL, evidence=evidence), Looks(hostile), width
    )
    shown = content(lines)
    text = "".join(plain(line) for line in lines)
    assert "\x1b" not in shown.plain
    assert "\x07" not in shown.plain
    assert "\u202e" not in shown.plain
    assert "[bold" in text
    assert "[@click" in text
    assert not any("click" in str(span.style) for span in shown.spans)


@pytest.mark.parametrize("width", range(40, 130, 7))
def test_nothing_is_wider_than_its_place(width: int) -> None:
    walk = fold(TREE, story.failing(), Phase.DONE)
    for step in walk.steps:
        assert (
            max(
                len(plain(line))
                for line in step_view(
                    step, Looks("The resource policy of the alias", ("aws lambda get-policy",)), width
                )
            )
            <= width
        )
    assert len(plain(spread([("GET /orders/{id}", "strong"), (" · shop", "")], [("done", "")], width))) == width


def test_facts_are_rows() -> None:
    rows = flat({"a": {"b": 1, "c": [1, 2]}, "d": None, "e": True, "f": [{"g": "x"}]})
    assert rows == [("a.b", "1"), ("a.c", "1, 2"), ("d", "none"), ("e", "yes"), ("f.0.g", "x")]


def test_sentences() -> None:
    assert sentences("Lambda takes POST only, e.g. for api.example.com. The rest is why.") == [
        "Lambda takes POST only, e.g. for api.example.com.",
        "The rest is why.",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://x", ("GET", "https://x")),
        (" post https://x ", ("POST", "https://x")),
        ("GETAWAY", ("GET", "GETAWAY")),
    ],
)
def test_a_verb_may_stand_before_the_address(text: str, expected: tuple[str, str]) -> None:
    assert split_verb(text) == expected


@pytest.mark.parametrize(
    ("method", "typed", "asked"),
    [
        ("GET /orders", "", ("GET", "/orders")),
        ("GET /orders/{id}", "/orders/7", ("GET", "/orders/7")),
        ("ANY /{proxy+}", "/a/b", ("GET", "/a/b")),
        ("ANY /orders", "post /orders", ("POST", "/orders")),
    ],
)
def test_a_picked_method_becomes_a_real_request(method: str, typed: str, asked: tuple[str, str]) -> None:
    form = Form(api=("a", "shop"), stage="prod", method=method, request=typed)
    target = form.target(parse_target)
    assert (target.method, target.path) == asked


def test_a_hop_that_no_request_reaches_is_not_shown_as_failing() -> None:
    events = [
        replace(e, status=Status.FAIL) if isinstance(e, ev.BranchTaken) and e.node == "function-log" else e
        for e in story.failing()
    ]
    walk = fold(TREE, events, Phase.DONE)
    rows = [option.prompt.plain for option in _options(walk, "") if isinstance(option.prompt, Content)]
    assert "Permission to invoke ◀ fails here" in rows
    assert [row for row in rows if "✖" in row] == [
        " ✖ What does the execution log say?",
        " ✖ May API Gateway invoke the function?",
    ]


def test_what_is_known_of_a_target_stands_in_the_form() -> None:
    picked = Target(api_id="abc", stage="prod", method="POST", path="/orders")
    assert Form().with_target(picked).target(parse_target) == picked
    called = parse_target("https://abc.execute-api.eu-west-1.amazonaws.com/prod/orders", "PUT")
    assert Form().with_target(called).target(parse_target) == called
    assert Form().with_target(None) == Form()


def test_what_hangs_on_the_account_is_forgotten_with_it() -> None:
    form = Form(profile="a").with_api(("id", "name")).with_value("stage", "prod").with_value("method", "GET /")
    assert form.missing() == ""
    assert form.with_value("region", "eu-west-1").missing() == "Paste the address that fails, or pick an API."


def test_nothing_heavy_is_imported_before_the_first_frame() -> None:
    heavy = "boto3", "botocore", "networkx", "yaml", "wizard.engine", "wizard.tree", "wizard.aws"
    code = f"import sys, wizard.ui.tui.app; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
