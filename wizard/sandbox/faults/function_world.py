"""Faults around the function's code: its process, its program, its network, its first request, the way it answers."""

from __future__ import annotations

from wizard.sandbox.faults import BOTH, Complaint, fault
from wizard.sandbox.world import Edit, World

_FUNCTION, _RESPONSE = "lambda-function", "lambda-response"
_READ = "    order = find_order(order_id)\n"
_CLIENT = 'dynamodb = boto3.client("dynamodb")\n'
_BODY = '"body": json.dumps(payload),'
# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html: a program for 64-bit ARM
_ARM_PROGRAM = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00" + bytes(64)
_CUSTOM = "provided.al2023"


def _before(line: str, code: str) -> Edit:
    return line, f"{code}{line}"


@fault("lambda-process-crash", _FUNCTION, "The function ends its own process when an order looks odd", api=BOTH)
def leaves(world: World) -> None:
    world.release(_before(_READ, "    import sys\n\n    sys.exit(1)  # nothing to do for odd orders\n"))


@fault("lambda-process-crash.native", _FUNCTION, "A native library of the function reads where it must not")
def segfault(world: World) -> None:
    world.release(_before(_READ, "    import ctypes\n\n    ctypes.string_at(0)\n"))


@fault("lambda-process-crash.silent", _FUNCTION, "The function ends its process without an error in a helper")
def quiet_exit(world: World) -> None:
    world.release(_before(_READ, "    os._exit(0)\n"))


@fault("lambda-entrypoint-invalid", _FUNCTION, "The new program was built for ARM, the function runs on x86", api=BOTH)
def for_another_processor(world: World) -> None:
    world.release(files={"bootstrap": _ARM_PROGRAM}, executable=["bootstrap"], Runtime=_CUSTOM, Handler="bootstrap")


@fault("lambda-entrypoint-invalid.mode", _FUNCTION, "The bootstrap lost its permission to be executed when packed")
def not_executable(world: World) -> None:
    script = b"#!/bin/sh\nexec /var/task/shop\n"
    world.release(files={"bootstrap": script}, Runtime=_CUSTOM, Handler="bootstrap")


@fault("lambda-entrypoint-invalid.line-ends", _FUNCTION, "The bootstrap was saved with Windows line ends")
def windows_line_ends(world: World) -> None:
    script = b"#!/bin/sh\r\nexec /var/task/shop\r\n"
    world.release(files={"bootstrap": script}, executable=["bootstrap"], Runtime=_CUSTOM, Handler="bootstrap")


@fault("lambda-vpc-no-egress", _FUNCTION, "The route to the NAT gateway was deleted", needs=("vpc",))
def route_deleted(world: World) -> None:
    _careful(world)
    world.client("ec2").delete_route(RouteTableId=world.made["route-table-private"], DestinationCidrBlock="0.0.0.0/0")


@fault("lambda-vpc-no-egress.public", _FUNCTION, "The function's subnets lead to an internet gateway", needs=("vpc",))
def public_subnets(world: World) -> None:
    _careful(world)
    ec2 = world.client("ec2")
    here = {"Name": "attachment.vpc-id", "Values": [world.made["vpc"]]}
    door = ec2.describe_internet_gateways(Filters=[here])["InternetGateways"][0]["InternetGatewayId"]
    table = {"RouteTableId": world.made["route-table-private"], "DestinationCidrBlock": "0.0.0.0/0"}
    ec2.delete_route(**table)
    ec2.create_route(**table, GatewayId=door)


@fault("lambda-downstream-unreachable", _FUNCTION, "Nobody listens where the function looks for the stock", api=BOTH)
def stock_is_down(world: World) -> None:
    asks = "    import socket\n\n    socket.create_connection((os.environ['STOCK_HOST'], 9), timeout=1).close()\n"
    variables = {"TABLE_NAME": "shop-orders", "STOCK_HOST": "127.0.0.1"}
    world.release(_before(_READ, asks), Environment={"Variables": variables})


