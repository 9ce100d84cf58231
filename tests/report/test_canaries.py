"""Canaries planted in every field, in every disguise, come out of no format; a leak keeps a file unwritten."""

from __future__ import annotations

import base64
import html
import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.report import made
from tests.report.test_redact import CANARIES, planted
from wizard.model import events as ev
from wizard.model.aws import Call
from wizard.model.case import Symptom, Target
from wizard.model.path import Hop, Link
from wizard.model.status import Proof, Reason, Status
from wizard.model.trace import Integration
from wizard.model.verdict import Verdict, verdict
from wizard.report import manifest
from wizard.report.casefile import CaseWriter
from wizard.report.existing import redact_text
from wizard.report.manifest import LeakError, must_be_clean, redacted, save_map
from wizard.report.names import FORMATS
from wizard.report.redact import Redactor
from wizard.ui.headless import Walked
from wizard.ui.terminal import rendered, save_report

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkiLCJuIjo3fQ.c2lnbmF0dXJlLWNhbmFyeQ"
# What each kind of canary looks like where it usually stands, and the part of it that must be gone.
SHAPES = {
    "account": ("account 777788889999 said no", "777788889999"),
    "account, dashed": ("account 7777-8888-9999", "7777-8888-9999"),
    "lambda arn": ("arn:aws:lambda:eu-west-1:777788889999:function:acmebilling:live", "acmebilling"),
    "role arn": ("arn:aws:iam::777788889999:role/service-role/acme-deployer", "acme-deployer"),
    "caller arn": ("arn:aws:sts::777788889999:assumed-role/acme-ops/jane.doe", "jane.doe"),
    "bucket arn": ("arn:aws:s3:::acme-invoices-2024/secret.pdf", "acme-invoices-2024"),
    "uri arn": (
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:us-east-1:777788889999:function:acmepay/invocations",
        "acmepay",
    ),
    "china arn": ("arn:aws-cn:sqs:cn-north-1:777788889999:acme-queue", "acme-queue"),
    "api": ("https://q7w8e9r0t1.execute-api.us-east-1.amazonaws.com/prod", "q7w8e9r0t1"),
    "api log group": ("API-Gateway-Execution-Logs_q7w8e9r0t1/prod", "q7w8e9r0t1"),
    "api flag": ("aws apigateway get-stage --rest-api-id q7w8e9r0t1 --stage-name prod", "q7w8e9r0t1"),
    "api arn": ("arn:aws:execute-api:us-east-1:777788889999:q7w8e9r0t1/prod/GET/", "q7w8e9r0t1"),
    "domain": ("GET https://pay.acme-corp.com/orders", "acme-corp"),
    "bare host": ("getaddrinfo ENOTFOUND db.acme-corp.zone", "acme-corp"),
    "internal host": ("connect to db-7.acme-corp.internal:5432", "acme-corp"),
    "load balancer": ("acme-alb-123456.us-east-1.elb.amazonaws.com", "acme-alb"),
    "database": ("acmedb.c9akciq32.us-east-1.rds.amazonaws.com", "acmedb"),
    "bucket": ("https://acme-bucket.s3.us-east-1.amazonaws.com/x", "acme-bucket"),
    "function url": ("https://abcdefghijk.lambda-url.us-east-1.on.aws/", "abcdefghijk"),
    "ec2 name": ("ip-10-20-30-41.ec2.internal", "10-20-30-41"),
    "ipv4": ("from 198.51.100.77:443", "198.51.100.77"),
    "ipv6": ("from [2001:db8::beef:7]:443", "2001:db8::beef:7"),
    "request id": ("(7d3f0c2a-1b4e-4c8e-9e39-1b1a2f3c4d5e) Method completed", "7d3f0c2a-1b4e-4c8e-9e39-1b1a2f3c4d5e"),
    "extended id": ("x-amz-apigw-id: Kq9ZxEfgIAMFabc=", "Kq9ZxEfgIAMFabc"),
    "trace id": ("Root=1-5f84c7a1-0123456789abcdef01234567;Sampled=1", "5f84c7a1-0123456789abcdef01234567"),
    "traceparent": ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c"),
    "e-mail": ("mail jane.doe+x@acme-corp.org now", "jane.doe+x"),
    "network": ("subnet-0123456789abcdef1 and sg-0a1b2c3d", "0123456789abcdef1"),
    "access key": ("AKIAQ7W8E9R0T1CANARY", "Q7W8E9R0T1CANARY"),
    "temporary key": ("ASIAQ7W8E9R0T1CANARY", "Q7W8E9R0T1CANARY"),
    "secret key": ("key q7W8e9R0t1/CANARY+secret0key1of2forty3ch", "CANARY+secret0key"),
    "session token": ("IQoJb3JpZ2luX2VjEJ7canarytokenABC/DEF+123==", "canarytoken"),
    "jwt": (f"token {JWT}", "eyJzdWIiOiJjYW5hcnki"),
    "bearer": ("Authorization: Bearer canary-tok3n.abc", "canary-tok3n"),
    "basic": ("authorization=Basic Y2FuYXJ5OmNhbmFyeQ==", "Y2FuYXJ5"),
    "cookie": ("Cookie: a=canary-one; theme=canary-two", "canary-two"),
    "password": ("password=hunter2canary", "hunter2canary"),
    "quoted password": ('"dbPassword": "two words canary"', "words canary"),
    "api key": ("x-api-key: canaryApiKey0123456789abcdef", "canaryApiKey"),
    "client secret": ("client_secret=canary-secret-7", "canary-secret-7"),
    "connection string": ("postgres://acme_user:canary-pw@db.acme-corp.net:5432/shop", "canary-pw"),
    "ado string": ("Server=tcp:x;User Id=sa;Password=canary-pw7;", "canary-pw7"),
    "private key": ("-----BEGIN RSA PRIVATE KEY-----\nMIIcanary\n-----END RSA PRIVATE KEY-----", "MIIcanary"),
    "log headers": ("Method request headers: {X-Customer=canary-customer, Accept=*/*}", "canary-customer"),
    "log query": ("Method request query string: {coupon=canary-coupon}", "canary-coupon"),
    "log path": ("Method request path: {id=canary-order}", "canary-order"),
    "event headers": ('{"headers": {"X-Customer": "canary customer"}}', "canary customer"),
    "event query": ('{"queryStringParameters": {"coupon": "canary coupon"}}', "canary coupon"),
    "query": ("GET /orders?coupon=canary-coupon&x=1", "canary-coupon"),
    "user agent": ('"userAgent": "canary-agent/7 (acme)"', "canary-agent"),
    "principal": ('"principalId": "canary-principal"', "canary-principal"),
    "encoded body": (
        base64.b64encode(b'{"mail": "jane.doe@acme-corp.org", "account": "777788889999"}').decode(),
        "eyJtYWlsIjogImphbmU",
    ),
}  # fmt: skip


