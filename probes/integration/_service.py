"""What an integration with another AWS service asks for: its address, the IAM action and the resource.

https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html#apigw-PutIntegration-request-uri
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from probes._method import Method
from wizard.model.arn import partition_of

_URI = re.compile(r"arn:aws[\w-]*:apigateway:(?P<region>[\w-]*):(?:(?P<sub>[^:]*)\.)?(?P<service>[\w-]+):(?P<rest>.*)")
_ACTIONS = Path(__file__).with_name("actions.toml")
# The prefix of the IAM action where it is not the name in the URI.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_PREFIX = {"monitoring": "cloudwatch", "email": "ses"}
_S3_OBJECT = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_S3_BUCKET = {"GET": "ListBucket", "HEAD": "ListBucket"}
# Where a call names what it is about: the parameter, and the resource part of its ARN.
_RESOURCES = {
    "dynamodb": ("TableName", "table/{}"),
    "kinesis": ("StreamName", "stream/{}"),
    "firehose": ("DeliveryStreamName", "deliverystream/{}"),
    "sns": ("TopicArn", "{}"),
    "states": ("stateMachineArn", "{}"),
    "sqs": ("QueueUrl", "{}"),
    "events": ("EventBusName", "event-bus/{}"),
}
_ACTION = re.compile(r"(?:^|&|\s)Action=(\w+)")
_ILLEGIBLE = re.compile(r"[{}$*]")


@dataclass(frozen=True, slots=True)
class ServiceUri:
    """An integration URI of an AWS service. `kind` is path or action, empty when it is neither; `name` the rest."""

    region: str
    service: str
    kind: str = ""
    name: str = ""
    subdomain: str | None = None

    @property
    def action(self) -> str | None:
        """The action of an action URI, without the parameters that may follow it."""
        return self.name.partition("&")[0] if self.kind == "action" else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The IAM action that a call needs and the ARN it needs it on; None where the settings do not tell."""

    action: str | None
    resource: str | None = None


def parse(uri: str) -> ServiceUri | None:
    """A service URI whose stage variables are filled in; None when it is none at all."""
    match = _URI.fullmatch(uri)
    if match is None:
        return None
    kind, slash, name = match["rest"].partition("/")
    known = kind if slash and kind in ("path", "action") else ""
    return ServiceUri(match["region"], match["service"], known, name if known else match["rest"], match["sub"])


def problems(uri: str) -> list[str]:
    """What is wrong with the URI of a service integration by itself."""
    found = parse(uri)
    if found is None:
        return ["not-an-arn"]
    if not found.kind or not found.name.strip("/"):
        return ["no-path-or-action"]
    known = actions().get(found.service)
    if found.action is not None and known and found.action not in known:
        return ["action-unknown"]
    if found.kind == "path" and found.service == "sqs" and not re.fullmatch(r"\d{12}/[^/]+/?", _plain(found.name)):
        return ["queue-path"]
    return []


def meant(uri: str) -> str | None:
    """The action that was probably meant by one that the service does not have."""
    found = parse(uri)
    known = actions().get(found.service, frozenset()) if found else frozenset()
    if found is None or not found.action or found.action in known:
        return None
    spelt = {name.lower(): name for name in known}
    close = get_close_matches(found.action.lower(), spelt, n=1, cutoff=0.75)
    return spelt[close[0]] if close else None


@cache
def actions() -> dict[str, frozenset[str]]:
    """The known actions by service."""
    listed = tomllib.loads(_ACTIONS.read_text(encoding="utf-8"))
    return {service: frozenset(str(names).split()) for service, names in listed.items()}


def wanted(uri: ServiceUri, method: Method, account: str | None) -> Wanted:
    """What the call of a service integration needs to be allowed."""
    prefix = _PREFIX.get(uri.service, uri.service)
    if uri.service == "s3":
        return _of_s3(uri, method)
    action = uri.action or _named_action(method)
    if action is None:
        return Wanted(None)
    return Wanted(f"{prefix}:{action}", _resource(uri, method, account))


def _of_s3(uri: ServiceUri, method: Method) -> Wanted:
    path = (f"{uri.subdomain}/" if uri.subdomain else "") + uri.name.strip("/")
    bucket, slash, key = path.partition("/")
    action = (_S3_OBJECT if slash and key else _S3_BUCKET).get(method.http_method)
    legible = uri.kind == "path" and not _ILLEGIBLE.search(path)
    arn = f"arn:{partition_of(uri.region)}:s3:::{bucket}{slash}{key}"
    return Wanted(f"s3:{action}" if action else None, arn if legible else None)


def _named_action(method: Method) -> str | None:
    """The action that templates or parameters name: Action=SendMessage, or a header X-Amz-Target."""
    for template in method.templates.values():
        if match := _ACTION.search(template):
            return match[1]
    fixed = _fixed(method)
    named = fixed.get("Action") or fixed.get("X-Amz-Target", "").rpartition(".")[2]
    return named if re.fullmatch(r"\w+", named) else None


def _resource(uri: ServiceUri, method: Method, account: str | None) -> str | None:
    """The ARN of what the call is about; None when it is made up at run time."""
    rule, value = _RESOURCES.get(uri.service), ""
    if rule is None or not account:
        return None
    if uri.service == "sqs" and uri.kind == "path":
        owner, _, value = uri.name.strip("/").partition("/")
        account = owner
    value = value or _fixed(method).get(rule[0], "") or _in_templates(rule[0], method)
    if uri.service == "events" and not value:
        value = "default"
    if uri.service == "sqs":
        value = value.rstrip("/").rpartition("/")[2]
    if not value or _ILLEGIBLE.search(value):
        return None
    if value.startswith("arn:"):
        return value
    return f"arn:{partition_of(uri.region)}:{uri.service}:{uri.region}:{account}:{rule[1].format(value)}"


def _in_templates(name: str, method: Method) -> str:
    pattern = re.compile(rf'"{name}"\s*:\s*"([^"]*)"|(?:^|&|\s){name}=([^&\s]+)')
    found = [match for text in method.templates.values() if (match := pattern.search(text))]
    values = {(match[1] or match[2] or "").replace("%3A", ":").replace("%2F", "/") for match in found}
    return values.pop() if len(values) == 1 else ""


def _fixed(method: Method) -> dict[str, str]:
    """Mapped parameters with a fixed value, by their own name: 'text' in quotes."""
    return {
        target.rpartition(".")[2]: str(source).strip("'")
        for target, source in method.parameters.items()
        if str(source).startswith("'")
    }


def _plain(text: str) -> str:
    """A path in which a {name} stands for a value that is given at run time."""
    return re.sub(r"^\{[^}]*\}", "0" * 12, text)
