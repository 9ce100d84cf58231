"""A verdict as text for a terminal, a pipe or a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from wizard.model.aws import Call
from wizard.model.path import Hop
from wizard.model.probe import Evidence
from wizard.model.status import Confidence, Outcome, Reason, Status
from wizard.model.text import Line
from wizard.model.tree import Fix, Tree
from wizard.model.unchecked import NotChecked
from wizard.model.verdict import Finding, Verdict, failing_cause
from wizard.report.page import FORMS, heading, line, paragraph, verbatim
from wizard.report.reading import FOR_SUPPORT, for_support

_LOOK = {"Error": "fail", "Warning": "warn", "Info": "dim"}
_GLYPH = {Status.PASS: "●", Status.WARN: "◆", Status.FAIL: "✖", Status.UNKNOWN: "?", Status.SKIPPED: "○"}
_CAUSES_IN_FULL = 4
# What to do first about a check that got no answer for a reason outside of the API.
_ONCE_MORE = {
    Reason.OFFLINE: "look at the network, the VPN, the proxy, the Region (-r) and --endpoint-url",
    Reason.TIMED_OUT: "look whether the network or the endpoint is slow",
    Reason.THROTTLED: "wait a minute until AWS answers again",
    Reason.EXPIRED: "sign in again",
}
_LONGEST_COMMAND = 240  # characters; a longer one hides more than it shows


def lines(
    result: Verdict, tree: Tree, picture: Sequence[Line] = (), width: int = 80, drawn: Sequence[Line] = ()
) -> list[Line]:
    """The whole report; `picture` is the drawn path, `drawn` what is drawn of the evidence below it."""
    out = [*paragraph(headline(result, tree), width, look="strong"), *_about(result, width)]
    for number, finding in enumerate(result.findings):
        out += [(), *_finding(result, tree, finding, width, full=number < _CAUSES_IN_FULL)]
    if picture:
        out += [(), heading("Path"), *picture]
    out += drawn
    out += _untraced(result, width)
    out += _not_checked(result, width)
    out += _declined(result, width)
    out += _for_support(result)
    if result.ruled_out:
        count = len(result.ruled_out)
        out += [(), *paragraph(f"Ruled out: {count} other cause{'s' * (count != 1)}.", width)]
    return [*out, (), *paragraph(next_step(result), width, lead=("Next: ", "strong"))]


def headline(result: Verdict, tree: Tree) -> str:
    """The verdict in one sentence."""
    what = request_name(result)
    finding = failing_cause(result)
    if finding:
        statuses = " and ".join(map(str, result.statuses)) if len(result.statuses) < 3 else ""
        title = finding.cause.title.rstrip(".")
        return (
            f"{what} {'gets ' + statuses if statuses else 'fails'} at “{tree.hop_title(finding.cause.hop)}”: {title}."
        )
    if not result.complete:
        return f"{what}: stopped before the end; this is what is known so far."
    if result.outcome is Outcome.FAULT:
        title = result.findings[0].cause.title.rstrip(".")
        return f"{what}: a fault was found, but it does not explain what the client saw. {title}."
    if result.outcome is Outcome.WARNING:
        return f"{what}: nothing that breaks it was found, but there is something to mend."
    if result.outcome is Outcome.CLEAN:
        return f"{what}: nothing wrong found."
    if result.case.trace is None:
        return f"{what}: the request path could not be traced, so nothing behind it was checked."
    return f"{what}: nothing certain was found, and not everything could be checked."


def faults(result: Verdict) -> list[Finding]:
    """The findings that have to be mended: errors, and more than a possibility."""
    return [each for each in result.findings if each.level == "Error" and each.confidence is not Confidence.POSSIBLE]


def resource_name(hop: Hop | None, fallback: str) -> str:
    """What a finding is about, short: the function in an ARN or integration URI as name:alias, else the hop's name."""
    _, is_function, name = (hop.resource or "").partition(":function:") if hop else ("", "", "")
    if is_function and name:
        return name.partition("/")[0]
    return hop.label if hop and hop.label else fallback


def title_line(finding: Finding, result: Verdict) -> str:
    """`Error [GW0801] (shop-orders:live) title`."""
    cause = finding.cause
    return f"{finding.level} [{cause.code}] ({resource_name(result.path.hop(cause.hop), cause.hop)}) {cause.title}"


