"""Running one probe: once per case, consent first where it is needed, and always an Evidence at the end."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import TypeVar

from wizard.engine.catalog import find_probe
from wizard.engine.pool import Pool
from wizard.model.aws import Aws, AwsError, Call
from wizard.model.case import Case
from wizard.model.events import Event, ProbeFinished, ProbeStarted, Question
from wizard.model.fill import fill, placeholders
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Effect, Reason

T = TypeVar("T")
# How the evidence of answers that a person gave is named; no probe is.
BY_HAND = "by-hand."
# As people write them.
_TYPES = {"rest": "REST", "http": "HTTP", "websocket": "WebSocket"}
# What a probe needs of the traced path, where people call it otherwise.
_PARTS = {"cached": "cache", "private": "private endpoint", "resource_id": "method of a REST API", "web_acl": "web ACL"}
# What a declined probe would have done, and which flag of the headless check says yes to it.
_DECLINED = {Effect.INVOKES_BACKEND: "it really calls your backend", Effect.COSTS: "AWS charges for it"}
_ALLOWED_BY = {Effect.INVOKES_BACKEND: "--allow-invoke", Effect.COSTS: "--allow-insights"}


class Runner:
    """Keeps one task per probe, so that a probe asked for by several nodes runs once."""

    def __init__(
        self,
        aws: Aws,
        emit: Callable[[Event], None],
        ask: Callable[[Question], Awaitable[str]],
        workers: int,
        deadline_s: float | None,
    ) -> None:
        self._aws, self._emit, self._ask = aws, emit, ask
        self._pool = Pool(workers)
        self._deadline_s = deadline_s
        self._tasks: dict[str, asyncio.Future[Evidence]] = {}
        self._count = 0
        self._waits: dict[str, asyncio.Timeout] = {}

    def preload(self, known: Iterable[Evidence]) -> None:
        """Takes evidence of an earlier walk as the answers of its probes, and tells it. Answers by hand are none."""
        for item in known:
            if not item.probe.startswith(BY_HAND):
                self._settle(item)
                self._count = max(self._count, int(item.id[1:]) if item.id[1:].isdecimal() else 0)

    def leave_out(self, probe_id: str) -> Evidence:
        """The answer of a check that the person does not want: UNKNOWN, unless it has come already."""
        task = self._tasks.get(probe_id)
        if task is not None and task.done():
            return task.result()
        if task is not None:
            task.cancel()
        self._count += 1
        left = find_probe(probe_id).unknown(Reason.NO_DATA, "Left out: nobody wanted to look.", needs="this check")
        return self._settle(replace(left, id=f"e{self._count}", started=datetime.now(UTC)))

    def _settle(self, item: Evidence) -> Evidence:
        answer: asyncio.Future[Evidence] = asyncio.get_running_loop().create_future()
        answer.set_result(item)
        self._tasks[item.probe] = answer
        self._emit(ProbeFinished(item))
        return item

    def start(self, probe_ids: Iterable[str], case: Case, hops: Callable[[str], bool]) -> None:
        """Starts the free ones among these in the background."""
        for probe_id in probe_ids:
            if find_probe(probe_id).effect is Effect.NONE:
                self._task(probe_id, case, hops)

    async def evidence(self, probe_id: str, case: Case, hops: Callable[[str], bool]) -> Evidence:
        """The evidence of a probe, from the run that is already there if there is one."""
        # Shielded: when the walk is cancelled that must end the walk, whether or not this task has just finished.
        return await asyncio.shield(self._task(probe_id, case, hops))

    def skip(self, probe_id: str) -> bool:
        """Waits for this probe no longer: it becomes UNKNOWN. False when it is not at work."""
        wait = self._waits.pop(probe_id, None)
        if wait is not None:
            wait.reschedule(asyncio.get_running_loop().time())
        return wait is not None

    async def close(self) -> None:
        """Gives up whatever is still under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._pool.close()

    def _task(self, probe_id: str, case: Case, hops: Callable[[str], bool]) -> asyncio.Future[Evidence]:
        if probe_id not in self._tasks:
            self._tasks[probe_id] = asyncio.create_task(self._run(find_probe(probe_id), case, hops), name=probe_id)
        return self._tasks[probe_id]

    async def _run(self, probe: Probe, case: Case, hops: Callable[[str], bool]) -> Evidence:
        started, begun = datetime.now(UTC), perf_counter()
        ahead = _recorder(self._aws, consented=False)
        recorder = ahead if probe.effect is Effect.NONE else _recorder(self._aws, consented=True)
        if (skipped := await self._reason_to_skip(probe, case, hops, ahead)) is not None:
            found = skipped
        else:
            begun = perf_counter()
            self._emit(ProbeStarted(probe.id, probe.hop))
            found = await self._look(probe, case, recorder)
        self._count += 1
        done = replace(
            found,
            id=f"e{self._count}",
            started=started,
            took_ms=round((perf_counter() - begun) * 1000, 1),
            calls=_each_once(call for view in _different(ahead, recorder) for call in getattr(view, "calls", ())),
        )
        self._emit(ProbeFinished(done))
        return done

    async def _reason_to_skip(self, probe: Probe, case: Case, hops: Callable[[str], bool], aws: Aws) -> Evidence | None:
        if case.trace is not None:
            missing = [need for need in probe.needs if not getattr(case.trace, need)]
            if missing or not hops(probe.hop):
                lacking = _PARTS.get(missing[0], missing[0].replace("_", " ")) if missing else probe.hop
                return probe.skipped(f"This request path has no {lacking} to look at.")
            if case.target.api_type not in probe.api_types:
                return probe.skipped(
                    f"Applies to {' and '.join(sorted(_TYPES[t] for t in probe.api_types))} APIs only."
                )
        if probe.effect is Effect.NONE:
            return None
        foreseen = await self._in_time(probe, lambda: probe.foresee(case, aws))
        if isinstance(foreseen, Evidence):
            return foreseen
        warning = fill(probe.warning, placeholders(case) | dict(foreseen))
        what = foreseen.get("command") or probe.sends(case) or _what_runs(case)
        question = Question(f"consent:{probe.id}", "consent", probe.title, warning, command=what, effect=probe.effect)
        if await self._ask(question) == "yes":
            return None
        declined = probe.skipped(f"Not run: {_DECLINED[probe.effect]}, and nobody said yes.")
        return replace(declined, reason=Reason.DECLINED, needs=_ALLOWED_BY[probe.effect])

    async def _look(self, probe: Probe, case: Case, aws: Aws) -> Evidence:
        return await self._in_time(probe, lambda: probe.run(case, aws))

    async def _in_time(self, probe: Probe, work: Callable[[], T]) -> T | Evidence:
        begun = perf_counter()
        try:
            async with asyncio.timeout(self._deadline_s) as wait:
                self._waits[probe.id] = wait
                return await self._pool.run(lambda: _guarded(probe, work))
        except TimeoutError:
            # Still listed: the deadline ended the wait; else the person did.
            took_s = perf_counter() - begun
            by_person = probe.id not in self._waits
            waited = (
                f"Skipped after {took_s:.1f} s without an answer." if by_person else f"No answer within {took_s:.0f} s."
            )
            return probe.unknown(Reason.TIMED_OUT, waited, needs="a faster answer from AWS; run it again")
        finally:
            self._waits.pop(probe.id, None)


