"""A verdict as the JSON document that programs read; schema 1, keys are only ever added."""

from __future__ import annotations

from wizard import __version__
from wizard.model.aws import Call
from wizard.model.case import case_facts
from wizard.model.json import Json, to_json
from wizard.model.path import Hop
from wizard.model.probe import Evidence
from wizard.model.unchecked import NotChecked
from wizard.model.verdict import Finding, Verdict

SCHEMA = 1


def document(result: Verdict) -> dict[str, Json]:
    """The whole verdict as plain data."""
    case = result.case
    known = case_facts(case)
    window = {"start": to_json(case.window.start), "end": to_json(case.window.end)}
    return {
        "schema": SCHEMA,
        "tool": "apigw-wizard",
        "version": __version__,
        "target": known["target"],
        "symptom": {**known["symptom"], **window},
        "outcome": result.outcome.value,
        "failing_hop": result.failing_hop,
        "findings": [_finding(finding) for finding in result.findings],
        "ruled_out": list(result.ruled_out),
        "not_checked": [_not_checked(item) for item in result.not_checked],
        "path": {
            "hops": [_hop(hop) for hop in result.path.hops],
            "links": [{"from": link.source, "to": link.target, "kind": link.kind} for link in result.path.links],
        },
        "evidence": [_evidence(item) for item in result.evidence],
        "calls": [_call(call) for call in result.calls],
        "complete": result.complete,
        "took_ms": result.took_ms,
    }


def _not_checked(item: NotChecked) -> Json:
    return {
        "probe": item.probe,
        "reason": item.reason.value,
        "summary": item.summary,
        "needs": item.needs,
        "manual": item.manual,
        "detail": item.detail,
    }


def _finding(finding: Finding) -> Json:
    cause = finding.cause
    return {
        "cause": cause.id,
        "code": cause.code,
        "hop": cause.hop,
        "level": cause.level.value,
        "confidence": finding.confidence.value,
        "explains_symptom": finding.explains_symptom,
        "title": cause.title,
        "why": cause.why,
        "evidence": list(finding.evidence),
        "fix": [{"kind": fix.kind, "text": fix.text} for fix in finding.fix],
        "verify": cause.verify,
        "docs": list(cause.docs),
    }


def _hop(hop: Hop) -> Json:
    return {
        "id": hop.id,
        "kind": hop.kind,
        "label": hop.label,
        "resource": hop.resource,
        "status": hop.status.value if hop.status else None,
        "note": hop.note,
        "blocked": hop.blocked,
    }


def _evidence(item: Evidence) -> Json:
    return {
        "id": item.id,
        "probe": item.probe,
        "hop": item.hop,
        "status": item.status.value,
        "reason": item.reason.value if item.reason else None,
        "needs": item.needs,
        "summary": item.summary,
        "facts": dict(item.facts),
        "detail": item.detail,
        "calls": [call.cli() for call in item.calls],
        "started": to_json(item.started),
        "took_ms": item.took_ms,
    }


def _call(call: Call) -> Json:
    return {
        "service": call.service,
        "operation": call.operation,
        "region": call.region,
        "ok": call.ok,
        "took_ms": call.took_ms,
        "error": call.error,
    }
