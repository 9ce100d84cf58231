"""The page of one hop: its resource, its settings, what was found and seen there. Pure functions of the snapshot."""

from __future__ import annotations

from collections.abc import Iterable

from wizard.model.case import Case
from wizard.model.path import Hop
from wizard.model.text import Line
from wizard.report.page import line, paragraph
from wizard.ui.console import console_url
from wizard.ui.tui.paint import field, glyph
from wizard.ui.tui.state import Walk
from wizard.ui.tui.verdict_view import sure
from wizard.ui.tui.views import facts_of

_SHOWN_AT_FIRST = 4


def hop_page(hop: Hop, walk: Walk, title: str, width: int, unfolded: bool = False) -> list[Line]:
    """Everything about a hop; facts only when `unfolded`."""
    result = walk.verdict
    if result is None:
        return [line(("Nothing is known yet.", "dim"))]
    sign, look = glyph(hop.status, hop.blocked)
    lines = paragraph(hop.label or hop.id, width, look="title", lead=(f"{sign} ", look))
    lines += paragraph(title, width, 2, "dim")
    if hop.id == result.failing_hop:
        lines += paragraph("The request fails here.", width, 2, "fail")
    elif hop.blocked:
        lines += paragraph("No request gets this far: an earlier hop fails.", width, 2, "dim")
    lines.append(())
    for name, text in settings(hop, result.case):
        lines += field(name, text, width)
    if link := console_url(hop, result.case):
        lines += field("Console", link, width, "link")
    for finding in (item for item in result.findings if item.cause.hop == hop.id):
        words = f"{finding.cause.title} ({finding.cause.code}, {finding.confidence.value})"
        lines += [(), *paragraph(words, width, look=sure(finding), lead=("✖ ", sure(finding)))]
    lines += [(), line(("Evidence", "strong"))]
    seen = [item for item in result.evidence if item.hop == hop.id]
    for item in seen:
        mark, tone = glyph(item.status)
        lines += paragraph(item.summary, width, lead=(f"{mark} ", tone))
        lines += paragraph(item.needs, width, 2, "warn", lead=("needs ", "dim")) if item.needs else []
        lines += facts_of(item, width, unfolded)
    steps = [step for step in walk.steps if step.hop == hop.id and step.evidence is None and step.status is None]
    lines += paragraph(f"{len(steps)} steps still ahead.", width, look="dim") if steps else []
    return lines if seen or steps else [*lines, line(("Nothing was looked at here.", "dim"))]


def settings(hop: Hop, case: Case) -> list[tuple[str, str]]:
    """What is set up at a hop, as (name, value); only what is known."""
    rows: list[tuple[str, object]] = [("Resource", hop.resource)]
    trace, target = case.trace, case.target
    if hop.kind == "client":
        symptom = case.symptom
        rows += [("Request", f"{target.method} {target.path}"), ("Address", target.url), ("Got", symptom.status)]
        rows += [("Request id", symptom.request_id), ("Message", symptom.message)]
    elif trace is None:
        return _known(rows)
    elif hop.kind == "stage":
        rows += [("API", _both(trace.api_name, trace.api_id)), ("Endpoint", trace.endpoint_type)]
        rows += [("Deployed", trace.deployment_id)]
        rows += [("Variables", ", ".join(f"{name}={value}" for name, value in trace.stage_variables.items()))]
        rows += [("Missing", ", ".join(trace.missing_variables))]
    elif hop.kind == "method":
        rows += [("Path", trace.resource_path), ("Id", trace.resource_id)]
    elif hop.kind in ("integration", "call"):
        wired = trace.integration or trace.configured
        if wired:
            rows += [("Type", wired.type), ("Method", wired.http_method), ("Timeout", f"{wired.timeout_ms} ms")]
            rows += [("URI", wired.uri), ("Role", wired.credentials), ("VPC link", wired.connection_id)]
            rows += [
                ("Source", "" if trace.deployed_known else "the API's resources; the deployment could not be read")
            ]
    elif trace.function:
        rows += [("Function", trace.function.name), ("Alias", trace.function.qualifier)]
        rows += [("Region", trace.function.region), ("Account", trace.function.account)]
    return _known(rows)


def _both(name: str | None, ident: str | None) -> str:
    return f"{name} ({ident})" if name and ident else name or ident or ""


def _known(rows: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in rows if value not in (None, "")]
