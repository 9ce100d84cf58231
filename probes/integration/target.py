"""Whether the address that the integration calls can be called at all: a URL, or the ARN of an AWS service."""

from __future__ import annotations

from typing import Any

from probes._method import CALLS, Method, configured, running
from probes._together import attempt
from probes.integration import _service
from probes.integration._address import Address, judge
from wizard.model.arn import fill_stage_variables, is_lambda_uri
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

_HTTP = ("HTTP", "HTTP_PROXY")
_WORDS = {
    "not-an-arn": "it is neither a URL nor the ARN of an AWS service",
    "no-path-or-action": "it names neither a path nor an action",
    "action-unknown": "{service} has no action {action}",
    "queue-path": "the path of a queue is its account and its name, like 123456789012/orders",
    "unfilled-parameter": "no request parameter fills {unfilled}",
    "illegal-character": "a character that no URL may have stands at index {illegal_at}",
    "no-scheme": "it does not begin with http:// or https://",
    "other-scheme": "{scheme}:// is not http:// or https://",
    "no-host": "it names no host",
    "bad-port": "its port is none",
    "private-address": "{host} is an address of a private network, which only a VPC link reaches",
    "ipv6-address": "{host} is an IPv6 address",
    "port-blocked": "API Gateway connects to ports 80, 443 and 1024 to 65535 only, not to {port}",
}


class Target(Probe):
    """Form, path parameters, host, port or action of what is called, deployed and configured; nothing is sent."""

    title = "Address of the backend"
    hop = "integration-config"
    api_types = frozenset({"rest"})
    calls = CALLS
    needs = ("integration",)
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html#apigw-PutIntegration-request-uri",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with the fact `problems` when what the stage runs cannot be called, WARN when the next deployment
        cannot.
        """
        wired, trace = case.traced.integration, case.traced
        if wired is None or wired.type == "MOCK":
            return self.skipped("The method calls no backend.")
        if is_lambda_uri(wired.uri) or wired.type not in (*_HTTP, "AWS"):
            return self.skipped("The integration calls a function; its address is looked at by another check.")
        if trace.missing_variables:
            return self.skipped(
                "The address lacks a stage variable, so what it would be cannot be told.",
                missing_variables=trace.missing_variables,
            )
        live = running(aws, case)
        facts = {**_judged(live, trace.stage_variables, wired.connection_type), "deployed_known": trace.deployed_known}
        following = _next(aws, case, facts["problems"])
        facts |= {"configured_problems": following, "corrected": following == []}
        if facts["problems"]:
            return self.failed(f"{facts['uri']} cannot be called: {_said(facts, facts['problems'])}.", **facts)
        if facts["configured_problems"]:
            return self.warned(
                "What the stage runs can be called, but the next deployment would break it: "
                f"{', '.join(facts['configured_problems'])}.",
                **facts,
            )
        aside = (
            " It names this very machine, which only an emulator can reach." if facts.get("host_is") == "local" else ""
        )
        return self.passed(f"{facts['uri']} has the form that API Gateway can call.{aside}", **facts)


def _judged(method: Method, variables: dict[str, str], connection: str | None) -> dict[str, Any]:
    """The facts about the address of one method."""
    uri, missing = fill_stage_variables(method.uri, variables)
    if missing:
        return {"uri": uri, "problems": []}
    if method.type not in _HTTP:
        found = _service.parse(uri)
        return {
            "uri": uri,
            "problems": _service.problems(uri),
            "service": found.service if found else None,
            "action": found.action if found else None,
            "action_known": bool(found and found.action in _service.actions().get(found.service, ())),
            "action_meant": _service.meant(uri),
        }
    address = judge(uri, method.parameters, private=connection == "VPC_LINK")
    return {"uri": uri, "problems": list(address.problems), **_of(address)}


def _of(address: Address) -> dict[str, Any]:
    return {
        "scheme": address.scheme,
        "host": address.host,
        "port": address.port,
        "host_is": address.kind,
        "unfilled": address.unfilled,
        "unfilled_name": next(iter(address.unfilled), None),
        "illegal_at": address.illegal_at,
    }


def _next(aws: Aws, case: Case, problems: list[str]) -> list[str] | None:
    """What is wrong with the working copy; None when it is not there or cannot be read."""
    if not case.traced.deployed_known:
        return problems
    draft, drafted = case.traced.configured, attempt(lambda: configured(aws, case))
    if draft is None or drafted is None or isinstance(drafted, AwsError) or is_lambda_uri(drafted.uri):
        return None
    found = _judged(drafted, case.traced.stage_variables, draft.connection_type)["problems"]
    return list(found)


def _said(facts: dict[str, Any], problems: list[str]) -> str:
    """The problems in words."""
    names = ", ".join("{" + name + "}" for name in facts.get("unfilled") or ())
    known = {**facts, "unfilled": names}
    said = "; ".join(_WORDS[problem].format(**known) for problem in problems)
    return f"{said} (probably {facts['action_meant']} is meant)" if facts.get("action_meant") else said
