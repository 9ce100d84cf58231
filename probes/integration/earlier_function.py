"""What is wrong with a function that failing requests reached before the integration named another one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from probes.lambda_fn.concurrency import Concurrency
from probes.lambda_fn.log import Log
from probes.path._backend import called
from probes.stage._execution_log import failures
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Proof, Reason, Status


class EarlierFunction(Probe):
    """Log and concurrency of the newest other function that a failing request reached."""

    title = "Function that requests reached before"
    hop = "lambda-function"
    api_types = frozenset({"rest", "websocket"})
    calls = Log.calls | Concurrency.calls
    needs = ("function",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """SKIPPED when all failing requests went to the traced function; FAIL when the other one shows a cause."""
        try:
            other = _other(case, aws)
        except NotFound:
            return self.skipped("No execution log tells which functions were called.")
        if other is None:
            return self.skipped("No failing request in the log reached another function.")
        case = replace(case, trace=replace(case.traced, function=other))
        look, room = Log().run(case, aws), Concurrency().run(case, aws)
        listed = look.facts.get("causes")
        known = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
        facts: dict[str, Any] = {
            "function": other.name,
            "function_arn": other.arn,
            "function_region": other.region,
            "causes": [{**item, "proof": Proof.SUGGESTED} for item in known if item.get("proof") != Proof.HINTED],
            "reserved": room.facts.get("reserved"),
            "throttles": room.facts.get("throttles"),
        }
        said = f"Failing requests reached {other.name} before: "
        if facts["causes"] or room.status is Status.FAIL:
            return self.failed(said + (room if room.status is Status.FAIL else look).summary, **facts)
        if room.status is Status.UNKNOWN:
            return self.unknown(room.reason or Reason.NO_DATA, said + room.summary, room.needs, **facts)
        return self.passed(f"{said}nothing shows what was wrong with it.", **facts)


def _other(case: Case, aws: Aws) -> FunctionRef | None:
    now = case.traced.function
    found = (called(story.uri or "") for story in failures(aws, case).stories)
    return next(
        (f for f in found if f and now and (f.name, f.region, f.account) != (now.name, now.region, now.account)), None
    )
