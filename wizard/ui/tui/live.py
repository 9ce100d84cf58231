"""The doors out of the screens as they really are. Everything heavy is imported inside these functions, in a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from wizard.model.aws import Aws, AwsError, Call
from wizard.model.case import Case, Target
from wizard.model.events import Event
from wizard.model.probe import Probe
from wizard.model.tree import Tree
from wizard.model.verdict import Verdict
from wizard.report.names import FORMATS, format_of
from wizard.ui.clues import clues
from wizard.ui.settings import Settings
from wizard.ui.tui.services import Account, Ask, Choice, Emit, Gate, Keeper, Named, Told, Trouble, Walker

if TYPE_CHECKING:
    from wizard.ui.guided import Guide

# What each format of a report is good for, the usual one first.
_ABOUT = {
    "markdown": "for a ticket: GitHub, Jira, ServiceNow",
    "html": "one page for a browser or to print",
    "text": "for a terminal or a mail",
    "json": "for a program",
    "junit": "for a CI server",
    "svg": "the path as a picture",
    "mermaid": "the path for Markdown",
    "dot": "the path for Graphviz",
}
_ENDINGS = (".txt", ".json", ".md", ".html", ".xml", ".mmd", ".dot", ".svg")


class LiveServices:
    """The real thing. With a guide nobody asks AWS: the person runs the commands."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.guide: Guide | None = None

    def load_tree(self) -> Tree:
        """See Services."""
        from wizard.tree import TreeError, load

        try:
            return load(self.settings.tree)
        except TreeError as error:
            raise Trouble(f"The decision tree cannot be used: {error}") from error

    def connect(self, account: Account) -> Aws:
        """See Services."""
        if self.guide:
            return self.guide.open_aws(account.region)
        try:
            return self.settings.connect(account.profile, account.region, self.settings.endpoint_url)
        except AwsError as error:
            raise Trouble(str(error), error.reason) from error

    def opened(self, case: Case, aws: Aws) -> Case:
        """See Services."""
        from wizard.ui.headless import with_account

        if self.guide:
            return case
        try:
            return with_account(case, aws)
        except AwsError as error:
            raise Trouble(str(error), error.reason) from error

    def walker(self, tree: Tree, aws: Aws, emit: Emit, ask: Ask, gate: Gate) -> Walker:
        """See Services."""
        from wizard.engine import Engine
        from wizard.ui.guided import PACE

        if guide := self.guide:

            def heard(event: Event) -> None:
                guide.hear(event, tree)
                emit(event)

            return Engine(tree, aws, heard, guide.until_enough(ask), gate=gate, **PACE)
        return Engine(tree, aws, emit, ask, eager=not self.settings.step, gate=gate)

    def keeper(self, remark: Callable[[str], None]) -> Keeper:
        """See Services."""
        from wizard.ui.tui.saved import Saving

        return Saving(remark)

    def looks_at(self, probe: str) -> str:
        """See Services."""
        found = _probe(probe)
        return found.title if found else ""

    def asks(self, probe: str) -> Sequence[str]:
        """See Services."""
        found = _probe(probe)
        calls = [call.partition(":") for call in sorted(found.calls)] if found else []
        return [Call(service, operation, {}, None, ok=True).cli() for service, _, operation in calls]

    def choices(self, kind: str, account: Account, api: str | None) -> Sequence[Choice]:
        """See Services."""
        from wizard.aws import browse
        from wizard.aws.profiles import profiles

        try:
            if kind == "profile":
                return profiles()
            if kind == "region":
                return [Named(name) for name in browse.regions()]
            if self.guide:
                raise Trouble("Without credentials there is no list; type it, or paste the URL that fails.")
            aws = self.connect(account)
            if kind == "api":
                return browse.apis(aws)
            return browse.stages(aws, api or "") if kind == "stage" else browse.methods(aws, api or "")
        except AwsError as error:
            raise Trouble(str(error)) from error

    def target(self, url: str, method: str) -> Target:
        """See Services."""
        from wizard.model.target_url import parse_target

        try:
            return parse_target(url, method)
        except ValueError as error:
            raise Trouble(str(error)) from error

    def read_log(self, text: str) -> Told:
        """See Services."""
        from wizard.logs import explain

        tree = self.load_tree()
        refines = {cause.id: cause.refines for cause in tree.causes.values()}
        statuses = {cause.id: cause.all_statuses for cause in tree.causes.values()}
        lines = text.splitlines()
        found = explain(lines, tree.signatures, refines, statuses).findings
        return Told(len(lines), clues(text), tuple(tree.causes[item.cause].title for item in found))

    def recent(self) -> Sequence[Choice]:
        """See Services."""
        from wizard.ui.tui.saved import recent

        return recent()

    def take_up(self, file: str, tree: Tree) -> tuple[Sequence[Event], str]:
        """See Services."""
        from wizard.ui.tui.saved import taken_up

        case = taken_up(file, tree)
        return case.events, case.remark

    def formats(self) -> Sequence[Choice]:
        """See Services."""
        return [Named(name, _ABOUT.get(name, "")) for name in sorted(FORMATS, key=list(_ABOUT).index)]

    def save(self, verdict: Verdict, tree: Tree, format: str) -> str:
        """See Services."""
        from wizard.ui.headless import Walked
        from wizard.ui.terminal import save_report

        suffix = next(suffix for suffix in _ENDINGS if format_of(f"x{suffix}", "") == format)
        name = f"apigw-wizard-{datetime.now().astimezone():%Y%m%d-%H%M%S}{suffix}"
        try:
            return str(save_report(Walked(verdict, tree), format, name))
        except OSError as error:
            raise Trouble(
                f"The report could not be saved: {error.strerror or error}. The case is still here."
            ) from error


def _probe(probe: str) -> Probe | None:
    from wizard.engine.catalog import NoSuchProbeError, find_probe

    try:
        return find_probe(probe)
    except NoSuchProbeError:
        return None
