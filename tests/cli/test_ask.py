"""apigw-wizard ask without a capable terminal: the same questions as plain lines."""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.report import made
from wizard.aws import browse, profiles
from wizard.aws.browse import Choice
from wizard.model.aws import Denied
from wizard.model.case import Case
from wizard.model.events import Question
from wizard.model.verdict import verdict
from wizard.ui import plain
from wizard.ui.headless import Walked
from wizard.ui.plain import Prompt

URL = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/orders/42"
Typing = Callable[..., list[str]]


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Typing:
    """What the person types, line by line; the prompts end up in the list. An exception is a key like Ctrl+C."""

    def types(*lines: Any) -> list[str]:
        waiting: Iterator[Any] = iter(lines)
        shown: list[str] = []

        def line(prompt: str) -> str:
            shown.append(prompt)
            typed = next(waiting, EOFError())
            if isinstance(typed, BaseException):
                raise typed
            return str(typed)

        monkeypatch.setattr(builtins, "input", line)
        return shown

    return types


@pytest.fixture
def cases(monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """The cases that were walked; each walk ends in a fault."""
    seen: list[Case] = []

    def walk(settings: Any, case: Case, say: Any, ask: Any, *_: Any) -> Walked:
        seen.append(case)
        say("ok", "lambda_fn.permission: fine\x1b[2J")
        return Walked(verdict(made.TREE, made.fault_events()), made.TREE)

    monkeypatch.setattr(plain, "walk", walk)
    return seen


def test_paste_a_url(run: Run, typing: Typing, cases: list[Case], tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    typing("1", "", URL, "post", "abc", "502", str(file))
    result = run("ask")
    (case,) = cases
    assert result.code == 3
    assert (case.target.api_id, case.target.method, case.target.path, case.symptom.status) == (
        "a1b2c3d4e5",
        "POST",
        "/orders/42",
        502,
    )
    assert "no address given" in result.err
    assert "'abc' is no HTTP status" in result.err
    assert "GW0801" in result.out
    assert "\x1b" not in result.out
    assert made.ACCOUNT not in file.read_text()


def test_pick_from_lists(run: Run, typing: Typing, cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    lists = {
        "regions": ["eu-west-1", "us-east-1"],
        "apis": [Choice("a1b2c3d4e5", "shop", "regional"), Choice("zzz", "\x1b[31mevil")],
        "stages": [Choice("prod", "prod")],
        "methods": [Choice("ANY /orders/{id}", "ANY /orders/{id}", "AWS_PROXY")],
    }
    for name, entries in lists.items():
        monkeypatch.setattr(browse, name, lambda *_, entries=entries: entries)
    monkeypatch.setattr(profiles, "profiles", lambda: [Choice("default", "default"), Choice("shop", "shop")])
    typing("Pick", "shop", "us", "9", "1", "1", "1", "/orders/42", "delete", "", "")
    result = run("ask")
    (case,) = cases
    assert result.code == 3
    target = case.target
    assert (target.api_id, target.stage, target.method, target.path, target.region) == (
        "a1b2c3d4e5",
        "prod",
        "DELETE",
        "/orders/42",
        "us-east-1",
    )
    assert "\\e[31mevil" in result.out
    assert "Type a number from 1 to 2" in result.out


def test_a_list_that_may_not_be_read_is_typed_by_hand(
    run: Run, typing: Typing, cases: list[Case], aws_says: Any
) -> None:
    aws_says(Denied("apigateway:GET"))
    typing("2", "a1b2c3d4e5", "prod", "GET /orders/42", "", "")
    result = run("ask", "-r", "us-east-1", "-p", "shop")
    assert (cases[0].target.api_id, cases[0].target.stage, cases[0].target.path) == ("a1b2c3d4e5", "prod", "/orders/42")
    assert result.err.count("apigateway:GET") == 3


@pytest.mark.parametrize("key", [KeyboardInterrupt(), EOFError()])
def test_leaving_early(run: Run, typing: Typing, key: BaseException) -> None:
    typing(key)
    assert run("ask").code == 130


def test_questions_during_the_walk(typing: Typing, capsys: pytest.CaptureFixture[str]) -> None:
    shown = typing("", "maybe", "y")
    ask = plain._asker(Prompt())
    consent = Question("c", "consent", "Test\x1b[2J", "Runs your backend.", command="GET /orders")
    manual = Question("m", "manual", "Is it there?", "Look.", default="unsure")
    assert asyncio.run(ask(consent)) == "no"
    assert asyncio.run(ask(manual)) == "yes"
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "GET /orders" in said
    assert "[unsure]" in shown[-1]


def test_ctrl_c_at_a_question_reaches_the_walk(typing: Typing) -> None:
    typing(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(plain._asker(Prompt())(Question("c", "consent", "T", "t")))


def test_the_end_of_input_leaves(typing: Typing) -> None:
    typing()
    with pytest.raises(KeyboardInterrupt):
        Prompt().text("URL:")


def test_in_a_pipe_each_answer_ends_its_line(typing: Typing, capsys: pytest.CaptureFixture[str]) -> None:
    typing("b", EOFError())
    assert Prompt().choose("Which?", ["a", "b"], "a") == "b"
    assert capsys.readouterr().out == "  1) a\n  2) b\nb\n"
    with pytest.raises(KeyboardInterrupt):
        Prompt().text("Name:")
    assert capsys.readouterr().out == "\n"
