"""From what the person gave to API, stage, method and path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from probes._together import attempt
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Target


class NotFoundHereError(Exception):
    """The target names something that is not there; the text is one clear line that says what was tried."""


def from_host(target: Target, aws: Aws) -> Target:
    """The target behind a custom domain: API, stage and the path without its base path, the longest base path first.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetBasePathMappings.html

    Raises:
        NotFoundHereError: no such domain in this account and Region, or none of its base paths fits.
    """
    if target.api_id or not target.host:
        return target
    try:
        mappings = aws.pages("apigateway", "GetBasePathMappings", domainName=target.host).items("items")
    except NotFound:
        raise NotFoundHereError(
            f"{target.host} is neither an execute-api host nor a custom domain of REST APIs{_here(target)}."
        ) from None
    fitting = [
        (base, mapping)
        for mapping in mappings
        if (base := _base_path(mapping)) is not None and _below(target.path, base)
    ]
    if not fitting:
        known = ", ".join(sorted(f"/{_base_path(mapping)}" for mapping in mappings)) or "none"
        raise NotFoundHereError(f"No base path of {target.host} fits {target.path}; it has: {known}.")
    base, mapping = max(fitting, key=lambda item: len(item[0]))
    path = "/" + target.path.strip("/")[len(base) :].lstrip("/")
    stage = _named(mapping.get("stage"))
    if not stage:
        stage, _, rest = path.strip("/").partition("/")
        path = "/" + rest
    return replace(target, api_id=str(mapping.get("restApiId")), stage=stage or target.stage, path=path)


def check_api(target: Target, answer: Any, aws: Aws) -> None:
    """Whether GetRestApi found the API.

    Raises:
        NotFoundHereError: there is no such REST API here; says whether it is an HTTP or WebSocket API.
    """
    if not isinstance(answer, NotFound):
        return
    other = attempt(lambda: aws.call("apigatewayv2", "GetApi", ApiId=target.api_id))
    if isinstance(other, dict) and other.get("ProtocolType"):
        raise NotFoundHereError(
            f"{target.api_id} is a {other['ProtocolType']} API; only REST APIs can be traced so far."
        )
    raise NotFoundHereError(
        f"There is no REST API {target.api_id}{_here(target)}; tried GetRestApi and "
        "(for HTTP and WebSocket APIs) GetApi. "
        "Check the Region (-r) and the profile (-p)."
    )


def the_stage(target: Target, answer: Any, aws: Aws) -> dict[str, Any]:
    """The stage, the only one when none was named.

    Raises:
        NotFoundHereError: there is no such stage, or several to choose from.
        AwsError: the stages cannot be read.
    """
    if isinstance(answer, NotFound):
        others = attempt(lambda: stages(aws, target.api_id or ""))
        known = "" if isinstance(others, AwsError) else f"; it has: {_names(others)}"
        raise NotFoundHereError(f"API {target.api_id} has no stage {target.stage}{known}.")
    if isinstance(answer, AwsError):
        raise answer
    if isinstance(answer, dict):
        return answer
    if len(answer) != 1:
        raise NotFoundHereError(f"Name the stage (--stage): API {target.api_id} has {_names(answer)}.")
    only: dict[str, Any] = answer[0]
    return only


def stages(aws: Aws, api_id: str) -> list[dict[str, Any]]:
    """All stages of an API; the service lists them without pages."""
    items: list[dict[str, Any]] = aws.call("apigateway", "GetStages", restApiId=api_id).get("item") or []
    return items


def _names(items: list[dict[str, Any]]) -> str:
    return ", ".join(sorted(str(item.get("stageName")) for item in items)) or "no stages"


def _here(target: Target) -> str:
    place = f" in {target.region}" if target.region else ""
    return place + (f" of account {target.account}" if target.account else "")


def _named(value: Any) -> str:
    return "" if value in (None, "", "(none)") else str(value)


def _base_path(mapping: dict[str, Any]) -> str:
    return _named(mapping.get("basePath")).strip("/")


def _below(path: str, base: str) -> bool:
    return not base or f"{path.strip('/')}/".startswith(f"{base}/")