def wrapped(text: str) -> str:
    """The text as a narrow column breaks it: in the middle of words, behind an indentation."""
    room = 44
    return "\n".join("    " + text[at : at + room] for at in range(0, len(text), room))


DISGUISES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "in brackets": lambda text: f"({text})",
    "json": json.dumps,
    "json in json": lambda text: json.dumps(json.dumps({"text": text})),
    "url": lambda text: f"next=1%26{quote(text, safe='')}",
    "url twice": lambda text: quote(quote(text, safe=""), safe=""),
    "html": lambda text: f"<td>{html.escape(text)}</td>",
    "html numbers": lambda text: re.sub(r"[\"'/:=]", lambda found: f"&#{ord(found[0])};", text),
    "markdown": lambda text: re.sub(r"[_*\-.\[\]]", lambda found: "\\" + found[0], text),
    "zero width": lambda text: text.replace("@", "@&#8203;").replace("://", "&#8203;://"),
    "behind a line break": lambda text: f"line\\n{text}\\nline",
    "in a log": lambda text: f"2026-03-04T05:06:07.123Z\t{text}\t2026",
    "wrapped": lambda text: wrapped(f"{'x' * 23} {text}"),
}
# Disguises that a kind cannot wear: what makes it what it is gets lost in them.
_BARE = {"wrapped": {"private key"}, "json": set(), "in a log": set()}


