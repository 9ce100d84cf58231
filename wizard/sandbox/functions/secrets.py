"""May Lambda decrypt the environment of a function? By the state of its KMS key, the key's policy and its grants.

Lambda makes a grant for the execution role when the key is set on the function; a role that is deleted and made anew
has another id, so the grant is worth nothing afterwards.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
"""

from __future__ import annotations

from typing import Any

from moto.kms.models import kms_backends

from wizard.sandbox.backends import ACCOUNT
from wizard.sandbox.functions.model import Function, RefusedError
from wizard.sandbox.gateway.permission import find_role, parsed, role_statements
from wizard.sandbox.policy import Call, Decision, decide, statements_of

_CANNOT = "Lambda was unable to decrypt the environment variables because "
_CHECK = " Please check the function's KMS key settings."
_STATES = {
    "Disabled": ("KMSDisabledException", "the KMS key used is disabled."),
    "PendingDeletion": ("KMSInvalidStateException", "the state of the KMS key used is not valid for Decrypt."),
    "PendingImport": ("KMSInvalidStateException", "the state of the KMS key used is not valid for Decrypt."),
}


def check(function: Function) -> None:
    """Raises RefusedError when the environment cannot be decrypted.

    With AWS's own key all hangs on the grant that Lambda made for the role of then.
    """
    if not function.environment:
        return
    if not function.kms_key:
        if function.granted_to and function.granted_to != role_id(function.role):
            raise RefusedError(502, "KMSAccessDeniedException", f"{_CANNOT}KMS access was denied.{_CHECK}")
        return
    key = find_key(function.kms_key)
    if key is None:
        raise RefusedError(502, "KMSNotFoundException", f"{_CANNOT}the KMS key was not found.{_CHECK}")
    if key.key_state in _STATES:
        code, reason = _STATES[key.key_state]
        raise RefusedError(502, code, f"{_CANNOT}{reason}{_CHECK}")
    if not _allowed(key, function.role):
        raise RefusedError(502, "KMSAccessDeniedException", f"{_CANNOT}KMS access was denied.{_CHECK}")


def find_key(arn: str) -> Any:
    """The key behind an ARN, or None."""
    parts = arn.split(":")
    if len(parts) != 6 or parts[4] != ACCOUNT:
        return None
    return kms_backends[ACCOUNT][parts[3]].keys.get(parts[5].rpartition("/")[2])


def role_id(role_arn: str) -> str:
    """The id of the role that stands behind an ARN now; empty when there is none."""
    role = find_role(role_arn)
    return str(role.id) if role is not None else ""


def _allowed(key: Any, role_arn: str) -> bool:
    call = Call("kms:Decrypt", key.arn)
    statements = [s for s in statements_of(parsed(key.policy)) if _about(s.get("Principal"), role_arn)]
    decision = decide(statements, call)
    if decision is Decision.EXPLICIT_DENY:
        return False
    if any(_grants(grant, role_arn) for grant in key.grants.values()):
        return True
    role = find_role(role_arn)
    return (
        decision is Decision.ALLOW and role is not None and decide(role_statements(role), call) is Decision.ALLOW
    ) or any(_names(s.get("Principal"), role_arn) and decide([s], call) is Decision.ALLOW for s in statements)


def is_stale(grant: str | None, role_arn: str) -> bool:
    """True for the name of a grant that Lambda made for a role which is gone or was made anew since."""
    return bool(grant) and grant != f"lambda-{role_id(role_arn)}"


def _grants(grant: Any, role_arn: str) -> bool:
    return grant.grantee_principal == role_arn and "Decrypt" in grant.operations and not is_stale(grant.name, role_arn)


def _about(principal: object, role_arn: str) -> bool:
    return _names(principal, role_arn) or _names(principal, f"arn:aws:iam::{ACCOUNT}:root") or _names(principal, "*")


def _names(principal: object, who: str) -> bool:
    named = principal.get("AWS") if isinstance(principal, dict) else principal
    return who in named if isinstance(named, list) else named == who
