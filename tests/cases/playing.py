"""A case file played against the real engine with the real tree, its answers laid over those of the healthy shop.

says:        one sentence
shop:        http or websocket: which healthy shop it is laid over (healthy-<shop>.yaml); left out, the REST API
symptom:     {status, message, error_type, request_id, seen_in}; left out: nobody saw anything
target:      what differs from the healthy shop's
integration: {deployed: {...}, configured: {...}, both: {...}} changes of GET /orders/{id}; null takes it away (REST)
mapping:     that method without a proxy, with templates and response table (REST); see mapped.py
answers:     entries of wizard.aws.replay; `merge` in place of `answer` changes the healthy answer: mappings key by
             key, null takes away, "name=value" picks entries of a list. JSON text may stand as data
logs:        {execution, function, <log group>}: lines after the healthy ones, null for a group that is not there,
             {error: ...} for one that cannot be read. <1> is the id of a request, <2> of another
             {request: 1, says: [...], status: 502} stands for a whole request in the execution log,
             {context: {status: 500, ...}} for a line of the access log in the shop's format, by names of $context
questions:   answers to what is asked by hand
allow_invoke: a yes to every consent question
expect:      see test_cases.py
"""

from __future__ import annotations

import asyncio
import copy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.cases.mapped import answers as mapped
from tests.cases.shapes import as_sent
from wizard.aws.cache import CachedAws
from wizard.aws.replay import ReplayAws
from wizard.engine import Engine
from wizard.model.aws import Aws, HttpAnswer, Pages
from wizard.model.case import Case, Symptom, Target, Window
from wizard.model.events import Event, Question
from wizard.model.tree import Tree
from wizard.model.verdict import Verdict
from wizard.tree import load

HERE = Path(__file__).parent
WINDOW = Window(datetime(2026, 1, 15, 11, tzinfo=UTC), datetime(2026, 1, 15, 12, tzinfo=UTC))
KEYS = {
    "says",
    "shop",
    "symptom",
    "target",
    "integration",
    "mapping",
    "answers",
    "logs",
    "questions",
    "allow_invoke",
    "expect",
}
EXECUTION, FUNCTION = "API-Gateway-Execution-Logs_a1b2c3d4e5/prod", "/aws/lambda/shop-orders"
ACCESS = "shop-access"  # there, but empty in cases of REST APIs: the execution log tells
GROUPS = {
    EXECUTION: "execution",
    "/aws/apigateway/w1x2y3z4a5/prod": "execution",
    FUNCTION: "function",
    ACCESS: "access",
}
PATH, METHOD = "/orders/{id}", "GET"
ENDPOINT = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/{}/invocations"
ORDERS = "arn:aws:lambda:us-east-1:123456789012:function:shop-orders:live"
_TERM = re.compile(r'\?(?:"([^"]*)"|(\S+))')

File = dict[str, Any]


@cache
def tree() -> Tree:
    """The tree that ships."""
    return load()


@cache
def healthy(shop: str = "rest") -> File:
    """The recording of a healthy shop: rest, http or websocket."""
    return read(HERE / ("healthy.yaml" if shop == "rest" else f"healthy-{shop}.yaml"))


def beneath(case: File) -> File:
    """The recording that a case is laid over."""
    return healthy(case.get("shop", "rest"))


@cache
def read(path: Path) -> File:
    """A case or recording as it stands in its file, nobody's to change."""
    found: File = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return found


@cache
def _sent(shop: str) -> list[dict[str, Any]]:
    """The answers of a healthy shop as the services give them."""
    return [as_sent(entry) for entry in healthy(shop)["answers"]]


def entries(case: File) -> list[dict[str, Any]]:
    """The answers of a case, every merge carried out."""
    own = mapped(case["mapping"]) if "mapping" in case else []
    changes = _integration(case.get("integration") or {}) + own + (case.get("answers") or [])
    made = [_merged(entry, beneath(case)["answers"]) for entry in changes]
    order = {(e["service"], e["operation"], str(e.get("params")), e.get("region")): e for e in made}
    return list(order.values())


def refused(case: File, service: str, operation: str) -> File:
    """The same case with one operation that the credentials may not ask."""
    kept = [entry for entry in entries(case) if (entry["service"], entry["operation"]) != (service, operation)]
    error = {"service": service, "operation": operation, "error": {"kind": "Denied", "message": "not allowed"}}
    return {
        **{key: value for key, value in case.items() if key not in ("integration", "mapping")},
        "answers": [*kept, error],
    }


def play(case: File) -> Verdict:
    """The verdict of the real engine on this case."""
    target = Target(**{**beneath(case)["target"], **(case.get("target") or {})})
    known = Case(target, Symptom(**(case.get("symptom") or {})), WINDOW, case.get("questions") or {})
    events: list[Event] = []

    async def ask(question: Question) -> str:
        return "yes" if question.kind == "consent" and case.get("allow_invoke") else question.default

    aws = CachedAws(Shop(case, entries(case)))
    # Answers that are there already come no sooner through many threads.
    engine = Engine(tree(), aws, events.append, ask, workers=1)
    loop = asyncio.new_event_loop()  # asyncio.run looks after Ctrl+C as well, and for that spells out the verdict
    try:
        return loop.run_until_complete(engine.run(known))
    finally:
        loop.close()


@cache
def played(path: Path) -> Verdict:
    """The verdict on the case in a file."""
    return play(read(path))


