"""Guided mode, for whoever has no credentials: commands to run elsewhere, answers pasted back. For every front end."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from wizard.model import events as ev
from wizard.model.aws import Aws, Unanswered
from wizard.model.status import Proof
from wizard.model.tree import Tree

if TYPE_CHECKING:
    from wizard.aws.pasted import Wanted

# What may be said instead of an output; the words of PastedAws.
SKIP, NOTHING, ENOUGH = "skip", "nothing", "enough"
# How many turns of its event loop a cancelled walk takes to its end, and some.
_TURNS = 12
_TRACE = "Which way does the request take?"
_TRACE_WHY = "The API, its stage and what they call: everything else is looked up along this way."


class Pace(TypedDict):
    """How an engine walks when a person answers: one thing after the other, only what a step asks, no deadline."""

    workers: int
    deadline_s: None
    eager: bool


PACE: Pace = {"workers": 1, "deadline_s": None, "eager": False}


@dataclass(frozen=True, slots=True)
class Request:
    """One command to be run: what is wanted, which step asks for it and why, and the how manyth command it is.

    `found` is the cause that is proven by now, if one is: then less hangs on the answers to come.
    """

    wanted: Wanted
    step: str
    why: str
    number: int
    found: str = ""


class Guide:
    """Between the threads of the probes and the front end.

    `put` shows a request and waits for what the person gives, in the event loop of the walk; PastedAws says which
    words count. `hear` has to be told every event of the walk.
    """

    def __init__(self, put: Callable[[Request], Awaitable[str]]) -> None:
        self._put = put
        self._loop: asyncio.AbstractEventLoop | None = None
        self._step, self._why = _TRACE, _TRACE_WHY
        self._count = 0
        self._found = ""
        self._over = False

    def open_aws(self, region: str | None) -> Aws:
        """The port whose answers the person gives."""
        from wizard.aws.cache import CachedAws
        from wizard.aws.pasted import PastedAws
        from wizard.aws.shapes import expected

        expected("apigateway", "GetRestApi")  # read before the first questions come, side by side
        return CachedAws(PastedAws(self.ask, region))

    def hear(self, event: ev.Event, tree: Tree) -> None:
        """Follows the walk: which step is it that asks. Called in the thread of the event loop."""
        if isinstance(event, ev.CaseOpened):
            self._loop = asyncio.get_running_loop()
            self._step, self._why, self._count, self._found = _TRACE, _TRACE_WHY, 0, ""
            self._over = False
        elif isinstance(event, ev.Concluded):
            self._loop = None
        elif isinstance(event, ev.NodeEntered):
            node = tree.nodes[event.node]
            self._step, self._why = node.title, node.why
        elif isinstance(event, ev.Found) and event.proof is Proof.PROVEN and not self._found:
            self._found = tree.causes[event.cause].title

    def until_enough(self, ask: Callable[[ev.Question], Awaitable[str]]) -> Callable[[ev.Question], Awaitable[str]]:
        """What puts the questions of the walk to the person; when it is enough, they are asked nothing more."""

        async def asked(question: ev.Question) -> str:
            return question.default if self._over else await ask(question)

        return asked

    def ask(self, wanted: Wanted) -> str:
        """What the person gives for a command; for the threads of the probes.

        Raises:
            Unanswered: the walk is over, or nobody is there.
        """
        gone = Unanswered("the question was broken off", command=wanted.command)
        if self._loop is None or self._loop.is_closed():
            raise gone
        asked = self._put_next(wanted)
        try:
            return asyncio.run_coroutine_threadsafe(asked, self._loop).result()
        except (KeyboardInterrupt, concurrent.futures.CancelledError):
            raise gone from None
        except RuntimeError:  # the loop has just been closed
            asked.close()
            raise gone from None

    async def _put_next(self, wanted: Wanted) -> str:
        # A front end may hold the loop up while it waits for the person: a Ctrl+C just before has to end the walk.
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        if self._loop is None:
            raise Unanswered("the walk is over", command=wanted.command)
        self._count += not wanted.refused
        given = await self._put(Request(wanted, self._step, self._why, self._count, self._found))
        self._over = given.strip().lower() == ENOUGH
        return given
