"""Faults in the code of the function: it crashes, hangs, eats memory or answers 5xx by itself."""

from __future__ import annotations

from wizard.sandbox.faults import BOTH, fault
from wizard.sandbox.world import Edit, World

_HOP = "lambda-function"
_FIND = "    found = dynamodb.get_item("
_READ = "    order = find_order(order_id)\n"
_IMPORT = "import boto3\n"
_TABLE = 'TABLE_NAME = os.environ["TABLE_NAME"]\n'


def _before(line: str, code: str) -> Edit:
    return line, f"{code}{line}"


@fault("lambda-timeout", _HOP, "The function waits for the warehouse longer than its own time-out allows", api=BOTH)
def slow_warehouse(world: World) -> None:
    slow = "    import time\n\n    time.sleep(5)  # the warehouse answers when it likes\n"
    world.release(_before(_FIND, slow), Timeout=1)


@fault("lambda-timeout.retries", _HOP, "The function asks again and again for an order that never becomes ready")
def endless_retries(world: World) -> None:
    again = (
        '    import time\n\n    while (find_order(order_id) or {}).get("status") != "ready":\n        time.sleep(0.2)\n'
    )
    world.release(_before(_READ, again), Timeout=1)


@fault("lambda-unhandled-exception", _HOP, "The function reads a field that the orders do not have", api=BOTH)
def missing_field(world: World) -> None:
    world.release((_READ, _READ + '    print("coupon", order["coupon"])\n'))


@fault("lambda-unhandled-exception.none", _HOP, "The function trips over an optional part of the request")
def nothing_there(world: World) -> None:
    world.release(_before(_READ, '    currency = event["queryStringParameters"]["currency"]\n'))


@fault("lambda-unhandled-exception.own-error", _HOP, "The function raises an error of its own and nobody catches it")
def own_error(world: World) -> None:
    raises = '    raise RuntimeError(f"Order {order_id} belongs to another warehouse")\n'
    world.release(_before(_READ, raises))


@fault("lambda-out-of-memory", _HOP, "The function builds a report that does not fit into 128 MB", api=BOTH)
def big_report(world: World) -> None:
    hoard = "    pages = [json.dumps([order_id * 8] * 60_000) for page in range(400)]\n    print(len(pages))\n"
    world.release(_before(_READ, hoard), MemorySize=128)


@fault("lambda-out-of-memory.growing", _HOP, "The function remembers every line it ever saw")
def growing_list(world: World) -> None:
    grow = (
        "    history: list[str] = []\n"
        "    while len(history) < 20_000_000:\n"
        '        history.append(f"{order_id} {len(history)}")\n'
    )
    world.release(_before(_READ, grow), MemorySize=128)


@fault("lambda-init-error", _HOP, "The environment variable that the function needs at start is gone", api=BOTH)
def no_environment(world: World) -> None:
    world.release(Environment={"Variables": {}})


@fault("lambda-init-error.bad-value", _HOP, "A setting that should be a number is a word, and the start fails")
def word_for_number(world: World) -> None:
    reads = _TABLE + 'PAGE_SIZE = int(os.environ["PAGE_SIZE"])\n'
    variables = {"TABLE_NAME": "shop-orders", "PAGE_SIZE": "twenty"}
    world.release((_TABLE, reads), Environment={"Variables": variables})


@fault("lambda-init-error.module-code", _HOP, "Code outside the handler fails while the module is loaded")
def failing_module(world: World) -> None:
    reads = _TABLE + 'PRICES = json.load(open("prices.json"))\n'
    world.release((_TABLE, reads))


@fault("lambda-handler-not-found", _HOP, "The handler setting names a function that app.py does not have", api=BOTH)
def wrong_handler(world: World) -> None:
    world.release(Handler="app.lambda_handler")


@fault("lambda-handler-not-found.file", _HOP, "The handler setting names a file that the package does not have")
def wrong_file(world: World) -> None:
    world.release(Handler="index.handler")


@fault("lambda-dependency-missing", _HOP, "The package was built without a library that the code imports", api=BOTH)
def library_left_out(world: World) -> None:
    world.release((_IMPORT, "import boto3\nimport shop_money\n"))


@fault("lambda-dependency-missing.native", _HOP, "A native library in the package was built for something else")
def wrong_architecture(world: World) -> None:
    alien = b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01" + bytes(4096)
    world.release((_IMPORT, "import _shop_money\nimport boto3\n"), files={"_shop_money.so": alien})


@fault("lambda-returned-5xx", _HOP, "The function answers 500 itself when the warehouse is down", api=BOTH)
def answers_500(world: World) -> None:
    down = '    return answer(500, {"message": "The warehouse is not reachable"})\n'
    world.release(_before(_READ, down))


@fault("lambda-returned-5xx.503", _HOP, "The function answers 503 itself while it is under maintenance")
def answers_503(world: World) -> None:
    closed = '    return answer(503, {"message": "Back after the stocktaking"})\n'
    world.release(_before(_READ, closed))
