"""A bounded pool of daemon threads: an answer that never comes keeps nobody from leaving."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
_Job = Callable[[], None]


class Pool:
    """Runs plain functions in at most `workers` threads, first come, first served; threads start when first needed.

    concurrent.futures joins its threads when the interpreter exits, so Ctrl+C would wait for a slow endpoint;
    these do not.
    """

    def __init__(self, workers: int) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._limit = workers
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)

    async def run(self, function: Callable[[], T]) -> T:
        """The function's result. The function must not raise: it speaks by its result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(lambda: _fulfil(loop, future, function))
        if not self._idle.acquire(blocking=False) and len(self._threads) < self._limit:
            thread = threading.Thread(target=self._work, name=f"probe-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return await future

    def close(self) -> None:
        """No more jobs; threads end after the one they are at."""
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            self._idle.release()


def _fulfil(loop: asyncio.AbstractEventLoop, future: asyncio.Future[T], function: Callable[[], T]) -> None:
    if future.cancelled():
        return
    result = function()
    with suppress(RuntimeError):  # the loop is closed: the person has left
        loop.call_soon_threadsafe(_settle, future, result)


def _settle(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)
