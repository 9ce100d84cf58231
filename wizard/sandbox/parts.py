"""The simulator's parts, for the handlers that moto calls. One sandbox a process: moto's state is global too."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.sandbox import telemetry
from wizard.sandbox.credentials import Credentials
from wizard.sandbox.functions.catalog import PolicyStore
from wizard.sandbox.functions.runner import Runner
from wizard.sandbox.functions.states import ServiceStates
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
    states: ServiceStates

    def reset(self) -> None:
        """Kill the functions and forget everything."""
        self.runner.reset()
        self.policies.clear()
        self.credentials.clear()
        self.traces.clear()
        self.trail.clear()
        self.states.clear()
        self.gateway.clear()


def build(endpoint_url: str) -> Parts:
    """Make the parts of a sandbox that answers at ``endpoint_url``."""
    credentials = Credentials(endpoint_url)
    traces, policies, states = TraceStore(), PolicyStore(), ServiceStates()
    runner = Runner(
        credentials.variables,
        telemetry.write_function_log,
        telemetry.write_function_metrics,
        traces.put,
        states.check,
    )
    gateway = Gateway(runner, policies, traces, credentials)
    return Parts(runner, policies, gateway, credentials, traces, Trail(endpoint_url), states)


_current: list[Parts] = []


def set_current(parts: Parts) -> None:
    """Make these the parts that answer."""
    _current[:] = [parts]


def current() -> Parts:
    """The parts that answer. Raises RuntimeError before a server has started."""
    if not _current:
        raise RuntimeError("the sandbox server has not been started")
    return _current[0]
