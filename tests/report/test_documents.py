"""The documents of a report against files, and well-formed whatever stands in the account."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from tests.report import made, papers
from tests.report.test_golden import check
from wizard.model.status import Status
from wizard.model.verdict import verdict
from wizard.report.content import report
from wizard.report.formats import RENDERERS
from wizard.report.gfm import block, code, plain
from wizard.report.names import FORMATS, format_of
from wizard.report.svg import words

SUFFIX = {"markdown": "md", "html": "html", "junit": "junit.xml", "mermaid": "mmd", "dot": "dot", "svg": "svg"}
EVIL = [*papers.HOSTILE, papers.LONG, "", "🔥"]
ODD = [*papers.HOSTILE, "x" * 10, "`", "``", " ` ", "a``b`", "-", "1)", "=", "a_b_c", "__a__", "$1"]
# Addresses in sentences of the tree and in docs.
OURS = {"docs.aws.amazon.com", "apigateway.amazonaws.com"}
_STYLE = re.compile(r"<style>.*?</style>", re.S)


def name_of(value: object) -> str:
    return ascii(value)[:24]


class Page(HTMLParser):
    """Elements in order with their attributes; what is opened must be closed in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.mark.parametrize("output", SUFFIX)
@pytest.mark.parametrize("name", papers.VERDICTS)
def test_golden(name: str, output: str) -> None:
    text = _STYLE.sub("<style>*</style>", papers.rendered(name, output))
    check(f"{name}.{SUFFIX[output]}", text)


def test_every_format_is_offered_and_known_by_its_suffix() -> None:
    assert {"text", "json", *RENDERERS} == set(FORMATS)
    assert {format_of(f"report.{SUFFIX[name].rpartition('.')[2]}") for name in RENDERERS} == set(RENDERERS)
    assert (format_of("a.JSON"), format_of("a"), format_of("a.log", "html")) == ("json", "text", "html")


def test_what_a_manager_reads_first() -> None:
    first = papers.paper("everything").summary
    assert first == (
        "GET /orders/{id} on stage prod gets 500 at “Permission to invoke”: API Gateway is not allowed to invoke the "
        "function.",
        "96 of 2319 requests got a 5xx since 4 Mar 05:20 UTC; the cause is confirmed by 2 pieces of evidence (8 checks "
        "answered, 1 could not be made).",
        "Next step: apply the fix, then run the same check again (lambda_fn.permission must pass).",
    )
    assert papers.paper("clean").summary[1] == "1 check answered."
    assert papers.paper("denied").summary[1] == "0 checks answered, 2 could not be made."


def test_the_timeline_tells_causes_before_effects() -> None:
    moments = papers.paper("everything").timeline
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)
    kinds = [moment.kind for moment in moments]
    assert kinds.index("suspect") < kinds.index("onset") < kinds.index("request")
    numbers = [moment.number for moment in moments if moment.number]
    assert numbers == list(range(1, len(numbers) + 1))
    assert papers.paper("clean").timeline == ()


@pytest.mark.parametrize("output", SUFFIX)
@pytest.mark.parametrize("evil", EVIL, ids=name_of)
def test_nothing_evil_is_printed_raw(evil: str, output: str) -> None:
    text = RENDERERS[output](papers.of(papers.hostile(evil)))
    assert all(row.isprintable() for row in text.split("\n"))
    assert len(text) < 400_000


@pytest.mark.parametrize("name", papers.VERDICTS)
def test_html_is_one_accessible_file_that_loads_nothing(name: str) -> None:
    text = papers.rendered(name, "html")
    page = Page(text)
    counts = Counter(tag for tag, _ in page.elements)
    assert not {"script", "img", "link", "iframe", "object", "form", "base", "use", "image", "foreignobject"} & set(
        counts
    )
    assert [counts[tag] for tag in ("html", "title", "header", "main", "footer", "h1")][:1] == [1]
    assert all(counts[tag] == 1 for tag in ("head", "body", "header", "main", "footer", "h1", "style"))
    for tag, attributes in page.elements:
        assert not [key for key in attributes if key.startswith("on") or key in ("src", "style", "srcset", "action")]
        href = attributes.get("href")
        assert href is None or (tag == "a" and href.startswith(("https://docs.aws.amazon.com/", "#")))
    assert not re.search(r"url\(|@import|expression|//", "".join(_STYLE.findall(text)))
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert page.all("html") == [{"lang": "en"}]


