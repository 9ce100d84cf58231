"""The checks as JUnit XML, the way Jenkins and GitLab read it: a check is a test case.

A check that failed, or that a found fault rests on, is a failure; one that leaves the verdict open is an error with its
reason; one that only gives context or does not apply is skipped.
Schema: https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from wizard.model.probe import Evidence
from wizard.model.status import Confidence, Level, Reason, Status
from wizard.model.text import safe_lines, shorten
from wizard.report.content import Asked, Report, reason_words
from wizard.report.text import preferred, request_name

_LONGEST = 2000  # columns of an attribute


def render(report: Report) -> str:
    """One suite with every check in it."""
    result = report.result
    cases = [_case(report, item) for item in result.evidence]
    counts = {kind: str(sum(case.find(kind) is not None for case in cases)) for kind in ("failure", "error", "skipped")}
    total = {
        "name": _short(f"API Gateway 5xx: {request_name(result)}"),
        "tests": str(len(cases)),
        "failures": counts["failure"],
        "errors": counts["error"],
        "time": f"{sum(item.took_ms for item in result.evidence) / 1000:.3f}",
    }
    root = Element("testsuites", total)
    suite = SubElement(root, "testsuite", {**total, "skipped": counts["skipped"]})
    began = min((item.started for item in result.evidence if item.started), default=None)
    if began:
        suite.set("timestamp", f"{began:%Y-%m-%dT%H:%M:%S}")
    properties = SubElement(suite, "properties")
    named = [("outcome", result.outcome.value), ("failing_hop", result.failing_hop or ""), *report.facts]
    for name, value in (*named, *report.versions, *_withheld(report)):
        SubElement(properties, "property", {"name": _short(name), "value": _short(value)})
    suite.extend(cases)
    _add(suite, "system-out", "\n".join((report.headline, *report.summary[1:])))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(report: Report, item: Evidence) -> Element:
    case = Element(
        "testcase",
        {"classname": f"path.{_short(item.hop)}", "name": _short(item.probe), "time": f"{item.took_ms / 1000:.3f}"},
    )
    faults = _faults(report, item)
    if item.status is Status.FAIL or faults:
        titles = [f"[{code}] {title}" for code, title, _ in faults]
        failure = SubElement(case, "failure", {"message": _short("; ".join(titles) or item.summary), "type": "fault"})
        failure.text = _body("\n\n".join((item.summary, *(body for _, _, body in faults))))
    elif item.status is Status.UNKNOWN:
        reason = item.reason or Reason.NO_DATA
        context = any(left.probe == item.probe and left.detail for left in report.result.not_checked)
        said = f"{reason_words(reason)}: {item.summary}" + (f" Needs: {item.needs}." if item.needs else "")
        kind = {"message": _short(said)} | ({} if context else {"type": reason.value})
        SubElement(case, "skipped" if context else "error", kind)
    elif item.status is Status.SKIPPED:
        SubElement(case, "skipped", {"message": _short(item.summary)})
    told = [f"warning: {item.summary}" if item.status is Status.WARN else item.summary]
    told += [f"$ {asked.command}" for asked in _asked(item)]
    _add(case, "system-out", "\n".join(told))
    return case


def _faults(report: Report, item: Evidence) -> list[tuple[str, str, str]]:
    """Code, title and explanation of the faults that rest on this evidence and are more than possible."""
    return [
        (
            finding.cause.code,
            finding.cause.title,
            "\n".join((finding.cause.why, *([f"Fix: {preferred(finding.fix).text}"] if finding.fix else []))),
        )
        for finding in report.result.findings
        if item.id in finding.evidence
        and finding.cause.level is Level.FAULT
        and finding.confidence is not Confidence.POSSIBLE
    ]


def _asked(item: Evidence) -> list[Asked]:
    return [Asked(call.cli(), call.ok, call.error or "ok", call.took_ms) for call in item.calls]


def _withheld(report: Report) -> list[tuple[str, str]]:
    return [(f"withheld {kind}", str(count)) for kind, count in (report.withheld or {}).items()]


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _body(text)


def _short(text: object) -> str:
    return _defused(shorten(text, _LONGEST))


def _body(text: str) -> str:
    return _defused("\n".join(safe_lines(text)))


def _defused(text: str) -> str:
    """The text without the mark that makes Jenkins and GitLab look for a file to attach."""
    return text.replace("[[ATTACHMENT|", "[ [ATTACHMENT|")
