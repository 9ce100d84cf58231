"""The report as Markdown for a ticket: renders on GitHub and pastes into Jira and ServiceNow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wizard.model.status import Status
from wizard.report.content import Item, Proof, Report, stamp_utc
from wizard.report.evidence import Durations
from wizard.report.gfm import block, code, link, plain, table
from wizard.report.marks import GLYPH, spine, style
from wizard.report.mermaid import render as mermaid
from wizard.report.reading import FOR_SUPPORT, first_to_go, told_text
from wizard.report.words import took

_SIGNS = {Status.PASS: "●", Status.WARN: "◆", Status.FAIL: "✖", Status.UNKNOWN: "?", Status.SKIPPED: "○"}
_WORDS = {"pass": "ok", "warn": "warning", "fail": "**fails**", "unknown": "no answer", "skipped": "not needed",
          "blocked": "not reached", "pending": "not looked at"}  # fmt: skip
_MOST_STORY, _LONGEST_LINE = 40, 400
_AS_CODE = ("API", "Stage", "Request", "Account", "Request id")  # facts to copy


def render(report: Report) -> str:
    """The whole document."""
    sections = (
        _head(report), _findings(report), _path(report), _timeline(report), _durations(report.durations),
        _story(report), _checked(report), _unchecked(report), _unneeded(report), _switches(report),
        _support(report), _ruled_out(report), _calls(report), _versions(report), _withheld(report),
    )  # fmt: skip
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _head(report: Report) -> list[str]:
    out = [f"# {plain(report.title)}", ""]
    out += [row for text in report.summary[1:] for row in (plain(text), "")]
    facts = [(name, code(value) if name in _AS_CODE else plain(value)) for name, value in report.facts]
    return [*out, *table(("Case", "Details"), facts)]


def _findings(report: Report) -> list[str]:
    if not report.findings:
        return []
    return ["## Findings", *(row for item in report.findings for row in ("", *_finding(item)))]


def _finding(item: Item) -> list[str]:
    out = [f"### {item.level} {plain(f'[{item.code}]')} {plain(item.title)}", ""]
    where = (plain(item.hop), *([code(item.resource)] if item.resource != item.hop else []))
    out += [" · ".join((*where, f"**{plain(item.sure)}**"))]
    if item.fixes:
        out += ["", plain(item.why)]
    if item.proofs:
        out += ["", "**Proof**", "", *(row for proof in item.proofs for row in _proof(proof))]
    for number, fix in enumerate(item.fixes):
        out += ["", f"**{'Fix' if number == 0 else 'Or'}: {plain(fix.form)}**", "", *block(fix.text, fix.language)]
    if item.verify:
        out += ["", f"Verify: run the check again; {code(item.verify)} must pass."]
    if not item.fixes:
        out += ["", f"More: {code(f'apigw-wizard cause {item.code}')}"]
    return [*out, *(row for url in item.docs for row in ("", f"Docs: {link(url)}"))]


def _proof(proof: Proof) -> list[str]:
    out = [f"- {_SIGNS[proof.status]} {plain(proof.summary)} ({code(proof.probe)})"]
    out += [f"  - {code(text)}" for text in proof.texts]
    return out + [f"  - {code(f'$ {command}')}" for command in proof.commands[:1]]


def _path(report: Report) -> list[str]:
    path = report.result.path
    if not path.hops:
        return []
    ordered = [*spine(path), *(hop for hop in path.hops if hop not in spine(path))]
    rows = [
        (
            GLYPH[style(hop)],
            f"**{plain(hop.label or hop.id)}**" if hop.id == path.failing else plain(hop.label or hop.id),
            _WORDS[style(hop)],
            plain(hop.note) if style(hop) != "blocked" else "",
            code(hop.resource) if hop.resource else "",
        )
        for hop in ordered
    ]
    return ["## Request path", "", *table(("", "Hop", "State", "What was seen", "Resource"), rows), "",
            *block(mermaid(path), "mermaid")]  # fmt: skip


def _timeline(report: Report) -> list[str]:
    rows = [(stamp_utc(at.at), f"**{plain(at.text)}**" if at.kind in ("onset", "suspect") else plain(at.text))
            for at in report.timeline]  # fmt: skip
    return ["## Timeline", "", *table(("When (UTC)", "What"), rows)] if rows else []


def _durations(durations: Durations | None) -> list[str]:
    if durations is None:
        return []
    first = first_to_go(durations)
    rows = [
        (
            f"**{plain(limit.who)}** (gives up first)" if limit is first else plain(limit.who),
            plain(limit.name),
            took(limit.ms),
            *(_share(value, limit.ms) for value in (limit.p50, limit.p99, limit.max)),
        )
        for limit in durations.limits
    ]
    return ["## Durations against timeouts", "",
            *table(("Who waits", "Setting", "At most", "p50 uses", "p99 uses", "Slowest uses"), rows)]  # fmt: skip


def _share(value: float | None, limit_ms: float) -> str:
    return "" if value is None else f"{took(value)} ({value / limit_ms * 100:.0f} %)"


def _story(report: Report) -> list[str]:
    if not report.story:
        return []
    rows = [
        f"{'>' if line.deciding else ' '} {f'{line.at:%H:%M:%S.%f}'[:-3] if line.at else '':<12} {line.source:<9} "
        + told_text(line)[:_LONGEST_LINE]
        for line in report.story[:_MOST_STORY]
    ]
    left = len(report.story) - _MOST_STORY
    rows += [f"  … {left} more lines"] if left > 0 else []
    return [
        "## One failing request in the logs",
        "",
        "`>` marks the lines that decide.",
        "",
        *block("\n".join(rows), "text"),
    ]


def _checked(report: Report) -> list[str]:
    rows = [(_SIGNS[item.status], code(item.probe), plain(hop), plain(item.summary)) for item, hop in report.checked]
    return ["## What was checked", "", *table(("", "Check", "Hop", "What was seen"), rows)] if rows else []


def _unneeded(report: Report) -> list[str]:
    rows = [(code(probe), plain(why)) for probe, why in report.unneeded]
    return ["## What does not apply here", "", *table(("Check", "Why"), rows)] if rows else []


def _unchecked(report: Report) -> list[str]:
    rows = [
        (code(left.probe), plain(left.reason), plain(left.summary), plain(left.settles),
         code(left.by_hand) if left.by_hand.startswith("aws ") else plain(left.by_hand))
        for left in report.unchecked
    ]  # fmt: skip
    header = ("Check", "Why not", "What is missing", "Settled by", "By hand")
    return ["## What was not checked", "", *table(header, rows)] if rows else []


def _switches(report: Report) -> list[str]:
    if not report.switches:
        return []
    rows = [
        row for each in report.switches for row in ("", plain(each.summary), "", *block("\n".join(each.commands), "sh"))
    ]
    return ["## To see more the next time", *rows]


def _support(report: Report) -> list[str]:
    return [f"## {FOR_SUPPORT}", "", *block(report.support)] if report.support else []


def _ruled_out(report: Report) -> list[str]:
    return _listed("## Ruled out", (f"{code(number)} {plain(title)}" for number, title in report.ruled_out))


def _calls(report: Report) -> list[str]:
    rows = [(code(call.command), plain(call.answer), took(call.took_ms)) for call in report.calls]
    return ["## Every AWS call that was made", "", *table(("Call", "Answer", "Took"), rows)] if rows else []


def _versions(report: Report) -> list[str]:
    return ["## Made with", "", " · ".join(f"{plain(name)} {plain(number)}" for name, number in report.versions)]


def _withheld(report: Report) -> list[str]:
    if report.withheld is None:
        return []
    rows: Sequence[tuple[str, str]] = [(plain(kind), str(count)) for kind, count in report.withheld.items()]
    if not rows:
        return ["## What was withheld", "", "Nothing had to be."]
    return ["## What was withheld", "", *table(("Kind", "How many"), rows)]


def _listed(title: str, rows: Iterable[str]) -> list[str]:
    listed = [f"- {row}" for row in rows]
    return [title, "", *listed] if listed else []
