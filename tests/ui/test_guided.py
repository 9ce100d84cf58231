"""Guided mode at a plain terminal: what is shown, what is read, how it ends; and the guide between threads and loop."""

from __future__ import annotations

import asyncio
import builtins
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, run
from wizard.aws.pasted import Wanted
from wizard.engine import Engine
from wizard.model import events as ev
from wizard.model.aws import AwsError, Unanswered
from wizard.model.case import Case, Symptom, Target, Window
from wizard.model.path import Hop, Link
from wizard.model.path import Path as Way
from wizard.model.status import Proof, Status
from wizard.report.casefile import read, recent
from wizard.tree import load
from wizard.ui import paste
from wizard.ui.guided import PACE, Guide, Request
from wizard.ui.voice import Voice, spoken

__all__ = ["run"]
URL = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders/42"
TREE = load(None)
WANTED = Wanted("aws sts get-caller-identity", "sts get-caller-identity", "get-caller-identity: Account")
API = json.dumps({"id": "a1b2c3d4e5", "name": "shop"}, indent=2)
STAGE = json.dumps({"stageName": "prod", "deploymentId": "d1"}, indent=2)


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[str]]:
    """What is typed and pasted, answer by answer, line by line; no AWS configuration anywhere."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    def types(*answers: Any, outputs: dict[str, list[Any]] | None = None, save: str = "") -> list[str]:
        """`outputs` are given for the command of that name, one after the other; then it is enough."""
        typed, waiting, commands = iter(answers), list[str](), list[str]()
        whole = Voice.whole

        def shown(self: Voice, text: str) -> None:
            commands.append(text)
            whole(self, text)

        def answer(prompt: str) -> Any:
            if prompt.startswith("Its output"):
                left = (outputs or {}).get(commands[-1].split()[2], [])
                return left.pop(0) if left else "enough"
            return save if prompt.startswith("Save it as") else next(typed, "")

        def line(prompt: str = "") -> str:
            if not waiting:
                given = answer(prompt)
                if isinstance(given, BaseException):
                    raise given
                waiting.extend(given.split("\n"))
            return waiting.pop(0)

        monkeypatch.setattr(builtins, "input", line)
        monkeypatch.setattr(Voice, "whole", shown)
        return commands

    return types


def test_without_credentials_and_without_configuration(run: Run, typing: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    outputs = {"get-rest-api": ["yes", API], "get-stage": [STAGE], "get-resources": ["skip"], "get-export": ["skip"]}
    commands = typing("1", URL, "", "502", "12345", "1234-5678-9012", outputs=outputs, save=str(file))
    result = run("ask", "--guided", "--plain")
    assert result.code == 5
    assert "'12345' is no account id" in result.err
    assert "aws apigateway get-rest-api --rest-api-id a1b2c3d4e5 --region eu-west-1 --output json" in commands
    assert set(commands) == {line for line in result.out.splitlines() if line.startswith("aws ")}
    assert len(commands) == len(set(commands))
    assert len(commands) == 5  # four to trace the path; the next one was enough
    said = " ".join(result.out.split())
    assert "That cannot be used: there is no JSON in it; expected get-rest-api: id, name" in said
    assert "Command 1: Which way does the request take?" in said
    assert not set("●◆✖○│┊") & set(result.out)
    assert "get-export" in file.read_text()


def test_ctrl_c_keeps_the_case_and_it_can_be_taken_up(run: Run, typing: Any) -> None:
    outputs = {"get-rest-api": [API], "get-stage": [STAGE], "get-resources": ["skip"], "get-export": ["skip"]}
    typing("", "123456789012", outputs=outputs | {"get-metric-data": [KeyboardInterrupt()]})
    assert run("ask", "--guided", "--plain", URL).code == 130
    (case,) = recent()
    assert case.outcome is None
    assert {item.probe for item in read(case.path).evidence} >= {"path.trace"}
    commands = typing("3", "1")
    assert run("ask", "--guided", "--plain").code == 5
    assert len(commands) == 1
    assert "get-metric-data" in commands[0]


def test_ids_are_typed_where_no_list_can_be_had(run: Run, typing: Any) -> None:
    commands = typing("2", "a b", "a1b2c3d4e5", "prod", "post", "/orders", "", "Ireland", "eu-west-1")
    result = run("ask", "--guided", "--plain")
    assert "is no API id" in result.err
    assert "'Ireland' is no Region" in result.err
    assert "POST /orders of a1b2c3d4e5" in result.out
    assert len(commands) == 1
    assert "--region eu-west-1" in commands[0]


@pytest.mark.parametrize(
    ("typed", "got"),
    [
        (["skip"], "skip"),
        ([""], ""),
        (["@my.json", "next"], "@my.json"),
        (['{"a": 1}', "next"], '{"a": 1}'),
        (["$ aws x", "{", '  "a": {', "  }", "}", "next"], '$ aws x\n{\n  "a": {\n  }\n}'),
        (["{", '  "a": "An error"', "", "next"], '{\n  "a": "An error"\n'),
        (["aws: An error occurred (X) when calling the Y operation: z", "next"], None),
        (["one", "{"], "one"),
        (["a word", "{", EOFError()], "a word\n{"),
    ],
)
def test_where_a_paste_ends(monkeypatch: pytest.MonkeyPatch, typed: list[Any], got: str | None) -> None:
    lines = iter(typed)

    def line(_: str = "") -> str:
        if isinstance(given := next(lines), BaseException):
            raise given
        return str(given)

    monkeypatch.setattr(builtins, "input", line)
    assert paste.read_paste("> ") == (typed[0] if got is None else got)


def test_a_terminal_that_gives_a_paste_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "input", lambda _="": '{\n "a": 1\n}\n$ ')
    monkeypatch.setattr(paste, "_more_waits", lambda: False)
    lines = iter(['{\n "a": 1\n}', "never"])
    monkeypatch.setattr(builtins, "input", lambda _="": next(lines))
    assert paste.read_paste("> ") == '{\n "a": 1\n}'
    assert next(lines) == "never"


def case() -> Case:
    from datetime import UTC, datetime

    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Case(Target(api_id="abc"), Symptom(), Window(now, now))


def in_thread(work: Callable[[], Any]) -> list[Any]:
    """Runs it in a thread; the result or the AwsError is put into the list."""
    got: list[Any] = []

    def run_() -> None:
        try:
            got.append(work())
        except AwsError as error:
            got.append(error)

    thread = threading.Thread(target=run_, daemon=True)
    thread.start()
    got.append(thread)
    return got


async def test_one_question_at_a_time_until_it_has_its_answer() -> None:
    at_work: list[str] = []
    shown: list[tuple[str, bool]] = []

    async def put(request: Request) -> str:
        assert at_work == []
        at_work.append(request.wanted.command)
        await asyncio.sleep(0.001)
        shown.append((at_work.pop(), bool(request.wanted.refused)))
        return "skip" if request.wanted.refused else "nonsense"

    guide = Guide(put)
    guide.hear(ev.CaseOpened(case(), case().window.start), TREE)
    aws = guide.open_aws("eu-west-1")

    def ask(stage: str) -> None:
        with pytest.raises(Unanswered):
            aws.call("apigateway", "GetStage", restApiId="abc", stageName=stage)

    await asyncio.gather(*(asyncio.to_thread(ask, stage) for stage in "abcde"))
    assert [refused for _, refused in shown] == [False, True] * 5
    assert [one[0] for one in shown[::2]] == [one[0] for one in shown[1::2]]


async def test_the_step_that_asks_and_what_is_proven_by_then() -> None:
    seen: list[Request] = []

    async def put(request: Request) -> str:
        seen.append(request)
        return ""

    guide = Guide(put)
    guide.hear(ev.CaseOpened(case(), case().window.start), TREE)
    await asyncio.to_thread(guide.ask, WANTED)
    node = next(node for node in TREE.nodes.values() if node.probe)
    guide.hear(ev.NodeEntered(node.id, "stage"), TREE)
    cause = next(iter(TREE.causes.values()))
    guide.hear(ev.Found(cause.id, Proof.HINTED, "e1", node.id), TREE)
    await asyncio.to_thread(guide.ask, WANTED)
    guide.hear(ev.Found(cause.id, Proof.PROVEN, "e1", node.id), TREE)
    await asyncio.to_thread(guide.ask, WANTED)
    assert [(each.step, each.found) for each in seen] == [
        ("Which way does the request take?", ""),
        (node.title, ""),
        (node.title, cause.title),
    ]


def test_when_the_walk_is_over_nobody_waits() -> None:
    async def put(request: Request) -> str:
        raise KeyboardInterrupt

    guide = Guide(put)
    with pytest.raises(Unanswered, match="broken off") as caught:
        guide.ask(WANTED)
    assert caught.value.command == WANTED.command
    got: list[Any] = []

    async def walk() -> None:
        guide.hear(ev.CaseOpened(case(), case().window.start), TREE)
        got.extend(in_thread(lambda: guide.ask(WANTED)))
        await asyncio.sleep(30)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(walk())
    next(each for each in got if isinstance(each, threading.Thread)).join(5)
    with pytest.raises(Unanswered):
        guide.ask(WANTED)


def test_a_ctrl_c_between_two_questions_ends_the_walk() -> None:
    """The walk is cancelled when the next question is already on its way: it is not asked any more."""
    asked: list[str] = []

    async def put(request: Request) -> str:
        asked.append(request.wanted.command)
        walking[0].cancel()
        late.append(asyncio.create_task(guide._put_next(WANTED)))
        return "skip"

    walking: list[asyncio.Task[Any]] = []
    late: list[asyncio.Task[str]] = []
    guide = Guide(put)

    async def walk() -> None:
        engine = Engine(TREE, guide.open_aws("eu-west-1"), lambda event: guide.hear(event, TREE), never, **PACE)
        walking.append(asyncio.create_task(engine.run(case())))
        with pytest.raises(asyncio.CancelledError):
            await walking[0]
        with pytest.raises(Unanswered):
            await late[0]

    async def never(question: ev.Question) -> str:
        raise AssertionError(question)

    asyncio.run(walk())
    assert len(asked) == 1


def test_the_path_as_sentences() -> None:
    hops = (
        Hop("client", "client", "Client", status=Status.PASS),
        Hop("permission", "permission", "Resource policy", status=Status.FAIL, note="names \x1b[2J another API"),
        Hop("function", "function", "shop", blocked=True),
    )
    links = tuple(Link(one.id, other.id) for one, other in zip(hops, hops[1:], strict=False))
    from wizard.model.verdict import verdict

    result = verdict(TREE, [ev.CaseOpened(case(), case().window.start)])
    from dataclasses import replace

    said = ["".join(text for text, _ in line) for line in spoken(replace(result, path=Way(hops, links)), 80)]
    assert said == [
        " 1. Client: in order",
        " 2. Resource policy: FAILS. names \\e[2J another API",
        " 3. shop: not reached",
    ]
