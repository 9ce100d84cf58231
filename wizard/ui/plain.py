"""The walk as plain questions, one below the other: for ssh, simple terminals and screen readers.

questionary asks where the terminal can do it; elsewhere (TERM=dumb, no terminal) the same questions are plain lines.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import click
import questionary

from wizard.model.aws import AwsError, Expired, NoCredentials
from wizard.model.case import Symptom, Target
from wizard.model.events import Question
from wizard.model.text import safe
from wizard.report.page import paragraph
from wizard.ui.headless import INTERRUPTED, Walked, walk
from wizard.ui.settings import Settings
from wizard.ui.terminal import remark, save_report, show, show_lines, width

T = TypeVar("T")
_PASTE, _PICK = "Paste the URL that fails", "Pick the API from lists"
_VARIABLE = re.compile(r"\{[^}]*\}")
_ANSWERS = {"consent": ("yes", "no"), "manual": ("yes", "no", "unsure")}


class Prompt:
    """Asks for one thing at a time. Ctrl+C and the end of the input raise KeyboardInterrupt."""

    def __init__(self) -> None:
        self._rich = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    def text(self, title: str, default: str = "") -> str:
        """A line of text."""
        if self._rich:
            return str(questionary.text(title, default=default).unsafe_ask()).strip()
        shown = f"{title} [{default}] " if default else f"{title} "
        return self._line(shown) or default

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
        # asyncio takes the first Ctrl+C for itself, and the line would go on waiting.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return self._numbered(title, labels, default)
        finally:
            signal.signal(signal.SIGINT, before)

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
            return input(shown).strip()
        except EOFError:
            raise KeyboardInterrupt from None


def run(settings: Settings) -> int:
    """From the first question to the verdict; returns the exit code of its outcome.

    Raises:
        TreeError: the tree cannot be used.
        NoCredentials, Expired: there is nobody to ask AWS as, or no Region.
    """
    prompt = Prompt()
    if settings.target is None:
        settings = _with_target(settings, prompt)
    elif settings.symptom == Symptom():
        settings = replace(settings, symptom=_symptom(prompt))
    click.echo("")
    show_lines(
        paragraph(f"Looking at {_named(settings)}. This only reads; Ctrl+C stops, what is known stays.", width())
    )
    click.echo("")
    walked = walk(settings, settings.case(), _say, _asker(prompt))
    click.echo("")
    show(walked, "text")
    if walked.interrupted:
        remark("interrupted; this is what was known by then")
        return INTERRUPTED
    _offer_to_save(prompt, walked)
    return walked.exit_code


def _say(word: str, text: str) -> None:
    show_lines(paragraph(text, width(), lead=(f"{word:>9}  ", "strong" if word == "found" else "dim")))


def _with_target(settings: Settings, prompt: Prompt) -> Settings:
    if prompt.choose("What is to be checked?", [_PASTE, _PICK], _PASTE) == _PASTE:
        target = _until_good(lambda: _pasted(prompt, settings))
        return replace(settings, target=target, region=target.region or settings.region, symptom=_symptom(prompt))
    return _picked(settings, prompt)


def _pasted(prompt: Prompt, settings: Settings) -> Target:
    from wizard.ui.options import TargetWords, target_of

    url = prompt.text("URL:")
    method = prompt.text("HTTP method:", "GET") if url and " " not in url else None
    target = target_of(TargetWords(url=url, method=method, region=settings.region))
    assert target is not None  # a URL was given, an empty one is a ValueError
    return target


def _picked(settings: Settings, prompt: Prompt) -> Settings:
    from wizard.aws import browse

    profiles = browse.profiles()
    if not settings.profile and len(profiles) > 1:
        settings = replace(settings, profile=prompt.pick("Profile:", profiles))
    if not settings.region:
        settings = replace(settings, region=prompt.pick("Region:", browse.regions()))
    aws = settings.open_aws()
    api = _one_of(prompt, "API:", "APIs in this Region", lambda: browse.apis(aws))
    stage = _one_of(prompt, "Stage:", "stages of this API", lambda: browse.stages(aws, api))
    picked = _one_of(prompt, "Method:", "methods or routes of this API", lambda: browse.methods(aws, api))
    method, _, path = picked.partition(" ")
    path = _until_good(lambda: _real_path(prompt, path)) if "{" in path else path
    method = prompt.text("The HTTP method of the failing request:", "GET") if method == "ANY" else method
    target = Target("rest", api, stage, method.upper(), path, settings.region)
    return replace(settings, target=target, symptom=_symptom(prompt))


def _real_path(prompt: Prompt, template: str) -> str:
    like = _VARIABLE.sub("42", template)
    typed = prompt.text(f"The path of a request that failed, like {like}:").partition("?")[0]
    if not typed.startswith("/") or "{" in typed:
        raise ValueError(f"{typed!r} is not the path of a request; it looks like {like}")
    return typed


def _one_of(prompt: Prompt, title: str, what: str, load: Callable[[], Sequence[Any]]) -> str:
    """The id of one entry of a list that AWS gives; where it gives none the id is typed."""
    try:
        choices = load()
    except (NoCredentials, Expired):
        raise
    except AwsError as error:
        remark(f"the list cannot be shown: {error}")
        return prompt.text(f"{title[:-1]}, typed by hand:")
    if not choices:
        raise click.UsageError(f"there are no {what}; another Region (-r) or profile (-p)?")
    if choices[-1].truncated:
        remark("the list is longer than what is shown; the rest can be named with --api-id, --stage, --method, --path")
    labels = {safe(f"{each.label}  {each.detail}".rstrip()): str(each.id) for each in choices}
    return labels[prompt.pick(title, list(labels))]


def _symptom(prompt: Prompt) -> Symptom:
    def status() -> int | None:
        typed = prompt.text("The HTTP status the client saw (Enter if unknown):")
        if typed and not (typed.isdigit() and 100 <= int(typed) <= 599):
            raise ValueError(f"{typed!r} is no HTTP status; type a number like 502")
        return int(typed) if typed else None

    return Symptom(status=_until_good(status))


def _until_good(ask: Callable[[], T]) -> T:
    while True:
        try:
            return ask()
        except ValueError as error:
            remark(str(error))


def _named(settings: Settings) -> str:
    target = settings.target
    assert target is not None
    where = f"{target.api_id or target.host}{f', stage {target.stage}' if target.stage else ''}"
    return safe(f"{target.method} {target.path} of {where}")


def _asker(prompt: Prompt) -> Callable[[Question], Any]:
    async def ask(question: Question) -> str:
        click.echo("")
        show_lines([*paragraph(question.title, width(), look="title"), *paragraph(question.text, width(), 2)])
        if question.command:
            lead = "It sends: " if question.kind == "consent" else "How to find out: "
            show_lines(paragraph(question.command, width(), 2, "code", lead=(lead, "dim")))
        title = "May this run?" if question.kind == "consent" else "Is it so?"
        answers = _ANSWERS.get(question.kind, _ANSWERS["manual"])
        return await prompt.answer(title, answers, question.default)

    return ask


def _offer_to_save(prompt: Prompt, walked: Walked) -> None:
    try:
        file = prompt.text("Save the report, redacted, to a file (Enter for no):")
        if file:
            remark(f"saved, redacted: {save_report(walked, 'json' if file.endswith('.json') else 'text', file)}")
    except OSError as error:
        remark(f"the report could not be saved: {error.strerror or error}")
    except KeyboardInterrupt:
        click.echo("")
