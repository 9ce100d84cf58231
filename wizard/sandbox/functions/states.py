"""Why Lambda would not run a function: its state, its key, its network, its file system, its runtime, its event.

What configuration can express is read from it: the KMS key, the subnets and security groups, the file system's mount
targets, the runtime. What it cannot is told by ServiceStates: a documented switch, not a symptom.
Errors: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors, states:
https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from wizard.sandbox.functions import bootstrap, filesystem, network, secrets
from wizard.sandbox.functions.model import Function, RefusedError

EVENT_BYTES = 6 * 1024 * 1024
_RUNTIME = "python3."
_FIELDS = (
    "State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
)  # fmt: skip
_INACTIVE = (
    "The function is inactive and its VPC connection is no longer available. Wait for the VPC connection to "
    "reestablish and try again."
)
_ERRORS: dict[str, tuple[int, str]] = {
    "EC2ThrottledException": (502, "Lambda was throttled by Amazon EC2 during Lambda function initialization."),
    "EC2UnexpectedException": (502, "Lambda received an unexpected Amazon EC2 client exception."),
    "EFSIOException": (410, "An error occurred when reading from or writing to a connected file system."),
    "EFSMountFailureException": (
        403, "The Lambda function couldn't mount the configured Amazon EFS file system due to a permission or "
        "configuration issue.",
    ),
    "EFSMountTimeoutException": (
        408, "The Lambda function made a network connection to the configured Amazon EFS file system, but the mount "
        "operation timed out.",
    ),
    "ENILimitReachedException": (
        502, "Lambda couldn't create an elastic network interface in the VPC, specified as part of Lambda function "
        "configuration, because the limit for network interfaces has been reached.",
    ),
    "InvalidZipFileException": (502, "Lambda could not unzip the deployment package."),
    "RecursiveInvocationException": (
        400, "Lambda has detected your function being invoked in a recursive loop with other AWS resources and "
        "stopped your function's invocation.",
    ),
    "ServiceException": (500, "The Lambda service encountered an internal error."),
    "SnapStartException": (
        400, "The afterRestore() runtime hook encountered an error. For more information, check the Amazon CloudWatch "
        "logs.",
    ),
    "SnapStartNotReadyException": (
        409, "Lambda is initializing your function. You can invoke the function when the function state becomes "
        "Active.",
    ),
    "SnapStartTimeoutException": (408, "Lambda couldn't restore the snapshot within the timeout limit."),
}  # fmt: skip
_BY_REASON = {
    "EFSMountFailure": "EFSMountFailureException",
    "EFSMountTimeout": "EFSMountTimeoutException",
    "EFSIOError": "EFSIOException",
    "EniLimitExceeded": "ENILimitReachedException",
    "InvalidZipFileException": "InvalidZipFileException",
}


class ServiceStates:
    """The states that Lambda keeps of its functions, where they are not the usual ones. Thread-safe.

    Keys of a state: those of GetFunctionConfiguration (State, StateReasonCode, LastUpdateStatus, …), ``InvokeError``
    (the error that every invocation meets, such as RecursiveInvocationException) and ``Then``: the state that takes
    this one's place at the first invocation, as an inactive function is woken by it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[tuple[str, str], Mapping[str, Any]] = {}

    def put(self, region: str, name: str, state: Mapping[str, Any]) -> None:
        """Set the state of a function; an empty one is the usual state."""
        with self._lock:
            self._states[region, name] = dict(state)

    def get(self, region: str, name: str) -> Mapping[str, Any]:
        """The state of a function; empty when it is the usual one."""
        return self._states.get((region, name), {})

    def shown(self, region: str, name: str) -> dict[str, Any]:
        """What of it GetFunctionConfiguration tells."""
        return {key: value for key, value in self.get(region, name).items() if key in _FIELDS}

    def clear(self) -> None:
        """Every function is in its usual state again."""
        with self._lock:
            self._states.clear()

    def check(self, function: Function, event: str) -> None:
        """Raises RefusedError when Lambda would not run this function now."""
        state = self.get(function.region, function.name)
        if "Then" in state:
            self.put(function.region, function.name, state["Then"])
        _check_state(state)
        _check_runtime(function)
        if len(event.encode()) > EVENT_BYTES:
            text = f"Request must be smaller than {EVENT_BYTES} bytes for the InvokeFunction operation"
            raise RefusedError(413, "RequestTooLargeException", text)
        secrets.check(function)
        network.check(function)
        filesystem.check(function)


def _check_state(state: Mapping[str, Any]) -> None:
    error = state.get("InvokeError") or _BY_REASON.get(str(state.get("StateReasonCode")))
    if error in _ERRORS:
        raise RefusedError(_ERRORS[error][0], error, _ERRORS[error][1])
    standing = state.get("State", "Active")
    if standing == "Inactive":
        raise RefusedError(502, "ResourceNotReadyException", _INACTIVE)
    if standing != "Active":
        text = (
            "The operation cannot be performed at this time. The function is currently in the following state: "
            f"{standing}"
        )
        raise RefusedError(409, "ResourceConflictException", text)


def _check_runtime(function: Function) -> None:
    if not function.runtime.startswith(_RUNTIME) and not bootstrap.problem(function):
        raise RefusedError(
            502, "InvalidRuntimeException", f"The runtime parameter of {function.runtime} is not supported."
        )
