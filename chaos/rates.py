"""The rate over all workers, measured by the journal: two processes together, at 1, 10 and 100 mails a second."""

from __future__ import annotations

import time

from chaos import oracle
from chaos.herd import SCHEDULER, WORKER, Herd
from chaos.oracle import Verdict
from chaos.place import a_place, wait_until

RATES = (1, 10, 100)
TOLERANCE = 0.05
# Workers start one after the other, and the first seconds show that rather than the rate.
FIRST_SECONDS = 5
STUCK_SECONDS = 120


def run(*, seconds: int) -> Verdict:
    """Each rate for ``seconds``, with more mails waiting than can leave in that time."""
    verdict = Verdict()
    for rate in RATES:
        with a_place(SMTP_RATE=str(rate), LEASE_SECONDS="30") as place:
            people = [f"r{number}@example.org" for number in range(rate * (seconds + 4 * FIRST_SECONDS))]
            place.add_subscribers(people)
            with Herd(place, {"worker 1": WORKER, "worker 2": WORKER, "scheduler": SCHEDULER}):
                wait_until(lambda: oracle.count(place.journal), seconds=STUCK_SECONDS, pause=0.01)
                time.sleep(FIRST_SECONDS + seconds + 1)
            lines, doubtful = oracle.read(place.journal), place.doubtful()
        began = lines[0].at + FIRST_SECONDS
        found = sum(began <= line.at < began + seconds for line in lines) / seconds
        verdict.tell(f"{rate} a second: {found:.2f} over {seconds} s", broken=abs(found - rate) > TOLERANCE * rate)
        verdict.tell(f"unknown {len(doubtful)}")
    return verdict
