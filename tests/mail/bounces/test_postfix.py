"""With a real Postfix as relay: what it returns to a Maildir and hands over by LMTP puts each reader into the right state."""

from __future__ import annotations

import datetime as dt
import os
import smtplib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import send
from newsletter.subscribers import bounce_inlets
from newsletter.subscribers.store import bounces as bounces_store
from tests.factories import NOW, a_digest_row, a_subscriber
from tests.mail.bounces.postfix_relay import POSTFIX, free_port, relay
from tests.mail.bounces.samples import out_of_office
from tests.smtp_sink import Sink
from tests.subscribers.test_bounces import stands
from tests.waiting import wait_until

Make = Callable[..., Services]
DAY = dt.timedelta(days=1)
SAID = {
    "gone": "550 5.1.1 No such user",
    "full": "552 5.2.2 Mailbox full",
    "days": "451 4.4.1 try again later",
    "blocked": "550 5.7.1 Service unavailable; client blocked using zen.spamhaus.org",
}


@dataclass
class Line:
    """The service, the relay before it, and the world behind the relay."""

    services: Services
    world: Sink
    clock: list[dt.datetime] = field(default_factory=lambda: [NOW])

    def mail(self, readers: dict[str, int], *names: str, day: int = 0) -> None:
        self.clock[0] = NOW + day * DAY
        with self.services.database.transaction() as session:
            for name in names:
                period = self.clock[0].date().isoformat()
                delivery = a_digest_row(session, readers[name], period=period)
                later = f"{self.clock[0]:%Y-%m-%d %H:%M:%S}"
                session.connection().exec_driver_sql(f"UPDATE deliveries SET planned_at = '{later}' WHERE id = {delivery}")
        send.drain(self.services, now=lambda: self.clock[0])

    def came_back(self, count: int) -> None:
        """Waits until so much has come back."""
        wait_until(lambda: self._look() >= count)
        assert self._look() == count

    def _look(self) -> int:
        if self.services.settings.bounce_mailbox and bounce_inlets.maildir.is_maildir(self.box):
            bounce_inlets.read_mailbox(self.services, now=lambda: self.clock[0])
        with self.services.database.reading() as session:
            return len(bounces_store.bounces(session))

    @property
    def box(self) -> Path:
        return Path(self.services.settings.bounce_mailbox.get_secret_value())


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that Postfix's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="nl-postfix-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(params=["box", "lmtp"])
def line(request: pytest.FixtureRequest, folder: Path, sqlite_url: str, make_services: Make) -> Iterator[Line]:
    if POSTFIX is None or os.getuid() != 0:
        pytest.skip("Postfix is not installed (apt-get install postfix), or this is not root")
    lmtp = free_port()
    way = {"BOUNCE_MAILBOX": str(folder / "box")} if request.param == "box" else {"BOUNCE_LMTP": str(lmtp)}
    with ExitStack() as stack:
        world = stack.enter_context(Sink(lambda step, to: SAID.get(to.partition("@")[0]) if step == "rcpt" else None))
        port = stack.enter_context(relay(folder, world=world.port, lmtp=lmtp))
        services = make_services(
            sqlite_url, SMTP_URL=f"smtp://127.0.0.1:{port}", BOUNCE_DOMAIN=f"{request.param}.example.org", **way
        )
        made = Line(services, world)
        if request.param == "lmtp":
            server = bounce_inlets.listen(services, now=lambda: made.clock[0])
            stack.callback(server.stop)
        yield made


def test_each_reader_ends_in_the_right_state_and_the_next_digest_goes_to_whom_it_should(line: Line) -> None:
    with line.services.database.transaction() as session:
        names = ("gone", "full", "days", "blocked", "away", "well")
        readers = {name: a_subscriber(session, "nerf", email=f"{name}@readers.example") for name in names}
    line.mail(readers, *names)
    line.came_back(4)
    (mail,) = line.world.to("away@readers.example")
    with smtplib.SMTP("127.0.0.1", line.services.smtp_servers()[0].port) as client:
        client.sendmail("", [mail.sender], out_of_office(to=mail.sender))
    found = {name: stands(line.services, reader) for name, reader in readers.items()}
    assert found.pop("gone") == ("bounced", True)
    assert set(found.values()) == {("confirmed", False)}
    for day in range(1, 5):
        line.mail(readers, "full", "days", day=day)
        line.came_back(4 + 2 * day)
    assert [stands(line.services, readers[name]) for name in ("full", "days")] == [("bounced", False)] * 2
    line.mail(readers, *names, day=5)
    line.world.wait_for(4)
    assert sorted(taken.recipient for taken in line.world.taken) == sorted(2 * ["away@readers.example", "well@readers.example"])
    assert stands(line.services, readers["away"]) == ("confirmed", False)
