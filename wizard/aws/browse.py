"""Lists to pick a target from. Everything here may take a moment: call it from a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wizard.model.aws import Aws, AwsError, NoCredentials, NotFound, Pages

# What the lists ask of AWS, for the table of permissions.
CALLS = frozenset(
    {
        "apigateway:GetRestApis",
        "apigateway:GetStages",
        "apigateway:GetResources",
        *(f"apigatewayv2:{name}" for name in ("GetApis", "GetStages", "GetRoutes", "GetIntegrations")),
    }
)
_WORDS = {"HTTP": "HTTP API", "WEBSOCKET": "WebSocket API"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list. `id` is what a Target takes, `label` what is read and filtered, `detail` a remark.

    `truncated` is true on the last entry when there were more than the list holds.
    """

    id: str
    label: str
    detail: str = ""
    truncated: bool = False


def regions() -> list[str]:
    """The Regions that offer API Gateway, sorted, from the data that botocore carries; no network."""
    from botocore.session import Session

    session = Session(session_vars={"profile": (None, None, None, None)})
    partitions = ("aws", "aws-cn", "aws-us-gov")
    return [name for partition in partitions for name in sorted(session.get_available_regions("apigateway", partition))]


def apis(aws: Aws) -> list[Choice]:
    """The APIs of the Region by name, of all three types; one that may not be listed makes the list `truncated`.

    Raises:
        AwsError: none may be listed.
    """
    rest, v2 = _attempt(aws, "apigateway", "GetRestApis"), _attempt(aws, "apigatewayv2", "GetApis")
    if isinstance(rest, AwsError) and isinstance(v2, AwsError):
        raise rest
    found = [
        Choice(str(api["id"]), str(api.get("name") or api["id"]), _api_detail(api)) for api in _items(rest, "items")
    ]
    found += [
        Choice(str(api["ApiId"]), str(api.get("Name") or api["ApiId"]), f"{api['ApiId']}, {_type(api)}")
        for api in _items(v2, "Items")
    ]
    cut = any(isinstance(pages, AwsError) or pages.truncated for pages in (rest, v2))
    return _closed(sorted(found, key=lambda choice: (choice.label.lower(), choice.id)), cut)


def stages(aws: Aws, api_id: str) -> list[Choice]:
    """The stages of an API by name. Raises AwsError."""
    try:
        found = aws.call("apigateway", "GetStages", restApiId=api_id).get("item") or []
        told = [(str(stage["stageName"]), stage.get("description")) for stage in found]
    except NotFound:
        found = aws.pages("apigatewayv2", "GetStages", ApiId=api_id).items("Items")
        told = [(str(stage["StageName"]), stage.get("Description")) for stage in found]
    return sorted((Choice(name, name, str(said or "")) for name, said in told), key=lambda choice: choice.label)


def methods(aws: Aws, api_id: str) -> list[Choice]:
    """The methods or routes of an API by path; `id` is like "GET /orders/{id}", `detail` the integration.

    The $default route of an HTTP API stands for any method and path; a route of a WebSocket API is "ROUTE $connect".

    Raises:
        AwsError: they cannot be listed.
    """
    try:
        pages = aws.pages("apigateway", "GetResources", restApiId=api_id, embed=["methods"])
    except NotFound:
        return _routes(aws, api_id)
    found = [
        Choice(f"{name} {resource['path']}", f"{name} {resource['path']}", _integration_type(method))
        for resource in sorted(pages.items("items"), key=lambda resource: str(resource.get("path")))
        for name, method in sorted((resource.get("resourceMethods") or {}).items())
    ]
    return _closed(found, pages.truncated)


def _routes(aws: Aws, api_id: str) -> list[Choice]:
    pages = aws.pages("apigatewayv2", "GetRoutes", ApiId=api_id)
    wired = aws.pages("apigatewayv2", "GetIntegrations", ApiId=api_id).items("Items")
    kinds = {f"integrations/{item.get('IntegrationId')}": str(item.get("IntegrationType") or "") for item in wired}
    keys = {str(route.get("RouteKey")): kinds.get(str(route.get("Target")), "") for route in pages.items("Items")}
    websocket = not any(" " in key for key in keys) and set(keys) != {"$default"}
    ordered = sorted(keys, key=lambda key: key.partition(" ")[::-1])
    return _closed([Choice(_route_id(key, websocket), key, keys[key]) for key in ordered], pages.truncated)


def _route_id(key: str, websocket: bool) -> str:
    if websocket:
        return f"ROUTE {key}"
    return "ANY /{path+}" if key == "$default" else key


def _attempt(aws: Aws, service: str, operation: str) -> Pages | AwsError:
    try:
        return aws.pages(service, operation)
    except NoCredentials:
        raise
    except AwsError as error:
        return error


def _items(pages: Pages | AwsError, key: str) -> list[Any]:
    return [] if isinstance(pages, AwsError) else pages.items(key)


def _closed(found: list[Choice], truncated: bool) -> list[Choice]:
    if truncated and found:
        last = found[-1]
        found[-1] = Choice(last.id, last.label, last.detail, truncated=True)
    return found


def _api_detail(api: dict[str, Any]) -> str:
    kinds = (api.get("endpointConfiguration") or {}).get("types") or []
    return ", ".join([str(api["id"]), "REST API", *(str(kind).lower() for kind in kinds)])


def _type(api: dict[str, Any]) -> str:
    kind = str(api.get("ProtocolType") or "")
    return _WORDS.get(kind, kind)


def _integration_type(method: dict[str, Any] | None) -> str:
    return str(((method or {}).get("methodIntegration") or {}).get("type") or "")
