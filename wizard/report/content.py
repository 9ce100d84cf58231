"""What a report for a ticket says, section by section, before anybody decides how it looks.

Plain texts that are not yet safe for any format: each renderer escapes them in its own way.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from wizard import __version__
from wizard.model.case import Window
from wizard.model.path import Hop
from wizard.model.probe import Evidence
from wizard.model.status import Confidence, Outcome, Reason, Status
from wizard.model.tree import Tree
from wizard.model.verdict import Finding, Verdict, failing_cause
from wizard.report import evidence as read
from wizard.report.page import FORMS
from wizard.report.reading import Switch, for_support, switches
from wizard.report.summary import Moment, summary, timeline
from wizard.report.text import headline, how_sure, log_texts, need, preferred, resource_name, telling, untraceable
from wizard.report.words import day

OUTCOMES = {
    Outcome.FAULT: "Fault found",
    Outcome.WARNING: "Something to mend",
    Outcome.CLEAN: "Nothing wrong found",
    Outcome.INCONCLUSIVE: "Not settled",
}
LOOKS = {
    Outcome.FAULT: "fail",
    Outcome.WARNING: "warn",
    Outcome.CLEAN: "pass",
    Outcome.INCONCLUSIVE: "unknown",
}
_TYPES = {"rest": "REST API", "http": "HTTP API", "websocket": "WebSocket API"}
LEVELS = {"Error": "fail", "Warning": "warn", "Info": "unknown"}
# What a code block holds, for those who colour it.
LANGUAGES = {"cli": "sh", "sam": "yaml", "cloudformation": "yaml", "terraform": "hcl"}
_REASONS = {
    Reason.DENIED: "not allowed",
    Reason.THROTTLED: "throttled by AWS",
    Reason.TIMED_OUT: "timed out",
    Reason.EXPIRED: "credentials expired",
    Reason.OFFLINE: "no connection",
    Reason.NO_DATA: "no data",
    Reason.CRASHED: "the check failed",
    Reason.DECLINED: "nobody said yes",
    Reason.NOT_APPLICABLE: "does not apply",
}

_ANSWERED = (Status.PASS, Status.WARN, Status.FAIL)

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence for a finding: what was seen, the log lines, and the commands that show it again."""

    status: Status
    summary: str
    probe: str
    texts: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remedy:
    """One form of a fix with the ids of the case; `language` of a code block, empty for plain words."""

    form: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A finding as people read it; the preferred fix stands first, and a mere possibility has none."""

    level: str
    code: str
    cause: str
    title: str
    resource: str
    hop: str
    sure: str
    why: str
    proofs: tuple[Proof, ...]
    fixes: tuple[Remedy, ...]
    verify: str | None
    docs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Something that nobody looked at, why, and what would settle it."""

    probe: str
    reason: str
    summary: str
    settles: str
    by_hand: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A call to AWS as a command to repeat; `answer` is "ok" or the error."""

    command: str
    ok: bool
    answer: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report. `unneeded` are checks that do not apply to this request, and why; `withheld` counts by kind
    what redaction took out; None: nothing was redacted.
    """

    result: Verdict
    headline: str
    outcome: str
    look: str
    summary: tuple[str, ...]
    facts: Pairs
    findings: tuple[Item, ...]
    timeline: tuple[Moment, ...]
    errors: read.Errors | None
    durations: read.Durations | None
    story: tuple[read.Told, ...]
    changes: tuple[read.Change, ...]
    traces: tuple[read.Trace, ...]
    health: tuple[read.Health, ...]
    checked: tuple[tuple[Evidence, str], ...]
    unneeded: tuple[tuple[str, str], ...]
    unchecked: tuple[Unchecked, ...]
    switches: tuple[Switch, ...]
    support: str
    ruled_out: Pairs
    calls: tuple[Asked, ...]
    versions: Pairs
    withheld: Mapping[str, int] | None = None

    @property
    def title(self) -> str:
        """The outcome and the headline; the headline alone where it says the outcome."""
        says_it = self.result.outcome in (Outcome.CLEAN, Outcome.WARNING)
        return self.headline if says_it else f"{self.outcome}: {self.headline}"

    @property
    def culprit(self) -> Item | None:
        """The finding that the failing hop is blamed for."""
        blamed = failing_cause(self.result)
        return next((item for item in self.findings if blamed and item.cause == blamed.cause.id), None)


def report(result: Verdict, tree: Tree, withheld: Mapping[str, int] | None = None, used: Pairs | None = None) -> Report:
    """The report of a verdict. `used` names the versions of what made it; None asks the installed packages."""
    errors = read.errors(result.evidence)
    return Report(
        result,
        headline(result, tree),
        OUTCOMES[result.outcome],
        LOOKS[result.outcome],
        summary(result, tree),
        _facts(result, tree),
        tuple(_item(result, tree, finding) for finding in result.findings),
        timeline(result),
        errors if errors and errors.total else None,
        read.durations(result.evidence),
        read.story(result.evidence),
        read.changes(result.evidence),
        read.traces(result.evidence),
        read.health(result.evidence),
        tuple((item, tree.hop_title(item.hop)) for item in result.evidence if item.status in _ANSWERED),
        tuple((item.probe, item.summary) for item in result.evidence if _needless(item)),
        _unchecked(result),
        switches(result),
        for_support(result),
        tuple(
            (tree.causes[cause].code, tree.causes[cause].title) for cause in result.ruled_out if cause in tree.causes
        ),
        tuple(Asked(call.cli(), call.ok, call.error or "ok", call.took_ms) for call in result.calls),
        versions(tree) if used is None else used,
        withheld,
    )