def _guarded(probe: Probe, work: Callable[[], T]) -> T | Evidence:
    """The one door through which whatever a probe raises turns into UNKNOWN evidence."""
    try:
        return work()
    except AwsError as error:
        return probe.from_error(error)
    except Exception as error:  # noqa: BLE001  # one crash must not end the walk; its traceback is evidence
        summary = f"This check crashed ({type(error).__name__}); the walk goes on without it."
        crashed = probe.unknown(Reason.CRASHED, summary, needs="a bug report with this evidence")
        return replace(crashed, detail="".join(traceback.format_exception(error)))


def _recorder(aws: Aws, *, consented: bool) -> Aws:
    """A view of the port that notes its calls, opened for invoking calls only behind a yes."""
    door: Aws = aws.consented() if consented and hasattr(aws, "consented") else aws
    view: Aws = door.recorder() if hasattr(door, "recorder") else door
    return view


def _each_once(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Each question in the place where it was asked first; an answer that is there may have been looked up again."""
    asked: dict[tuple[str, ...], Call] = {}
    for call in calls:
        asked.setdefault((call.service, call.operation, str(call.region), repr(sorted(call.params.items()))), call)
    return tuple(asked.values())


def _different(*views: Aws) -> Iterable[Aws]:
    return {id(view): view for view in views}.values()


def _what_runs(case: Case) -> str:
    target = case.target
    where = f" on stage {target.stage} of {target.api_id}" if target.api_id else ""
    return f"{target.method} {target.path}{where}"