@pytest.mark.parametrize(
    ("shape", "disguise"),
    [(shape, disguise) for shape in SHAPES for disguise in DISGUISES if shape not in _BARE.get(disguise, ())],
)
def test_any_text_is_redacted_and_twice_is_once(shape: str, disguise: str) -> None:
    text, canary = SHAPES[shape]
    once, redactor = redact_text(DISGUISES[disguise](text))
    seen = re.sub(r"\s+", "", once).casefold()
    for form in (canary, quote(canary, safe=""), html.escape(canary), canary.replace("-", "\\-").replace(".", "\\.")):
        assert re.sub(r"\s+", "", form).casefold() not in seen
    assert redactor.withheld()
    assert redact_text(once)[0] == once


@pytest.mark.parametrize("change", [str.upper, str.lower])
@pytest.mark.parametrize("shape", ["domain", "request id", "trace id", "e-mail", "internal host", "ipv6", "lambda arn"])
def test_upper_and_lower_case_are_one(shape: str, change: Callable[[str], str]) -> None:
    text, canary = SHAPES[shape]
    once, redactor = redact_text(f"{text}\n{change(text)}\n")
    assert canary.casefold() not in once.casefold()
    assert all(name.endswith("-1") for name in redactor.originals())


def everywhere(texts: list[str]) -> Verdict:
    """A case in which every field that may come from outside holds all the texts."""
    text = "\n".join(texts)
    target = Target("rest", "q7w8e9r0t1", "prod", "GET", "/orders/canary-order-7", "us-east-1", "777788889999",
                    host="pay.acme-corp.com", url="https://pay.acme-corp.com/orders?coupon=canary-coupon")  # fmt: skip
    trace = replace(made.TRACE, api_name="acme-api-7", api_id="q7w8e9r0t1", domain="pay.acme-corp.com",
                    stage_variables={"db": text, "password": "canary-variable"}, invoked_uri=text,
                    integration=Integration("AWS_PROXY", text, credentials=SHAPES["role arn"][0]))  # fmt: skip
    calls = (
        Call("lambda", "GetPolicy", {"FunctionName": "acmebilling", "Filter": [text], "x": {"token": "canary-param"}},
             "us-east-1", False, 5.0, text, text),
    )  # fmt: skip
    facts: dict[str, Any] = {
        "log": texts, "nested": [{"text": text, "account": 777788889999, "Authorization": "canary-structured"}],
        "headers": {"X-Customer": ["canary-header"], "Content-Type": "application/json"},
        "queryStringParameters": {"coupon": "canary-q"}, text: "as a key",
        "causes": [{"cause": made.MISSING.id, "texts": texts}], "function": "acmebilling",
    }  # fmt: skip
    items = [
        made.evidence(1, "lambda_fn.permission", "lambda-permission", Status.FAIL, text, detail=text, facts=facts,
                      calls=calls),
        made.evidence(2, "lambda_fn.log", "lambda-function", Status.UNKNOWN, text, needs=text, reason=Reason.NO_DATA,
                      facts=facts),
        made.evidence(3, "stage.logging", "stage", Status.WARN, text, facts=facts),
    ]  # fmt: skip
    events: list[ev.Event] = [
        *made.opened(Symptom(500, text, text, "7d3f0c2a-1b4e-4c8e-9e39-1b1a2f3c4d5e"), target, trace),
        ev.HopDiscovered(Hop("target", "backend", text, text), Link("lambda-function", "target")),
        *(ev.ProbeFinished(item) for item in items),
        ev.Found(made.MISSING.id, Proof.PROVEN, "e1", "lambda-permission"),
        ev.HopMarked("lambda-permission", Status.FAIL, text),
        *made.closed(),
    ]  # fmt: skip
    return verdict(made.TREE, events)


