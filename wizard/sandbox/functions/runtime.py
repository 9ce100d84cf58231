"""What runs inside the function processes: a nursery that forks, and the loop of one execution environment.

Started as a script with an isolated interpreter; it must import nothing but the standard library. The nursery has
boto3 loaded already, so an environment starts in a few milliseconds. Protocol: JSON lines.

Texts and error types follow https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html and
https://github.com/aws/aws-lambda-python-runtime-interface-client.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import random
import resource
import shutil
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import IO, Any, NoReturn, TypeVar

T = TypeVar("T")
Handler = Callable[[Any, Any], Any]
TASK_ROOT = "/var/task"
_LIBRARY = os.path.dirname(os.path.dirname(os.__file__))
PRELOAD = ("boto3", "botocore.session", "botocore.client", "urllib.request", "logging.config", "uuid", "decimal")


class RuntimeFaultError(Exception):
    """An error of the runtime itself, with Lambda's type and message."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.kind, self.trace = kind, trace or []


class Context:
    """The context object of a Python handler."""

    def __init__(self, call: dict[str, Any], settings: dict[str, Any]) -> None:
        self.aws_request_id: str = call["request_id"]
        self.invoked_function_arn: str = call["arn"]
        self.function_name: str = settings["name"]
        self.function_version: str = settings["version"]
        self.memory_limit_in_mb: str = str(settings["memory"])
        self.log_group_name: str = settings["log_group"]
        self.log_stream_name: str = settings["log_stream"]
        self.identity = self.client_context = None
        self._deadline = float(call["deadline"])

    def get_remaining_time_in_millis(self) -> int:
        return max(int((self._deadline - time.time()) * 1000), 0)


