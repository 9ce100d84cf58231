"""What surrounds a function's code in the sandbox: its network, its program, pauses, and the form of its answers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from wizard.sandbox.clients import client
from wizard.sandbox.functions import bootstrap
from wizard.sandbox.functions.model import Function
from wizard.sandbox.gateway import proxyresponse
from wizard.sandbox.server import SandboxServer
from wizard.sandbox.shop import build_shop
from wizard.sandbox.traffic import TARGET, send
from wizard.sandbox.world import World

READ = "    order = find_order(order_id)\n"
CLIENT = 'dynamodb = boto3.client("dynamodb")\n'
PATIENT = (
    "from botocore.config import Config\n\n"
    'dynamodb = boto3.client("dynamodb", config=Config(connect_timeout=0.3, retries={"total_max_attempts": 1}))\n'
)


@pytest.fixture
def shop(sandbox: SandboxServer) -> World:
    sandbox.reset()
    return build_shop(sandbox.endpoint_url)


@pytest.fixture
def furnished(sandbox: SandboxServer, shop: World) -> Callable[[str], World]:
    def furnish(name: str) -> World:
        from wizard.sandbox.furnishings import together

        for each in together([name]):
            each.furnish(shop)
        return shop

    return furnish


def function_log(world: World) -> str:
    found = client(world.endpoint_url, "logs", "us-east-1").filter_log_events(logGroupName="/aws/lambda/shop-orders")
    return "\n".join(event["message"] for event in found["events"])


def close(world: World) -> None:
    ec2 = world.client("ec2")
    ec2.delete_route(RouteTableId=world.made["route-table-private"], DestinationCidrBlock="0.0.0.0/0")


def test_a_closed_vpc_lets_nothing_out_and_an_endpoint_lets_its_service_out(furnished: Callable[[str], World]) -> None:
    world = furnished("vpc")
    world.release((CLIENT, PATIENT))
    assert send(world, TARGET).status == 200
    close(world)
    world.quiet(long=True)
    assert send(world, TARGET).status == 502
    assert 'Connect timeout on endpoint URL: "https://dynamodb.us-east-1.amazonaws.com/"' in function_log(world)
    world.client("ec2").create_vpc_endpoint(
        VpcId=world.made["vpc"],
        ServiceName="com.amazonaws.us-east-1.dynamodb",
        RouteTableIds=[world.made["route-table-private"]],
    )
    world.quiet(long=True)
    assert send(world, TARGET).status == 200


def test_a_nat_gateway_that_is_gone_is_no_way_out(furnished: Callable[[str], World]) -> None:
    world = furnished("vpc")
    world.release((CLIENT, PATIENT))
    world.client("ec2").delete_nat_gateway(NatGatewayId=world.made["nat"])
    world.quiet(long=True)
    assert send(world, TARGET).status == 502


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("('10.1.2.3', 5432)", "TimeoutError: timed out"),
        ("('example.com', 80)", "TimeoutError: timed out"),
        ("('stock.internal', 80)", "gaierror: [Errno -2] Name or service not known"),
        ("('127.0.0.1', 9)", "ConnectionRefusedError: [Errno 111] Connection refused"),
    ],
)
def test_nothing_a_function_calls_leaves_the_sandbox(shop: World, call: str, error: str) -> None:
    shop.release((READ, f"    import socket\n\n    socket.create_connection({call}, timeout=0.2)\n{READ}"))
    assert send(shop, TARGET).status == 502
    assert f"[ERROR] {error}" in function_log(shop)


def test_a_long_quiet_ends_instances_a_short_one_does_not(shop: World) -> None:
    def starts() -> int:
        return function_log(shop).count("Init Duration")

    send(shop, TARGET)
    shop.quiet()
    send(shop, TARGET)
    assert starts() == 1
    shop.quiet(long=True)
    send(shop, TARGET)
    assert starts() == 2


def program(data: bytes | None, mode: int = 0o755, name: str = "bootstrap") -> Function:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        if data is not None:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, data)
    return Function(
        "us-east-1", "f", "1", "arn", "bootstrap", "provided.al2023", "role", 3, 128, packed.getvalue(), "sha"
    )


def elf(machine: int) -> bytes:
    return b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00" + machine.to_bytes(2, "little") + bytes(44)


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (program(elf(62)), None),
        (program(elf(183)), "exec format error"),
        (replace(program(elf(183)), architecture="arm64"), None),
        (program(b"#!/bin/sh\nexec shop\n"), None),
        (program(b"#!/bin/sh\r\nexec shop\r\n"), "no such file or directory"),
        (program(b"hello"), "exec format error"),
        (program(elf(62), 0o644), "permission denied"),
        (program(None), "Couldn't find valid bootstrap(s)"),
        (program(elf(62), name="bin/bootstrap"), "Couldn't find valid bootstrap(s)"),
        (replace(program(elf(62)), code=b"no zip"), "Couldn't find valid bootstrap(s)"),
        (replace(program(None), runtime="python3.11"), None),
    ],
)
def test_a_program_is_judged_as_the_kernel_would(function: Function, problem: str | None) -> None:
    found = bootstrap.problem(function)
    assert (found is None) is (problem is None)
    assert problem is None or problem in str(found)


def test_a_streamed_answer_reaches_the_client_when_both_stream(shop: World) -> None:
    variables = {"TABLE_NAME": "shop-orders", "AWS_LWA_INVOKE_MODE": "response_stream"}
    shop.release(Environment={"Variables": variables})
    assert send(shop, TARGET).status == 502
    uri = shop.integration_uri().replace("2015-03-31", "2021-11-15")
    uri = uri.replace("/invocations", "/response-streaming-invocations")
    shop.patch_integration({"/uri": uri, "/responseTransferMode": "STREAM"})
    wired: dict[str, Any] = shop.client("apigateway").get_integration(**shop.at())
    assert wired["responseTransferMode"] == "STREAM"
    shop.deploy("Stream")
    assert send(shop, TARGET).status == 200


@pytest.mark.parametrize(
    "payload",
    ['{"statusCode": 200}', '{"statusCode": 200, "body": ""}' + "\0" * 8, "[]" + "\0" * 8, "{" + "\0" * 8, ""],
)
def test_what_is_no_streamed_answer(payload: str) -> None:
    with pytest.raises(proxyresponse.MalformedError):
        proxyresponse.streamed(payload)


def test_a_streamed_answer_is_taken_apart() -> None:
    answer = proxyresponse.streamed('{"statusCode": 201, "headers": {"a": "b"}}' + "\0" * 8 + "text")
    assert (answer.status, answer.headers, answer.body) == (201, [("a", "b")], b"text")