STRUCTURED = ("canary-variable", "canary-param", "canary-structured", "canary-header", 'canary-q"', "acme-api-7")


@cache
def cleaned(*texts: str) -> tuple[Redactor, Verdict]:
    """What `redacted` does before it renders, once for all formats."""
    result = everywhere(list(texts))
    redactor = Redactor(result, made.TREE)
    return redactor, redactor.apply(result)


def shown(output: str, *texts: str) -> str:
    redactor, clean = cleaned(*texts)
    text = rendered(Walked(clean, made.TREE), output, redactor.withheld())
    must_be_clean(text, redactor)
    return text


def document(output: str) -> str:
    return shown(output, *(text for text, _ in SHAPES.values()))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", html.unescape(text).replace("\\", "")).casefold()


@pytest.mark.parametrize("output", FORMATS)
def test_no_format_shows_a_canary(output: str) -> None:
    seen = squeezed(document(output))
    for canary in (*(canary for _, canary in SHAPES.values()), *STRUCTURED, *CANARIES.values()):
        assert re.sub(r"\s+", "", canary).casefold() not in seen


@pytest.mark.parametrize("output", [name for name in FORMATS if name not in ("mermaid", "dot", "svg")])
def test_the_report_says_what_was_withheld(output: str) -> None:
    for kind in ("account ids", "API ids", "hosts and domains", "IP addresses", "removed secrets"):
        assert kind in html.unescape(document(output)).replace("\n", " ")


@pytest.mark.parametrize("seed", range(8))
def test_any_mixture_of_canaries(seed: int) -> None:
    dice = random.Random(seed)
    chosen = dice.sample(sorted(SHAPES), 9)
    worn = ["plain", "json", "json in json", "url", "html", "in a log"]
    texts = [DISGUISES[dice.choice(worn)](SHAPES[name][0]) for name in chosen]
    for output in FORMATS:
        seen = squeezed(shown(output, *texts))
        for name in chosen:
            assert re.sub(r"\s+", "", SHAPES[name][1]).casefold() not in seen


@pytest.mark.parametrize("output", FORMATS)
def test_an_existing_report_that_was_not_redacted(output: str) -> None:
    before = rendered(Walked(planted(), made.TREE), output)
    after, _ = redact_text(before, made.TREE)
    for canary in CANARIES.values():
        if canary != CANARIES["customer"]:  # the path of a request is known as one only in a case
            assert canary.casefold() not in after.casefold()
    assert redact_text(after, made.TREE)[0] == after
    if output == "json":
        assert json.loads(after)["outcome"] == "fault"


def test_an_existing_case_stays_a_case(tmp_path: Path) -> None:
    writer = CaseWriter(pytest.fail, tmp_path)
    for event in made.fault_events():
        writer(event)
    writer.close()
    assert writer.path
    after, redactor = redact_text(writer.path.read_text(), made.TREE)
    assert made.ACCOUNT not in after
    assert made.API not in after
    assert "shop-orders" not in after
    out = tmp_path / "out.jsonl"
    out.write_text(after)
    from wizard.report.casefile import read

    told = verdict(made.TREE, read(out).events)
    assert (told.outcome, told.failing_hop) == (made.told("fault").outcome, made.told("fault").failing_hop)
    assert redact_text(after, made.TREE)[0] == after
    assert redactor.originals()["account-1"] == made.ACCOUNT


