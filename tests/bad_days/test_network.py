"""An endpoint that is not there, answers something else, or does not answer: UNKNOWN, its reason, in bounded time."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from tests.bad_days.conftest import FAULTS, Run
from tests.bad_days.door import Door
from wizard.engine import Engine

# Far above what the stalled calls of one check may add up to at half a second each, far below "for ever".
BOUND_S = 90


@pytest.fixture
def nowhere() -> str:
    """The address of a port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def _untraced(result: Any, reason: str) -> str:
    assert (result.code, result.err) == (5, "")
    (item,) = result.report["not_checked"]
    assert (item["probe"], item["reason"]) == ("path.trace", reason)
    return str(item["summary"])


def test_connection_refused(check: Run, nowhere: str) -> None:
    said = _untraced(check("--endpoint-url", nowhere), "offline")
    assert f"{nowhere} cannot be reached" in said
    text = " ".join(check("--endpoint-url", nowhere, output="text").out.split())
    assert "Next: look at the network, the VPN, the proxy, the Region (-r) and --endpoint-url" in text
    assert "<" not in text


def test_a_name_that_does_not_resolve(check: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: Any, *_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    said = _untraced(check("--endpoint-url", "http://aws.invalid"), "offline")
    assert "http://aws.invalid cannot be reached" in said


def test_a_region_that_nobody_knows(check: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: Any, *_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert "eu-moon-1 is no Region known here, look at -r" in _untraced(check("-r", "eu-moon-1"), "offline")
    assert "Region known" not in _untraced(check("-r", "eu-west-1"), "offline")


@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_web_page(door: Door, check: Run, status: int) -> None:
    door.page("*", status=status)
    result = check()
    assert (result.code, result.err) == (5, "")
    (item,) = result.report["not_checked"]
    assert item["probe"] == "path.trace"
    assert door.url in item["summary"] or "HTTP" in item["summary"]
    assert "<html" not in result.out


def test_a_web_page_in_place_of_one_service(door: Door, check: Run) -> None:
    door.page("logs")
    result = check()
    assert (result.code, result.err) == (3, "")
    assert result.causes == set(FAULTS)
    summaries = {item["probe"]: item["summary"] for item in result.report["not_checked"]}
    assert "not an AWS answer" in summaries["stage.execution_log"]


@pytest.mark.parametrize("service", ["logs", "cloudwatch", "lambda", "sts"])
def test_a_service_that_stalls(door: Door, check: Run, hasty: None, service: str) -> None:
    door.stall(service)
    started = time.monotonic()
    result = check()
    assert time.monotonic() - started < BOUND_S
    assert (result.code, result.err) == (3, "")
    assert "lambda-integration-method-not-post" in result.causes
    stalled = {item["probe"] for item in result.report["not_checked"] if item["reason"] == "timed-out"}
    probes = {"logs": {"stage.execution_log", "lambda_fn.log"}, "cloudwatch": {"integration.durations"},
              "lambda": {"lambda_fn.permission", "lambda_fn.settings"}, "sts": set()}  # fmt: skip
    assert stalled >= probes[service]


def test_everything_stalls(door: Door, check: Run, hasty: None) -> None:
    door.stall("*")
    started = time.monotonic()
    said = _untraced(check(), "timed-out")
    assert time.monotonic() - started < BOUND_S
    assert f"no answer from {door.url} in time" in said


def test_a_probe_is_given_up_after_its_deadline(door: Door, check: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while its call would go on waiting, and that call keeps the command from nothing."""
    monkeypatch.setitem(Engine.__init__.__kwdefaults__, "deadline_s", 2.0)
    door.stall("logs")
    result = check()
    assert (result.code, result.err) == (3, "")
    late = {item["probe"]: item["summary"] for item in result.report["not_checked"] if item["reason"] == "timed-out"}
    assert late["stage.execution_log"].startswith("No answer within 2 s")
