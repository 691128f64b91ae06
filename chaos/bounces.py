"""kill -9 of the process that reads bounces, at random and right after what it committed: none is lost, none counted twice."""

from __future__ import annotations

import random
import signal
import smtplib
import socket
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread

from chaos.herd import Herd, Program
from chaos.oracle import Verdict
from chaos.place import Place, a_place, now, wait_until
from newsletter import failpoints
from newsletter.mail import delivery_links
from newsletter.mail.deliveries import Delivery, PlannedDigest
from newsletter.mail.inbox import deliver
from newsletter.mail.store import ledger
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.subscribers.store import subscribers as subscribers_store

READER = "reader of bounces"
PROGRAM: Program = ("newsletter.subscribers.bounce_inlets:main",)
DOMAIN = "bounces.example.org"
STUCK_SECONDS = 240


def run(*, bounces: int, kills: int, seed: int = 1) -> Verdict:
    """``bounces`` come in, half by a Maildir and half by LMTP, every second one hard; their reader is killed ``kills`` times."""
    dice, verdict = random.Random(seed), Verdict()
    port = free_port()
    with a_place(BOUNCE_DOMAIN=DOMAIN, BOUNCE_LMTP=f"127.0.0.1:{port}") as place:
        place.environ["BOUNCE_MAILBOX"] = str(place.folder / "box")
        mails = _mailed(place, bounces)
        by_lmtp = Thread(target=_hand_over, args=(place, mails[::2], port), daemon=True)
        for mail in mails[1::2]:
            deliver(place.folder / "box", _bounce(place, mail), sender="", recipient=_address(place, mail))
        began = time.monotonic()
        with Herd(place, {READER: PROGRAM}, arms=lambda _: _armed(dice, most=max(2, bounces // (kills + 1)))) as herd:
            by_lmtp.start()
            for _ in range(kills):
                time.sleep(dice.uniform(0.2, 1.5))
                herd.tell(READER, signal.SIGKILL)
            wait_until(lambda: _told(place) >= bounces and not by_lmtp.is_alive(), seconds=STUCK_SECONDS, pause=0.3)
            deaths = herd.deaths[READER]
        verdict.tell(f"{bounces} bounces, {deaths} kills -9 in {time.monotonic() - began:.0f} s", broken=deaths < kills)
        _judge(verdict, place, mails)
    return verdict


def _judge(verdict: Verdict, place: Place, mails: Sequence[Delivery]) -> None:
    with place.services.database.reading() as session:
        kept = bounces_store.bounces(session, most=10 * len(mails))
        states = subscribers_store.counts_by_state(session)
    times = Counter(one.delivery_id for one in kept)
    lost = sum(mail.id not in times for mail in mails)
    verdict.tell(f"lost {lost}", broken=lost > 0)
    verdict.tell(f"counted twice {sum(count > 1 for count in times.values())}", broken=any(count > 1 for count in times.values()))
    hard = sum(_is_hard(mail) for mail in mails)
    verdict.tell(f"{states.get('bounced', 0)} of {hard} readers bounced", broken=states.get("bounced", 0) != hard)


def _armed(dice: random.Random, *, most: int) -> dict[str, str]:
    """The reader kills itself after some bounces, once they are committed and before they are marked or answered."""
    return {failpoints.VARIABLE: f"{failpoints.AFTER_BOUNCE}:{dice.randint(1, most)}"}


def _mailed(place: Place, count: int) -> list[Delivery]:
    place.add_subscribers([f"r{number}@example.net" for number in range(count)])
    with place.services.database.transaction() as session:
        found = [subscribers_store.subscriber_by_key(session, f"r{number}@example.net") for number in range(count)]
        digests = [PlannedDigest(one.id, "2026-11-20", {"papers": [], "more": 0}, None) for one in found if one]
        ledger.plan_digests(session, digests, priority=2, domain="example.org", now=now())
        return ledger.deliveries(session)


def _address(place: Place, mail: Delivery) -> str:
    return f"b-{delivery_links.bounce_token(place.services.signer, mail)}@{DOMAIN}"


def _is_hard(mail: Delivery) -> bool:
    return mail.id % 4 < 2


def _bounce(place: Place, mail: Delivery) -> bytes:
    said = "5.1.1 No such user" if _is_hard(mail) else "5.2.2 Mailbox full"
    status = said.partition(" ")[0]
    return (
        f"From: MAILER-DAEMON@relay.example.com\r\nTo: {_address(place, mail)}\r\nSubject: Undelivered\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example.com\r\n\r\n"
        f"Final-Recipient: rfc822; {mail.email}\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {said}\r\n\r\n--B--\r\n"
    ).encode()


def _hand_over(place: Place, mails: Sequence[Delivery], port: int) -> None:
    """What a mail server does with its queue: each until it is answered with 250."""
    for mail in mails:
        taken = False
        while not taken:
            with suppress(OSError, smtplib.SMTPException), smtplib.LMTP("127.0.0.1", port, timeout=20) as client:
                client.sendmail("", [_address(place, mail)], _bounce(place, mail))
                taken = True
            time.sleep(0 if taken else 0.2)


def _told(place: Place) -> int:
    with place.services.database.reading() as session:
        return len({one.delivery_id for one in bounces_store.bounces(session, most=100_000)})


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
