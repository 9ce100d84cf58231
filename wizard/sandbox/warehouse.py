"""The shop's warehouse: an HTTP backend that integrations can call, on the sandbox's own server.

``GET /orders/ID`` tells where an order is, ``POST /orders`` takes one in; another path is a 404, another method a 405.
``?status=N`` answers N, ``?plain=1`` answers text that is no JSON, ``?size=BYTES`` answers that much.
"""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs

from wizard.sandbox.gateway.http import Answer, Request

PATH = "/_sandbox/warehouse"
_ORDER = re.compile(PATH + r"/orders(?:/(?P<id>[^/]+))?")


def answer(request: Request, query: str) -> Answer:
    """What the warehouse says to a request."""
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    match = _ORDER.fullmatch(request.path)
    if match is None:
        return _json(404, {"message": f"The warehouse has no {request.path.removeprefix(PATH)}"})
    if request.verb not in ("GET", "POST"):
        return _json(405, {"message": f"The warehouse does not take {request.verb}"}, ("Allow", "GET, POST"))
    if asked.get("plain"):
        return Answer(200, [("Content-Type", "text/plain")], b"shelf 7, box 3")
    if asked.get("size", "").isdecimal():
        return Answer(200, [("Content-Type", "text/plain")], b"x" * int(asked["size"]))
    status = int(asked.get("status", "200"))
    return _json(status, {"id": match["id"] or "", "shelf": "7", "box": "3", "status": "shipped"})


def _json(status: int, body: object, *headers: tuple[str, str]) -> Answer:
    return Answer(status, [("Content-Type", "application/json"), *headers], json.dumps(body).encode())
