"""Invokes functions: picks or starts an environment, enforces concurrency, writes the function's log and metrics."""

from __future__ import annotations

import contextlib
import contextvars
import json
import shutil
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from wizard.sandbox import clock, tracing
from wizard.sandbox.functions import report
from wizard.sandbox.functions.code import CodeStore
from wizard.sandbox.functions.environment import Ending, Environment, Line
from wizard.sandbox.functions.model import Function, RefusedError, Result, ThrottledError
from wizard.sandbox.functions.nursery import Nursery

ACCOUNT_LIMIT = 1000
PROCESS_LIMIT = 32

WriteLog = Callable[[str, str, str, list[Line]], None]
WriteMetrics = Callable[[Function, dict[str, float]], None]
WriteTrace = Callable[[str, tracing.Segment], None]
Variables = Callable[[Function], dict[str, str]]
Check = Callable[[Function, str], None]


class Runner:
    """All environments of the sandbox. Thread-safe."""

    def __init__(
        self,
        variables: Variables,
        write_log: WriteLog,
        write_metrics: WriteMetrics,
        write_trace: WriteTrace,
        check: Check,
    ) -> None:
        self._variables, self._check = variables, check
        self._write_log, self._write_metrics, self._write_trace = write_log, write_metrics, write_trace
        self._workspace = Path(tempfile.mkdtemp(prefix="apigw-sandbox-"))
        self._nursery, self._code = Nursery(self._workspace), CodeStore(self._workspace)
        self._threads = ThreadPoolExecutor(PROCESS_LIMIT * 2, thread_name_prefix="invoke")
        self._changed = threading.Condition()
        self._idle: defaultdict[tuple[str, str, str], list[Environment]] = defaultdict(list)
        self._busy: Counter[tuple[str, str]] = Counter()
        self._all: set[Environment] = set()
        self._places = 0

    def start(self) -> None:
        """Warm up: the process that environments are forked from."""
        self._nursery.start()

    def submit(self, function: Function, event: str, reserved: int | None) -> Future[Result]:
        """Invoke in the background. Raises RefusedError (ThrottledError is one) at once; the future never does."""
        try:
            self._check(function, event)
        except RefusedError as refused:
            if refused.code == "RecursiveInvocationException":
                self._write_metrics(function, {"RecursiveInvocationsDropped": 1})
            raise
        self._admit(function, reserved)
        return self._threads.submit(contextvars.copy_context().run, self._run, function, event)

    def wait_idle(self, seconds: float) -> bool:
        """Wait until no function runs any more; False when some still do after ``seconds``."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy.total(), seconds)

    def drop_idle(self) -> None:
        """Give up every environment that waits for work, as Lambda does after some minutes without any."""
        with self._changed:
            while self._evict():
                pass

    def reset(self) -> None:
        """Kill all environments and forget all code."""
        patience = time.monotonic() + 5
        while not self.wait_idle(0) and time.monotonic() < patience:
            with self._changed:
                environments = list(self._all)
            for environment in environments:
                environment.kill()
            self.wait_idle(0.1)
        with self._changed:
            environments = list(self._all)
            self._all.clear()
            self._idle.clear()
            self._places = 0
        for environment in environments:
            environment.close()
            environment.wait_gone(5)
        self._code.clear()

    def stop(self) -> None:
        """Reset and end the helper process and the threads."""
        self.reset()
        self._nursery.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
        shutil.rmtree(self._workspace, ignore_errors=True)

    def _admit(self, function: Function, reserved: int | None) -> None:
        with self._changed:
            if reserved is not None and self._busy[function.family] >= reserved:
                reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
            elif self._busy.total() >= ACCOUNT_LIMIT:
                reason = "ConcurrentInvocationLimitExceeded"
            else:
                self._busy[function.family] += 1
                return
        self._write_metrics(function, {"Throttles": 1})
        parent = tracing.caller.get()
        if parent is not None:
            self._write_trace(function.region, tracing.throttled_segment(parent, function.name, function.arn))
        raise ThrottledError(reason)

    def _run(self, function: Function, event: str) -> Result:
        asked_at = clock.now()
        try:
            with self._environment(function) as (environment, init):
                return self._invoke(function, environment, init, event, asked_at)
        finally:
            with self._changed:
                self._busy[function.family] -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def _environment(self, function: Function) -> Iterator[tuple[Environment, Ending | None]]:
        """A warm environment, or a new one together with how its init ended."""
        environment = self._take(function)
        init: Ending | None = None
        if environment is None:
            environment = self._create(function)
            init = environment.initialise()
        try:
            yield environment, init
        finally:
            self._give_back(environment)

    def _take(self, function: Function) -> Environment | None:
        """A warm environment of this very configuration, or None with a place reserved for a new one."""
        with self._changed:
            idle = self._idle[function.slot]
            for environment in [e for e in idle if e.function.fingerprint != function.fingerprint]:
                idle.remove(environment)
                self._drop(environment)
            if idle:
                return idle.pop()
            while self._places >= PROCESS_LIMIT and not self._evict():
                self._changed.wait(1)
            self._places += 1
        return None

    def _create(self, function: Function) -> Environment:
        try:
            root = self._code.folder(function.code_sha, function.code)
            environment = Environment(function, self._nursery, root, self._variables(function))
        except OSError:
            with self._changed:
                self._places -= 1
            raise
        with self._changed:
            self._all.add(environment)
        return environment

    def _evict(self) -> bool:
        for environments in self._idle.values():
            if environments:
                self._drop(environments.pop(0))
                return True
        return False

    def _give_back(self, environment: Environment) -> None:
        with self._changed:
            if environment.alive and environment in self._all:
                self._idle[environment.function.slot].append(environment)
            else:
                self._drop(environment)
            self._changed.notify_all()

    def _drop(self, environment: Environment) -> None:
        if environment in self._all:
            self._all.remove(environment)
            self._places -= 1
        environment.close()

    def _invoke(
        self, function: Function, environment: Environment, init: Ending | None, event: str, asked_at: float
    ) -> Result:
        """Run the handler, unless the init has failed; ``function`` has the ARN that this caller used."""
        request_id, started_at, parent = str(uuid.uuid4()), clock.now(), tracing.caller.get()
        if init is not None and init.kind != "ready":
            ending = init
        else:
            header = parent.header if parent else ""
            ending = environment.invoke(request_id, function.arn, event, function.timeout, header)
        failure = report.failure_of(ending, function, request_id)
        traced = ""
        if parent is not None:
            error = json.loads(failure.payload) if failure is not None else None
            failed_init = init is ending
            run = tracing.Run(
                name=function.name,
                arn=function.arn,
                active=function.traced,
                request_id=request_id,
                asked_at=asked_at,
                started_at=started_at - (ending.seconds if failed_init else 0),
                seconds=ending.seconds,
                init_seconds=None if init is None or failed_init else init.seconds,
                error=error if isinstance(error, dict) else None,
            )
            traced = self._trace(function, parent, run)
        lines = report.log_lines(
            request_id, function, int(started_at * 1000), init, ending, failure, environment.peak_bytes, traced
        )
        self._publish(function, environment.log_stream, lines, ending.seconds, failure is not None)
        tail = "".join(line.text for line in lines)[-4096:]
        if failure is None:
            return Result(request_id, ending.payload, None, function.version, tail)
        return Result(request_id, failure.payload, "Unhandled", function.version, tail)

    def _trace(self, function: Function, parent: tracing.Parent, run: tracing.Run) -> str:
        """Send the segments; the addition to the REPORT line of a function with active tracing."""
        segments = tracing.invocation_segments(parent, run)
        for segment in segments:
            self._write_trace(function.region, segment)
        if not function.traced:
            return ""
        return f"XRAY TraceId: {parent.trace_id}\tSegmentId: {segments[-1]['id']}\tSampled: true"

    def _publish(self, function: Function, stream: str, lines: list[Line], seconds: float, failed: bool) -> None:
        self._write_log(function.region, f"/aws/lambda/{function.name}", stream, lines)
        with self._changed:
            concurrent = self._busy[function.family]
        values = {"Invocations": 1, "Errors": int(failed), "Throttles": 0, "Duration": seconds * 1000}
        self._write_metrics(function, {**values, "ConcurrentExecutions": concurrent})
