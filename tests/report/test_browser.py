"""The html report in a real browser: it shows what it should, in readable colours, and asks nobody for anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.report import papers
from tests.report.browser import binary, dumped, looked_at, sink
from wizard.report.formats import RENDERERS

pytestmark = pytest.mark.skipif(binary() is None, reason="no Chromium on this machine: the report was not looked at")

READABLE = 4.5  # WCAG 2.2, 1.4.3
PAGES = {False: "rgb(244, 245, 248)", True: "rgb(16, 20, 27)"}
LEAK = "http://leak.example/"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["everything", "denied", "hostile"])
def test_every_text_is_readable(name: str, dark: bool, tmp_path: Path) -> None:
    seen = looked_at(papers.rendered(name, "html"), tmp_path, dark=dark)
    assert seen["page"] == PAGES[dark]
    assert {pair: found for pair, found in seen["pairs"].items() if found[0] < READABLE} == {}
    assert seen["texts"] > 60
    assert seen["drawn"]


@pytest.mark.parametrize("width", [320, 1100])
@pytest.mark.parametrize("name", ["everything", "hostile"])
def test_it_fits_a_phone_and_a_desk(name: str, width: int, tmp_path: Path) -> None:
    seen = looked_at(papers.rendered(name, "html"), tmp_path, width)
    assert seen["too_wide"] == 0
    assert seen["failing"][0] == "FAILS HERE"
    assert (seen["scripts"], seen["loaded"], seen["pwned"]) == (0, [], None)


def test_endless_names_fit_as_well(tmp_path: Path) -> None:
    page = RENDERERS["html"](papers.of(papers.hostile(papers.LONG, "🔥" * 5000)))
    assert looked_at(page, tmp_path, 390)["too_wide"] == 0


def test_a_contrast_that_is_too_low_would_be_seen(tmp_path: Path) -> None:
    page = papers.rendered("everything", "html").replace("--dim:#555f73", "--dim:#aab0bb")
    low = [ratio for ratio, _ in looked_at(page, tmp_path)["pairs"].values() if ratio < READABLE]
    assert len(low) >= 2


def test_the_failing_hop_is_drawn_and_nothing_is_asked_for(tmp_path: Path) -> None:
    page = papers.rendered("everything", "html")
    with sink() as (proxy, asked):
        text = dumped(page, tmp_path, proxy=proxy)
        assert asked == []
    assert "FAILS HERE" in text
    assert '<text x="50" y="' in text
    assert "API Gateway is not allowed to invoke the function" in text


def test_whatever_slipped_in_would_be_refused(tmp_path: Path) -> None:
    """The page's own policy stops scripts, pictures, styles and frames; without it they would be seen."""
    slipped = (
        f'<img src="{LEAK}img"><script>document.title = "pwned"; fetch("{LEAK}fetch")</script>'
        f'<link rel="stylesheet" href="{LEAK}css"><iframe src="{LEAK}frame"></iframe></main>'
    )
    page = papers.rendered("everything", "html").replace("</main>", slipped)
    with sink() as (proxy, asked):
        assert "<title>pwned" not in dumped(page, tmp_path / "guarded", proxy=proxy)
        assert asked == []
        open_page = page.replace("default-src 'none';", "").replace("Content-Security-Policy", "x")
        assert "<title>pwned" in dumped(open_page, tmp_path / "open", proxy=proxy)
        assert {f"{LEAK}img", f"{LEAK}fetch", f"{LEAK}css"} <= set(asked)


@pytest.mark.parametrize("evil", [papers.HOSTILE, [" ".join(papers.HOSTILE)]], ids=["each", "all"])
def test_nothing_hostile_comes_alive(evil: Sequence[str], tmp_path: Path) -> None:
    """Not even without the policy: the text of the account is text."""
    page = RENDERERS["html"](papers.of(papers.hostile(*evil))).replace("Content-Security-Policy", "x")
    with sink() as (proxy, asked):
        seen = dumped(page, tmp_path, proxy=proxy)
        assert asked == []
    assert "<title>Fault found: " in seen
    assert "<script" not in seen


def test_the_picture_alone_is_a_picture(tmp_path: Path) -> None:
    drawn = papers.rendered("everything", "svg").partition("\n")[2]
    text = dumped(f"<!doctype html><body>{drawn}</body>", tmp_path)
    assert "FAILS HERE" in text
    assert 'class="hop fail"' in text
