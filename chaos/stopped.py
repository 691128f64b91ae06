"""Workers stopped (SIGSTOP) past their lease and continued, while others go on with what they had in hand."""

from __future__ import annotations

import random
import signal
import time

from chaos import oracle
from chaos.herd import SCHEDULER, WORKER, Herd
from chaos.oracle import Verdict
from chaos.place import a_place, wait_until
from newsletter.daily import send
from newsletter.scheduler import TICK_SECONDS

WORKERS = ("worker 1", "worker 2", "worker 3")
LEASE_SECONDS = 2
STUCK_SECONDS = 120


def run(*, subscribers: int, stops: int, seed: int = 1) -> Verdict:
    """Each stop lasts until a sweep has surely taken up the lease; a new wave comes with each, so that all are at work."""
    dice, verdict = random.Random(seed), Verdict()
    people: list[str] = []
    with a_place(LEASE_SECONDS=str(LEASE_SECONDS), WORKERS="3") as place:
        with Herd(place, dict.fromkeys(WORKERS, WORKER) | {"scheduler": SCHEDULER}) as herd:
            for number in range(stops):
                joined = [f"w{number}-r{one}@example.org" for one in range(subscribers // stops)]
                begin = len(people)
                people += joined
                place.add_subscribers(joined)
                wanted = begin + dice.randint(1, len(joined) // 2)
                wait_until(lambda wanted=wanted: oracle.count(place.journal) >= wanted, seconds=STUCK_SECONDS, pause=0.01)  # type: ignore[misc]
                victims = dice.sample(WORKERS, 2)
                for name in victims:
                    herd.tell(name, signal.SIGSTOP)
                time.sleep(LEASE_SECONDS + TICK_SECONDS + 1)
                for name in victims:
                    herd.tell(name, signal.SIGCONT)
            wait_until(lambda: place.settled(len(people)), seconds=STUCK_SECONDS)
        doubtful = place.doubtful()
        verdict.tell(f"{len(people)} subscribers, {2 * stops} workers stopped for {LEASE_SECONDS + TICK_SECONDS + 1} s each")
        oracle.judge(verdict, oracle.read(place.journal), expected=people, doubtful=doubtful)
        most = send.GROUP * 2 * stops
        verdict.tell(f"at most {most} may be unknown", broken=len(doubtful) > most)
        verdict.tell("all settled" if place.settled(len(people)) else "not all settled", broken=not place.settled(len(people)))
    return verdict
