"""`make chaos`: runs the scenarios one after the other, prints their figures, and exits with 1 where a promise was broken."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import time

# Scenario -> (module, sizes by default, sizes of a short run).
SCENARIOS: dict[str, tuple[str, dict[str, int], dict[str, int]]] = {
    "kills": ("kills", {"subscribers": 10_000, "kills": 20}, {"subscribers": 200, "kills": 1}),
    "points": ("points", {"subscribers": 10_000, "hits": 50}, {"subscribers": 200, "hits": 1}),
    "redis": ("redis_lost", {"wave": 400, "kills": 10, "emptied": 3}, {"wave": 20, "kills": 1, "emptied": 1}),
    "sqlite": (
        "sqlite_trouble",
        {"subscribers": 4000, "seconds": 60, "disk": 1},
        {"subscribers": 100, "seconds": 4, "disk": 0},
    ),
    "stopped": ("stopped", {"subscribers": 10_000, "stops": 10}, {"subscribers": 200, "stops": 1}),
    "ending": ("ending", {"subscribers": 6000, "ends": 10}, {"subscribers": 200, "ends": 1}),
    "rates": ("rates", {"seconds": 60}, {"seconds": 20}),
    "leaving": ("leaving", {"subscribers": 2000, "leavers": 600}, {"subscribers": 100, "leavers": 40}),
    "matrix": ("matrix", {"cells": 0}, {"cells": 0}),
    "weather": ("weather", {"subscribers": 3000}, {"subscribers": 40}),
    "year": (
        "year",
        {"days": 365, "outages": 20, "zones": 0, "start": 0},
        {"days": 7, "outages": 1, "zones": 15, "start": 80},
    ),
    "first": (
        "first_start",
        {"readers": 30, "seconds": 180, "milliseconds": 3000, "refused": 2, "seed": 0},
        {"readers": 6, "seconds": 15, "milliseconds": 200, "refused": 1, "seed": 0},
    ),
    "bounces": ("bounces", {"bounces": 400, "kills": 20}, {"bounces": 40, "kills": 2}),
    "forms": ("forms", {"forms": 10_000, "kills": 10}, {"forms": 200, "kills": 1}),
    "logs": ("logs", {"people": 500, "lines": 100_000}, {"people": 12, "lines": 300}),
    "fuzz": ("fuzz", {"inputs": 10_000, "seed": 0}, {"inputs": 600, "seed": 0}),
    "postgres": ("postgres_restarts", {"subscribers": 10_000, "restarts": 5}, {"subscribers": 200, "restarts": 1}),
}


def main() -> None:
    """The command line; sizes are given as NAME=NUMBER, such as `subscribers=500`."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("words", nargs="*", help=f"scenarios ({', '.join(SCENARIOS)}; default: all) and sizes as NAME=NUMBER")
    parser.add_argument("--short", action="store_true", help="small sizes, as in `make test`")
    given = parser.parse_args()
    sizes = {name: int(number) for name, equals, number in (word.partition("=") for word in given.words) if equals}
    chosen = [word for word in given.words if "=" not in word] or list(SCENARIOS)
    if unknown := set(chosen) - set(SCENARIOS):
        parser.error(f"no scenario {', '.join(sorted(unknown))}")
    # What a scenario started is ended by its own leaving, which the signal alone would not bring about.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    broken = 0
    for name in chosen:
        module, whole, short = SCENARIOS[name]
        own = short if given.short else whole
        began = time.monotonic()
        verdict = importlib.import_module(f"chaos.{module}").run(**own | {key: sizes[key] for key in sizes if key in own})
        broken += len(verdict.broken)
        state = "BROKEN" if verdict.broken else "kept"
        sys.stdout.write(f"{name:12} {state} in {time.monotonic() - began:.0f} s: {'; '.join(verdict.figures)}\n")
        for promise in verdict.broken:
            sys.stdout.write(f"{name:12} BROKEN: {promise}\n")
        sys.stdout.flush()
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
