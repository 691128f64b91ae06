"""`make bench`: runs the measurements one after the other and prints one table; a whole run writes docs/benchmarks.md too.

Every figure stands there as it was measured, one that falls short with what was tried (`bench.tried`).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bench.figures import Figure, Verdict
from bench.machine import described
from bench.measurements import MEASUREMENTS
from bench.table import as_markdown, as_text

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
LAST_WORDS_SECONDS = 20


def main() -> None:
    """The command line; exits with 1 where a measurement failed, and with 0 where figures only fall short."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, at most three minutes; rates are then rough")
    parser.add_argument("--only", action="append", choices=list(MEASUREMENTS), metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name} also where not everything was measured")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    head = described()
    sys.stdout.write("\n".join(f"{name:9} {value}" for name, value in head) + "\n\n")
    figures: list[Figure] = []
    for name in given.only or list(MEASUREMENTS):
        found = measured(name, quick=given.quick)
        sys.stdout.write(as_text(found) + "\n")
        sys.stdout.flush()
        figures += found
    took = time.monotonic() - began
    verdicts = [figure.verdict for figure in figures]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict if verdict is not Verdict.TOLD)
    sys.stdout.write(f"\n{counts}; {took / 60:.1f} minutes\n")
    if given.write or not (given.quick or given.only):
        PAGE.write_text(as_markdown(figures, head, took=took, quick=given.quick, on=dt.datetime.now(dt.UTC).date()), "utf-8")
    sys.exit(1 if Verdict.UNMEASURED in verdicts else 0)


def measured(name: str, *, quick: bool) -> list[Figure]:
    """The figures of one measurement, made in a process of its own; where it fails, a figure that says so is the last."""
    allowed = MEASUREMENTS[name].seconds * (0.5 if quick else 1.0)
    with tempfile.NamedTemporaryFile(prefix="newsletter-bench-", suffix=".jsonl") as file:
        command = [sys.executable, "-m", "bench.one", name, file.name, *(["--quick"] if quick else [])]
        problem = problem_of(command, seconds=allowed)
        figures = [Figure.from_json(json.loads(line)) for line in Path(file.name).read_text("utf-8").splitlines()]
    return [*figures, Figure(name, None, note=problem)] if problem else figures


def problem_of(command: Sequence[str], *, seconds: float) -> str:
    """Runs ``command`` for at most ``seconds``; gives why it did not end well, empty where it did. Its group ends with it."""
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return f"took more than {seconds:.0f} s"
    finally:
        _end(process)
    return f"ended with {code}: see above" if code else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks the measurement to clear away what it started, then kills whatever of its group is left."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(LAST_WORDS_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    main()
