"""Lists to pick a target from. Everything here may take a moment: call it from a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wizard.model.aws import Aws, NoCredentials

# What the lists ask of AWS, for the table of permissions.
CALLS = frozenset({"apigateway:GetRestApis", "apigateway:GetStages", "apigateway:GetResources"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list. `id` is what a Target takes, `label` what is read and filtered, `detail` a remark.

    `truncated` is true on the last entry when there were more than the list holds.
    """

    id: str
    label: str
    detail: str = ""
    truncated: bool = False


def profiles() -> list[str]:
    """The profiles of the AWS configuration files, sorted; no network.

    Raises:
        NoCredentials: the files cannot be read.
    """
    from botocore.exceptions import ConfigParseError
    from botocore.session import Session

    try:
        return sorted(Session(session_vars={"profile": (None, None, None, None)}).available_profiles)
    except ConfigParseError as error:
        raise NoCredentials(f"the AWS configuration cannot be read: {' '.join(str(error).split())}") from error


def regions() -> list[str]:
    """The Regions that offer API Gateway, sorted, from the data that botocore carries; no network."""
    from botocore.session import Session

    session = Session(session_vars={"profile": (None, None, None, None)})
    partitions = ("aws", "aws-cn", "aws-us-gov")
    return [name for partition in partitions for name in sorted(session.get_available_regions("apigateway", partition))]


def apis(aws: Aws) -> list[Choice]:
    """The REST APIs of the Region by name. Raises AwsError."""
    pages = aws.pages("apigateway", "GetRestApis")
    found = [
        Choice(str(api["id"]), str(api.get("name") or api["id"]), _api_detail(api)) for api in pages.items("items")
    ]
    return _closed(sorted(found, key=lambda choice: (choice.label.lower(), choice.id)), pages.truncated)


def stages(aws: Aws, api_id: str) -> list[Choice]:
    """The stages of an API by name. Raises AwsError."""
    found = aws.call("apigateway", "GetStages", restApiId=api_id).get("item") or []
    return sorted(
        (
            Choice(str(stage["stageName"]), str(stage["stageName"]), str(stage.get("description") or ""))
            for stage in found
        ),
        key=lambda choice: choice.label,
    )


def methods(aws: Aws, api_id: str) -> list[Choice]:
    """The methods of an API by path; `id` is like "GET /orders/{id}", `detail` the integration. Raises AwsError."""
    pages = aws.pages("apigateway", "GetResources", restApiId=api_id, embed=["methods"])
    found = [
        Choice(f"{name} {resource['path']}", f"{name} {resource['path']}", _integration_type(method))
        for resource in sorted(pages.items("items"), key=lambda resource: str(resource.get("path")))
        for name, method in sorted((resource.get("resourceMethods") or {}).items())
    ]
    return _closed(found, pages.truncated)


def _closed(found: list[Choice], truncated: bool) -> list[Choice]:
    if truncated and found:
        last = found[-1]
        found[-1] = Choice(last.id, last.label, last.detail, truncated=True)
    return found


def _api_detail(api: dict[str, Any]) -> str:
    kinds = (api.get("endpointConfiguration") or {}).get("types") or []
    return ", ".join([str(api["id"]), *(str(kind).lower() for kind in kinds)])


def _integration_type(method: dict[str, Any] | None) -> str:
    return str(((method or {}).get("methodIntegration") or {}).get("type") or "")
