"""The lower sections of the html report: time, durations, log, what was checked, calls."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.model.text import shorten
from wizard.report.charts import errors_chart, latency_chart
from wizard.report.content import Report, stamp_utc
from wizard.report.evidence import Durations, Told
from wizard.report.markup import Markup, lines, tag
from wizard.report.reading import FOR_SUPPORT, first_to_go, told_text
from wizard.report.words import day, took

_MOST_STORY, _MOST_TRACES = 60, 3
_LONGEST_LINE = 400  # columns of a log line
_CLOSE = 0.8  # share of a limit from which on a duration is called close


def timeline(report: Report) -> Markup:
    """What happened when, below the errors over time."""
    drawn = []
    if report.errors:
        drawn = [tag("figure", errors_chart(report.errors, report.timeline), _errors_legend(report))]
    rows = [
        tag(
            "li",
            tag("time", stamp_utc(at.at), datetime=f"{at.at:%Y-%m-%dT%H:%M:%SZ}"),
            tag("span", str(at.number), class_="number") if report.errors and at.number else "",
            tag("span", at.text),
            class_=at.kind,
        )
        for at in report.timeline
    ]
    events = [
        tag("p", " · ".join(filter(None, ("AWS Health", e.service, e.code, e.status, e.region, e.start))))
        for e in report.health
    ]
    listed = [tag("ol", *rows, class_="timeline")] if rows else []
    return _section("timeline", "When it happened", *drawn, *listed, *events)


def durations(report: Report) -> Markup:
    """Everybody's patience and how much of it was used."""
    known = report.durations
    if known is None:
        return Markup()
    first = first_to_go(known)
    rows = [
        (
            tag("span", tag("strong", limit.who) if limit is first else limit.who, *_first(limit is first)),
            limit.name,
            took(limit.ms),
            *(_share(value, limit.ms) for value in (limit.p50, limit.p99, limit.max)),
        )
        for limit in known.limits
    ]
    header = ("Who waits", "Setting", "At most", "p50 uses", "p99 uses", "Slowest uses")
    chart = []
    if known.latency and any(known.latency.max + known.latency.p99 + known.latency.p50):
        chart = [tag("figure", latency_chart(known, known.latency), _latency_legend(known))]
    return _section(
        "durations", "Durations against timeouts", *chart, _table("Durations against timeouts", header, rows)
    )


def log(report: Report) -> Markup:
    """The newest failing request, line by line."""
    shown = report.story[:_MOST_STORY]
    if not shown:
        return Markup()
    at = next((line.at for line in shown if line.at), None)
    note = f"{day(at)} {at.year}, UTC. " if at else ""
    left = len(report.story) - len(shown)
    return _section(
        "log",
        "One failing request in the logs",
        tag("p", f"{note}The highlighted lines decide.", class_="small"),
        tag("ol", *map(_told, shown), class_="log"),
        tag("p", f"{left} more lines are not shown.", class_="small") if left > 0 else "",
    )


def traces(report: Report) -> Markup:
    """Failing requests as X-Ray saw them."""
    parts = []
    for trace in report.traces[:_MOST_TRACES]:
        rows = [
            (segment.name, f"{segment.start_ms:.0f} ms", took(segment.duration_ms), segment.trouble or "ok")
            for segment in trace.segments
        ]
        parts.append(_table(f"Trace {trace.id}", ("Part", "Begins", "Took", "Trouble"), rows, caption=True))
    return _section("traces", "Traces of X-Ray", *parts) if parts else Markup()


def checked(report: Report) -> Markup:
    """Every check that got an answer."""
    rows = [
        (_word(item.status.value), tag("code", item.probe), hop, item.summary, took(item.took_ms))
        for item, hop in report.checked
    ]
    return _folded("checked", "What was checked", ("State", "Check", "Hop", "What was seen", "Took"), rows)


def unchecked(report: Report) -> Markup:
    """What nobody looked at, why, and what would settle it."""
    rows = [
        (
            tag("code", left.probe),
            left.reason,
            left.summary,
            left.settles,
            tag("code", left.by_hand) if left.by_hand.startswith("aws ") else left.by_hand,
        )
        for left in report.unchecked
    ]
    header = ("Check", "Why not", "What is missing", "Settled by", "By hand")
    return (
        _section("unchecked", "What was not checked", _table("What was not checked", header, rows))
        if rows
        else Markup()
    )


def unneeded(report: Report) -> Markup:
    """Checks that do not apply to this request, and why."""
    rows = [(tag("code", probe), why) for probe, why in report.unneeded]
    return _folded("unneeded", "What does not apply here", ("Check", "Why"), rows)


