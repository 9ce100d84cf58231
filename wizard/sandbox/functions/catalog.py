"""Functions as moto keeps them, turned into what the runner needs; and the resource policy of each qualifier."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.models import LambdaBackend, LambdaFunction

from wizard.sandbox import backends
from wizard.sandbox.functions.model import Function

ARN_PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
_FULL_ARN = re.compile(
    r"arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):function:([A-Za-z0-9_-]+)(?::(\$LATEST|[A-Za-z0-9_-]+))?"
)


@dataclass(frozen=True)
class FunctionArn:
    """A function ARN taken apart; ``qualifier`` is empty when the ARN has none."""

    region: str
    account: str
    name: str
    qualifier: str = ""

    @property
    def text(self) -> str:
        """The ARN, with its qualifier."""
        suffix = f":{self.qualifier}" if self.qualifier else ""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}{suffix}"


def parse_arn(text: str) -> FunctionArn | None:
    """Take a full function ARN apart; None when it is not one."""
    match = _FULL_ARN.fullmatch(text)
    return FunctionArn(match[1], match[2], match[3], match[4] or "") if match else None


def find(arn: FunctionArn) -> Function | None:
    """The function behind an ARN, its alias resolved to a version; None when there is none."""
    if arn.account != backends.ACCOUNT:
        return None
    try:
        backend = backends.functions(arn.region)
        version = _routed(backend, arn)
        found = backend.get_function(arn.name, version or arn.qualifier or None)
    except (UnknownFunctionException, KeyError):
        return None
    return Function(
        region=arn.region,
        name=found.function_name,
        version=str(found.version),
        arn=arn.text,
        handler=found.handler or "",
        runtime=found.run_time or "",
        role=found.role,
        timeout=int(found.timeout),
        memory=int(found.memory_size),
        code=found.code_bytes,
        code_sha=found.code_sha_256,
        environment=tuple(sorted((str(k), str(v)) for k, v in found.environment_vars.items())),
        qualifier=arn.qualifier,
        traced=(found.tracing_config or {}).get("Mode") == "Active",
        kms_key=found.kms_key_arn or "",
        subnets=tuple((found.vpc_config or {}).get("SubnetIds") or ()),
        security_groups=tuple((found.vpc_config or {}).get("SecurityGroupIds") or ()),
        architecture=(found.architectures or ["x86_64"])[0],
        file_systems=tuple(each["Arn"] for each in extras(found).get("FileSystemConfigs") or ()),
        granted_to=str(found.__dict__.get("granted_to", "")),
    )


def extras(function: LambdaFunction) -> dict[str, Any]:
    """Settings of a version that moto does not keep: FileSystemConfigs, SnapStart, as they were given."""
    kept: dict[str, Any] = function.__dict__.get("extras", {})
    return kept


def _routed(backend: LambdaBackend, arn: FunctionArn) -> str:
    """The version that an alias sends this one invocation to besides its main one, by its weight; mostly empty.

    Lambda throws dice; here the invocations are dealt out evenly, the first to the added version, so that a share is
    met exactly in few of them.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
    """
    try:
        alias = backend.get_alias(name=arn.qualifier, function_name=arn.name)
    except UnknownAliasException:
        return ""
    routing: Any = alias.routing_config or {}
    weights = (routing.get("AdditionalVersionWeights") or {}).items() if isinstance(routing, dict) else ()
    for version, weight in weights:
        due = alias.__dict__.get("due", 1 - float(weight)) + float(weight)
        alias.__dict__["due"] = due - 1 if due >= 1 else due
        if due >= 1:
            return str(version)
    return ""


def reserved_concurrency(region: str, name: str) -> int | None:
    """The function's reserved concurrency; 0 disables it, None reserves nothing."""
    value = backends.functions(region).get_function(name).reserved_concurrency
    return None if value is None else int(value)


@dataclass
class ResourcePolicy:
    """The statements of one qualifier by their Sid."""

    statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    revision: str = field(default_factory=lambda: str(uuid.uuid4()))


class PolicyStore:
    """Resource policies per (Region, function, qualifier): Lambda keeps one for each, they are never merged.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html (Qualifier)
    """

    def __init__(self) -> None:
        self._policies: dict[tuple[str, str, str], ResourcePolicy] = {}

    def get(self, region: str, name: str, qualifier: str) -> ResourcePolicy:
        """The policy of a qualifier, made on first use."""
        key = (region, name, "" if qualifier == "$LATEST" else qualifier)
        return self._policies.setdefault(key, ResourcePolicy())

    def statements(self, arn: FunctionArn) -> list[Mapping[str, Any]]:
        """The statements that apply when this very ARN is invoked."""
        return list(self.get(arn.region, arn.name, arn.qualifier).statements.values())

    def forget(self, region: str, name: str, qualifier: str | None = None) -> None:
        """Drop the policy of a deleted alias or version, or all of a deleted function."""
        for key in [k for k in self._policies if k[:2] == (region, name) and qualifier in (None, k[2])]:
            del self._policies[key]

    def clear(self) -> None:
        """Forget everything."""
        self._policies.clear()
