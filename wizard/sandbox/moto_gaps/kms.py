"""KMS: whom grants are for, once the role they were made for is gone."""

from __future__ import annotations

import json
from typing import Any

from moto.kms.responses import KmsResponse

from wizard.sandbox.functions.secrets import is_stale

_plain_list = KmsResponse.list_grants


def install() -> None:
    """Put the handler in place."""
    setattr(KmsResponse, list_grants.__name__, list_grants)


def list_grants(self: KmsResponse) -> str:
    """ListGrants: a role that is gone is named by its id, also when another has its name now.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html,
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    answer: dict[str, Any] = json.loads(_plain_list(self))
    for grant in answer["Grants"]:
        if is_stale(grant.get("Name"), grant["GranteePrincipal"]):
            grant["GranteePrincipal"] = grant["Name"].removeprefix("lambda-")
    return json.dumps(answer)