def request_name(result: Verdict) -> str:
    """`GET /orders/{id} on stage prod`."""
    target, trace = result.case.target, result.case.trace
    path = trace.resource_path if trace and trace.resource_path else target.path
    where = f" on stage {target.stage}" if target.stage else ""
    return f"{target.method} {path}{where}"


def _about(result: Verdict, width: int) -> list[Line]:
    target, trace, symptom = result.case.target, result.case.trace, result.case.symptom
    api = f"{trace.api_name} ({target.api_id})" if trace and trace.api_name else target.api_id or target.host or "?"
    facts = [
        f"{target.api_type.upper()} API {api}",
        target.region or "",
        f"account {target.account}" if target.account else "",
        f"client saw {symptom.status}" if symptom.status else "",
        "in a test invoke" if symptom.seen_in == "test-invoke" else "",
    ]
    return paragraph(" · ".join(filter(None, facts)), width, look="dim")


def _finding(result: Verdict, tree: Tree, finding: Finding, width: int, full: bool) -> list[Line]:
    cause = finding.cause
    head = title_line(finding, result)
    out = paragraph(
        head.removeprefix(finding.level).strip(), width, look="strong", lead=(f"{finding.level} ", _LOOK[finding.level])
    )
    out += paragraph(f"{tree.hop_title(cause.hop)} · {how_sure(result, finding)}", width, 2, "dim")
    if not full:
        return [*out, *paragraph(f"apigw-wizard cause {cause.code}", width, 2, "code")]
    if finding.confidence is not Confidence.POSSIBLE:
        out += [(), *paragraph(cause.why, width, 2)]
    out += _proofs(result, finding, width)
    if finding.confidence is Confidence.POSSIBLE:
        return [*out, *paragraph(f"More: apigw-wizard cause {cause.code}", width, 2, "dim")]
    return [*out, *_fix(finding, width)]


def how_sure(result: Verdict, finding: Finding) -> str:
    """The confidence, and whether it fits where that can be said."""
    if not (result.statuses or result.case.symptom.seen_in != "url"):
        return finding.confidence.value
    fits = "fits what the client saw" if finding.explains_symptom else "does not explain what the client saw"
    return f"{finding.confidence.value}, {fits}"


def _proofs(result: Verdict, finding: Finding, width: int) -> list[Line]:
    by_id = {item.id: item for item in result.evidence}
    proofs = [by_id[name] for name in finding.evidence if name in by_id]
    if not proofs:
        return []
    out: list[Line] = [(), line(("  Proof", "title"))]
    for item in proofs:
        out += paragraph(
            f"{item.summary} ({item.probe})", width, 4, lead=(f"{_GLYPH[item.status]} ", item.status.value)
        )
        for text in log_texts(item, finding.cause.id):
            out += paragraph(text, width, 6, "dim") if text[:40] not in item.summary else []
        commands = [f"$ {call.cli()}" for call in telling(item)[:2]]
        out += [row for command in commands if len(command) <= _LONGEST_COMMAND for row in verbatim(command, 6, "dim")]
    return out


def telling(item: Evidence) -> Sequence[Call]:
    """The calls whose answers show it again: of what was read in a log the searches in it, not what led to the log."""
    searched = [call for call in item.calls if call.service == "logs" and "logGroupName" in call.params]
    if not searched or not item.facts.get("causes"):
        return item.calls
    return [call for call in searched if call.params["logGroupName"] == searched[0].params["logGroupName"]]


def log_texts(item: Evidence, cause: str, limit: int = 2) -> list[str]:
    """The log lines with which a piece of evidence speaks for a cause (`texts` of its entry in the fact `causes`)."""
    listed = item.facts.get("causes")
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and entry.get("cause") == cause and isinstance(texts := entry.get("texts"), list):
            return [str(text) for text in texts[:limit]]
    return []


def _fix(finding: Finding, width: int) -> list[Line]:
    if not finding.fix:
        return []
    first = preferred(finding.fix)
    out: list[Line] = [
        (),
        line(("  Fix", "title"), (f" ({FORMS.get(first.kind, first.kind)})", "dim")),
        *verbatim(first.text, 4),
    ]
    others = [FORMS.get(fix.kind, fix.kind) for fix in finding.fix if fix is not first]
    if others:
        out += paragraph(f"Also as {', '.join(others)}: apigw-wizard cause {finding.cause.code}", width, 2, "dim")
    return out + [row for url in finding.cause.docs[:1] for row in verbatim(f"Docs: {url}", 2, "dim")]


