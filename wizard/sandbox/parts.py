"""The simulator's parts, for the handlers that moto calls. One sandbox a process: moto's state is global too."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.sandbox import telemetry
from wizard.sandbox.credentials import Credentials
from wizard.sandbox.functions.catalog import PolicyStore
from wizard.sandbox.functions.runner import Runner
from wizard.sandbox.gateway.service import Gateway
from wizard.sandbox.tracing import TraceStore
from wizard.sandbox.trail import Trail


@dataclass
class Parts:
    """What belongs together: the function runner, the policies, the gateway and the functions' credentials."""

    runner: Runner
    policies: PolicyStore
    gateway: Gateway
    credentials: Credentials
    traces: TraceStore
    trail: Trail

    def reset(self) -> None:
        """Kill the functions and forget everything."""
        self.runner.reset()
        self.policies.clear()
        self.credentials.clear()
        self.traces.clear()
        self.trail.clear()


def build(endpoint_url: str) -> Parts:
    """Make the parts of a sandbox that answers at ``endpoint_url``."""
    credentials = Credentials(endpoint_url)
    traces, policies = TraceStore(), PolicyStore()
    runner = Runner(credentials.variables, telemetry.write_function_log, telemetry.write_function_metrics, traces.put)
    return Parts(runner, policies, Gateway(runner, policies, traces), credentials, traces, Trail(endpoint_url))


_current: list[Parts] = []


def set_current(parts: Parts) -> None:
    """Make these the parts that answer."""
    _current[:] = [parts]


def current() -> Parts:
    """The parts that answer. Raises RuntimeError before a server has started."""
    if not _current:
        raise RuntimeError("the sandbox server has not been started")
    return _current[0]
