"""Whether Lambda takes calls of the function at all: its state, and how its last update ended."""

from __future__ import annotations

from typing import Any

from probes.lambda_fn._function import SettingsProbe
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence

# Endpoints that know no states tell none.
_READY = frozenset({"Active", "", None})


class State(SettingsProbe):
    """Reads the state of exactly what is invoked, and the reason that Lambda gives for it.

    While an update is under way or has failed, Lambda goes on running what was there before.
    https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
    """

    title = "State of the function"
    hop = "lambda-service"
    calls = frozenset({"lambda:GetFunctionConfiguration"})
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html",)

    def judged(self, case: Case, aws: Aws, name: str, settings: dict[str, Any]) -> Evidence:
        """PASS when it is active; WARN when its last update failed or still goes on; FAIL in any other state."""
        facts = _facts(settings)
        code = f" ({facts['reason_code']})" if facts["reason_code"] else ""
        if facts["state"] not in _READY:
            return self.failed(f"{name} is {facts['state']}{code}: {facts['reason'] or 'no reason is given'}", **facts)
        if facts["last_update_status"] == "Failed":
            return self.warned(
                f"The last update of {name} failed{code}: {facts['reason'] or 'no reason is given'}", **facts
            )
        if facts["last_update_status"] == "InProgress":
            return self.warned(f"{name} is being updated; calls still run what was there before.", **facts)
        return self.passed(f"{name} is active.", **facts)


def _facts(found: dict[str, Any]) -> dict[str, Any]:
    """`reason_code` and `reason` are those of the state, or of a failed update where the state is as it should be."""
    state, update = found.get("State"), found.get("LastUpdateStatus")
    which = "LastUpdateStatus" if state in _READY and update == "Failed" else "State"
    return {
        "state": state,
        "last_update_status": update,
        "reason": found.get(f"{which}Reason"),
        "reason_code": found.get(f"{which}ReasonCode"),
        "snap_start": (found.get("SnapStart") or {}).get("OptimizationStatus") == "On",
        "version": found.get("Version"),
        "package_type": found.get("PackageType"),
        "in_vpc": bool((found.get("VpcConfig") or {}).get("SubnetIds")),
    }
