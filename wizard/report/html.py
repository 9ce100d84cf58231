"""The report as one HTML file: no script, nothing loaded from anywhere, readable on a phone, on paper and aloud."""

from __future__ import annotations

from importlib.resources import files

from wizard.report.colours import variables
from wizard.report.content import LEVELS, Item, Proof, Remedy, Report
from wizard.report.markup import Markup, joined, lines, tag
from wizard.report.panels import (
    calls,
    checked,
    durations,
    log,
    ruled_out,
    support,
    switches,
    timeline,
    traces,
    unchecked,
    unneeded,
    versions,
    withheld,
)
from wizard.report.svg import picture, rules, state

# Styles stand in the file itself; everything else, scripts first of all, is refused by the browser.
# https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def render(report: Report) -> str:
    """The whole document."""
    sections = [
        section
        for section in (
            _where(report), _findings(report), timeline(report), durations(report), log(report), traces(report),
            checked(report), unchecked(report), unneeded(report), switches(report), support(report), ruled_out(report),
            calls(report), withheld(report),
        )
        if section
    ]  # fmt: skip
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", report.title),
        Markup(f"<style>\n{variables()}{_page_rules()}{rules()}</style>"),
    )
    body = tag(
        "body",
        tag("a", "Skip to the findings", href="#main", class_="skip"),
        _header(report),
        tag("main", *sections, id="main", tabindex="-1"),
        tag("footer", versions(report)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _page_rules() -> str:
    return files("wizard.report").joinpath("page.css").read_text(encoding="utf-8")


def _header(report: Report) -> Markup:
    facts = (tag("div", tag("dt", name), tag("dd", value)) for name, value in report.facts)
    return tag(
        "header",
        tag(
            "div",
            tag("p", tag("span", report.outcome, class_=f"badge {report.look}"), class_="kicker"),
            tag("h1", report.headline),
            tag("div", *(tag("p", text) for text in report.summary[1:]), class_="summary"),
            tag("dl", *facts, class_="facts"),
            class_="wide",
        ),
    )


def _where(report: Report) -> Markup:
    path = report.result.path
    if not path.hops:
        return Markup()
    hop = path.hop(path.failing) if path.failing else None
    title = "Where it fails" if hop else "The request path"
    return tag(
        "section",
        tag("h2", title, id="where"),
        tag(
            "div",
            tag("figure", picture(path)),
            tag("div", *(_culprit(report) if hop else ()), _in_words(report), class_="beside"),
            class_="two",
        ),
        aria_labelledby="where",
    )


def _culprit(report: Report) -> list[Markup]:
    """The failing hop beside the picture: what it is, and why it fails."""
    item = report.culprit
    if item is None:
        return []
    below = tag("a", "Proof and fix", href=f"#{item.code}") if item.fixes else ""
    return [tag("h3", f"{item.hop}: {item.title}"), tag("p", item.why), tag("p", below)]


def _in_words(report: Report) -> Markup:
    rows = [
        tag(
            "li",
            tag("strong", hop.label or hop.id),
            f" {state(hop)}",
            f" · {hop.note}" if hop.note and not hop.blocked else "",
            *([tag("br"), tag("code", hop.resource)] if hop.resource else []),
        )
        for hop in report.result.path.hops
    ]
    return tag("details", tag("summary", "The path in words, with every resource"), tag("ol", *rows), class_="screen")


def _findings(report: Report) -> Markup:
    if not report.findings:
        return Markup()
    title = tag("h2", "Findings", id="findings")
    rows = (_finding(item, item is not report.culprit) for item in report.findings)
    return tag("section", title, *rows, aria_labelledby="findings")


def _finding(item: Item, why: bool) -> Markup:
    look, sure = LEVELS[item.level], tag("strong", item.sure)
    parts = [
        tag("h3", tag("span", item.level, class_=f"badge {look}"), f" {item.title}", id=item.code),
        tag(
            "p",
            f"{item.code} · {item.hop} · ",
            *((tag("code", item.resource), " · ") if item.resource != item.hop else ()),
            sure,
            class_="small",
        ),
    ]
    if item.fixes and why:
        parts.append(tag("p", item.why))
    if item.proofs:
        parts += [tag("h4", "Proof"), tag("ul", *map(_proof, item.proofs), class_="proofs")]
    if item.fixes:
        parts += [tag("h4", f"Fix: {item.fixes[0].form}"), _block(item.fixes[0])]
        parts += [tag("details", tag("summary", f"The same fix as {fix.form}"), _block(fix)) for fix in item.fixes[1:]]
    if item.verify:
        parts.append(tag("p", "Verify: run the check again; ", tag("code", item.verify), " must pass."))
    if not item.fixes:
        parts.append(tag("p", "More: ", tag("code", f"apigw-wizard cause {item.code}"), class_="small"))
    parts += [tag("p", "Docs: ", _link(url), class_="small") for url in item.docs]
    return tag("article", *parts, class_=look)


def _proof(proof: Proof) -> Markup:
    shown = [tag("code", text) for text in proof.texts]
    commands = joined(*(tag("code", command, class_="command") for command in proof.commands))
    again = _again(commands) if proof.commands else ""
    said = tag("span", f"{proof.status.value} ", class_=f"word {proof.status.value}")
    source = tag("span", f" {proof.probe}", class_="small")
    return tag("li", said, proof.summary, source, *(joined(tag("br"), code) for code in shown), again)


def _again(commands: Markup) -> Markup:
    """How to see the same once more; not on paper, where all calls are listed at the end."""
    return tag("details", tag("summary", "See it again with the AWS CLI"), commands, class_="screen")


def _block(fix: Remedy) -> Markup:
    return tag("pre", tag("code", lines(fix.text)), tabindex="0", aria_label=f"Fix as {fix.form}", role="region")


def _link(url: str) -> Markup | str:
    """A link to documentation; anything but an https address is words."""
    return tag("a", url, href=url, rel="noreferrer noopener") if url.startswith("https://") else url