def preferred(fixes: Sequence[Fix]) -> Fix:
    """The form of a fix that is shown first: the command if there is one, else code, else the first."""
    return next((fix for kind in ("cli", "code") for fix in fixes if fix.kind == kind), fixes[0])


def _untraced(result: Verdict, width: int) -> list[Line]:
    """What stood in the way of the trace: without it there is nothing else to report."""
    return [row for text in untraceable(result) for row in ((), *paragraph(text, width, lead=("✖ ", "fail")))]


def untraceable(result: Verdict) -> list[str]:
    """Why the request path could not be traced; empty when it was."""
    return [item.summary for item in result.evidence if item.status is Status.FAIL] if result.case.trace is None else []


def _not_checked(result: Verdict, width: int) -> list[Line]:
    unchecked = [item for item in result.not_checked if item.summary not in untraceable(result)]
    if not unchecked:
        return []
    out: list[Line] = [(), heading("Not checked")]
    for (reason, needs), group in groupby(unchecked, key=lambda item: (item.reason, item.needs)):
        for item in group:
            out += paragraph(f"{item.summary} ({item.probe}, {reason.value})", width, 1, lead=("? ", "unknown"))
            out += _by_hand(item.manual, width) if item.manual else []
        out += paragraph(f"needs {need(reason, needs)}", width, 3, "strong") if needs else []
    return out


def _by_hand(how: str, width: int) -> list[Line]:
    if how.startswith("aws "):
        return verbatim(f"by hand: {how}", 3, "dim")
    return paragraph(f"by hand: {how}", width, 3, "dim")


def need(reason: Reason, needs: str) -> str:
    """What would settle it."""
    return f"the IAM permission {needs}" if reason is Reason.DENIED else needs


def _declined(result: Verdict, width: int) -> list[Line]:
    declined = [item for item in result.evidence if item.reason is Reason.DECLINED]
    if not declined or result.outcome is Outcome.FAULT:
        return []
    out: list[Line] = []
    for flag, why in (("--allow-invoke", "it really calls your backend"), ("--allow-insights", "AWS charges for it")):
        names = [item.probe for item in declined if (item.needs or "--allow-invoke") == flag]
        said = f"Not run, because {why}: {', '.join(names)}. Allow it with {flag}."
        out += [(), *paragraph(said, width, look="dim")] if names else []
    return out


def _for_support(result: Verdict) -> list[Line]:
    said = for_support(result)
    return [(), heading(FOR_SUPPORT), *verbatim(said, 2)] if said else []


def next_step(result: Verdict) -> str:
    """What to do now, in one sentence."""
    finding = failing_cause(result) or (result.findings[0] if result.findings else None)
    unsettled = [item for item in result.not_checked if not item.detail]
    denied = [item for item in unsettled if item.reason is Reason.DENIED]
    if finding and finding.confidence is not Confidence.POSSIBLE:
        found = faults(result) or [finding]
        checks = list(dict.fromkeys(each.cause.verify for each in (finding, *found) if each.cause.verify))
        verify = f" ({' and '.join(checks)} must pass)" if checks else ""
        return f"apply the fix{'es' * (len(found) > 1)}, then run the same check again{verify}."
    if denied:
        return (
            "ask for the permissions named above (apigw-wizard permissions prints them all), then run the check again."
        )
    if untraceable(result):
        return "name the API, stage, method and path as they are in this account and Region, then run the check again."
    if unsettled:
        return _settle(unsettled[0])
    if result.outcome is Outcome.CLEAN:
        return "if the client still gets a 5xx, look further back (--since 24h) or say what it saw (--status)."
    more = "look further back (--since 24h) or allow a test call (--allow-invoke)"
    return f"say what the client saw (--status, --message, --request-id), {more}."


def _settle(item: NotChecked) -> str:
    if item.reason in _ONCE_MORE:
        return f"{_ONCE_MORE[item.reason]}, then run the check again."
    return f"settle {item.probe} first: {item.needs or item.manual or item.summary}"
