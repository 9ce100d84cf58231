"""The walk as plain questions, one below the other: for ssh, simple terminals and screen readers.

questionary asks where the terminal can do it; elsewhere (TERM=dumb, no terminal) the same questions are plain lines.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
import questionary

from wizard.model.events import Question
from wizard.model.text import safe
from wizard.report.names import format_of
from wizard.report.page import paragraph
from wizard.ui.guided import Guide, Request
from wizard.ui.headless import INTERRUPTED, Walked, walk
from wizard.ui.paste import read_paste
from wizard.ui.plain_target import start
from wizard.ui.settings import Settings
from wizard.ui.terminal import remark, save_report, width
from wizard.ui.voice import Voice

_ANSWERS = {"consent": ("yes", "no"), "manual": ("yes", "no", "unsure")}
_ENDINGS = ".md, .html, .txt, .json, .xml (JUnit), .svg, .mmd or .dot"
_GUIDED = (
    "Nothing is sent from this machine. Each command is for somebody who has AWS credentials, in AWS CloudShell for "
    "example; it only reads. Paste what it prints, or save that to a file and give @file; Enter leaves it out. "
    "When the AWS CLI shows its output page by page, run this first: export AWS_PAGER="
)


class Prompt:
    """Asks for one thing at a time. Ctrl+C and the end of the input raise KeyboardInterrupt."""

    def __init__(self, plain: bool = False) -> None:
        self._rich = (
            not plain and sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        )

    def text(self, title: str, default: str = "") -> str:
        """A line of text. The default stands beside the question, not in the field, where one would type behind it."""
        shown = f"{title} [{default}]" if default else title
        if self._rich:
            return str(questionary.text(shown).unsafe_ask()).strip() or default
        return self._line(f"{shown} ") or default

    def choose(self, title: str, labels: Sequence[str], default: str | None = None) -> str:
        """One of a few."""
        if self._rich:
            return str(questionary.select(title, choices=list(labels), default=default).unsafe_ask())
        return self._numbered(title, labels, default)

    def pick(self, title: str, labels: Sequence[str]) -> str:
        """One of many: type to filter, Enter to take."""
        if not self._rich:
            return self._numbered(title, labels, None)
        known = list(labels)
        asked = questionary.select(
            title, choices=known, use_search_filter=True, use_jk_keys=False, instruction="(type to filter)"
        )
        return str(asked.unsafe_ask())

    async def answer(self, title: str, labels: Sequence[str], default: str) -> str:
        """One of a few, asked while an event loop is running; plain lines hold the loop up, AWS's answers wait."""
        if self._rich:
            return str(await questionary.select(title, choices=list(labels), default=default).unsafe_ask_async())
        with _interruptible():
            return self._numbered(title, labels, default)

    def paste(self, title: str) -> str:
        """What a command printed, of many lines; asked while an event loop is running, which waits."""
        with _interruptible():
            return read_paste(title)

    def _numbered(self, title: str, labels: Sequence[str], default: str | None) -> str:
        for number, label in enumerate(labels, 1):
            click.echo(f"  {number}) {label}")
        while True:
            typed = self._line(f"{title} {f'[{default}] ' if default else ''}") or (default or "")
            if typed.isdigit() and 1 <= int(typed) <= len(labels):
                return labels[int(typed) - 1]
            found = [label for label in labels if label == typed] or [
                label for label in labels if typed and label.lower().startswith(typed.lower())
            ]
            if len(found) == 1:
                return found[0]
            click.echo(f"Type a number from 1 to {len(labels)}, or the beginning of one entry.")

    def _line(self, shown: str) -> str:
        try:
            typed = input(shown).strip()
        except EOFError:
            click.echo("")
            raise KeyboardInterrupt from None
        if not sys.stdin.isatty():  # nobody's Enter has ended the line
            click.echo(safe(typed))
        return typed


@contextmanager
def _interruptible() -> Iterator[None]:
    """While a line is read. asyncio takes the first Ctrl+C for itself, and the line would go on waiting."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def run(settings: Settings, plain: bool = False) -> int:
    """From the first question to the verdict; returns the exit code of its outcome. `plain`: numbered questions only.

    Raises:
        TreeError: the tree cannot be used.
        NoCredentials, Expired: there is nobody to ask AWS as, or no Region.
    """
    prompt, voice = Prompt(plain), Voice(plain)
    found = start(settings, prompt)
    settings, begin = found.settings, found.begin
    guide = Guide(_putter(prompt, voice)) if settings.guided else None
    voice.blank()
    voice.words(f"Looking at {_named(settings)}. This only reads; Ctrl+C stops, what is known stays.")
    if guide:
        voice.blank()
        voice.words(_GUIDED)
    voice.blank()
    walked = walk(settings, begin.case or settings.case(), voice.remark, _asker(prompt, voice), guide, begin.known)
    voice.blank()
    voice.report(walked)
    if walked.interrupted:
        remark("interrupted; this is what was known by then. The next apigw-wizard ask can take the saved case up")
        return INTERRUPTED
    _offer_to_save(prompt, voice, walked)
    return walked.exit_code


def _named(settings: Settings) -> str:
    target = settings.target
    assert target is not None
    where = f"{target.api_id or target.host}{f', stage {target.stage}' if target.stage else ''}"
    return safe(f"{target.method} {target.path} of {where}")


def _asker(prompt: Prompt, voice: Voice | None = None) -> Callable[[Question], Any]:
    says = voice or Voice()

    async def ask(question: Question) -> str:
        says.blank()
        says.lines([*paragraph(question.title, width(), look="title"), *paragraph(question.text, width(), 2)])
        if question.command:
            lead = "It sends: " if question.kind == "consent" else "How to find out: "
            says.lines(paragraph(question.command, width(), 2, "code", lead=(lead, "dim")))
        title = "May this run?" if question.kind == "consent" else "Is it so?"
        answers = _ANSWERS.get(question.kind, _ANSWERS["manual"])
        return await prompt.answer(title, answers, question.default)

    return ask


def _putter(prompt: Prompt, voice: Voice) -> Callable[[Request], Any]:
    """Shows a command and reads what it printed."""

    async def put(request: Request) -> str:
        wanted = request.wanted
        voice.blank()
        if wanted.refused:
            voice.words(f"That cannot be used: {wanted.refused.rstrip('.…, ')}.", "fail")
        else:
            voice.words(f"Command {request.number}: {request.step}", "title")
            voice.words(request.why, "dim", 2)
            if request.found:
                voice.words(f"Proven already: {request.found}. The word enough leads to the verdict.", "strong", 2)
            voice.words("It really calls the backend, as you agreed:" if wanted.runs else "It only reads:", "", 2)
            voice.blank()
            voice.whole(wanted.command)
            voice.blank()
        if wanted.expected not in wanted.refused:
            voice.words(f"Expected: {wanted.expected}", "dim", 2)
        words = "@file, skip, nothing (it printed nothing), enough" if wanted.may_be_empty else "@file, skip, enough"
        return prompt.paste(f"Its output, or {words} [skip]: ")

    return put


def _offer_to_save(prompt: Prompt, voice: Voice, walked: Walked) -> None:
    try:
        voice.words(f"The report can be saved, redacted, in a file that ends in {_ENDINGS}.")
        file = prompt.text("Save it as (Enter for no):")
        if file:
            remark(f"saved, redacted: {save_report(walked, format_of(file), file)}")
    except OSError as error:
        remark(f"the report could not be saved: {error.strerror or error}")
    except KeyboardInterrupt:
        click.echo("")
