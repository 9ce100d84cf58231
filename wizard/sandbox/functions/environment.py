"""One execution environment as the server drives it: init once, invoke many times, real limits for time and memory.

Memory is the process's resident set, measured every 20 ms; the interpreter and boto3 count, as they do in Lambda (about
30 MB), and a function may pass the limit by what it grabs between two looks.
"""

from __future__ import annotations

import json
import os
import select
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from wizard.sandbox import clock
from wizard.sandbox.functions import bootstrap
from wizard.sandbox.functions.model import Function
from wizard.sandbox.functions.nursery import Nursery

INIT_LIMIT_S = 10.0  # https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
_POLL_S = 0.02
_MB = 1024 * 1024


@dataclass
class Line:
    """One log event: milliseconds since the epoch and text."""

    at: int
    text: str


@dataclass
class Ending:
    """How an init or an invocation ended.

    ``kind`` is ``ready``, ``result``, ``error``, ``init-error``, ``timeout``, ``exit``, ``memory`` or ``entrypoint``.
    """

    kind: str
    payload: str = ""
    exit_code: int | None = None
    seconds: float = 0.0
    lines: list[Line] = field(default_factory=list)


class Environment:
    """A running copy of a function version. Not thread-safe: one invocation at a time, as in Lambda."""

    def __init__(self, function: Function, nursery: Nursery, root: Path, variables: Mapping[str, str]) -> None:
        self.function = function
        day = time.strftime("%Y/%m/%d", time.gmtime(clock.now()))
        self.log_stream = f"{day}/[{function.version}]{uuid.uuid4().hex}"
        self.peak_bytes = 0
        self.alive = True
        self._root = str(root)
        self._buffer = b""
        self._partial = b""
        self._child = nursery.spawn(self._order(root, variables))

    def _order(self, root: Path, variables: Mapping[str, str]) -> dict[str, object]:
        f = self.function
        group = f"/aws/lambda/{f.name}"
        own = {"AWS_LAMBDA_LOG_GROUP_NAME": group, "AWS_LAMBDA_LOG_STREAM_NAME": self.log_stream}
        return {
            "root": str(root), "handler": f.handler, "name": f.name, "version": f.version, "memory": f.memory,
            "log_group": group, "log_stream": self.log_stream, "env": {**variables, **own}, "ago": clock.ago(),
        }  # fmt: skip

    def initialise(self) -> Ending:
        """Wait for the handler to load, 10 s at most."""
        unstartable = bootstrap.problem(self.function)
        if unstartable:
            self.kill()
            return Ending("entrypoint", unstartable)
        return self._await(INIT_LIMIT_S)

    def invoke(self, request_id: str, arn: str, event: str, limit_s: float, trace: str = "") -> Ending:
        """Run the handler once; ``limit_s`` is what is left of the function's timeout, ``trace`` the tracing header."""
        call = {"request_id": request_id, "arn": arn, "event": event, "deadline": time.time() + limit_s}
        call |= {"ago": clock.ago(), "trace": trace}
        try:
            self._child.channel.sendall(json.dumps(call).encode() + b"\n")
        except OSError:
            return self._await(0.0)
        return self._await(limit_s)

    def close(self) -> None:
        """Kill the process and give back its handles."""
        self.alive = False
        self._child.close()

    def wait_gone(self, seconds: float) -> bool:
        """Wait until the process has ended; False when it is still there after ``seconds``."""
        return self._child.died.wait(seconds)

    def kill(self) -> None:
        """Kill the process; whoever waits for an answer sees it end."""
        self.alive = False
        self._child.kill()

    def _await(self, limit_s: float) -> Ending:
        started = time.monotonic()
        lines: list[Line] = []
        while True:
            left = limit_s - (time.monotonic() - started)
            ending = self._step(max(min(left, _POLL_S), 0.0), lines.append)
            if ending is None and self._measure() > self.function.memory * _MB:
                ending = Ending("memory", exit_code=-9)
            if ending is None and left <= 0:
                ending = Ending("timeout")
            if ending is not None:
                break
        ending.seconds = time.monotonic() - started
        if ending.kind in ("memory", "timeout", "exit", "init-error"):
            self.kill()
            self._child.died.wait(2)
            self._drain(lines.append)
        if ending.kind == "memory":
            self.peak_bytes = self.function.memory * _MB
        ending.lines = lines + ending.lines
        return ending

    def _step(self, wait_s: float, keep: Callable[[Line], None]) -> Ending | None:
        channel, output = self._child.channel, self._child.output
        ready, _, _ = select.select([channel.fileno(), output], [], [], wait_s)
        if output in ready:
            self._read_output(keep)
        if channel.fileno() not in ready:
            return None
        try:
            data = channel.recv(1 << 20)
        except OSError:
            data = b""
        if not data:
            self._child.died.wait(2)
            code = self._child.exit_code
            return Ending("memory" if code == -9 else "exit", exit_code=code)
        self._buffer += data
        if not self._buffer.endswith(b"\n"):
            return None
        message, self._buffer = json.loads(self._buffer), b""
        self._drain(keep)
        self.peak_bytes = max(self.peak_bytes, message["peak_bytes"])
        logged = [Line(clock.now_ms(), message["log"])] if message.get("log") else []
        return Ending(message["kind"], message.get("payload", ""), lines=logged)

    def _drain(self, keep: Callable[[Line], None]) -> None:
        """Read what the function has already written, without waiting for more."""
        while select.select([self._child.output], [], [], 0)[0] and self._read_output(keep):
            pass
        if self._partial:
            keep(Line(clock.now_ms(), self._partial.decode("utf-8", "replace")))
            self._partial = b""

    def _read_output(self, keep: Callable[[Line], None]) -> bool:
        data = os.read(self._child.output, 1 << 16)
        *whole, self._partial = (self._partial + data).split(b"\n")
        for text in whole:
            keep(Line(clock.now_ms(), text.decode("utf-8", "replace").replace(self._root, "/var/task") + "\n"))
        return bool(data)

    def _measure(self) -> int:
        rss = self._rss()
        self.peak_bytes = max(self.peak_bytes, rss)
        return rss

    def _rss(self) -> int:
        try:
            return int(psutil.Process(self._child.pid).memory_info().rss)
        except psutil.Error:
            return 0
