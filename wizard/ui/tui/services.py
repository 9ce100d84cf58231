"""What the screens need from the rest of the tool. Everything heavy is imported inside these functions, in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from wizard.model.aws import Aws, AwsError, kebab
from wizard.model.case import Case, Target
from wizard.model.events import Event, Question
from wizard.model.probe import Probe
from wizard.model.tree import Tree
from wizard.model.verdict import Verdict
from wizard.ui.settings import Settings

THREAD = "wizard-tui"
T = TypeVar("T")
Emit = Callable[[Event], None]
Ask = Callable[[Question], Awaitable[str]]


class Trouble(Exception):  # a plain word for the person, not a defect
    """Something the person has to know, as one line that says what to do."""


class Choice(Protocol):
    """An entry of a pick list."""

    @property
    def id(self) -> str:
        """What is chosen."""
        ...

    @property
    def label(self) -> str:
        """What the list shows."""
        ...

    @property
    def detail(self) -> str:
        """A remark beside it."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """A choice that is no more than its name."""

    id: str
    detail: str = ""

    @property
    def label(self) -> str:
        """The name itself."""
        return self.id


@dataclass(frozen=True, slots=True)
class Account:
    """Whose API is looked at; None leaves it to the standard chain."""

    profile: str | None = None
    region: str | None = None


class Walker(Protocol):
    """Walks the tree once."""

    async def run(self, case: Case) -> Verdict:
        """From the first event to the verdict."""
        ...

    def skip(self) -> bool:
        """Waits no longer for the check of the current step; False when there is none at work."""
        ...


class Services(Protocol):
    """The doors out of the screens. All of them block and may raise Trouble: they are called in a thread."""

    settings: Settings

    def load_tree(self) -> Tree:
        """The tree to walk."""
        ...

    def connect(self, account: Account) -> Aws:
        """The port to AWS, opened anew, so that nothing of an earlier run is remembered."""
        ...

    def opened(self, case: Case, aws: Aws) -> Case:
        """The case with account and Region filled in; Trouble when there is nobody to ask AWS as."""
        ...

    def walker(self, tree: Tree, aws: Aws, emit: Emit, ask: Ask) -> Walker:
        """What walks the tree."""
        ...

    def looks_at(self, probe: str) -> str:
        """What a probe looks at, in its own words; empty when unknown."""
        ...

    def asks(self, probe: str) -> Sequence[str]:
        """What a probe may ask of AWS, as the beginnings of AWS CLI lines; empty when unknown."""
        ...

    def choices(self, kind: str, account: Account, api: str | None) -> Sequence[Choice]:
        """The list for profile, region, api, stage or method."""
        ...

    def target(self, url: str, method: str) -> Target:
        """The target that an address names."""
        ...

    def save(self, verdict: Verdict, tree: Tree) -> str:
        """Writes a redacted report and returns its absolute path."""
        ...


class LiveServices:
    """The real thing."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def load_tree(self) -> Tree:
        """See Services."""
        from wizard.tree import TreeError, load

        try:
            return load(self.settings.tree)
        except TreeError as error:
            raise Trouble(f"The decision tree cannot be used: {error}") from error

    def connect(self, account: Account) -> Aws:
        """See Services."""
        try:
            return self.settings.connect(account.profile, account.region, self.settings.endpoint_url)
        except AwsError as error:
            raise Trouble(str(error)) from error

    def opened(self, case: Case, aws: Aws) -> Case:
        """See Services."""
        from wizard.ui.headless import with_account

        try:
            return with_account(case, aws)
        except AwsError as error:
            raise Trouble(f"{str(error).rstrip('.')}. Then r tries again; Esc leads to the set-up.") from error

    def walker(self, tree: Tree, aws: Aws, emit: Emit, ask: Ask) -> Walker:
        """See Services."""
        from wizard.engine import Engine

        return Engine(tree, aws, emit, ask)

    def looks_at(self, probe: str) -> str:
        """See Services."""
        found = _probe(probe)
        return found.title if found else ""

    def asks(self, probe: str) -> Sequence[str]:
        """See Services."""
        found = _probe(probe)
        calls = [call.partition(":") for call in sorted(found.calls)] if found else []
        return [f"aws {service} {kebab(operation)}" for service, _, operation in calls]

    def choices(self, kind: str, account: Account, api: str | None) -> Sequence[Choice]:
        """See Services."""
        from wizard.aws import browse

        try:
            if kind == "profile":
                return [Named(name) for name in browse.profiles()]
            if kind == "region":
                return [Named(name) for name in browse.regions()]
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

    def save(self, verdict: Verdict, tree: Tree) -> str:
        """See Services."""
        from wizard.report.ansi import render
        from wizard.report.redact import redact
        from wizard.report.save import save
        from wizard.report.text import lines
        from wizard.ui.draw import rail
        from wizard.ui.panes import sections

        clean = redact(verdict)
        name = f"apigw-wizard-{datetime.now().astimezone():%Y%m%d-%H%M%S}.txt"
        try:
            return str(save(render(lines(clean, tree, rail(clean.path, 80), drawn=sections(clean, 80))), name))
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


async def in_thread(work: Callable[[], T]) -> T:
    """The result of blocking work. The thread is a daemon: an answer that never comes keeps nobody from leaving."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # without an error there is a result

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001  # carried over to whoever awaits
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, daemon=True, name=THREAD).start()
    return await future