@fault("lambda-downstream-unreachable.name", _FUNCTION, "The name of the stock database is not known any more")
def stock_renamed(world: World) -> None:
    asks = "    import socket\n\n    socket.create_connection(('stock-db.shop.internal', 5432), timeout=1).close()\n"
    world.release(_before(_READ, asks))


@fault(
    "lambda-downstream-unreachable.closed", _FUNCTION, "The stock database lets the function in no more", needs=("vpc",)
)
def stock_closed(world: World) -> None:
    ec2 = world.client("ec2")
    group = ec2.create_security_group(GroupName="stock", Description="stock-db", VpcId=world.made["vpc"])["GroupId"]
    made = ec2.create_network_interface(SubnetId=world.made["subnet-b"], Groups=[group])["NetworkInterface"]
    address = made["PrivateIpAddress"]
    asks = (
        "    import socket\n\n    try:\n"
        f"        socket.create_connection(('{address}', 5432), timeout=0.5).close()\n"
        "    except OSError as error:\n"
        f"        text = 'connection to server at \"{address}\", port 5432 failed: timeout expired'\n"
        "        raise ConnectionError(text) from error\n"
    )
    world.release(_before(_READ, asks))


@fault(
    "lambda-cold-start", _FUNCTION, "The function loads its catalogue for longer than the API waits", Complaint.PAUSE
)
def long_start(world: World) -> None:
    slow = "import time\n\ntime.sleep(2.2)  # load the catalogue\n"
    world.release(_before(_CLIENT, slow))
    _impatient(world)


@fault("lambda-cold-start.lazy", _FUNCTION, "The first call of a new instance opens its connections", Complaint.PAUSE)
def lazy_connections(world: World) -> None:
    opens = (
        "    if not globals().get('connected'):\n        import time\n\n        time.sleep(2.2)\n"
        "        globals()['connected'] = True\n"
    )
    world.release(_before(_READ, opens))
    _impatient(world)


@fault("lambda-response-base64-invalid", _RESPONSE, "A picture is sent with its data: prefix", needs=("binary-media",))
def data_url(world: World) -> None:
    picture = "data:image/png;base64,iVBORw0KGgo="
    world.headers["Accept"] = "image/png"
    world.release((_BODY, f'"body": "{picture}", "isBase64Encoded": True,'))


@fault("lambda-response-base64-invalid.text", _RESPONSE, "Plain JSON is marked as base64", needs=("binary-media",))
def text_as_base64(world: World) -> None:
    world.headers["Accept"] = "image/png"
    world.release((_BODY, f'{_BODY} "isBase64Encoded": True,'))


@fault("lambda-response-stream-mode-mismatch", _RESPONSE, "The web adapter streams, the integration waits for a whole")
def adapter_streams(world: World) -> None:
    variables = {"TABLE_NAME": "shop-orders", "AWS_LWA_INVOKE_MODE": "response_stream"}
    world.release(Environment={"Variables": variables})


@fault("lambda-response-stream-mode-mismatch.integration", _RESPONSE, "The integration streams, the function does not")
def integration_streams(world: World) -> None:
    world.release()
    uri = world.integration_uri().replace("2015-03-31", "2021-11-15")
    uri = uri.replace("/invocations", "/response-streaming-invocations")
    world.patch_integration({"/uri": uri, "/responseTransferMode": "STREAM"})
    world.deploy("Stream the answers")


def _careful(world: World) -> None:
    """A release that waits a second for DynamoDB, not a minute."""
    patient = (
        'dynamodb = boto3.client("dynamodb", config=Config(connect_timeout=0.5, retries={"total_max_attempts": 1}))\n'
    )
    world.release((_CLIENT, f"from botocore.config import Config\n\n{patient}"))


def _impatient(world: World) -> None:
    """Customers are promised an answer within 1.5 s: on a busy machine the warm function needs some of that."""
    for path, method in world.order_methods():
        world.integrate(path, method, timeout_ms=1_500)
    world.deploy("Answer within 1500 ms")