class Environment:
    """One execution environment: loads the handler once, then answers invocations until told to stop."""

    def __init__(self, channel: socket.socket, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.root: str = settings["root"]
        self.stream: IO[str] = channel.makefile("rw", encoding="utf-8", newline="\n")
        self.request_id = ""

    def serve(self) -> None:
        handler = self.attempt("init-error", lambda: load_handler(self.settings["handler"]))
        if handler is None:
            return
        self.send({"kind": "ready"})
        for line in self.stream:
            self.answer(handler, json.loads(line))

    def answer(self, handler: Handler, call: dict[str, Any]) -> None:
        self.request_id = os.environ["_REQUEST_ID"] = call["request_id"]
        _LogFormatter.ago = call["ago"]
        os.environ["_X_AMZN_TRACE_ID"] = call["trace"]
        context = Context(call, self.settings)
        payload = self.attempt("error", lambda: marshal(handler(json.loads(call["event"] or "{}"), context)))
        if payload is not None:
            self.send({"kind": "result", "payload": payload})

    def attempt(self, failure: str, step: Callable[[], T]) -> T | None:
        """Run the user's code; whatever it raises is the answer, as in Lambda, so nothing may be let through."""
        try:
            return step()
        except Exception as error:  # noqa: BLE001 - in Lambda, too, whatever the handler raises is its answer
            self.send({"kind": failure, "payload": self.describe(error), "log": self.log_text(error)})
            return None

    def send(self, message: dict[str, Any]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        unit = 1 if sys.platform == "darwin" else 1024
        message["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
        self.stream.write(json.dumps(message) + "\n")
        self.stream.flush()

    def describe(self, error: Exception) -> str:
        kind = error.kind if isinstance(error, RuntimeFaultError) else type(error).__name__
        trace = [line.rstrip("\n") + "\n" for line in self.trace(error)]
        message = self.in_lambda(str(error))
        body = {"errorMessage": message, "errorType": kind, "requestId": self.request_id, "stackTrace": trace}
        return json.dumps(body, ensure_ascii=False)

    def log_text(self, error: Exception) -> str:
        kind = error.kind if isinstance(error, RuntimeFaultError) else type(error).__name__
        lines = "".join(line.rstrip("\n") + "\n" for line in self.trace(error))
        return f"[ERROR] {kind}: {self.in_lambda(str(error))}\nTraceback (most recent call last):\n{lines}"

    def trace(self, error: Exception) -> list[str]:
        """The user's part of the traceback, with the path that the code has in Lambda."""
        if isinstance(error, RuntimeFaultError):
            return error.trace
        frames = traceback.extract_tb(error.__traceback__)
        shown = [f for f in frames if f.filename != __file__ and "importlib" not in f.filename]
        return [self.in_lambda(line) for line in traceback.format_list(shown)]

    def in_lambda(self, text: str) -> str:
        """The text with the paths of this machine turned into those of Lambda."""
        for folder, place in ((self.root, TASK_ROOT), (sys.argv[2], "/var/runtime"), (_LIBRARY, "/var/lang/lib")):
            text = text.replace(folder, place)
        return text


def load_handler(name: str) -> Handler:
    """Import the module that ``Handler`` names and return the function in it."""
    parts = name.rsplit(".", 1)
    if len(parts) != 2:
        message = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        raise RuntimeFaultError("Runtime.MalformedHandlerName", message)
    module_name, function = parts
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise RuntimeFaultError("Runtime.ImportModuleError", message) from None
    except SyntaxError as error:
        file = os.path.basename(error.filename or "")
        place = f'  File "{TASK_ROOT}/{file}" Line {error.lineno}\n    {error.text or ""}'
        message = f"Syntax error in module '{module_name}': {error}"
        raise RuntimeFaultError("Runtime.UserCodeSyntaxError", message, [place]) from None
    try:
        found: Handler = getattr(module, function)
    except AttributeError:
        message = f"Handler '{function}' missing on module '{module_name}'"
        raise RuntimeFaultError("Runtime.HandlerNotFound", message) from None
    return found


def marshal(result: object) -> str:
    """The handler's return value as JSON text."""
    try:
        if os.environ.get("AWS_LWA_INVOKE_MODE") == "response_stream" and isinstance(result, dict):
            return streamed(result)
        return json.dumps(result, ensure_ascii=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise RuntimeFaultError("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def streamed(result: dict[str, Any]) -> str:
    """The answer as the Lambda Web Adapter streams it: status and headers, eight zero bytes, the body.

    https://github.com/awslabs/aws-lambda-web-adapter
    """
    head = {name: value for name, value in result.items() if name in ("statusCode", "headers", "multiValueHeaders")}
    return json.dumps(head) + "\0" * 8 + str(result.get("body") or "")


class _LogFormatter(logging.Formatter):
    """Lambda's form of a log record; ``ago`` = the seconds by which the sandbox's clock is behind."""

    ago = 0.0

    def format(self, record: logging.LogRecord) -> str:
        at = record.created - self.ago
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03d}Z"
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return f"[{record.levelname}]\t{stamp}\t{os.environ.get('_REQUEST_ID', '')}\t{text}"


class _Network:
    """What an environment can reach: this machine, where AWS and the warehouse are played, and nothing else.

    Names are resolved, as in every VPC, but for those of private zones, which nobody has made. Whatever else is
    called never answers: nothing leaves the sandbox.
    """

    def __init__(self) -> None:
        self.resolve, self.connect = socket.getaddrinfo, socket.socket.connect

    def install(self) -> None:
        socket.getaddrinfo = self.getaddrinfo
        network = self

        def connect(sock: Any, address: Any) -> None:
            if not isinstance(address, tuple) or _is_here(str(address[0])):
                return network.connect(sock, address)
            patience = sock.gettimeout()
            time.sleep(_KERNEL_PATIENCE_S if patience is None else patience)
            raise TimeoutError("timed out") if patience is not None else TimeoutError(110, "Connection timed out")

        socket.socket.connect = connect  # type: ignore[method-assign]

    def getaddrinfo(self, host: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if _is_here(name) or name.replace(".", "").isdigit():
            return list(self.resolve(host, port, *more, **named))
        if name.endswith((".internal", ".local")):
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (_NOBODY, int(port or 0)))]


# https://www.rfc-editor.org/rfc/rfc5737: an address that nobody has. Linux gives up on a connection after about 2 min.
_NOBODY, _KERNEL_PATIENCE_S = "192.0.2.1", 127.0


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _become_environment(order: dict[str, Any], channel: socket.socket, output: int) -> NoReturn:
    """In the forked child: shed everything of the nursery, then serve."""
    os.setpgid(0, 0)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, channel.fileno())
    os.closerange(channel.fileno() + 1, 256)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    random.seed()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_LogFormatter())
    logging.getLogger().addHandler(handler)
    _LogFormatter.ago = order["ago"]
    _Network().install()
    os.chdir(order["root"])
    sys.path.insert(0, order["root"])
    code = 0
    try:
        Environment(channel, order).serve()
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Nursery:
    """Forks an environment for every order that comes over the control socket, and reports each death."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: set[int] = set()

    def run(self) -> None:
        import selectors

        awake, woken = socket.socketpair()
        awake.setblocking(False)
        woken.setblocking(False)
        signal.set_wakeup_fd(woken.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self.control, selectors.EVENT_READ)
            selector.register(awake, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is awake:
                        awake.recv(4096)
                        self.reap()
                    elif not self.birth():
                        self.kill_all()
                        shutil.rmtree(sys.argv[3], ignore_errors=True)
                        return

    def birth(self) -> bool:
        data, handles, _, _ = socket.recv_fds(self.control, 65536, 2)
        if not data:
            return False
        size = int.from_bytes(data[:4], "big")
        body = data[4:]
        while len(body) < size:
            body += self.control.recv(size - len(body))
        order = json.loads(body)
        pid = os.fork()
        if pid == 0:
            self.control.close()
            _become_environment(order, socket.socket(fileno=handles[0]), handles[1])
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.setpgid(pid, pid)  # the child does it too: whichever comes first, a kill finds the group
        self.children.add(pid)
        for handle in handles:
            os.close(handle)
        self.tell({"born": order["id"], "pid": pid})
        return True

    def reap(self) -> None:
        for pid in list(self.children):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self.children.discard(pid)
                self.tell({"died": pid, "status": os.waitstatus_to_exitcode(status)})

    def tell(self, message: dict[str, Any]) -> None:
        self.control.sendall(json.dumps(message).encode() + b"\n")

    def kill_all(self) -> None:
        for pid in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


def main() -> None:
    """Entry of the script. Arguments: number of the control socket, folder with Lambda's own packages, folder to remove
    when the sandbox has gone away."""
    sys.path.append(sys.argv[2])
    for name in PRELOAD:
        importlib.import_module(name)
    Nursery(socket.socket(fileno=int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
