"""Clients of the shop: real HTTP requests to the stage, one after the other or many at once."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

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


def send(world: World, request: Request) -> Answer:
    """Send one request. Raises urllib.error.URLError when nothing answers there."""
    started = time.monotonic()
    wire = urllib.request.Request(
        world.url + request.path,
        data=request.body,
        method=request.method,
        headers=_HEADERS,
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
            request_id=reply.headers.get("x-amzn-RequestId"),
            took_s=time.monotonic() - started,
        )


def message_of(body: bytes) -> str | None:
    """The ``message`` of a JSON answer, if it has one."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return None
    message = parsed.get("message") if isinstance(parsed, dict) else None
    return message if isinstance(message, str) else None


def opening_day(world: World) -> list[Answer]:
    """The first customers of the healthy shop: every method once or more."""
    orders = [TARGET, Request("POST", "/orders", _ORDER), Request("GET", "/orders"), TARGET]
    rest = [Request("GET", "/health"), Request("GET", "/products"), Request("POST", "/products", b'{"id": "mug"}')]
    return _lanes(world, orders, rest)


def customers(world: World) -> list[Answer]:
    """A few customers: the target twice (once, if the first had to wait) with others beside them."""
    answers = _lanes(world, [TARGET], [Request("GET", "/products"), Request("GET", "/health")])
    first = next(answer for answer in answers if answer.request == TARGET)
    return answers if first.took_s > _PATIENCE_S else [*answers, send(world, TARGET)]


def rush(world: World, clients: int = 6, rounds: int = 12) -> list[Answer]:
    """Many clients at the same instant, again and again until the gateway itself refuses one of them.

    Requests of one instant have no order; those that were refused are listed last.
    """
    answers: list[Answer] = []
    for _ in range(rounds):
        answers += sorted(_at_once(world, clients), key=_refused)
        if _refused(answers[-1]):
            break
    return answers


def _refused(answer: Answer) -> bool:
    return answer.status == 500 and answer.error_type is not None


def _at_once(world: World, clients: int) -> Iterator[Answer]:
    ready = Barrier(clients)

    def client(_: int) -> Answer:
        ready.wait()
        return send(world, TARGET)

    with ThreadPoolExecutor(clients) as pool:
        yield from pool.map(client, range(clients))


def _lanes(world: World, *lanes: Sequence[Request]) -> list[Answer]:
    """Lanes run side by side, the requests of one lane one after the other."""
    with ThreadPoolExecutor(len(lanes)) as pool:
        done = pool.map(lambda lane: [send(world, request) for request in lane], lanes)
        return [answer for lane in done for answer in lane]