def switches(report: Report) -> Markup:
    """Logs and traces that are off or say too little, and the commands that turn them on."""
    rows = [
        Markup(
            tag("p", each.summary)
            + tag(
                "pre", tag("code", lines("\n".join(each.commands))), tabindex="0", aria_label="Commands", role="region"
            )
        )
        for each in report.switches
    ]
    return _section("switches", "To see more the next time", *rows) if rows else Markup()


def support(report: Report) -> Markup:
    """What to send to AWS Support."""
    said = tag("pre", tag("code", lines(report.support)), tabindex="0", aria_label=FOR_SUPPORT, role="region")
    return _section("support", FOR_SUPPORT, said) if report.support else Markup()


def ruled_out(report: Report) -> Markup:
    """Causes that the answers exclude."""
    rows = [(tag("code", code), title) for code, title in report.ruled_out]
    return _folded("ruled-out", "Ruled out", ("Code", "Cause"), rows)


def calls(report: Report) -> Markup:
    """Every question put to AWS, as a command to repeat."""
    rows = [(tag("code", call.command), call.answer, took(call.took_ms)) for call in report.calls]
    return _folded("calls", "Every AWS call that was made", ("Call", "Answer", "Took"), rows)


def withheld(report: Report) -> Markup:
    """What redaction took out, by kind."""
    if report.withheld is None:
        return Markup()
    rows = [(kind, str(count)) for kind, count in report.withheld.items()]
    said = (
        "Replaced by pseudonyms that stay the same all through this report, or removed."
        if rows
        else "Nothing had to be."
    )
    table = [_table("What was withheld", ("Kind", "How many"), rows)] if rows else []
    return _section("withheld", "What was withheld", tag("p", said), *table)


def versions(report: Report) -> Markup:
    """What made the report."""
    made = " · ".join(f"{name} {number}" for name, number in report.versions)
    return tag("p", made, class_="wide small")


def _errors_legend(report: Report) -> Markup:
    keys = [_key("requests", "requests"), _key("errors", "5xx answers")]
    return tag("figcaption", *keys, *([_key("change", "changes, numbered as below")] if report.changes else []))


def _latency_legend(known: Durations) -> Markup:
    named = (
        ("p50", "half of the calls", known.p50),
        ("p99", "99 of 100", known.p99),
        ("slowest", "slowest", known.max),
    )
    keys = [_key(look, f"{words} {took(value)}" if value is not None else words) for look, words, value in named]
    return tag("figcaption", *keys, _key("limit", "timeout"))


def _key(look: str, words: str) -> Markup:
    return tag("span", tag("i", class_=f"key {look}"), words)


def _first(first: bool) -> Sequence[Markup | str]:
    return (" ", tag("span", "gives up first", class_="small")) if first else ()


def _share(value: float | None, limit_ms: float) -> Markup | str:
    if value is None:
        return "–"
    share = value / limit_ms
    look = "fail" if share >= 1 else "warn" if share >= _CLOSE else ""
    return tag("span", f"{took(value)} ({share * 100:.0f} %)", class_=f"share word {look}" if look else "share")


def _told(line: Told) -> Markup:
    at = f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03d}" if line.at else ""
    said = tag("code", shorten(told_text(line), _LONGEST_LINE))
    return tag(
        "li", tag("span", f"{at} {line.source}", class_="small"), said, class_="deciding" if line.deciding else None
    )


def _code(text: str) -> str:
    return tag("code", text) if text else ""


def _word(word: str) -> Markup:
    return tag("span", word, class_=f"word {word}")


def _section(name: str, title: str, *parts: str) -> Markup:
    if not any(parts):
        return Markup()
    return tag("section", tag("h2", title, id=name), *parts, aria_labelledby=name)


def _folded(name: str, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    if not rows:
        return Markup()
    summary = tag("summary", f"{len(rows)} {'entries' if len(rows) > 1 else 'entry'}")
    return _section(name, title, tag("details", summary, _table(title, header, rows)))


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], caption: bool = False) -> Markup:
    """A table that becomes a list of cards where it has no room: each cell knows its column."""
    body = [
        tag("tr", *(tag("td", tag("span", cell), data_column=name) for name, cell in zip(header, row, strict=True)))
        for row in rows
    ]
    return tag(
        "table",
        tag("caption", title, class_=None if caption else "unseen"),
        tag("thead", tag("tr", *(tag("th", name, scope="col") for name in header))),
        tag("tbody", *body),
    )
