"""The nursery process as the server sees it: orders environments, hears of their deaths, kills them all at the end."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

# Lambda's Python runtimes bring boto3 and what it needs, nothing else.
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")


class Child:
    """One environment's process: its id, the channel to it, its output, and its exit code once it has ended."""

    def __init__(self, channel: socket.socket, output: int) -> None:
        self.channel, self.output = channel, output
        self.pid = 0
        self.exit_code: int | None = None
        self.abandoned = False
        self.born, self.died = threading.Event(), threading.Event()

    def kill(self) -> None:
        """End the process and everything it started; harmless when it has ended."""
        if self.pid and not self.died.is_set():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill and give back the handles."""
        self.abandoned = True
        self.kill()
        self.channel.close()
        if self.output >= 0:
            os.close(self.output)
            self.output = -1


class Nursery:
    """Starts the nursery on first use. Thread-safe."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._waiting: dict[int, Child] = {}
        self._alive: dict[int, Child] = {}
        self._numbers = itertools.count(1)

    def start(self) -> None:
        """Start the process, so that the first function need not wait for it."""
        with self._lock:
            self._ensure()

    def spawn(self, order: dict[str, Any]) -> Child:
        """Fork an environment.

        ``order`` has ``root``, ``env``, ``handler``, ``name``, ``version``, ``memory``, ``log_group``, ``log_stream``.
        Raises OSError when no process comes up.
        """
        ours, theirs = socket.socketpair()
        reader, writer = os.pipe()
        child = Child(ours, reader)
        try:
            with self._lock:
                control = self._ensure()
                number = next(self._numbers)
                self._waiting[number] = child
                body = json.dumps({**order, "id": number}).encode()
                data = len(body).to_bytes(4, "big") + body
                sent = socket.send_fds(control, [data], [theirs.fileno(), writer])
                control.sendall(data[sent:])
        finally:
            theirs.close()
            os.close(writer)
        if not child.born.wait(10):
            child.close()
            raise OSError("the function process did not start")
        return child

    def stop(self) -> None:
        """Kill every environment and the nursery."""
        with self._lock:
            process, control = self._process, self._control
            self._process = self._control = None
            children = [*self._alive.values(), *self._waiting.values()]
        for child in children:
            child.kill()
        if control is not None:
            with contextlib.suppress(OSError):
                control.shutdown(socket.SHUT_RDWR)
            control.close()
        if process is not None:
            process.kill()
            process.wait()

    def _ensure(self) -> socket.socket:
        if self._control is not None:
            return self._control
        ours, theirs = socket.socketpair()
        script = str(Path(__file__).with_name("runtime.py"))
        packages = _runtime_packages(self._workspace / "runtime")
        arguments = [str(theirs.fileno()), str(packages), str(self._workspace)]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", script, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._control = ours
        threading.Thread(target=self._listen, args=(ours,), name="nursery", daemon=True).start()
        return ours

    def _listen(self, control: socket.socket) -> None:
        with contextlib.suppress(OSError), control.makefile("r", encoding="utf-8") as stream:
            for line in stream:
                self._note(json.loads(line))
        with self._lock:
            if self._control is control:
                self._control = None
            children = [*self._alive.values(), *self._waiting.values()]
            self._alive.clear()
            self._waiting.clear()
        for child in children:
            child.died.set()

    def _note(self, message: dict[str, Any]) -> None:
        if "born" in message:
            child = self._waiting.pop(message["born"])
            child.pid = message["pid"]
            self._alive[child.pid] = child
            child.born.set()
            if child.abandoned:
                child.kill()
        else:
            gone = self._alive.pop(message["died"])
            gone.exit_code = message["status"]
            gone.died.set()


def _runtime_packages(folder: Path) -> Path:
    """Fill a folder with links to the packages that Lambda's Python has, so that any other import really fails."""
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    for name in RUNTIME_PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder
