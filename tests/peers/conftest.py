"""ministack, an emulator we did not write, in a process of its own on 127.0.0.1."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

START_S = 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint URL of a running ministack."""
    port, home = _free_port(), tmp_path_factory.mktemp("ministack")
    env = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "CLOUDTRAIL_RECORDING": "1",
        "HOME": str(home),
        "TMPDIR": str(home),
    }
    command = Path(sys.executable).with_name("ministack")
    log = (home / "log").open("w")
    process = subprocess.Popen([str(command)], env=env, stdout=log, stderr=log, cwd=home)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(START_S * 10):
            if _answers(url):
                break
            assert process.poll() is None, (home / "log").read_text()
            select.select([], [], [], 0.1)  # waits for a process that tells nobody when it is ready
        yield url
    finally:
        process.terminate()
        process.wait(20)
        log.close()
