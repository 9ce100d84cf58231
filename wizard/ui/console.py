"""Where the AWS console shows the resource of a hop. Addresses only; nothing is opened."""

from __future__ import annotations

from urllib.parse import quote

from wizard.model.case import Case
from wizard.model.path import Hop

# https://docs.aws.amazon.com/general/latest/gr/aws-arns-and-namespaces.html (partitions) and
# https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/getting-started.html (addresses of the console)
_DOMAINS = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}


def console_url(hop: Hop, case: Case) -> str:
    """The address of the page for this hop's resource; empty where there is none, or where an id is missing."""
    region, trace = case.target.region, case.trace
    if not region or trace is None:
        return ""
    if hop.kind in ("permission", "service", "function", "response") and trace.function:
        name, where = trace.function.name, trace.function.region or region
        alias = trace.function.qualifier
        kind = "versions" if alias and alias.isdecimal() else "aliases"
        at = f"/{kind}/{quote(alias, '')}" if alias else ""
        tab = {"permission": "configure/permissions", "response": "monitoring", "function": "code"}.get(hop.kind, "")
        return (
            f"{_base(where)}/lambda/home?region={where}#/functions/{quote(name, '')}{at}{f'?tab={tab}' if tab else ''}"
        )
    api = quote(trace.api_id or "", "")
    if not api:
        return ""
    if hop.kind == "domain":
        return f"{_base(region)}/apigateway/main/publish/domain-names?domain={quote(hop.label, '')}&region={region}"
    if hop.kind in ("stage", "client"):
        return f"{_base(region)}/apigateway/main/apis/{api}/stages?api={api}&region={region}"
    return f"{_base(region)}/apigateway/main/apis/{api}/resources?api={api}&region={region}"


def _base(region: str) -> str:
    domain = next((domain for start, domain in _DOMAINS.items() if region.startswith(start)), "console.aws.amazon.com")
    return f"https://{region}.{domain}"
