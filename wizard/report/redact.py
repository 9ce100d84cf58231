"""Taking out of a verdict what must not stand in a ticket: stable pseudonyms for names and ids, secrets removed.

The same value has the same pseudonym in all of one report (account-1, api-1, host-1 …), so the story stays readable.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from ipaddress import ip_address
from typing import Any, TypeVar

from wizard.model.tree import Cause
from wizard.model.verdict import Verdict
from wizard.report.evidence import changes
from wizard.report.secrets import remove_secrets

T = TypeVar("T")

# Fields that hold words of the tool, which readers and programs join on; nothing in them comes from the account.
_OWN = {
    "Hop": {"id", "kind"},
    "Link": {"source", "target", "kind"},
    "Evidence": {"probe", "hop", "id"},
    "NotChecked": {"probe"},
    "Finding": {"evidence"},
    "Verdict": {"failing_hop", "ruled_out"},
    "Path": {"failing"},
    "Call": {"service", "operation", "region"},
    "Fix": {"kind"},
    "Target": {"api_type", "method", "region"},
    "Symptom": {"seen_in"},
}

_KEPT_HOST = re.compile(r"(?i)(?:^|\.)(?:amazonaws\.com(?:\.cn)?|aws\.amazon\.com|repost\.aws|api\.aws)$|^localhost$")
_TLD = (
    "com|net|org|io|dev|cloud|co|de|eu|uk|fr|nl|it|es|se|pl|jp|in|au|ca|us|ch|br|info|biz|internal|local|corp|lan|intra"
    "|ai|tech|shop|example|test|invalid"
)
_ARN = re.compile(r"(arn:aws[\w-]*:([\w-]+):[\w-]*:)([\w-]*):([^\s\"',;)}\]\\]+)")
_UUID = re.compile(r"(?i)(?<![\w-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])")
_LABELLED_ID = re.compile(
    r"(?i)((?:request|extended|apigw)[-_ ]?id\\?[\"']?\s{0,2}[=:]?\s{0,2}\\?[\"']?)((?=[\w=-]*\d)[\w=-]{8,})"
)
# https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
_TRACE_ID = re.compile(r"(?i)(?<![\w-])1-[0-9a-f]{8}-[0-9a-f]{24}(?![\w-])")
_ACCOUNT = re.compile(r"(?<![A-Za-z0-9.])\d{12}(?![A-Za-z0-9.])")
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_API_HOST = re.compile(r"(?i)\b([a-z0-9]{6,12})(?=(?:-vpce-[0-9a-f]+)?\.execute-api\.)")
_URL_HOST = re.compile(r"(?i)(?<=://)([\w.-]+)")
_BARE_HOST = re.compile(rf"(?i)(?<![\w@./-])((?:\w(?:[\w-]*\w)?\.)+(?:{_TLD}))(?![\w-]|\.\w)")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")
_IPV6 = re.compile(r"(?i)(?<![\w:.-])(?=(?:[0-9a-f]*:){2})[0-9a-f:]*[0-9a-f](?![\w:])")
_REST_API = re.compile(r"(/(?:restapis|apis)/)([a-z0-9]+)")
_NETWORK_ID = re.compile(r"\b(vpce|vpc|subnet|sg|eni|i)-[0-9a-f]{8,17}\b")

# Words of AWS inside ARNs, not names that somebody chose.
_ARN_WORDS = frozenset({
        "function", "role", "user", "group", "policy", "log-group", "log-stream", "assumed-role", "restapis",
        "stages", "apis", "layer", "invocations", "functions", "path", "resources", "methods", "integration",
        "service-role", "aws", "lambda", "apigateway", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD",
        "OPTIONS", "ANY", "2015-03-31", "root",
})  # fmt: skip
_NAME_KIND = {"lambda": "function", "iam": "role", "sts": "role", "logs": "log"}


def redact(result: Verdict) -> Verdict:
    """The verdict fit for a ticket: no account id, API id, host, address, request id, e-mail, ARN name, secret."""
    return Redactor(result).apply(result)


class Redactor:
    """The pseudonyms of one report, learnt from all of the verdict first, so a bare name is known anywhere."""

    def __init__(self, result: Verdict | None = None) -> None:
        self._names: dict[str, str] = {}
        self._given: set[str] = set()
        self._counts: dict[str, int] = {}
        self._people: dict[str, str] = {}
        self._known: re.Pattern[str] | None = None
        if result is not None:
            self._learn(result)
            self._learn_people(result)

    def apply(self, value: T) -> T:
        """The same structure with every text of the account redacted; words of the tool stay."""
        redacted: T = self._walk(value)
        return redacted

    def text(self, text: str) -> str:
        """One text redacted."""
        text = remove_secrets(text)
        text = _EMAIL.sub(lambda m: self._name("email", m[0]), text)
        if self._known:
            text = self._known.sub(lambda m: self._names[m[0]], text)
        text = _API_HOST.sub(lambda m: self._name("api", m[1]), text)
        text = _ARN.sub(self._arn, text)
        text = _TRACE_ID.sub(lambda m: self._name("trace", m[0]), text)
        text = _UUID.sub(lambda m: self._name("request", m[0]), text)
        text = _LABELLED_ID.sub(lambda m: m[1] + self._name("request", m[2]), text)
        text = _ACCOUNT.sub(lambda m: self._name("account", m[0]), text)
        text = _URL_HOST.sub(self._host, text)
        text = _BARE_HOST.sub(self._host, text)
        text = _IPV4.sub(self._address, text)
        text = _IPV6.sub(self._address, text)
        return _NETWORK_ID.sub(lambda m: self._name(m[1], m[0]), text)

    def _name(self, kind: str, value: str) -> str:
        if value in self._given:
            return value
        if value not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[value] = f"{kind}-{self._counts[kind]}"
            self._given.add(self._names[value])
        return self._names[value]

    def _host(self, match: re.Match[str]) -> str:
        host = match[1].rstrip(".").lower()
        return match[0] if _KEPT_HOST.search(host) or _IPV4.fullmatch(host) else self._name("host", host)

    def _address(self, match: re.Match[str]) -> str:
        try:
            address = ip_address(match[0])
        except ValueError:
            return match[0]
        return match[0] if address.is_loopback or address.is_unspecified else self._name("ip", match[0])

    def _arn(self, match: re.Match[str]) -> str:
        head, service, account, rest = match.groups()
        account = self._name("account", account) if account.isdigit() else account
        if "arn:" in rest:
            return f"{head}{account}:{_ARN.sub(self._arn, rest)}"
        if service == "execute-api":
            api, slash, path = rest.partition("/")
            return f"{head}{account}:{api if api == '*' else self._name('api', api)}{slash}{path}"
        if service == "apigateway":
            return f"{head}{account}:{_REST_API.sub(lambda m: m[1] + self._name('api', m[2]), rest)}"
        return f"{head}{account}:{self._resource(service, rest)}"

    def _resource(self, service: str, rest: str) -> str:
        parts = re.split(r"([:/])", rest)
        for i, part in enumerate(parts):
            qualifier = service == "lambda" and i > 2
            if i % 2 == 0 and not qualifier and part not in _ARN_WORDS and part.strip("*"):
                parts[i] = self._name(_NAME_KIND.get(service, "name"), part)
        return "".join(parts)

    def _learn(self, result: Verdict) -> None:
        target, trace = result.case.target, result.case.trace
        known = [
            ("account", target.account),
            ("api", target.api_id),
            ("host", target.host),
            ("request", result.case.symptom.request_id),
        ]
        if trace is not None:
            known += [("api", trace.api_id), ("host", trace.domain), ("api-name", trace.api_name)]
            known += [("host", trace.front), ("distribution", trace.distribution)]
            known += [("vpc-endpoint", each) for each in trace.vpc_endpoints]
            known += [("account", trace.function.account), ("function", trace.function.name)] if trace.function else []
        for kind, value in known:
            if value:
                self._name(kind, value)
        for text in _texts(result):
            for match in _ARN.finditer(text):
                self._arn(match)
        if trace is not None and trace.resource_path and "{" in trace.resource_path:
            self._names[target.path] = trace.resource_path
        names = sorted((name for name in self._names if len(name) > 3), key=len, reverse=True)
        if names:
            # A path stands behind a host or a stage; only names that begin with a letter or digit need a border there.
            borders = [("(?<![A-Za-z0-9])" if name[0].isalnum() else "") + re.escape(name) for name in names]
            self._known = re.compile(rf"(?:{'|'.join(borders)})(?![A-Za-z0-9])")

    def _learn_people(self, result: Verdict) -> None:
        """Who changed something: names like words, so only where a name stands alone is it theirs."""
        who = {change.who for change in changes(result.evidence)} - {""}
        named = sorted(name for name in who if not _KEPT_HOST.search(name) and "arn:" not in name)
        self._people = {name: f"person-{number}" for number, name in enumerate(named, 1)}

    def _walk(self, value: Any) -> Any:
        if isinstance(value, bool | datetime | Enum | Cause):
            return value
        if isinstance(value, str):
            return self._people.get(value) or self.text(value)
        if isinstance(value, int):
            return self._names.get(str(value), value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self._walk(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self._walk(item) for item in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            own = _OWN.get(type(value).__name__, set())
            changed = {
                f.name: self._walk(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name not in own
            }
            return dataclasses.replace(value, **changed)
        return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield str(name)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type | Cause):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))
