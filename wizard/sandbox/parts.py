"""The simulator's parts, for the handlers that moto calls. One sandbox a process: moto's state is global too."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.sandbox import telemetry
from wizard.sandbox.credentials import Credentials
from wizard.sandbox.functions.catalog import PolicyStore
from wizard.sandbox.functions.runner import Runner
from wizard.sandbox.gateway.service import Gateway


@dataclass
class Parts:
    """What belongs together: the function runner, the policies, the gateway and the functions' credentials."""

    runner: Runner
    policies: PolicyStore
    gateway: Gateway
    credentials: Credentials

    def reset(self) -> None:
        """Kill the functions and forget everything."""
        self.runner.reset()
        self.policies.clear()
        self.credentials.clear()


def build(endpoint_url: str) -> Parts:
    """Make the parts of a sandbox that answers at ``endpoint_url``."""
    credentials = Credentials(endpoint_url)
    runner = Runner(credentials.variables, telemetry.write_function_log, telemetry.write_function_metrics)
    policies = PolicyStore()
    return Parts(runner, policies, Gateway(runner, policies), credentials)


_current: list[Parts] = []


def set_current(parts: Parts) -> None:
    """Make these the parts that answer."""
    _current[:] = [parts]


def current() -> Parts:
    """The parts that answer. Raises RuntimeError before a server has started."""
    if not _current:
        raise RuntimeError("the sandbox server has not been started")
    return _current[0]