@pytest.mark.parametrize("name", papers.VERDICTS)
def test_html_can_be_heard_and_walked(name: str) -> None:
    page = Page(papers.rendered(name, "html"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    for _, attributes in page.elements:
        named = (attributes.get("aria-labelledby") or "").split() + [(attributes.get("href") or "#main").lstrip("#")]
        assert all(one in ids or one.startswith("https:") for one in named)
    assert all(attributes.get("scope") == "col" for attributes in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(svg.get("aria-label") or svg.get("aria-labelledby") for svg in page.all("svg"))


def test_html_says_everything() -> None:
    paper = papers.paper("everything")
    said = Page(RENDERERS["html"](paper)).words
    told = [paper.headline, *paper.summary[1:], *(value for _, value in paper.facts)]
    told += [text for item in paper.findings for text in (item.title, item.why, item.sure, item.code)]
    told += [row for item in paper.findings for fix in item.fixes for row in fix.text.split("\n")]
    told += [item.summary for item, _ in paper.checked] + [left.summary for left in paper.unchecked]
    told += [call.command for call in paper.calls] + [number for _, number in paper.versions]
    told += [moment.text for moment in paper.timeline] + [change.what for change in paper.changes]
    told += ["FAILS HERE", "errors begin 05:20", "function gives up after 3 s", "gateway 29 s", "3 s (100 %)"]
    assert [text for text in told if text not in said] == []
    assert words(paper.result.path) in said


def test_html_of_a_path_with_side_trips_and_no_path_at_all() -> None:
    drawn = papers.rendered("hostile", "svg")
    assert drawn.count('class="side"') == 1
    assert drawn.count('class="frame"') == 1
    assert drawn.count('class="link broken"') == 1
    assert "Where it fails" in papers.rendered("hostile", "html")
    assert "The request path" not in papers.rendered("untraced", "html")


@pytest.mark.parametrize("output", ["svg", "junit"])
@pytest.mark.parametrize("evil", [None, *EVIL], ids=name_of)
def test_xml_is_well_formed(evil: str | None, output: str) -> None:
    result = papers.everything() if evil is None else papers.hostile(evil)
    root = ElementTree.fromstring(RENDERERS[output](papers.of(result)))
    if output == "svg":
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
            "svg", "title", "desc", "style", "path", "g", "rect", "circle", "text"}  # fmt: skip


@pytest.mark.parametrize("name", papers.VERDICTS)
def test_junit_has_a_case_a_check(name: str) -> None:
    paper = papers.paper(name)
    text = RENDERERS["junit"](paper)
    suite = ElementTree.fromstring(text)[0]
    assert [child.tag for child in suite] == ["properties", *["testcase"] * len(paper.result.evidence), "system-out"]
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == [item.probe for item in paper.result.evidence]
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert suite.get(attribute) == str(len(suite.findall(f"testcase/{kind}")))
    for case, item in zip(cases, paper.result.evidence, strict=True):
        kinds = {child.tag for child in case} - {"system-out"}
        if item.status in (Status.FAIL, Status.UNKNOWN, Status.SKIPPED):
            assert kinds <= {"failure", "error", "skipped"}
            assert len(kinds) == 1
        assert ("failure" in kinds) >= (item.status is Status.FAIL)
        assert "failure" not in kinds or item.status is not Status.UNKNOWN
    assert suite.find("properties/property[@name='outcome']").get("value") == paper.result.outcome.value  # type: ignore[union-attr]
    assert "[[ATTACHMENT" not in text


def test_junit_names_the_reason() -> None:
    suite = ElementTree.fromstring(papers.rendered("denied", "junit"))[0]
    errors = {case.get("name"): case.find("error") for case in suite.findall("testcase")}
    refused = errors["lambda_fn.permission"]
    assert refused is not None
    assert refused.attrib == {
        "type": "denied",
        "message": "not allowed: lambda.GetPolicy: not allowed. Needs: lambda:GetPolicy.",
    }
    assert errors["method.test_invoke"] is None


def test_a_fault_shown_by_a_warning_is_a_failure_all_the_same() -> None:
    result = made.told("fault")
    items = tuple(replace(item, status=Status.WARN) for item in result.evidence)
    text = RENDERERS["junit"](papers.of(replace(result, evidence=items)))
    assert ElementTree.fromstring(text).get("failures") == "2"


def tokens(text: str) -> list[Any]:
    return [
        inner
        for token in MarkdownIt("gfm-like", {"html": True}).parse(text)
        for inner in (token, *(token.children or ()))
    ]


@pytest.mark.parametrize("evil", [*EVIL, " ".join(papers.HOSTILE)], ids=name_of)
def test_markdown_says_only_words(evil: str) -> None:
    found = tokens(RENDERERS["markdown"](papers.of(papers.hostile(evil))))
    kinds = Counter(token.type for token in found)
    assert not {"html_inline", "html_block", "image", "s_open", "em_open", "blockquote_open"} & set(kinds)
    links = [token.attrGet("href") for token in found if token.type == "link_open"]
    assert {str(link).split("/")[2] for link in links} <= OURS
    texts = [token.content for token in found if token.type == "text"]
    assert not [text for text in texts if re.search(r"[@#]\w", text)]
    assert kinds["table_open"] >= 5
    assert [
        token.content for token in found if token.type == "inline" and token.level == 1 and "##" in token.content
    ] == []
    for token in found:
        assert token.type != "fence" or token.info in ("sh", "hcl", "yaml", "mermaid", "text", "")


@pytest.mark.parametrize("evil", ODD, ids=name_of)
def test_markdown_keeps_every_character_of_words_and_code(evil: str) -> None:
    clean = RENDERERS["markdown"](papers.of(papers.hostile(evil)))
    shown = evil.encode("unicode_escape").decode() if not evil.isprintable() else evil
    if evil == shown and "|" not in evil:
        (span,) = [token for token in tokens(f"- {code(evil)}") if token.type == "code_inline"]
        assert span.content.strip() == evil.strip()
    said = "".join(token.content for token in tokens(f"- {plain(evil)}") if token.type in ("text", "text_special"))
    if evil == shown:
        assert said.replace("\u200b", "") == evil.strip()
    assert tokens("\n".join(block(f"{evil}\n```\n~~~")))[0].type == "fence"
    assert clean.count("## Findings") == 1


@pytest.mark.parametrize("evil", [None, *EVIL], ids=name_of)
def test_mermaid_cannot_be_steered(evil: str | None) -> None:
    result = papers.everything() if evil is None else papers.hostile(evil)
    first, *rows = RENDERERS["mermaid"](papers.of(result)).splitlines()
    assert first == "flowchart TD"
    text = r"(?:[^\W_]|[ .,/()-]|#\d+;)*"
    node = re.compile(rf'    h\d+\["{text}(?:<br/>{text})?"\]:::(?:pass|warn|fail|unknown|idle)')
    link = re.compile(r"    h\d+ (?:-->|-\.->) h\d+|    classDef \w+ [\w#:,;. -]+")
    assert [row for row in rows if not node.fullmatch(row) and not link.fullmatch(row)] == []
    assert len([row for row in rows if node.fullmatch(row)]) == len(result.path.hops)


@pytest.mark.parametrize("evil", [None, *EVIL], ids=name_of)
def test_dot_cannot_be_steered(evil: str | None) -> None:
    result = papers.everything() if evil is None else papers.hostile(evil)
    text = RENDERERS["dot"](papers.of(result))
    bare = re.sub(r'"(?:[^"\\]|\\["\\n])*"', "S", text)
    row = re.compile(
        r"digraph path \{|\}|    (?:h\d+|graph|node|edge) \[[\w=S, ]+\];|    h\d+ -> h\d+(?: \[style=dashed\])?;"
    )
    assert [line for line in bare.splitlines() if not row.fullmatch(line)] == []
    assert bare.count("[label=S") == len(result.path.hops)


def test_a_tree_of_ones_own_is_no_more_trusted() -> None:
    evil = papers.HOSTILE[1]
    bad = replace(
        made.MISSING, title=evil, why=evil, code=evil, docs=("javascript:alert(1)", 'https://x.example/"><b>')
    )
    tree = replace(made.TREE, causes={**made.TREE.causes, bad.id: bad})
    paper = report(verdict(tree, made.fault_events()), tree, None, papers.VERSIONS)
    page = Page(RENDERERS["html"](paper))
    assert "b" not in {tag for tag, _ in page.elements}
    assert not [link for link in page.all("a") if (link["href"] or "").startswith("javascript")]
    found = tokens(RENDERERS["markdown"](paper))
    assert {str(t.attrGet("href")).split("/")[2] for t in found if t.type == "link_open"} <= OURS
    ElementTree.fromstring(RENDERERS["junit"](paper))
