"""From what the person gave to API, stage, method and path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

from probes._together import attempt, together
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Target

# Base path without slashes, API, stage ("" where the path's first part names it).
Mapping: TypeAlias = tuple[str, str, str]


class NotFoundHereError(Exception):
    """The target names something that is not there; the text is one clear line that says what was tried."""


class GoneError(NotFoundHereError):
    """A custom domain that is there leads to nothing: no mapping fits, or its API or stage is gone."""


def from_host(target: Target, aws: Aws) -> Target:
    """The target behind a custom domain: API, stage and the path without its base path, the longest base path first.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetBasePathMappings.html (REST APIs)
    https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-apimappings.html (all of them)

    Raises:
        NotFoundHereError: no such domain in this account and Region, or none of its base paths fits.
        AwsError: the mappings cannot be read.
    """
    if target.api_id or not target.host:
        return target
    mappings = mappings_of(target, aws)
    fitting = fitting_of(mappings, target.path)
    if not fitting:
        known = ", ".join(sorted({f"/{base}" for base, _, _ in mappings})) or "none"
        raise GoneError(f"No base path of {target.host} fits {target.path}; it has: {known}.")
    base, api_id, stage = fitting[0]
    path = "/" + target.path.strip("/")[len(base) :].lstrip("/")
    if not stage:
        stage, _, rest = path.strip("/").partition("/")
        path = "/" + rest
    return replace(target, api_id=api_id, stage=stage or target.stage, path=path)


def fitting_of(mappings: list[Mapping], path: str) -> list[Mapping]:
    """The mappings whose base path the request's path begins with, the longest first."""
    return sorted((each for each in mappings if _below(path, each[0])), key=lambda each: -len(each[0]))


def mappings_of(target: Target, aws: Aws) -> list[Mapping]:
    """Base path, API and stage of every mapping of the domain; the same one may stand there twice.

    Raises:
        NotFoundHereError: no such domain in this account and Region.
        AwsError: the mappings cannot be read.
    """
    host = target.host
    answers = together(
        {
            "rest": lambda: aws.pages("apigateway", "GetBasePathMappings", domainName=host).items("items"),
            "any": lambda: aws.call("apigatewayv2", "GetApiMappings", DomainName=host).get("Items") or [],
        }
    )
    errors = [answer for answer in answers.values() if isinstance(answer, AwsError)]
    refused = next((error for error in errors if not isinstance(error, NotFound)), None)
    found = [] if isinstance(answers["rest"], AwsError) else answers["rest"]
    mappings = [(_named(item.get("basePath")).strip("/"), item.get("restApiId"), item.get("stage")) for item in found]
    found = [] if isinstance(answers["any"], AwsError) else answers["any"]
    mappings += [
        (str(item.get("ApiMappingKey") or "").strip("/"), item.get("ApiId"), item.get("Stage")) for item in found
    ]
    if refused and not mappings:
        raise refused
    if len(errors) == len(answers):
        raise NotFoundHereError(f"{host} is neither an execute-api host nor a custom domain of an API{_here(target)}.")
    return [(base, str(api), _named(stage)) for base, api, stage in mappings]


def missing_api(target: Target) -> NotFoundHereError:
    """What is said when no API of any type has the id."""
    return GoneError(
        f"There is no API {target.api_id}{_here(target)}; tried GetRestApi and "
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
        raise GoneError(f"API {target.api_id} has no stage {target.stage}{known}.")
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


def _below(path: str, base: str) -> bool:
    return not base or f"{path.strip('/')}/".startswith(f"{base}/")
