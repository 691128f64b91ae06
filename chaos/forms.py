"""Sign-ups by the thousand, half of them malformed, and one victim in hundreds of spellings from as many networks.

Meanwhile the process of the pages is killed. No answer is 5xx; who was answered is mailed once, and the victim at most once.
"""

from __future__ import annotations

import random
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from chaos import oracle
from chaos.bounces import free_port
from chaos.herd import GUNICORN, SCHEDULER, WORKER, Herd
from chaos.oracle import Verdict
from chaos.place import Place, a_place, wait_until

PAGES = "pages"
CLIENTS = 6
# Of twenty forms, ten are malformed and one names the victim.
OF, MALFORMED = 20, 10
STUCK_SECONDS = 300
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
CHOICES = {"topics": "llm", "language": "en", "timezone": "UTC", "hour": "7"}
FORM = "application/x-www-form-urlencoded"
VICTIM = ("gmail.com", "GMail.com", "googlemail.com")
ODD = (
    *("", " ", "@", "a@", "@b.example", "a b@c.example", "a@b", "a@b..example", "<a@b.example>", "a@b.example,c@d.example"),
    *("a@b.example\r\nBcc: c@d.example", "ü@ü", "a@xn--", "a@[127.0.0.1]", "\u202ea@b.example", "'\"--@b.example"),
)
BOUNDARY = "multipart/form-data; boundary=x"
A_FILE = b"--x\r\nContent-Disposition: form-data; name=email; filename=a\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it is sent: fields in their order, or bytes under a type of content."""

    network: str
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    kind: str = FORM
    honest: str = ""


def run(*, forms: int, kills: int, seed: int = 1) -> Verdict:
    """``forms`` are sent by a few clients at once while the pages are killed ``kills`` times."""
    dice, verdict, port = random.Random(seed), Verdict(), free_port()
    sent = list(_forms(dice, forms))
    honest = {one.honest for one in sent if one.honest}
    serving = [GUNICORN, "--bind", f"127.0.0.1:{port}", "--workers", "2", "wsgi:app"]
    with a_place(PROXY_HOPS="1", FORMS_PER_HOUR="1000000") as place:
        began = time.monotonic()
        with (
            Herd(place, {PAGES: serving, "worker": WORKER, "scheduler": SCHEDULER}) as herd,
            ThreadPoolExecutor(CLIENTS) as clients,
        ):
            shares = [clients.submit(_client, f"http://127.0.0.1:{port}", sent[number::CLIENTS]) for number in range(CLIENTS)]
            for _ in range(kills):
                time.sleep(dice.uniform(0.5, 2.0))
                herd.tell(PAGES, signal.SIGKILL)
            answers = [answer for share in shares for answer in share.result()]
            took = time.monotonic() - began
            wait_until(lambda: honest <= _mailed(place).keys(), seconds=STUCK_SECONDS, pause=1)
            # A second mail would come soon after the first.
            wait_until(lambda: place.settled(1), seconds=STUCK_SECONDS)
            deaths = herd.deaths[PAGES]
            mailed = _mailed(place)
    statuses = Counter(status // 100 for _, status in answers)
    told = ", ".join(f"{count} {status}xx" for status, count in sorted(statuses.items()))
    verdict.tell(
        f"{len(answers)} forms in {took:.0f} s, {deaths} kills -9: {told}", broken=len(answers) != forms or deaths < kills
    )
    verdict.tell(f"{statuses[5]} answers 5xx", broken=bool(statuses[5]))
    refused = sum(status != 303 for one, status in answers if one.honest)
    verdict.tell(f"{refused} good forms refused", broken=bool(refused))
    spellings = sum(one.fields[0][1].endswith(VICTIM) for one in sent if one.fields)
    to_victim = sum(times for address, times in mailed.items() if address.endswith(VICTIM))
    verdict.tell(f"{spellings} spellings of one mailbox: {to_victim} mails", broken=to_victim != 1)
    lost, doubled = sum(one not in mailed for one in honest), sum(mailed[one] > 1 for one in honest)
    verdict.tell(f"{len(honest)} who signed up: {lost} not mailed, {doubled} twice", broken=bool(lost or doubled))
    return verdict


def _mailed(place: Place) -> Counter[str]:
    return Counter(line.recipient.lower() for line in oracle.read(place.journal))


def _forms(dice: random.Random, count: int) -> Iterator[Sent]:
    for number in range(count):
        network = f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"
        if number % OF < MALFORMED:
            yield _malformed(dice, network)
        elif number % OF == MALFORMED:
            name = "".join(letter + dice.choice(("", ".")) for letter in "victi") + "m"
            name = "".join(dice.choice((letter.upper(), letter)) for letter in name)
            domain = dice.choice(VICTIM)
            yield Sent(network, _fields(f"{name}+{number}@{domain}"))
        else:
            email = f"reader{number}@host{number % 97}.example.org"
            yield Sent(network, _fields(email), honest=email)


def _fields(email: str, **changes: str) -> tuple[tuple[str, str], ...]:
    return tuple(({"email": email} | CHOICES | changes).items())


def _malformed(dice: random.Random, network: str) -> Sent:
    """A form that no page of ours makes."""
    noise = dice.randbytes(dice.randint(1, 300))
    good = _fields(f"odd{dice.getrandbits(40)}@host.example.org")
    return dice.choice(
        (
            Sent(network, _fields(dice.choice(ODD))),
            Sent(network, _fields("a@b.example", **{dice.choice(list(CHOICES)): noise.decode("latin-1")})),
            Sent(network, tuple(field for field in good if field[0] != "email")),
            Sent(network, (*good, ("csrf_token", "another"), ("hour", "99"), ("language", "tlh"))),
            Sent(network, tuple((f"field{number}", "x") for number in range(dice.choice((50, 500))))),
            Sent(network, (("email", "a" * dice.choice((400, 70_000)) + "@b.example"),)),
            Sent(network, body=noise),
            Sent(network, body=noise, kind="multipart/form-data; boundary=" + noise.hex()[:20]),
            Sent(network, body=A_FILE + noise, kind=BOUNDARY),
            Sent(network, body=b'{"email": "a@b.example"}', kind=dice.choice(("application/json", "text/plain", "*/*", ""))),
            Sent(network, (*good, ("website", "https://spam.example"))),
        )
    )  # fmt: skip


def _client(base: str, share: Sequence[Sent]) -> list[tuple[Sent, int]]:
    """Sends each form of ``share`` until it is answered, as a person would who sees that no page came."""
    answers: list[tuple[Sent, int]] = []
    with requests.Session() as browser:
        token = ""
        for one in share:
            while True:
                try:
                    token = token or _token(browser, base)
                    answers.append((one, _send(browser, base, token, one)))
                    break
                except (requests.ConnectionError, requests.Timeout):
                    time.sleep(0.2)
    return answers


def _token(browser: requests.Session, base: str) -> str:
    found = TOKEN.search(browser.get(f"{base}/", timeout=60).text)
    if found is None:
        raise RuntimeError("no form on the front page")
    return found[1]


def _send(browser: requests.Session, base: str, token: str, one: Sent) -> int:
    headers: Mapping[str, str] = {"X-Forwarded-For": one.network, "Content-Type": one.kind}
    body = one.body or [("csrf_token", token), *one.fields]
    answer = browser.post(f"{base}/subscribe", data=body, headers=headers, allow_redirects=False, timeout=60)
    return answer.status_code
