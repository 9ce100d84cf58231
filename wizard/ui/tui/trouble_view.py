"""What to do when nothing could be looked at. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.model.status import Reason
from wizard.model.text import Line
from wizard.model.verdict import Verdict
from wizard.report.page import line, paragraph
from wizard.ui.tui.state import Phase, Walk


@dataclass(frozen=True, slots=True)
class Help:
    """A kind of trouble: its name, what to do, and the command that goes with it."""

    title: str
    steps: tuple[str, ...]
    command: str = ""


_ANOTHER = "Or Esc: another profile, Region or API."
_HELP = {
    Reason.EXPIRED: Help(
        "Nobody to ask AWS as",
        ("Sign in again in another terminal, with the command below or in your usual way.", "Then press r.", _ANOTHER),
        "aws sso login",
    ),
    Reason.OFFLINE: Help(
        "AWS cannot be reached",
        (
            "Is there a network? A VPN, a proxy (HTTPS_PROXY) or a firewall may stand between.",
            "With --endpoint-url: does something answer there?",
            "Then press r.",
            _ANOTHER,
        ),
    ),
    Reason.DENIED: Help(
        "These credentials may not look at anything",
        (
            "Ask for the policy that the command below prints; it only reads.",
            "Or Esc: a profile that may read API Gateway, Lambda and CloudWatch Logs.",
            "Or have somebody with access run each command and paste the answers: start with --guided.",
        ),
        "apigw-wizard permissions",
    ),
    Reason.THROTTLED: Help("AWS asks for patience", ("Wait a minute, then press r.", _ANOTHER)),
}
_HELP[Reason.TIMED_OUT] = _HELP[Reason.OFFLINE]
_OTHER = Help("This cannot go on", ("Press r to try again.", _ANOTHER))


def trouble_of(walk: Walk) -> tuple[Reason | None, str] | None:
    """What kept the walk from looking at anything, in its own words; None when there is something to show."""
    if walk.phase is Phase.FAILED and (walk.verdict is None or walk.verdict.case.trace is None):
        return walk.reason, walk.trouble
    result = walk.verdict
    if walk.phase is Phase.DONE and result and result.case.trace is None and not result.findings:
        return _one_reason(result)
    return None


def _one_reason(result: Verdict) -> tuple[Reason, str] | None:
    reasons = {item.reason for item in result.not_checked}
    if len(reasons) != 1 or not reasons <= set(_HELP):
        return None
    return next(iter(reasons)), result.not_checked[0].summary


def command_for(reason: Reason | None, profile: str | None) -> str:
    """What to type in another terminal; empty when nothing helps."""
    known = _HELP.get(reason, _OTHER) if reason else _OTHER
    return f"{known.command} --profile {profile}" if reason is Reason.EXPIRED and profile else known.command


def trouble_page(reason: Reason | None, words: str, profile: str | None, width: int) -> list[Line]:
    """What went wrong and what to do, step by step."""
    known = _HELP.get(reason, _OTHER) if reason else _OTHER
    lines = [*paragraph(known.title, width, look="title", lead=("✖ ", "fail")), *paragraph(words, width, 2), ()]
    lines.append(line(("  What to do", "strong")))
    for number, step in enumerate(known.steps, 1):
        lines += paragraph(step, width, 2, lead=(f"{number}  ", "now"))
    if command := command_for(reason, profile):
        lines += [(), *paragraph(command, width, 2, "code", lead=("$ ", "dim"))]
    return lines
