"""`watched_worker.py FOLDER [QUEUE ...]`: worker.py, with a watch on its statements; writes FOLDER/PID.json as it ends.

It is the service's own worker: the watch hangs in SQLAlchemy's events and changes nothing but a little time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

import worker

# The statement that takes rows under a lease is the only one that skips rows which others have locked.
CLAIM, ROWS_OF_CLAIM, LEDGER = "SKIP LOCKED", "SELECT deliveries.id", "deliveries"


class Watch:
    """Seconds inside claim statements and those that read what was claimed; when the first and last on the ledger were."""

    def __init__(self) -> None:
        self.claims, self.reads, self.statements = 0.0, 0.0, 0
        self.first = self.last = 0.0

    def before(self, _: Any, __: Any, statement: str, ___: Any, context: Any, ____: bool) -> None:
        # The heartbeat's thread has statements of its own, so the time stands with the statement.
        context.bench_began = time.perf_counter()
        if LEDGER in statement and not self.first:
            self.first = context.bench_began

    def after(self, _: Any, __: Any, statement: str, ___: Any, context: Any, ____: bool) -> None:
        ended = time.perf_counter()
        if CLAIM in statement:
            self.claims += ended - context.bench_began
            self.statements += 1
        elif ROWS_OF_CLAIM in statement:
            self.reads += ended - context.bench_began
        if LEDGER in statement:
            self.last = ended


def main(folder: Path, queues: list[str]) -> None:
    """Works until asked to end."""
    watch = Watch()
    event.listen(Engine, "before_cursor_execute", watch.before)
    event.listen(Engine, "after_cursor_execute", watch.after)
    try:
        sys.argv[1:] = queues
        worker.main()
    finally:
        (folder / f"{os.getpid()}.json").write_text(json.dumps(vars(watch)), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