LEAKS = {
    "as it is": lambda value: f"<b>{value}</b>",
    "upper case": str.upper,
    "url": lambda value: quote(quote(value, safe=""), safe=""),
    "html": lambda value: "".join(f"&#{ord(char)};" for char in value),
    "json": lambda value: "".join(f"\\u{ord(char):04x}" for char in value),
    "markdown": lambda value: re.sub(r"(\W)", r"\\\1", value),
    "over two lines": lambda value: f"{value[:7]}\n      {value[7:]}",
    "base64": lambda value: base64.b64encode(f"the value is {value}.".encode()).decode(),
}


@pytest.mark.parametrize("disguise", LEAKS)
@pytest.mark.parametrize("shape", ["account", "domain", "request id", "password", "role arn", "e-mail"])
def test_a_leak_is_noticed_in_any_disguise(shape: str, disguise: str) -> None:
    redactor = Redactor()
    text, canary = SHAPES[shape]
    redactor.learn(text)
    whole = next((value for value in redactor.originals().values() if canary in value), canary)
    with pytest.raises(LeakError, match="nothing was written") as raised:
        must_be_clean(f"A report.\n{LEAKS[disguise](whole)}\nThe end.", redactor)
    assert canary not in str(raised.value)


@pytest.mark.parametrize("shape", ["access key", "jwt", "private key", "secret key", "session token"])
def test_what_looks_like_a_secret_leaves_in_no_document(shape: str) -> None:
    with pytest.raises(LeakError, match="looks like a secret"):
        must_be_clean(SHAPES[shape][0], Redactor())


@pytest.mark.parametrize("output", FORMATS)
def test_a_renderer_that_leaks_writes_nothing(output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report"
    file.write_text("old")
    real = manifest.redacted
    monkeypatch.setattr(
        manifest,
        "redacted",
        lambda result, tree, render: real(result, tree, lambda clean, count: render(clean, count) + made.ACCOUNT),
    )
    with pytest.raises(LeakError, match="account-1"):
        save_report(Walked(made.told("fault"), made.TREE), output, file)
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_function_that_is_called_like_a_word_of_the_tool_hides_no_words() -> None:
    result = made.told("fault")
    item = replace(
        result.evidence[0], summary="arn:aws:lambda:us-east-1:111122223333:function:lambda-permission failed"
    )
    for output in FORMATS:
        text, _ = redacted(
            replace(result, evidence=(item, *result.evidence[1:])),
            made.TREE,
            lambda clean, withheld, output=output: rendered(Walked(clean, made.TREE), output, withheld),  # type: ignore[misc]
        )
        assert text


def test_the_private_map_lies_in_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    report = save_report(Walked(made.told("fault"), made.TREE), "markdown", tmp_path / "report.md")
    (kept,) = (tmp_path / "state/apigw-wizard/maps").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    told = json.loads(kept.read_text())
    assert told["report"] == str(report)
    assert told["names"]["account-1"] == made.ACCOUNT
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["report.md"]


def test_the_map_holds_no_secret_and_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(manifest, "KEPT", 3)
    _, redactor = redact_text("\n".join(text for text, _ in SHAPES.values()))
    files = [save_map(redactor, tmp_path / f"report {number}") for number in range(5)]
    kept = sorted((tmp_path / "apigw-wizard/maps").iterdir())
    assert kept == files[2:]
    for secret in ("hunter2canary", JWT, "canary-pw", "AKIAQ7W8", "canary-tok3n"):
        assert secret not in kept[-1].read_text()


def test_ten_thousand_different_ids_take_no_longer_than_they_must() -> None:
    rows = [f"(7d3f0c2a-1b4e-4c8e-9e39-{i:012x}) 502 from 10.0.{i % 250}.{i // 250}" for i in range(5000)]
    _, redactor = redact_text("\n".join(rows))
    assert redactor.withheld() == {"IP addresses": 5000, "request ids": 5000}
    pattern = redactor._withholder.names.pattern()
    assert pattern is None  # found by their form: a pattern of them all would be slow on every text
