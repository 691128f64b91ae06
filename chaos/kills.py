"""kill -9 at random of workers, of the scheduler and of all together, while everybody's digest is under way."""

from __future__ import annotations

import random
import signal
import time

from chaos import oracle
from chaos.herd import SCHEDULER, WORKER, Herd
from chaos.oracle import Verdict
from chaos.place import Place, a_place, wait_until
from newsletter.daily import send

WORKERS = ("worker 1", "worker 2")
DONE_SECONDS = 60
STUCK_SECONDS = 120


def run(*, subscribers: int, kills: int, seed: int = 1) -> Verdict:
    """``kills`` spread over the whole run, by how many mails were taken up to now."""
    dice, verdict = random.Random(seed), Verdict()
    with a_place() as place:
        people = [f"r{number}@example.org" for number in range(subscribers)]
        place.add_subscribers(people)
        programs = dict.fromkeys(WORKERS, WORKER) | {"scheduler": SCHEDULER}
        killed_workers = 0
        began = time.monotonic()
        with Herd(place, programs) as herd:
            for number in range(kills):
                _wait_for(place, round(subscribers * (number + dice.random()) / (kills + 1)))
                victims = dice.choice((WORKERS[:1], WORKERS[1:], ("scheduler",), tuple(programs)))
                for name in victims:
                    herd.tell(name, signal.SIGKILL)
                killed_workers += sum(name in WORKERS for name in victims)
            last_kill = time.monotonic()
            wait_until(lambda: place.settled(subscribers), seconds=STUCK_SECONDS, pause=0.3)
            took = time.monotonic() - last_kill
            deaths = dict(herd.deaths)
        doubtful = place.doubtful()
        verdict.tell(f"{subscribers} subscribers, {kills} kills -9 ({deaths}) in {time.monotonic() - began:.0f} s")
        oracle.judge(verdict, oracle.read(place.journal), expected=people, doubtful=doubtful)
        most = send.GROUP * killed_workers
        verdict.tell(f"at most {most} may be unknown", broken=len(doubtful) > most)
        verdict.tell_time(f"done {took:.1f} s after the last kill", took, most=DONE_SECONDS)
        verdict.tell(f"ledger {place.states()}")
    return verdict


def _wait_for(place: Place, taken: int) -> None:
    wait_until(lambda: oracle.count(place.journal) >= taken, seconds=STUCK_SECONDS, pause=0.02)
