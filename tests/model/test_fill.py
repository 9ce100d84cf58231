"""Values from outside in the texts of the tree: visible, whole, and never a command of their own."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from wizard.model.fill import _PLACEHOLDER, fill
from wizard.tree import load

HOSTILE = 'it\'s $(touch x)`id` "q"\n#rm -rf ~\x1b[2J\u202e; reboot'
SHOWN = 'it\'s $(touch x)`id` "q"\\n#rm -rf ~\\e[2J\\u202e; reboot'
FIXES = [(cause, fix) for cause in load(None).causes.values() for fix in cause.fix]


@pytest.mark.parametrize("text", ["aws x --name {name}", "aws x --name '{name}'", 'aws x --name "{name}"'])
def test_a_value_is_one_word_of_the_command(text: str) -> None:
    assert shlex.split(fill(text, {"name": HOSTILE})) == ["aws", "x", "--name", SHOWN]


def test_a_value_within_a_word_or_beside_a_comment() -> None:
    values = {"a": "o'clock", "b": "two words"}
    line = fill("# it's {a}\naws x --arn 'arn:{a}:{b}' --op op=add,value={b} {c}", values, "cli")
    assert line.startswith("# it's o'clock\n")
    assert shlex.split(line.partition("\n")[2]) == [
        *("aws", "x", "--arn", "arn:o'clock:two words", "--op", "op=add,value=two words", "<c>")
    ]


def test_what_is_harmless_stands_as_it_is() -> None:
    assert fill("aws x --a '{a}' --b {b}", {"a": "/orders/{id}", "b": "a:b"}) == "aws x --a '/orders/{id}' --b a:b"
    assert fill("Console: stage {a}, it's $5", {"a": "it's\n"}) == "Console: stage it's\\n, it's $5"


@pytest.mark.parametrize("kind", sorted({fix.kind for _, fix in FIXES}))
def test_no_fix_gets_another_line(kind: str) -> None:
    for cause, fix in FIXES:
        filled = fill(fix.text, dict.fromkeys(_PLACEHOLDER.findall(fix.text), HOSTILE), fix.kind)
        assert len(filled.splitlines()) == len(fix.text.splitlines()), cause.id
        assert filled.isprintable() or set(filled) - {"\n"} == {c for c in filled if c.isprintable()}, cause.id


def test_every_command_stays_the_same_command() -> None:
    """A shell that only reads sees as many words in each line with a hostile value as with a harmless one."""
    for cause, fix in FIXES:
        if fix.kind != "cli":
            continue
        names = _PLACEHOLDER.findall(fix.text)
        hostile = fill(fix.text, dict.fromkeys(names, HOSTILE), "cli")
        harmless = fill(fix.text, dict.fromkeys(names, "NAME"), "cli")
        subprocess.run(["bash", "-n"], input=hostile, text=True, check=True, capture_output=True)
        words = shlex.split(hostile, comments=True)
        assert [word.replace(SHOWN, "NAME") for word in words] == shlex.split(harmless, comments=True), cause.id