def versions(tree: Tree) -> Pairs:
    """What made the report: the tool, its tree (the beginning of the file's SHA-256), Python, botocore."""
    return (
        ("apigw-wizard", __version__),
        ("decision tree", _tree_version(tree)),
        ("Python", platform.python_version()),
        ("botocore", _installed("botocore")),
    )


def stamp_utc(at: datetime) -> str:
    """4 Mar 2026 05:06:07 UTC."""
    return f"{day(at)} {at:%Y %H:%M:%S} UTC"


def reason_words(reason: Reason) -> str:
    """Why something was not checked, in two or three words."""
    return _REASONS[reason]


def _tree_version(tree: Tree) -> str:
    name = Path(tree.path).name
    try:
        return f"{name} {hashlib.sha256(Path(tree.path).read_bytes()).hexdigest()[:12]}"
    except OSError:
        return name


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _facts(result: Verdict, tree: Tree) -> Pairs:
    hop = result.path.hop(result.failing_hop) if result.failing_hop else None
    target, trace, symptom, window = result.case.target, result.case.trace, result.case.symptom, result.case.window
    seen = " and ".join(map(str, (symptom.status,) if symptom.status else result.statuses))
    tested = "(in a test invoke)" if symptom.seen_in == "test-invoke" else ""
    began = min((item.started for item in result.evidence if item.started), default=None)
    named = (
        ("Failing hop", _hop_words(hop, tree.hop_title(hop.id)) if hop else None),
        ("API", f"{trace.api_name} ({target.api_id})" if trace and trace.api_name else target.api_id or target.host),
        ("Type", _TYPES[target.api_type]),
        ("Stage", target.stage),
        ("Request", f"{target.method} {target.path}"),
        ("Region", target.region),
        ("Account", target.account),
        (
            "Client saw",
            " ".join(filter(None, (seen, symptom.message, tested))),
        ),
        ("Request id", symptom.request_id),
        ("Looked at", _span(window)),
        ("Checked at", stamp_utc(began) if began else None),
    )
    return tuple((name, value) for name, value in named if value)


def _hop_words(hop: Hop, title: str) -> str:
    return title if hop.label in ("", title) else f"{title} ({hop.label})"


def _needless(item: Evidence) -> bool:
    return item.status is Status.SKIPPED and item.reason is not Reason.DECLINED


def _span(window: Window) -> str:
    one_day = window.start.date() == window.end.date()
    end = f"{window.end:%H:%M:%S} UTC" if one_day else stamp_utc(window.end)
    return f"{stamp_utc(window.start).removesuffix(' UTC')} to {end}"


def _item(result: Verdict, tree: Tree, finding: Finding) -> Item:
    cause = finding.cause
    by_id = {item.id: item for item in result.evidence}
    sure = finding.confidence is not Confidence.POSSIBLE
    first = preferred(finding.fix) if finding.fix else None
    fixes = sorted(finding.fix, key=lambda fix: fix is not first) if sure else []
    return Item(
        finding.level,
        cause.code,
        cause.id,
        cause.title,
        resource_name(result.path.hop(cause.hop), tree.hop_title(cause.hop)),
        tree.hop_title(cause.hop),
        how_sure(result, finding),
        cause.why,
        tuple(_proof(by_id[name], cause.id) for name in finding.evidence if name in by_id),
        tuple(Remedy(FORMS.get(fix.kind, fix.kind), LANGUAGES.get(fix.kind, ""), fix.text) for fix in fixes),
        cause.verify,
        cause.docs,
    )


def _proof(item: Evidence, cause: str) -> Proof:
    texts = tuple(" ".join(text.split()) for text in log_texts(item, cause) if text[:40] not in item.summary)
    return Proof(item.status, item.summary, item.probe, texts, tuple(call.cli() for call in telling(item)[:3]))


def _unchecked(result: Verdict) -> tuple[Unchecked, ...]:
    known = untraceable(result)
    declined = [item for item in result.evidence if item.reason is Reason.DECLINED]
    return tuple(
        Unchecked(
            item.probe,
            reason_words(item.reason),
            item.summary,
            need(item.reason, item.needs) if item.needs else "",
            item.manual or "",
        )
        for item in result.not_checked
        if item.summary not in known
    ) + tuple(
        Unchecked(
            item.probe, reason_words(Reason.DECLINED), item.summary, f"a yes: {item.needs or '--allow-invoke'}", ""
        )
        for item in declined
    )
