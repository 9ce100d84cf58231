"""``python -m wizard.sandbox``: serve a scenario, say where in one JSON line, end with the parent or on a signal."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; returns the process's exit code."""
    asked = _parser().parse_args(arguments)
    from wizard.sandbox.process import REFUSED
    from wizard.sandbox.server import SandboxServer, UnknownFaultError

    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if asked.until_stdin_closes:
        threading.Thread(target=_wait_for_end_of_input, args=(stopping,), daemon=True).start()
    server = SandboxServer(asked.port)
    server.start()
    try:
        try:
            scenario = server.scenario(asked.fault, asked.furnish, asked.api_type)
        except UnknownFaultError as error:
            sys.stderr.write(f"apigw-wizard: {error}\n")
            return REFUSED
        sys.stdout.write(json.dumps(scenario) + "\n")
        sys.stdout.flush()
        stopping.wait()
    finally:
        server.stop()
    return 0


def _wait_for_end_of_input(stopping: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    stopping.set()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wizard.sandbox", description="Serve a breakable API on 127.0.0.1.")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="ID",
        help="break the API so; ID@45m since then, ID%%30 now and then; repeatable",
    )
    parser.add_argument(
        "--furnish", action="append", default=[], metavar="NAME", help="build the API otherwise; repeatable"
    )
    parser.add_argument("--api-type", default="", help="rest or http: the shop to serve when no fault says it")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input is closed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
