"""What the screens need from the rest of the tool. Everything heavy is imported inside these functions, in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from wizard.model.aws import Aws
from wizard.model.case import Case, Target
from wizard.model.events import Event, Question
from wizard.model.probe import Evidence
from wizard.model.status import Outcome, Reason
from wizard.model.tree import Node, Tree
from wizard.model.verdict import Verdict
from wizard.ui.clues import Clues
from wizard.ui.settings import Settings

THREAD = "wizard-tui"
T = TypeVar("T")
Emit = Callable[[Event], None]
Ask = Callable[[Question], Awaitable[str]]
Gate = Callable[[Node], Awaitable[bool]]


class Trouble(Exception):  # a plain word for the person, not a defect
    """Something the person has to know, as one line; `reason` is that of the AWS error behind it, if there is one."""

    def __init__(self, text: str, reason: Reason | None = None) -> None:
        super().__init__(text)
        self.reason = reason


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
    """A choice: an id, a remark, and another name where the id is not what is read."""

    id: str
    detail: str = ""
    name: str = ""

    @property
    def label(self) -> str:
        """What the list shows."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Account:
    """Whose API is looked at; None leaves it to the standard chain."""

    profile: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a pasted log gives away: its number of lines, ids and status, the titles of the causes it speaks for."""

    lines: int
    clues: Clues
    causes: tuple[str, ...] = ()


class Walker(Protocol):
    """Walks the tree once."""

    async def run(self, case: Case, known: Iterable[Evidence] = ()) -> Verdict:
        """From the first event to the verdict; what is known is not looked at again."""
        ...

    def skip(self) -> bool:
        """Waits no longer for the check of the current step; False when there is none at work."""
        ...


class Keeper(Protocol):
    """Saves one case as it goes; it never raises."""

    def __call__(self, event: Event) -> None:
        """One more event."""
        ...

    def close(self, outcome: Outcome | None = None) -> None:
        """The walk has ended; without an outcome it was broken off."""
        ...

    def forget(self) -> None:
        """The case is not needed any more."""
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

    def walker(self, tree: Tree, aws: Aws, emit: Emit, ask: Ask, gate: Gate) -> Walker:
        """What walks the tree; the gate holds it at each step."""
        ...

    def keeper(self, remark: Callable[[str], None]) -> Keeper:
        """What saves the case that is about to begin; `remark` hears when it cannot."""
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

    def read_log(self, text: str) -> Told:
        """What a pasted log gives away."""
        ...

    def recent(self) -> Sequence[Choice]:
        """The saved cases, newest first; `id` is the file."""
        ...

    def take_up(self, file: str, tree: Tree) -> tuple[Sequence[Event], str]:
        """The events of a saved case, and what is missing of it."""
        ...

    def formats(self) -> Sequence[Choice]:
        """The formats that a report can have, the usual one first; `id` is its name."""
        ...

    def save(self, verdict: Verdict, tree: Tree, format: str) -> str:
        """Writes a redacted report and returns its absolute path."""
        ...


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
