"""A small tree and small probes that the engine walks without AWS."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wizard.engine import Engine
from wizard.model.aws import Aws
from wizard.model.case import Case, Symptom, Target, Window
from wizard.model.events import Event, Question
from wizard.model.probe import Evidence, Probe
from wizard.model.trace import Trace
from wizard.model.tree import Tree
from wizard.tree import load

TREE = """\
hops:
  - {id: stage, title: Stage, asks: [first, second]}
  - {id: lambda-permission, title: Permission, asks: [permission]}
  - {id: client, title: Client, asks: [request]}
nodes:
  first: {title: First?, why: w, probe: t.first, branches: [
    {when: {status: pass}}, {when: {status: fail}, cause: cause-a}, {when: {status: unknown}, ask: by-hand}]}
  by-hand: {title: By hand?, why: w, question: Is it so?, how: Look at it., branches: [
    {when: {answer: yes}}, {when: {answer: no}, cause: cause-a, proof: suggested}, {when: {answer: unsure}}]}
  second: {title: Second?, why: w, probe: t.second, only_if: {not: {found: {contains: cause-a}}}, branches: [
    {when: {status: [pass, unknown]}}, {when: {status: fail}, causes: facts.causes}]}
  permission: {title: Third?, why: w, probe: t.third, branches: [
    {when: {status: pass}}, {when: {status: fail}, cause: cause-b}, {when: {status: unknown}}]}
  request: {title: Request?, why: w, probe: t.request, branches: [
    {when: {status: [pass, unknown]}}, {when: {status: fail}, cause: cause-c}]}
causes:
  cause-a: {code: GW9001, hop: stage, title: A is wrong, why: w, status: [500], fix: {cli: mend {stage}}}
  cause-b: {code: GW9002, hop: lambda-permission, title: B is wrong, why: w, status: [500], fix: {cli: mend}}
  cause-c: {code: GW9003, hop: client, title: C is wrong, why: w, status: [502], fix: {cli: mend}}
""".replace("{cli: mend {stage}}", '{cli: "mend {stage}"}')

Run = Callable[[Case, Aws], Evidence]


def probe(probe_id: str, probe_hop: str, run: Callable[[Probe, Case, Aws], Evidence], **attributes: Any) -> Probe:
    """A probe made of a function."""
    kind = type(
        "TestProbe",
        (Probe,),
        {"title": probe_id, "hop": probe_hop, "run": run, "__module__": f"probes.{probe_id}", **attributes},
    )
    made: Probe = kind()
    return made


def traced(self: Probe, case: Case, aws: Aws) -> Evidence:
    ids = ("client", "stage", "lambda-permission")
    return self.passed(
        "traced",
        trace=Trace(api_id="abc", stage="prod").facts(),
        target={"stage": "prod"},
        hops=[{"id": i, "kind": i, "label": i} for i in ids],
        links=[{"source": a, "target": b, "kind": "next"} for a, b in zip(ids, ids[1:], strict=False)],
    )


class Bench:
    """Probes by id, the events that came, and the answers given."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.events: list[Event] = []
        self.questions: list[Question] = []
        self.answers: dict[str, str] = {}
        self.ran: list[str] = []
        self.lock = threading.Lock()
        self.probes: dict[str, Probe] = {}
        self.set("path.trace", "stage", traced)
        self.status(first="passed", second="passed", third="passed")
        self.set("t.request", "client", lambda p, c, a: p.passed("200"), effect="invokes-backend", warning="It calls.")

    def set(self, probe_id: str, hop: str, run: Callable[[Probe, Case, Aws], Evidence], **attributes: Any) -> None:
        def noted(self_: Probe, case: Case, aws: Aws) -> Evidence:
            with self.lock:
                self.ran.append(probe_id)
            return run(self_, case, aws)

        self.probes[probe_id] = probe(probe_id, hop, noted, **attributes)

    def status(self, **methods: str) -> None:
        hops = {"first": "stage", "second": "stage", "third": "lambda-permission"}
        for name, method in methods.items():
            self.set(f"t.{name}", hops[name], lambda p, c, a, m=method: getattr(p, m)(f"{m}"))

    async def ask(self, question: Question) -> str:
        self.questions.append(question)
        return self.answers.get(question.id, question.default)

    def engine(self, deadline_s: float = 30) -> Engine:
        return Engine(self.tree, object(), self.events.append, self.ask, deadline_s=deadline_s)  # type: ignore[arg-type]  # no probe here calls it

    def case(self, status: int | None = None) -> Case:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return Case(Target(api_id="abc"), Symptom(status=status), Window(now, now))

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    file = tmp_path / "tree.yaml"
    file.write_text(TREE, encoding="utf-8")
    made = Bench(load(file))
    monkeypatch.setattr("wizard.engine.runner.find_probe", lambda probe_id: made.probes[probe_id])
    return made