class Shop:
    """The healthy shop with the answers and logs of one case."""

    def __init__(self, case: File, changed: list[dict[str, Any]], replay: ReplayAws | None = None) -> None:
        region = beneath(case)["target"]["region"]
        own = map(as_sent, changed)
        self._replay = replay or ReplayAws(own, _sent(case.get("shop", "rest")), region=region)
        self._case, self._changed, self.region = case, changed, self._replay.region

    def consented(self) -> Aws:
        return Shop(self._case, self._changed, self._replay.consented())

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        if operation == "FilterLogEvents":
            return self._events(region, params)
        return self._replay.call(service, operation, region=region, **params)

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        if operation == "FilterLogEvents":
            return Pages((self._events(region, params),))
        return self._replay.pages(service, operation, region=region, limit=limit, **params)

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        return self._replay.request(method, url, timeout_s=timeout_s)

    def _events(self, region: str | None, params: dict[str, Any]) -> dict[str, Any]:
        """FilterLogEvents of one group, the filter pattern's `?terms` applied."""
        group = params["logGroupName"]
        name, shop = GROUPS.get(group, group), beneath(self._case)
        own = (self._case.get("logs") or {}).get(name, [])
        known = {*shop["logs"], "access", *(self._case.get("logs") or {})}
        if own is None or name not in known:
            own = {"error": {"kind": "NotFound", "message": f"The specified log group does not exist: {group}"}}
        if isinstance(own, dict):
            failing = {"service": "logs", "operation": "FilterLogEvents", **own}
            return ReplayAws([failing]).call("logs", "FilterLogEvents", region=region)
        lines = [*shop["logs"].get(name, []), *(line for item in own for line in _lines(item, shop))]
        terms = [quoted or plain for quoted, plain in _TERM.findall(params.get("filterPattern") or "")]
        start = WINDOW.start + timedelta(minutes=30)
        events = [
            {
                "timestamp": int((start + timedelta(milliseconds=50 * number)).timestamp() * 1000),
                "message": line,
                "logStreamName": "2026/01/15/[1]0123456789abcdef0123456789abcdef",
            }
            for number, line in enumerate(lines)
            if not terms or any(term in line for term in terms)
        ]
        return {"events": [e for e in events if params["startTime"] <= e["timestamp"] < params["endTime"]]}


def _lines(item: Any, shop: File) -> Iterator[str]:
    """A line of a case, or the lines of a whole request."""
    if isinstance(item, dict) and "context" in item:
        yield from _lines(_access_line(item["context"], shop), shop)
        return
    if isinstance(item, str):
        yield re.sub(r"<(\d+)>", lambda found: _uuid(found[1]), item)
        return
    number = item["request"]
    uri = item.get("uri", ENDPOINT.format(item.get("function", ORDERS)))
    told = [
        f"Extended Request Id: ExtendedReqId{number}=",
        f"Starting execution for request: <{number}>",
        f"HTTP Method: {item.get('method', METHOD)}, Resource Path: {item.get('path', '/orders/42')}",
        f"Method request body before transformations: {item.get('body', '')}",
        *([f"Endpoint request URI: {uri}", f"Sending request to {uri}"] if uri else []),
        *item["says"],
        f"Method completed with status: {item['status']}",
    ]
    for line in told:
        yield from _lines(f"(<{number}>) {line}", shop)


def _access_line(values: dict[str, Any], shop: File) -> str:
    stage = next(entry["answer"] for entry in shop["answers"] if entry["operation"] == "GetStage")
    settings = stage.get("AccessLogSettings") or stage["accessLogSettings"]
    form = str(settings.get("Format") or settings["format"])
    return re.sub(r"\$context\.([\w.]+)", lambda found: json.dumps(str(values.get(found[1], "-")))[1:-1], form)


def _uuid(number: str) -> str:
    return f"00000000-0000-4000-8000-{int(number):012}"


def _integration(changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The `integration` shorthand as merges of GetExport and GetResources."""
    made = []
    for side, operation in (("deployed", "GetExport"), ("configured", "GetResources")):
        wanted = [changes[name] for name in ("both", side) if name in changes]
        if not wanted:
            continue
        change = None if None in wanted else {key: value for part in wanted for key, value in part.items()}
        if operation == "GetExport":
            own = None if change is None else {"x-amazon-apigateway-integration": change}
            merge: Any = {"body": {"paths": {PATH: {METHOD.lower(): own}}}}
        else:
            own = None if change is None else {"methodIntegration": change}
            merge = {"items": {f"path={PATH}": {"resourceMethods": {METHOD: own}}}}
        made.append({"service": "apigateway", "operation": operation, "merge": merge})
    return made


def _merged(entry: dict[str, Any], answers: list[dict[str, Any]]) -> dict[str, Any]:
    if "merge" not in entry:
        return entry
    alike = [e for e in answers if all(e[key] == entry[key] for key in ("service", "operation"))]
    wanted = entry.get("params") or {}
    base = next(e for e in alike if all((e.get("params") or {}).get(k) == v for k, v in wanted.items()))
    kept = {key: value for key, value in entry.items() if key != "merge"}
    return {**kept, "answer": merged(base["answer"], entry["merge"])}


def merged(base: Any, change: Any) -> Any:
    """A change laid over an answer, as the module describes it."""
    if isinstance(base, list) and isinstance(change, dict):
        picked = {tuple(key.split("=", 1)): value for key, value in change.items()}
        return [
            next((merged(item, value) for (name, wanted), value in picked.items() if item.get(name) == wanted), item)
            for item in base
        ]
    if not isinstance(base, dict) or not isinstance(change, dict):
        return copy.deepcopy(change)
    kept = {key: value for key, value in base.items() if key not in change}
    return kept | {key: merged(base.get(key), value) for key, value in change.items() if value is not None}
