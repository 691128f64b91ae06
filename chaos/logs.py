"""What logs and Redis know of people: of sign-ups, mails, refusals, bounces and a killed Redis no address, no token."""

from __future__ import annotations

import base64
import binascii
import re
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import requests

from chaos.bounces import DOMAIN, free_port
from chaos.bounces import PROGRAM as BOUNCES
from chaos.herd import GUNICORN, SCHEDULER, WORKER, Herd, Program
from chaos.oracle import Verdict
from chaos.place import ROOT, Place, a_place, now, wait_until
from chaos.sink import DROP, Sink
from newsletter.mail import delivery_links
from newsletter.mail.inbox import deliver
from newsletter.mail.signed_links import LinkPurpose
from newsletter.mail.store import ledger
from newsletter.operating.redis_client import connect_redis
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers import links
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.values.mail import DeliveryState

AT_ONCE = 8
STUCK_SECONDS = 240
_ADDRESS = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+\.[\w.]+")
_TOKEN = re.compile(r"[\w-]{20,}")


def run(*, people: int, lines: int) -> Verdict:
    """``people`` sign up by the pages, confirm, get mails, bounce or leave; then requests that are refused fill up ``lines``."""
    verdict, port = Verdict(), free_port()
    emails = [f"reader.{number}+x@mail{number % 7}.example.net" for number in range(people)]
    with (
        a_place(BOUNCE_DOMAIN=DOMAIN, FORMS_PER_HOUR="1000000", PROXY_HOPS="1") as place,
        Sink(place.folder / "taken", _faults) as sink,
    ):
        place.environ.update(SMTP_URL=sink.url, BOUNCE_MAILBOX=str(place.folder / "box"), BOUNCE_HOOK_KEY="k" * 32)
        with place.services.database.transaction() as session:
            # Else first digests wait for a fetch.
            fetch = papers_store.FetchRecord("arxiv", now(), now(), now().date(), now().date(), 0, 0, 0, "")
            papers_store.record_fetch(session, fetch)
        with Herd(place, _programs(port)) as herd:
            site = f"http://127.0.0.1:{port}"
            wait_until(lambda: _answers(f"{site}/healthz"), seconds=STUCK_SECONDS)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                tokens = [token for found in pool.map(lambda email: _live(place, site, email), emails) for token in found]
                _fail(place)
                wait_until(lambda: _tried(place), seconds=STUCK_SECONDS)
                tokens += _bounce_half(place)
                refuse = _refused(site, emails, tokens)
                while _lines(herd.log) < lines:
                    list(pool.map(lambda _: next(refuse)(), range(200)))
            wait_until(lambda: not any((place.folder / "box" / "new").glob("*")), seconds=STUCK_SECONDS)
            held = list(_of_redis(place))
        written = herd.log.read_text(encoding="utf-8", errors="replace").splitlines()
    _tell(verdict, "lines of log", written, tokens, enough=lines)
    _tell(verdict, "values in Redis", held, tokens, enough=1)
    return verdict


def named_in(texts: Iterable[str], tokens: Collection[str]) -> tuple[list[str], list[str]]:
    """The addresses, of whomever, and the ``tokens`` that stand in ``texts``."""
    known = set(tokens)
    addresses, links_found = list[str](), list[str]()
    for text in texts:
        addresses += _ADDRESS.findall(text)
        links_found += [word for word in _TOKEN.findall(text) if word in known]
    return addresses, links_found


def _tell(verdict: Verdict, what: str, texts: list[str], tokens: Collection[str], *, enough: int) -> None:
    addresses, found = named_in(texts, tokens)
    verdict.tell(f"{len(texts)} {what}", broken=len(texts) < enough)
    verdict.tell(f"{len(addresses)} addresses in them {addresses[:2] or ''}".strip(), broken=bool(addresses))
    verdict.tell(f"{len(found)} of {len(tokens)} tokens", broken=bool(found))


def _programs(port: int) -> dict[str, Program]:
    config = [
        "--config",
        str(ROOT / "gunicorn.conf.py"),
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "1",
        "--access-logfile",
        "-",
    ]
    return {
        "web": [GUNICORN, *config, "wsgi:app"],
        "worker": WORKER,
        "scheduler": SCHEDULER,
        "bounces": BOUNCES,
    }


def _faults(step: str, argument: str) -> str | None:
    """A mail server that names whom it refuses, for now or for good, and hangs up on others."""
    number = sum(argument.encode()) % 11
    if step != "rcpt":
        return None
    said = {1: "550 5.1.1 <{}>: no such user", 2: "451 4.2.1 {}: try again later", 3: DROP, 4: "552 5.2.2 mailbox of {} is full"}
    return said[number].format(argument) if number in said else None


