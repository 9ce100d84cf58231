"""Rules for every test: no network beyond loopback, nothing of the person's own AWS set-up, no state left behind."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import botocore.session  # noqa: F401
import pytest
import s3transfer  # noqa: F401

# The AWS CLI brings a botocore of its own and puts it before the real one, unless that was imported first.

_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else "localhost"
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise OSError(f"tests stay on this machine, not {host}")
    _connect(self, address)


@pytest.fixture(autouse=True)
def _on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _loopback_only)


@pytest.fixture(autouse=True)
def _nobodys_aws_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    home: Path = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    for name, value in {
        "AWS_CONFIG_FILE": home / "none",
        "AWS_SHARED_CREDENTIALS_FILE": home / "none",
        "AWS_EC2_METADATA_DISABLED": "true",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_STATE_HOME": home / "state",
        "NO_PROXY": "*",
    }.items():
        monkeypatch.setenv(name, str(value))
