from __future__ import annotations

from pathlib import Path

import pytest

from wizard.engine.catalog import probe_ids
from wizard.tree import TreeError, lint, load

GOOD = """\
hops:
  - {id: stage, title: Stage, asks: [look]}
nodes:
  look:
    title: Look at it?
    why: Because.
    probe: stage.deployment
    branches:
      - {when: {status: pass}}
      - {when: {status: fail, facts.kind: special}, cause: special}
      - {when: {status: fail}, cause: general, says: It is broken.}
      - {when: {status: unknown}, ask: by-hand}
  by-hand:
    title: Look yourself?
    why: Nobody else may.
    question: Is it there?
    branches:
      - {when: {answer: yes}}
      - {when: {answer: [no, unsure]}}
causes:
  general: {code: GW0001, hop: stage, title: General, why: Why., fix: {cli: "mend {api_id}"}}
  special:
    code: GW0002
    hop: stage
    title: Special
    why: Why.
    fix: {console: Press it.}
    refines: [general]
    signatures:
      - {in: client, text: same words, seen: true}
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "tree.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_good_tree(tmp_path: Path) -> None:
    tree = load(write(tmp_path, GOOD))
    assert [hop.id for hop in tree.hops] == ["stage"]
    assert tree.nodes["by-hand"].branches[0].when.holds({"answer": "yes"})  # yes stays a word
    assert tree.nodes["look"].branches[0].rules_out == ("special", "general")
    assert tree.nodes["look"].branches[1].line == 10
    assert tree.cause("gw0002") is tree.causes["special"]
    assert tree.signatures[0].cause == "special"


def test_the_tool_s_own_tree_has_no_slip() -> None:
    assert lint(probes=probe_ids()) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("asks: [look]", "asks: [looks]", 2, "asks looks, which is no node"),
        ("asks: [look]", "asks: [look], beside: method", 2, "stands beside method, which is no hop of a path"),
        ("probe: stage.deployment", "probe: stage.nowhere", 4, "there is no probe stage.nowhere"),
        ("    probe: stage.deployment\n", "", 5, "either a probe or a question"),
        (
            "{status: unknown}, ask: by-hand",
            "{status: skipped}, ask: by-hand",
            4,
            "does not say what to do when it cannot be told",
        ),
        (
            "{status: unknown}, ask: by-hand",
            "{status: unknown, facts.x: 1}, ask: by-hand",
            4,
            "does not say what to do",
        ),
        ("[no, unsure]", "no", 13, "add a branch {when: {answer: unsure}}"),
        ("cause: special}", "cause: specail}", 10, "names specail, which is no cause"),
        ("ask: by-hand", "ask: look", 4, "leads back to itself"),
        ("GW0002", "GW0001", 22, "the code GW0001 is used twice"),
        ("GW0002", "G2", 23, "a code looks like GW0801"),
        ("hop: stage\n", "hop: stagee\n", 22, "there is no hop stagee"),
        ("refines: [general]", "refines: [generell]", 22, "refines generell"),
        ("in: client", "in: somewhere", 30, "in: is one of"),
        ("text: same words", "pattern: '('", 30, "not a regular expression"),
        ("text: same words", "text: a, payload: b", 30, "exactly one of"),
        ("facts.kind: special", "fact.kind: special", 10, "is not known; a path begins with"),
        ("title: Special", "titel: Special", 25, "'titel' is not a word of cause special"),
        ("says: It is broken.", "proof: sure", 11, "is one of hinted, suggested, proven"),
        (
            "  - {id: stage, title: Stage, asks: [look]}",
            "  - {id: stage, title: Stage, asks: [look]}\n  - {id: stage, title: S, asks: []}",
            2,
            "twice",
        ),
    ],
)
def test_every_slip_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    assert old in GOOD
    file = write(tmp_path, GOOD.replace(old, new, 1))
    problems = lint(file, probes=["stage.deployment"])
    assert any(p.startswith(f"{file}:{line}: ") and message in p for p in problems), problems


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("hops: [", ":2: ", "node content"),
        ("hops: []\nhops: []\n", ":2: ", "'hops' stands here a second time"),
        ("a: &x [1]\nb: *x\n", ":1: ", "alias"),
        ("a: !!python/object/apply:os.system [id]\n", ":1: ", "tag"),
        ("- 1\n", ":1: ", "a tree is a mapping"),
        ("? [a]\n: b\n", ":1: ", "a key must be plain text"),
    ],
)
def test_broken_yaml_is_one_clear_line(tmp_path: Path, text: str, place: str, message: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(TreeError) as error:
        load(file)
    first = error.value.problems[0]
    assert first.startswith(f"{file}{place}")
    assert message in first
    assert "\n" not in first


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(TreeError, match=r"none\.yaml: cannot be read"):
        load(tmp_path / "none.yaml")


def test_the_same_text_under_two_causes_is_shared(tmp_path: Path) -> None:
    text = GOOD.replace('fix: {cli: "mend {api_id}"}}', "fix: {cli: x}, signatures: [{in: client, text: same words}]}")
    tree = load(write(tmp_path, text))
    assert {s.cause: s.also for s in tree.signatures} == {"general": ("special",), "special": ("general",)}
