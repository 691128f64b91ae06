"""Threads that do jobs at once and never hold up the end of a process.

``ThreadPoolExecutor`` waits for its threads when the interpreter ends, so a call to an engine that hangs would keep a command
that has said all it had to say from ending for a minute.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


class ThreadPool(Generic[Result]):
    """At most ``size`` daemon threads, started as jobs come; ``dismiss`` has them end after the job in hand."""

    def __init__(self, size: int, name: str) -> None:
        self._size, self._name = size, name
        self._jobs: queue.SimpleQueue[tuple[Future[Result], Callable[[], Result]] | None] = queue.SimpleQueue()
        self._hired = 0

    def submit(self, job: Callable[[], Result]) -> Future[Result]:
        """Has ``job`` done by a thread; its result or error stands in the future."""
        future: Future[Result] = Future()
        self._jobs.put((future, job))
        if self._hired < self._size:
            self._hired += 1
            threading.Thread(target=self._work, name=f"{self._name}-{self._hired}", daemon=True).start()
        return future

    def dismiss(self) -> None:
        """Cancels the jobs that no thread has begun; does not wait for those in hand."""
        while True:
            try:
                left = self._jobs.get_nowait()
            except queue.Empty:
                break
            if left is not None:
                left[0].cancel()
        for _ in range(self._hired):
            self._jobs.put(None)

    def _work(self) -> None:
        while (taken := self._jobs.get()) is not None:
            future, job = taken
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(job())
            except BaseException as error:  # noqa: BLE001 - whoever takes the result gets it
                future.set_exception(error)
