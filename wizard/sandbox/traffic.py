"""Clients of the shop: real HTTP requests to the stage, one after the other or many at once."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from wizard.sandbox import clock
from wizard.sandbox.world import METHOD, PATH, World

_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_ANSWER_WITHIN_S = 40
_PATIENCE_S = 0.8
_HEADERS = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "shop-client/2.4"}
_ORDER = b'{"id": "44", "customer": "Barbara", "status": "paid", "total": "79.00"}'


@dataclass(frozen=True)
class Request:
    """One request of a client to the stage."""

    method: str = METHOD
    path: str = PATH
    body: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """What the client got; ``message`` is the body's message, ``took_s`` the seconds it waited."""

    request: Request
    status: int
    message: str | None
    error_type: str | None
    request_id: str | None
    took_s: float


TARGET = Request()


def send(world: World, request: Request, ago: float = 0.0) -> Answer:
    """Send one request, for the sandbox's records ``ago`` seconds ago. Raises URLError when nothing answers there."""
    started = time.monotonic()
    wire = urllib.request.Request(
        world.url + request.path,
        data=world.body if request == TARGET else request.body,
        method=request.method,
        headers=_headers(world, ago),
    )
    try:
        reply = _OPEN.open(wire, timeout=_ANSWER_WITHIN_S)
    except urllib.error.HTTPError as error:
        reply = error
    with reply:
        body = reply.read()
        return Answer(
            request=request,
            status=reply.status,
            message=message_of(body),
            error_type=reply.headers.get("x-amzn-ErrorType"),
            request_id=reply.headers.get("x-amzn-RequestId") or reply.headers.get("apigw-requestid"),
            took_s=time.monotonic() - started,
        )


def _headers(world: World, ago: float) -> dict[str, str]:
    own = {**_HEADERS, **world.headers, **({"Host": world.host} if world.host else {})}
    return {**own, clock.HEADER: f"{ago:.3f}"} if ago else own


def message_of(body: bytes) -> str | None:
    """The ``message`` of a JSON answer, if it has one; a denial spells it with a capital."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return None
    message = parsed.get("message", parsed.get("Message")) if isinstance(parsed, dict) else None
    return message if isinstance(message, str) else None


def moments(count: int, start: float, end: float) -> list[float]:
    """``count`` moments from ``start`` down to ``end`` seconds ago, evenly spread, both ends included."""
    return [start - (start - end) * i / max(count - 1, 1) for i in range(count)]


def opening_day(world: World, start: float = 0.0, end: float = 0.0) -> list[Answer]:
    """The first customers of the healthy shop, between ``start`` and ``end`` seconds ago: every method once or more."""
    orders = [TARGET, Request("POST", "/orders", _ORDER), Request("GET", "/orders"), TARGET]
    rest = [Request("GET", "/health"), Request("GET", "/products"), Request("POST", "/products", b'{"id": "mug"}')]
    return _lanes(world, start, end, orders, rest)


def regulars(world: World, start: float, end: float, times: int) -> list[Answer]:
    """Customers who come again and again: the target ``times`` times, others half as often."""
    others = [Request("GET", "/products"), Request("GET", "/health")] * (times // 4 + 1)
    return _lanes(world, start, end, [TARGET] * times, others)


def customers(world: World, start: float = 0.0, end: float = 0.0, times: int = 2) -> list[Answer]:
    """Some customers: the target ``times`` times with others beside them. Who has to wait keeps the rest away: then one
    at the start and, if ``times`` is more than 2, one at the end must do."""
    between = (start + end) / 2
    answers = _lanes(world, start, between, [TARGET], [Request("GET", "/products"), Request("GET", "/health")])
    first = next(answer for answer in answers if answer.request == TARGET)
    when = moments(times, start, end)[1:]
    if first.took_s > _PATIENCE_S:
        when = when[-1:] if times > 2 else []
    return [*answers, *(send(world, TARGET, ago) for ago in when)]


def after_pauses(world: World, start: float, end: float) -> list[Answer]:
    """Customers of the target in small groups with long pauses between them; the last one comes after a pause."""
    answers = []
    for place, ago in enumerate(moments(7, start, end)):
        world.quiet(long=place % 3 == 0)
        answers.append(send(world, TARGET, ago))
    return answers


def some(world: World, start: float, end: float, share: float, prepare: Callable[[bool, float], None]) -> list[Answer]:
    """Customers of the target of whom about a ``share`` meets the fault: the first, the last and, evenly, some between.

    ``prepare`` is told before each whether the fault should show, and when.
    """
    times = min(max(round(2 / share), 6), 40) + 1
    hits = {round(place) for place in moments(max(round(times * share), 2), 0, times - 1)}
    answers = []
    for index, ago in enumerate(moments(times, start, end)):
        prepare(index in hits, ago)
        answers.append(send(world, TARGET, ago))
    return answers


def until_one_fails(world: World, limit: int = 100) -> list[Answer]:
    """Customers of the target, now, up to and including the first who gets a 5xx; ``limit`` at most."""
    answers: list[Answer] = []
    while len(answers) < limit and (not answers or answers[-1].status < 500):
        answers.append(send(world, TARGET))
    return answers


def rush(world: World, ago: float = 0.0, clients: int = 6, rounds: int = 12) -> list[Answer]:
    """Many clients at the same instant, again and again until the gateway itself refuses one of them.

    Requests of one instant have no order; those that were refused are listed last.
    """
    answers: list[Answer] = []
    for _ in range(rounds):
        answers += sorted(_at_once(world, clients, ago), key=_refused)
        if _refused(answers[-1]):
            break
    return answers


def _refused(answer: Answer) -> bool:
    """The gateway's own 500: REST APIs name its type, of HTTP APIs only the message is known."""
    return answer.status == 500 and (answer.error_type is not None or answer.message == "Internal Server Error")


def _at_once(world: World, clients: int, ago: float) -> Iterator[Answer]:
    ready = Barrier(clients)

    def client(_: int) -> Answer:
        ready.wait()
        return send(world, TARGET, ago)

    with ThreadPoolExecutor(clients) as pool:
        yield from pool.map(client, range(clients))


def _lanes(world: World, start: float, end: float, *lanes: Sequence[Request]) -> list[Answer]:
    """Lanes run side by side, the requests of one lane one after the other, spread over the time."""

    def walk(lane: Sequence[Request]) -> list[Answer]:
        when = moments(len(lane), start, end)
        return [send(world, request, ago) for request, ago in zip(lane, when, strict=True)]

    with ThreadPoolExecutor(len(lanes)) as pool:
        return [answer for lane in pool.map(walk, lanes) for answer in lane]
