"""A place for a scenario: a folder, a database, a Redis, a mail server with its journal, and subscribers whose hour has come."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos.oracle import SLOWNESS
from newsletter import bootstrap
from newsletter.bootstrap import Services
from newsletter.daily import ingest
from newsletter.mail.store import ledger
from newsletter.operating.embedded_redis import find_binary, wait_for
from newsletter.operating.migrate import migrate
from newsletter.settings import load
from newsletter.subscribers import import_export
from newsletter.values.mail import DeliveryState

ROOT = Path(__file__).resolve().parents[1]
SECRET = "a secret of the fire suite and of sufficient length"
TOPICS = ("3d;nerf;llm", "llm;agents;rag", "diffusion;video;medical")


def now() -> dt.datetime:
    """The time of the machine."""
    return dt.datetime.now(dt.UTC)


def wait_until(condition: Callable[[], object], *, seconds: float, pause: float = 0.1) -> bool:
    """Looks until ``condition`` holds; False where it did not in ``seconds`` of an idle machine."""
    deadline = time.monotonic() + seconds * SLOWNESS
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(pause)
    return bool(condition())


class RedisServer:
    """A Redis on a Unix socket that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._socket = folder, folder / "r.sock"
        self.url = f"unix://{self._socket}"
        self.start()

    def start(self) -> None:
        """Starts it and waits until it answers."""
        command = [find_binary(), "--port", "0", "--unixsocket", str(self._socket), "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            [*command, "--appendonly", "yes"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_for(self.url, seconds=20 * SLOWNESS)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()


@dataclass(frozen=True, slots=True)
class Place:
    """``environ`` is what the service's processes are started with; ``redis`` is None where none run."""

    folder: Path
    services: Services
    journal: Path
    environ: dict[str, str]
    redis: RedisServer | None = None

    def add_subscribers(self, emails: Sequence[str]) -> None:
        """Confirmed readers in UTC whose hour was midnight."""
        rows = ["email,topics,language,timezone,hour,status\n"]
        rows += [f"{email},{TOPICS[n % 3]},en,UTC,0,confirmed\n" for n, email in enumerate(emails)]
        known = self.services.catalogue.by_slug.keys()
        import_export.import_csv(self.services, rows, consent="made up for the fire suite", known=known, now=now())

    def states(self) -> dict[str, int]:
        """Rows of the ledger by state."""
        with self.services.database.reading() as session:
            return ledger.counts_by_state(session)

    def settled(self, count: int) -> bool:
        """True where ``count`` rows are there and nothing is left to do for any of them."""
        states = self.states()
        left = [DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.RETRY]
        return sum(states.values()) >= count and not any(states.get(state) for state in left)

    def doubtful(self) -> list[str]:
        """The addresses that `newsletter deliveries --state unknown` lists."""
        with self.services.database.reading() as session:
            return [row.email for row in ledger.deliveries(session, state=DeliveryState.UNKNOWN)]


@contextmanager
def a_place(*, database_url: str = "", **environ: str) -> Iterator[Place]:
    """A place that is cleared away at the end; on SQLite unless a ``database_url`` is given."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nl-chaos-")))
        journal, port_file = folder / "journal.jsonl", folder / "port"
        sink = subprocess.Popen([sys.executable, "-m", "chaos.sink", str(journal), str(port_file)], cwd=ROOT)
        stack.callback(sink.wait)
        stack.callback(sink.kill)
        redis = RedisServer(folder)
        stack.callback(redis.kill)
        if not wait_until(port_file.exists, seconds=30):
            raise RuntimeError("the mail server of the scenario did not start")
        values = settings_of(folder, database_url) | {"SMTP_URL": f"smtp://127.0.0.1:{port_file.read_text()}"}
        values |= {"REDIS_URL": redis.url} | environ
        services = build(values)
        stack.callback(services.database.close)
        yield Place(folder, services, journal, values, redis)


def settings_of(folder: Path, database_url: str = "") -> dict[str, str]:
    """Variables of a service that reaches nothing outside."""
    values = {
        "DATA_DIR": str(folder / "var"),
        "SECRET_KEY": SECRET,
        "SUPPRESSION_KEY": SECRET,
        "BASE_URL": "http://papers.example.org",
        "MAIL_FROM": "Paper Morning <papers@example.org>",
        "TRANSLATORS": "none",
        "ARXIV_API_URL": "http://127.0.0.1:9/api/query",
        "ARXIV_DELAY_SECONDS": "0",
        "PYTHONUNBUFFERED": "1",
        "LEASE_SECONDS": "5",
        "WORKERS": "2",
        "PATH": os.environ["PATH"],
    }
    return values | ({"DATABASE_URL": database_url} if database_url else {})


def build(values: dict[str, str], *, samples: bool = True) -> Services:
    """The service's parts over a migrated database that holds the sample day, or no papers."""
    services = bootstrap.build(load(values))
    migrate(services.database)
    if samples:
        ingest.load_samples(services, now=now())
    return services
