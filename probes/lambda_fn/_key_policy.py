"""What a KMS key lets a role do: its policy, and the grants that Lambda and others have made on it.

https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, ClassVar

from probes._condition import UNKNOWABLE
from probes._policy import listed

DECRYPT = "kms:Decrypt"


@dataclass(frozen=True, slots=True)
class Decryption:
    """A role asking KMS to decrypt. As `account` it stands for the role's whole account: what is allowed to that is
    up to the policies of the role itself.
    """

    role_arn: str
    account: str | None = None
    action: ClassVar[str] = DECRYPT
    # What Lambda sends along is its own affair: a condition on it stays undecided.
    unknown: ClassVar[Set[str]] = UNKNOWABLE | {
        "kms:viaservice",
        "kms:calleraccount",
        "kms:granteeprincipal",
        "kms:encryptioncontext:aws:lambda:functionarn",
        "kms:encryptioncontextkeys",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:principalorgid",
    }

    def context(self) -> dict[str, str]:
        """The condition keys that the call carries."""
        return {"aws:principalarn": self.role_arn, "aws:securetransport": "true"}

    def is_named(self, principal: Any) -> bool:
        """Whether the role is meant, by its ARN or by *; as an account, by the account."""
        named = listed(principal.get("AWS")) if isinstance(principal, Mapping) else listed(principal)
        if self.account is not None:
            return bool({self.account, f"arn:{self._partition}:iam::{self.account}:root"} & set(map(str, named)))
        return bool({"*", self.role_arn} & set(map(str, named)))

    def is_covered(self, resources: Any) -> bool:
        """Always: the policy is the key's own."""
        return True

    @property
    def _partition(self) -> str:
        return self.role_arn.split(":")[1] if self.role_arn.count(":") > 1 else "aws"


def is_granted(grants: Iterable[Mapping[str, Any]], role_arn: str) -> bool:
    """Whether a grant lets the role decrypt. One made for a role that is gone names it by its id, not by its ARN.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html
    """
    return any(
        grant.get("GranteePrincipal") == role_arn and "Decrypt" in (grant.get("Operations") or ()) for grant in grants
    )
