"""Which measurements there are, and their sizes: the whole run takes at most 20 minutes on two cores, the quick one three.

Each is a module with ``measure(**sizes)``, a generator of figures, and runs in a process of its own (`python -m bench.one`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """``seconds`` are allowed to a whole run; a quick one may take half of that."""

    module: str
    whole: Mapping[str, int]
    quick: Mapping[str, int]
    seconds: int


MEASUREMENTS: Mapping[str, Measurement] = {
    "delivering": Measurement(
        "bench.delivering",
        {"small": 5000, "large": 25_000, "peer": 1000, "naive": 150},
        {"small": 300, "large": 1200, "peer": 60, "naive": 30},
        600,
    ),
    "many": Measurement(
        "bench.many",
        {"few": 2000, "many": 100_000, "going_on": 20_000},
        {"few": 2000, "many": 6000, "going_on": 0},
        300,
    ),
    "claiming": Measurement("bench.claiming", {"digests": 10_000}, {"digests": 1500}, 240),
    "asking": Measurement(
        "bench.asking",
        {"on_sqlite": 1_000_000, "on_postgresql": 10_000_000},
        {"on_sqlite": 50_000, "on_postgresql": 50_000},
        600,
    ),
    "desk": Measurement(
        "bench.desk",
        {"readers": 100_000, "mails": 1_000_000, "loads": 30},
        {"readers": 3000, "mails": 30_000, "loads": 3},
        600,
    ),
    "signing up": Measurement("bench.signing_up", {"readers": 300_000}, {"readers": 6000}, 360),
    "same time": Measurement("bench.same_time", {"rounds": 400}, {"rounds": 50}, 300),
    "slow sockets": Measurement("bench.slow_sockets", {"sockets": 200, "loads": 30}, {"sockets": 200, "loads": 10}, 120),
    "growing": Measurement("bench.growing", {"letters": 50_000}, {"letters": 20_000}, 240),
    "starting": Measurement("bench.starting", {"starts": 3, "helps": 9}, {"starts": 1, "helps": 5}, 120),
    "pages": Measurement(
        "bench.pages",
        {"papers": 100_000, "readers": 100_000, "seconds": 6, "requests": 200},
        {"papers": 4000, "readers": 2000, "seconds": 2, "requests": 40},
        420,
    ),
    "fetching": Measurement("bench.fetching", {"papers": 900, "milliseconds": 1000}, {"papers": 300, "milliseconds": 200}, 120),
    "matching": Measurement("bench.matching", {"papers": 2000, "queries": 5000}, {"papers": 500, "queries": 2000}, 120),
    "ranking": Measurement(
        "bench.ranking", {"draws": 10, "readers": 1200, "papers": 1500}, {"draws": 1, "readers": 100, "papers": 1500}, 480
    ),
    "feedback": Measurement("bench.feedback", {"others": 76}, {"others": 0}, 240),
    "translating": Measurement("bench.translating", {"papers": 500}, {"papers": 40}, 240),
}