def _answers(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(url, timeout=5).ok
    return False


def _live(place: Place, site: str, email: str) -> list[str]:
    """Signs up, confirms, and leaves again where it is every fifth; gives the tokens of the person."""
    browser = requests.Session()
    # Each has a network of their own, so that no limit keeps them away.
    number = zlib.crc32(email.encode())
    browser.headers["X-Forwarded-For"] = f"198.51.{number // 250 % 250}.{number % 250 + 1}"
    page = browser.get(f"{site}/", timeout=60).text
    form = {
        "csrf_token": _csrf(page),
        "email": email,
        "topics": ["nerf", "llm"],
        "language": "en",
        "hour": "0",
        "timezone": "UTC",
    }
    browser.post(f"{site}/subscribe", data=form, timeout=60)
    services = place.services
    with services.database.transaction() as session:
        found = subscribers_store.subscriber_by_key(session, email)
        if found is None:
            return []
        tokens = [links.mint(session, found.id, links.Purpose.CONFIRM, now=now())]
    page = browser.get(f"{site}/confirm/{tokens[0]}", timeout=60).text
    browser.post(f"{site}/confirm/{tokens[0]}", data={"csrf_token": _csrf(page)}, timeout=60)
    purposes = (LinkPurpose.PREFERENCES, LinkPurpose.UNSUBSCRIBE, LinkPurpose.FEEDBACK)
    tokens += [links.signed_link(services.signer, found, purpose, day=now().date()) for purpose in purposes]
    browser.get(f"{site}/preferences/{tokens[1]}?email={email}", timeout=60)
    if found.id % 5 == 0:
        browser.post(f"{site}/unsubscribe/{tokens[2]}", data={"List-Unsubscribe": "One-Click"}, timeout=60)
    return tokens


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    return found.group(1) if found else ""


def _fail(place: Place) -> None:
    """Redis is killed, and comes back after a while."""
    if place.redis is not None:
        place.redis.kill()
        time.sleep(2)
        place.redis.start()


def _tried(place: Place) -> bool:
    """True where each mail was tried; what was refused for now waits for minutes."""
    with place.services.database.reading() as session:
        due = ledger.due_count(session, now=now())
    return not due and not place.states().get(DeliveryState.SENDING)


def _bounce_half(place: Place) -> list[str]:
    """Every second digest comes back; gives the tokens of all mails."""
    signer, tokens = place.services.signer, list[str]()
    with place.services.database.reading() as session:
        mails = list(ledger.deliveries(session))
    for number, mail in enumerate(mails):
        token = delivery_links.bounce_token(signer, mail)
        tokens.append(token)
        if number % 2:
            data = (
                f"From: MAILER-DAEMON@relay.example.com\r\nTo: b-{token}@{DOMAIN}\r\nSubject: Undelivered\r\n"
                'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
                "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example.com\r\n\r\n"
                f"Final-Recipient: rfc822; {mail.email}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
                f"Diagnostic-Code: smtp; 550 5.1.1 <{mail.email}> unknown\r\n\r\n--B--\r\n"
            ).encode()
            deliver(place.folder / "box", data, sender="", recipient=f"b-{token}@{DOMAIN}")
    return tokens


def _refused(site: str, emails: list[str], tokens: list[str]) -> Iterator[Callable[[], object]]:
    """Requests that name people and are refused, each of which is logged."""
    for number in count():
        email, token = emails[number % len(emails)], tokens[number % len(tokens)] if tokens else "x" * 32
        ways: list[Callable[[], object]] = [
            lambda email=email: requests.post(f"{site}/bounces?to={email}", data=email, timeout=60),  # type: ignore[misc]
            lambda token=token: requests.post(f"{site}/confirm/{token}", timeout=60),  # type: ignore[misc]
            lambda token=token, email=email: requests.post(f"{site}/preferences/{token}", data={"email": email}, timeout=60),  # type: ignore[misc]
        ]
        yield ways[number % len(ways)]


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def _of_redis(place: Place) -> Iterator[str]:
    """Every key and value of Redis as text, what RQ has packed unpacked."""
    client = connect_redis(place.redis.url if place.redis else "")
    for key in client.scan_iter():
        yield key.decode("utf-8", "replace")
        for value in _values(client, key):
            yield value.decode("utf-8", "replace")
            yield _unpacked(value).decode("utf-8", "replace")
    client.close()


def _values(client: Any, key: bytes) -> list[bytes]:
    match client.type(key):
        case b"string":
            return [client.get(key)]
        case b"hash":
            return [part for pair in client.hgetall(key).items() for part in pair]
        case b"list":
            return list(client.lrange(key, 0, -1))
        case b"set":
            return list(client.smembers(key))
        case b"zset":
            return list(client.zrange(key, 0, -1))
        case b"stream":
            return [part for _, fields in client.xrange(key) for pair in fields.items() for part in pair]
    raise RuntimeError(f"a kind of value that is not looked into: {key!r}")


def _unpacked(value: bytes) -> bytes:
    for unpack in (zlib.decompress, lambda packed: zlib.decompress(base64.b64decode(packed))):
        with suppress(zlib.error, binascii.Error, ValueError):
            return unpack(value)
    return b""
