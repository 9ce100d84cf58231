"""Faults in what the function returns: the proxy response that API Gateway cannot use."""

from __future__ import annotations

from wizard.sandbox.faults import BOTH, fault
from wizard.sandbox.world import World

_HOP = "lambda-response"
_DONE = "    return answer(200, order) if order else"
_BODY = '"body": json.dumps(payload),'
_STATUS = '"statusCode": status,'
_HEADERS = '"headers": {"Content-Type": "application/json"},'


@fault("lambda-response-malformed", _HOP, "The function returns the order as one string")
def string(world: World) -> None:
    world.release((_DONE, f"    return json.dumps(order)\n{_DONE}"))


@fault("lambda-response-malformed.null", _HOP, "The function forgets to return its answer")
def nothing(world: World) -> None:
    world.release((_DONE, f"    answer(200, order)\n    return None\n{_DONE}"))


@fault("lambda-response-malformed.list", _HOP, "The function returns a list, as its framework would like it")
def a_list(world: World) -> None:
    world.release((_DONE, f"    return [200, order]\n{_DONE}"))


@fault("lambda-response-body-not-string", _HOP, "The body is an object, nobody turned it into JSON text", api=BOTH)
def body_object(world: World) -> None:
    world.release((_BODY, '"body": payload,'))


@fault("lambda-response-body-not-string.number", _HOP, "The body is a number")
def body_number(world: World) -> None:
    world.release((_BODY, '"body": len(json.dumps(payload)),'))


@fault("lambda-response-bad-statuscode", _HOP, "The status code is the word OK", api=BOTH)
def status_word(world: World) -> None:
    world.release((_STATUS, '"statusCode": "OK",'))


@fault("lambda-response-bad-statuscode.phrase", _HOP, "The status code carries its reason phrase")
def status_phrase(world: World) -> None:
    world.release((_STATUS, '"statusCode": f"{status} OK",'))


@fault("lambda-response-bad-headers", _HOP, "A multi-value header is a plain string")
def multi_value_string(world: World) -> None:
    world.release((_HEADERS, '"multiValueHeaders": {"Content-Type": "application/json"},'))


@fault("lambda-response-bad-headers.list", _HOP, "The headers are a list of pairs")
def headers_list(world: World) -> None:
    world.release((_HEADERS, '"headers": [["Content-Type", "application/json"]],'))


@fault("lambda-response-unknown-field", _HOP, "The response has a field of its own beside the allowed ones")
def extra_field(world: World) -> None:
    world.release((_BODY, f'{_BODY}\n        "ok": True,'))


@fault("lambda-response-unknown-field.cookies", _HOP, "The response sets cookies as an HTTP API would take them")
def cookies(world: World) -> None:
    world.release((_BODY, f'{_BODY}\n        "cookies": ["basket=42"],'))


@fault("lambda-response-unknown-field.base64", _HOP, "The response says base64Encoded instead of isBase64Encoded")
def base64_spelling(world: World) -> None:
    world.release((_BODY, f'{_BODY}\n        "base64Encoded": False,'))


@fault("lambda-response-too-large", _HOP, "The answer grew beyond the 6 MB that Lambda can return", api=BOTH)
def too_large(world: World) -> None:
    world.release((_BODY, '"body": json.dumps(payload) + " " * 6_500_000,'))
