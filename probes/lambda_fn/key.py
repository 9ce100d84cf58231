"""Whether Lambda may use the KMS key that encrypts the function's environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probes._functions import region_of
from probes._metrics import moment
from probes._policy import decide, statements
from probes._role import CALLS, may, role_name
from probes._together import together
from probes.lambda_fn._function import SettingsProbe, traced_function
from probes.lambda_fn._key_policy import DECRYPT, Decryption, is_granted
from wizard.model.aws import Aws, AwsError, Denied, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence
from wizard.model.status import Reason

_USABLE = "Enabled"


class Key(SettingsProbe):
    """A key of one's own is looked at with its state, policy and grants. Without one the key is AWS's, which only
    fails a role that was deleted and made anew: Lambda's grant was for the one before.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    """

    title = "Key of the environment variables"
    hop = "lambda-service"
    calls = (
        frozenset({"lambda:GetFunctionConfiguration", "iam:GetRole"})
        | {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"}
        | CALLS
    )
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",)

    def judged(self, case: Case, aws: Aws, name: str, settings: dict[str, Any]) -> Evidence:
        """FAIL with the fact `problem` when the key cannot be used; SKIPPED when nothing is encrypted."""
        if not settings.get("Environment"):
            return self.skipped(f"{name} has no environment variables to decrypt.")
        role, key = str(settings.get("Role") or ""), str(settings.get("KMSKeyArn") or "")
        facts = {"key_arn": key or None, "role_arn": role, "role_name": role_name(role)}
        if not key:
            return self._of_aws(aws, name, settings, facts)
        try:
            found = aws.call("kms", "DescribeKey", region=_region(key, case), KeyId=key)["KeyMetadata"]
        except NotFound:
            return self.failed(f"The key {key} of {name} is not there.", **facts, problem="missing")
        facts |= {"key_state": found.get("KeyState"), "key_id": found.get("KeyId")}
        if facts["key_state"] != _USABLE:
            return self.failed(f"The key of {name} is {facts['key_state']}.", **facts, problem="state")
        return self._permitted(case, aws, name, facts)

    def _of_aws(self, aws: Aws, name: str, settings: Mapping[str, Any], facts: dict[str, Any]) -> Evidence:
        try:
            role = aws.call("iam", "GetRole", RoleName=facts["role_name"])["Role"]
        except NotFound:
            return self.failed(f"The role of {name}, {facts['role_name']}, is not there.", **facts, problem="no-role")
        except Denied:
            # A role that was made anew is rare: that it could not be looked at leaves no question open by itself.
            told = f"The variables of {name} are encrypted with AWS's own key; how old its role is could not be read."
            return self.skipped(told, **facts, role_read=False)
        made, changed = moment(role.get("CreateDate")), moment(settings.get("LastModified"))
        facts |= {"role_created": str(made or ""), "last_modified": str(changed or "")}
        if made is None or changed is None:
            return self.unknown(Reason.NO_DATA, f"How old the role of {name} is cannot be told.", **facts)
        if made > changed:
            return self.failed(
                f"The role {facts['role_name']} was made on {made:%Y-%m-%d %H:%M}, after {name} was changed last; "
                "what Lambda was granted was for a role of that name before.",
                **facts,
                problem="new-role",
            )
        return self.passed(
            f"The variables of {name} are encrypted with AWS's own key; its role is the old one.", **facts
        )

    def _permitted(self, case: Case, aws: Aws, name: str, facts: dict[str, Any]) -> Evidence:
        key, role = facts["key_arn"], facts["role_arn"]
        where = _region(key, case)
        answers = together(
            {
                "policy": lambda: aws.call("kms", "GetKeyPolicy", region=where, KeyId=key, PolicyName="default"),
                "grants": lambda: aws.pages("kms", "ListGrants", region=where, KeyId=key).items("Grants"),
            }
        )
        error = next((answer for answer in answers.values() if isinstance(answer, AwsError)), None)
        if error is not None:
            told = self.from_error(error, f"Whether the role of {name} may use the key is not known")
            return self.unknown(error.reason, told.summary, told.needs, **facts)
        try:
            policy = statements(answers["policy"].get("Policy") or "{}")
        except ValueError:
            return self.unknown(Reason.NO_DATA, f"The policy of the key {key} is not readable JSON.", **facts)
        direct = decide(policy, Decryption(role))
        if direct.denied:
            return self.failed(f"The key's policy denies {DECRYPT} to the role of {name}.", **facts, problem="denied")
        if is_granted(answers["grants"], role) or direct.allowed:
            return self.passed(f"The role of {name} may decrypt with its key.", **facts)
        by_account = decide(policy, Decryption(role, role.split(":")[4] if role.count(":") > 4 else ""))
        allowed = self._by_role(aws, facts) if by_account.allowed else by_account.allowed
        if allowed:
            return self.passed(f"The role of {name} may decrypt with its key.", **facts)
        if allowed is None or direct.allowed is None:
            return self.unknown(
                Reason.NO_DATA, f"Whether the role of {name} may use its key hangs on conditions.", **facts
            )
        return self.failed(
            f"Neither a grant nor the key's policy nor the role lets {name} decrypt with {key}.",
            **facts,
            problem="no-permission",
        )

    def _by_role(self, aws: Aws, facts: Mapping[str, Any]) -> bool | None:
        try:
            return may(aws, str(facts["role_arn"]), DECRYPT, str(facts["key_arn"])).allowed
        except NotFound:
            return False


def _region(key: str, case: Case) -> str | None:
    """The key's Region where it is another than the API's; that of the function where the key is named by no ARN."""
    parts = key.split(":")
    region = parts[3] if len(parts) > 5 else region_of(traced_function(case), case)
    return region if region and region != case.target.region else None
