"""The walk without questions: events become short remarks, consent comes from the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.model import events as ev
from wizard.model.aws import Aws, AwsError, Expired, NoCredentials
from wizard.model.case import Case
from wizard.model.probe import Evidence
from wizard.model.status import Outcome, Reason, Status
from wizard.model.text import Line
from wizard.model.tree import Tree
from wizard.model.verdict import Verdict, verdict
from wizard.ui.settings import Settings

if TYPE_CHECKING:
    from wizard.ui.guided import Guide

# Hears what a remark is about (ok, fails, found …) and the remark itself.
Say = Callable[[str, str], None]
Ask = Callable[[ev.Question], Awaitable[str]]

EXIT_CODES = {Outcome.CLEAN: 0, Outcome.FAULT: 3, Outcome.WARNING: 4, Outcome.INCONCLUSIVE: 5}
INTERRUPTED, NO_CREDENTIALS = 130, 253
_WORDS = {
    Status.PASS: "ok",
    Status.WARN: "warning",
    Status.FAIL: "fails",
    Status.UNKNOWN: "no answer",
    Status.SKIPPED: "skipped",
}


@dataclass(frozen=True, slots=True)
class Walked:
    """How a walk ended. When it was interrupted the verdict holds what was known by then."""

    verdict: Verdict
    tree: Tree
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code of every front end for this outcome."""
        if self.interrupted:
            return INTERRUPTED
        return NO_CREDENTIALS if self._turned_away else EXIT_CODES[self.verdict.outcome]

    @property
    def _turned_away(self) -> bool:
        """Whether the credentials gave out before anything was seen of the API."""
        reasons = {item.reason for item in self.verdict.not_checked}
        return self.verdict.case.trace is None and reasons == {Reason.EXPIRED}


def check(settings: Settings, say: Say) -> Walked:
    """Walks the case of the settings to its end.

    Raises:
        TreeError: the tree cannot be used.
        NoCredentials, Expired: there is nobody to ask AWS as, or no Region.
        ValueError: the settings name no target.
    """
    return walk(settings, settings.case(), say, _answers(settings))


def walk(
    settings: Settings, case: Case, say: Say, ask: Ask, guide: Guide | None = None, known: Iterable[Evidence] = ()
) -> Walked:
    """The same with questions put to `ask`; Ctrl+C ends it early and keeps what is known.

    The case is saved as it goes, unless it is about the sandbox, which is gone afterwards. With a guide AWS is not
    asked, but the person. `known` is the evidence of an earlier walk of the case.
    """
    from wizard.engine import Engine
    from wizard.report.casefile import CaseWriter
    from wizard.tree import load
    from wizard.ui.guided import PACE

    tree = load(settings.tree)
    aws = guide.open_aws(case.target.region) if guide else settings.open_aws(case.target.region)
    log: list[ev.Event] = []
    sure: dict[str, int] = {}
    saving = CaseWriter(lambda text: say("not saved", text))

    def emit(event: ev.Event) -> None:
        log.append(event)
        if guide:
            guide.hear(event, tree)
        if settings.demo is None:
            saving(event)
        remark = narrate(event, tree)
        if remark and not (isinstance(event, ev.Found) and known_before(event, sure)):
            say(*remark)

    if guide:
        engine = Engine(tree, aws, emit, guide.until_enough(ask), **PACE)
    else:
        say("asking", "AWS whom these credentials belong to")
        case, engine = with_account(case, aws), Engine(tree, aws, emit, ask)
    outcome = None
    try:
        walked = Walked(asyncio.run(engine.run(case, known)), tree)
        outcome = walked.verdict.outcome
    except KeyboardInterrupt:
        if not log:
            raise
        walked = Walked(verdict(tree, log), tree, interrupted=True)
    finally:
        saving.close(outcome)
    if saving.path:
        say("saved", f"the case, as it is: {saving.path}")
    return walked


def with_account(case: Case, aws: Aws) -> Case:
    """The case with account and Region filled in, asked for once at the start so that missing credentials show at once.

    Raises:
        NoCredentials, Expired: AWS cannot be asked at all.
    """
    from wizard.aws.session import identity

    target = case.target
    region = target.region or getattr(aws, "region", None)
    try:
        account = target.account or identity(aws)
    except (NoCredentials, Expired):
        raise
    except (
        AwsError
    ):  # an emulator without STS, a network that lets only some services through: the walk shows what works
        account = None
    return replace(case, target=replace(target, account=account, region=region))


def narrate(event: ev.Event, tree: Tree) -> tuple[str, str] | None:
    """A remark about an event, None for most."""
    if isinstance(event, ev.ProbeFinished):
        item = event.evidence
        if item.status is Status.SKIPPED and item.reason is not Reason.DECLINED:
            return None  # it does not apply here: the report lists it, nobody has to hear it
        return _WORDS[item.status], f"{item.probe}: {item.summary}"
    if isinstance(event, ev.Found):
        cause = tree.causes[event.cause]
        return "found", f"[{cause.code}] {cause.title} ({event.proof.value})"
    return None


def known_before(event: ev.Found, sure: dict[str, int]) -> bool:
    """Whether a cause was found before, and no less surely; remembers it by its weight."""
    before, sure[event.cause] = sure.get(event.cause, -1), max(event.proof.weight, sure.get(event.cause, -1))
    return before >= event.proof.weight


def text_report(walked: Walked, width: int = 80) -> list[Line]:
    """The report with the path drawn as a rail."""
    from wizard.report.text import lines
    from wizard.ui.draw import rail
    from wizard.ui.panes import sections

    result = walked.verdict
    return lines(result, walked.tree, rail(result.path, width), width, sections(result, width))


def _answers(settings: Settings) -> Ask:
    async def answer(question: ev.Question) -> str:
        if question.kind == "consent":
            return "yes" if settings.allows(question.effect) else "no"
        return "unsure"

    return answer
