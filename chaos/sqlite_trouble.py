"""SQLite with four workers: a foreign write lock for a minute, then a full disk. What a person and the journal see of it."""

from __future__ import annotations

import contextlib
import http.cookiejar
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos import oracle
from chaos.herd import GUNICORN, SCHEDULER, WORKER, Herd, Program
from chaos.oracle import Verdict
from chaos.place import Place, a_place, wait_until
from newsletter.errors import TemporaryError
from newsletter.mail.deliveries import FINAL_DOT, SETTLED
from newsletter.mail.store import ledger

WORKERS = tuple(f"worker {number}" for number in range(1, 5))
PERSON_SECONDS = 10
STUCK_SECONDS = 120
DISK = "24m"


def run(*, subscribers: int, seconds: int, disk: int) -> Verdict:
    """The lock is held for ``seconds``; with ``disk`` 1 the disk is then filled for a fourth of that (2: that alone)."""
    verdict = Verdict()
    if disk < 2:
        _locked(verdict, subscribers, seconds)
    if disk:
        _full(verdict, subscribers, max(5, seconds // 4))
    return verdict


def _locked(verdict: Verdict, subscribers: int, seconds: int) -> None:
    with a_place(WORKERS="4") as place:

        @contextmanager
        def foreign_lock() -> Iterator[None]:
            held = sqlite3.connect(
                place.services.settings.database_url.get_secret_value().removeprefix("sqlite:///"),
                isolation_level=None,
                timeout=60,
            )
            held.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                held.execute("ROLLBACK")
                held.close()

        what = f"a foreign write lock for {seconds} s"
        _trouble(verdict, place, subscribers=subscribers, seconds=seconds, trouble=foreign_lock(), what=what)


def _full(verdict: Verdict, subscribers: int, seconds: int) -> None:
    with contextlib.ExitStack() as stack:
        mounted = stack.enter_context(_small_disk())
        if mounted is None:
            verdict.tell("full disk NOT TRIED: a small disk can be mounted by root only")
            return
        place = stack.enter_context(a_place(database_url=f"sqlite:///{mounted / 'newsletter.db'}", WORKERS="4"))

        what = f"a full disk for {seconds} s"
        trouble = _full_disk(mounted / "ballast", mounted / "newsletter.db")
        _trouble(verdict, place, subscribers=subscribers, seconds=seconds, trouble=trouble, what=what)


@contextmanager
def _full_disk(ballast: Path, database: Path) -> Iterator[None]:
    """Fills the disk, and takes away what SQLite's log has kept of it: the log would be written anew from its beginning."""
    ended = threading.Event()

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file:
            while not ended.wait(0.001):
                with contextlib.suppress(OSError):
                    while not ended.is_set():
                        file.write(b"\0" * 4096)

    held = sqlite3.connect(database, isolation_level=None, timeout=60)
    held.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    thread = threading.Thread(target=fill, daemon=True)
    thread.start()
    wait_until(lambda: shutil.disk_usage(ballast.parent).free == 0, seconds=10, pause=0.001)
    held.close()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        ballast.unlink()


def _trouble(
    verdict: Verdict, place: Place, *, subscribers: int, seconds: int, trouble: contextlib.AbstractContextManager[None], what: str
) -> None:
    people = [f"r{number}@example.org" for number in range(subscribers)]
    place.add_subscribers(people)
    port = _free_port()
    programs: dict[str, Program] = dict.fromkeys(WORKERS, WORKER) | {"scheduler": SCHEDULER, "web": _web(port)}
    with Herd(place, programs):
        person = Person(f"http://127.0.0.1:{port}")
        wait_until(lambda: oracle.count(place.journal) >= subscribers // 5, seconds=STUCK_SECONDS, pause=0.02)
        wait_until(person.has_the_form, seconds=60)
        with trouble:
            before, unclaimed = _claimed(place), set[str]()
            answers = [person.signs_up(f"late{number}@example.org") for number in range(max(1, min(3, seconds // 5)))]
            deadline = time.monotonic() + seconds - sum(answer.seconds for answer in answers)
            while True:
                # The journal first: what it holds by then must be marked in a ledger that is read later.
                taken = {line.message_id for line in oracle.read(place.journal)}
                unclaimed |= taken - _claimed(place)
                if time.monotonic() >= deadline:
                    break
                time.sleep(1)
            meanwhile = len(taken - before)
        released = time.monotonic()
        wait_until(lambda: _settled(place, subscribers), seconds=STUCK_SECONDS, pause=0.3)
        took = time.monotonic() - released
        after = person.signs_up("after@example.org")
    slowest, refused = max(answer.seconds for answer in answers), [answer for answer in answers if answer.status != 200]
    kind = all(answer.status == 503 and answer.retry_after and "Traceback" not in answer.text for answer in refused)
    verdict.tell(f"{what}, {subscribers} subscribers, 4 workers")
    said = ", ".join(f"{one.status} Retry-After {one.retry_after or 'none'}" for one in answers)
    verdict.tell(f"a person got {said}", broken=not refused or not kind)
    verdict.tell_time(f"in {slowest:.1f} s at most", slowest, most=PERSON_SECONDS)
    verdict.tell(f"and {after.status} after it", broken=after.status != 200)
    verdict.tell(f"{len(unclaimed)} messages without a committed claim, {meanwhile} claimed meanwhile", broken=bool(unclaimed))
    digests = [line for line in oracle.read(place.journal) if line.message_id.startswith("<digest.")]
    oracle.judge(verdict, digests, expected=people, doubtful=place.doubtful())
    verdict.tell_time(f"done {took:.1f} s after the release", took, most=STUCK_SECONDS - 1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _web(port: int) -> Program:
    gunicorn = [GUNICORN, "--config", "gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
    return [*gunicorn, "--workers", "1", "--threads", "4", "--log-level", "warning", "wsgi:app"]


def _claimed(place: Place) -> set[str]:
    """The Message-IDs whose mark is committed: the only ones that may still arrive."""
    with place.services.database.reading() as session:
        rows = ledger.deliveries(session)
    return {row.message_id for row in rows if row.stage == FINAL_DOT or row.state in SETTLED}


def _settled(place: Place, count: int) -> bool:
    with contextlib.suppress(TemporaryError):
        return place.settled(count)
    return False


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    folder = Path(tempfile.mkdtemp(prefix="nl-chaos-disk-"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)], check=False, capture_output=True)
    try:
        yield folder if done.returncode == 0 else None
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=False)
        folder.rmdir()


class Answer:
    """What came back to a person; ``seconds`` is how long they waited."""

    def __init__(self, status: int, headers: dict[str, str], text: str, seconds: float) -> None:
        self.status, self.text, self.seconds = status, text, seconds
        self.retry_after = headers.get("Retry-After", "")


class Person:
    """Somebody with a browser who signs up."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self._token = ""

    def has_the_form(self) -> bool:
        """True once the page with the form was read."""
        try:
            page = self._browser.open(f"{self._address}/", timeout=30).read().decode()
        except OSError:
            return False
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        self._token = found.group(1) if found else ""
        return bool(found)

    def signs_up(self, email: str) -> Answer:
        """Sends the form."""
        fields = {"csrf_token": self._token, "email": email, "topics": "3d", "language": "en", "timezone": "UTC", "hour": "7"}
        began = time.monotonic()
        try:
            answer = self._browser.open(f"{self._address}/subscribe", urllib.parse.urlencode(fields).encode(), timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        text = answer.read().decode("utf-8", "replace")
        return Answer(answer.status or 0, dict(answer.headers), text, time.monotonic() - began)
