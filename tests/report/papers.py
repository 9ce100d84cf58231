"""Verdicts for the documents of a report: the stories made by hand, one with all the evidence, and a hostile one."""

from __future__ import annotations

import itertools
from dataclasses import replace

from tests.report import made
from tests.ui.draw import facts
from wizard.model import events as ev
from wizard.model.case import Symptom
from wizard.model.path import Hop, Link, Path
from wizard.model.status import Proof, Reason, Status
from wizard.model.verdict import Verdict, verdict
from wizard.report.content import Report, report
from wizard.report.formats import RENDERERS

VERSIONS = (("apigw-wizard", "*"), ("decision tree", "*"), ("Python", "*"), ("botocore", "*"))
WITHHELD = {"account": 1, "api": 2}
LONG = "n" * 10_000
# Markup of every format, and what terminals, browsers and trackers act upon.
HOSTILE = (
    "\x1b[31mred\x1b]0;t\x07\x00",
    "<script>window.pwned=1</script></title></style></svg><img src=http://leak.example/i onerror=window.pwned=1>",
    "[x](javascript:window.pwned=1) ![i](http://leak.example/i.png) <javascript:x>",
    "@octocat #1 https://leak.example/a www.leak.example me@leak.example",
    "a|b `c` ```d *e* _f_ ~~g~~ $h$ &lt; \\| \\",
    "1. # - > + ]]> --> &x; {{7*7}} %s",
    'q"];\nclick h0 "http://leak.example" \\N \\',
    "\u202egnp.exe\u200b\u2066 משה 🔥 \ud800\ufffe",
    "[[ATTACHMENT|/etc/passwd]]",
)


def everything() -> Verdict:
    """A fault with every kind of evidence."""
    events: list[ev.Event] = [*made.fault_events()[:-2], *(ev.ProbeFinished(item) for item in facts.ALL)]
    return verdict(made.TREE, [*events, *made.closed()])


def hostile(*evil: str) -> Verdict:
    """Every field of the account holds something evil; with several texts each field has its own."""
    texts = itertools.cycle(evil)

    def more() -> str:
        return next(texts)

    call = replace(made.GET_POLICY, params={"FunctionName": more()}, error=more())
    failed = made.evidence(1, "lambda_fn.permission", "lambda-permission", Status.FAIL, more(), detail=more(),
                           calls=(call,), facts={more(): more(), "function": more(), "qualifier": more(),
                           "causes": [{"cause": made.MISSING.id, "texts": [more() + "!", more()]}]})  # fmt: skip
    unknown = made.evidence(2, "lambda_fn.log", "lambda-function", Status.UNKNOWN, more(), needs=more())
    denied = made.evidence(3, "stage.logging", "stage", Status.UNKNOWN, more(), reason=Reason.DENIED, needs=more())
    story = [{"at": None, "source": more(), "request_id": more(), "text": more(), "deciding": n == 1} for n in range(4)]
    change = {"at": facts.iso(facts.ONSET), "what": more(), "who": more(), "hop": more(), "seconds_before_onset": 1}
    patience = [{"who": more(), "name": more(), "ms": 3000}]
    segment = {"name": more(), "hop": more(), "start_ms": 0, "duration_ms": 5, "fault": True}
    told = (
        facts.seen("stage.access_log", "stage", Status.PASS, more(), story=story),
        facts.seen("stage.changes", "stage", Status.WARN, more(), changes=[change, change]),
        replace(facts.ERRORS, summary=more()),
        facts.seen("integration.durations", "integration", Status.PASS, more(), timeouts=patience,
                   durations={"max_ms": 2900}, gives_up_first=patience[0]["who"],
                   latency_series={"start": facts.iso(facts.START), "step_s": 300, "p50": [1], "p99": [2], "max": [3]}),
        facts.seen("stage.traces", "stage", Status.WARN, more(), traces=[{"id": more(), "segments": [segment]}]),
        facts.seen("stage.health", "stage", Status.WARN, more(), events=[{"service": more(), "code": more()}]),
    )  # fmt: skip
    target = replace(made.TARGET, stage=more(), path=more(), api_id=more(), account=more())
    trace = replace(made.TRACE, api_name=more(), resource_path=more(), stage=more())
    events: list[ev.Event] = [
        *made.opened(Symptom(500, more(), more(), more()), target, trace),
        ev.HopDiscovered(Hop("lambda-permission", "permission", more(), f"arn:aws:lambda:x:1:function:{more()}"), None),
        ev.HopDiscovered(Hop("authorizer", "authorizer", more(), more()), Link("method", "authorizer", "side")),
        *(ev.ProbeFinished(item) for item in (failed, unknown, denied, *told)),
        ev.Found(made.MISSING.id, Proof.PROVEN, "e1", "lambda-permission"),
        ev.HopMarked("stage", Status.UNKNOWN, more()),
        ev.HopMarked("authorizer", Status.WARN, more()),
        ev.HopMarked("lambda-permission", Status.FAIL, more()),
        *made.closed(),
    ]
    return verdict(made.TREE, events)


def untraced() -> Verdict:
    """Nothing is known of the path."""
    failed = made.evidence(1, "path.trace", "client", Status.FAIL, "There is no API a1b2c3d4e5 here.")
    found = verdict(made.TREE, [*made.opened(Symptom(), trace=None), ev.ProbeFinished(failed), *made.closed()])
    return replace(found, path=Path())


VERDICTS = {
    **{name: lambda name=name: made.told(name) for name in made.STORIES},
    "everything": everything,
    "hostile": lambda: hostile(*HOSTILE),
    "untraced": untraced,
}


def paper(name: str) -> Report:
    return of(VERDICTS[name]())


def of(result: Verdict) -> Report:
    return report(result, made.TREE, WITHHELD, VERSIONS)


def rendered(name: str, output: str) -> str:
    return RENDERERS[output](paper(name))
