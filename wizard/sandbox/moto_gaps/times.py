"""Dates of what a call makes, by the sandbox's clock: deployments, stages, functions, roles, log groups, log events."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace
from typing import Any

from moto.apigateway import models as gateway_models
from moto.awslambda import models as lambda_models
from moto.awslambda.models import LambdaFunction
from moto.iam import models as iam_models
from moto.logs import models as logs_models

from wizard.sandbox import clock

_CHANGES = ("update_configuration", "update_function_code", "set_version")
_plain = {name: getattr(LambdaFunction, name) for name in _CHANGES}


def install() -> None:
    """Let moto ask the sandbox what time it is."""
    setattr(gateway_models, "time", SimpleNamespace(time=clock.now, mktime=time.mktime))  # noqa: B010 - not its own name
    setattr(logs_models, "utcnow", clock.utcnow)  # noqa: B010
    setattr(iam_models, "utcnow", clock.utcnow)  # noqa: B010
    setattr(lambda_models, "iso_8601_datetime_with_nanoseconds", _last_modified)  # noqa: B010
    for name, method in _plain.items():
        setattr(LambdaFunction, name, _dated(method))


def _last_modified() -> str:
    """As Lambda writes it: 2026-11-20T09:30:00.123+0000."""
    return clock.iso(clock.now()).replace("Z", "+0000")


def _dated(change: Callable[..., Any]) -> Callable[..., Any]:
    """A change of a function also changes its LastModified."""

    @wraps(change)
    def changed(self: LambdaFunction, *arguments: Any, **named: Any) -> Any:
        self.last_modified = _last_modified()
        return change(self, *arguments, **named)

    return changed
