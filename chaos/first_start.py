"""Sign-ups at random moments of a new installation's first minutes: each gets all papers of their topics, in one mail.

`newsletter run` on an empty folder, as somebody tries it out, with sources made up on loopback: the first requests are refused
with 503, and some papers are named by the feeds only. With ARXIV_API_URL in the environment its sources are asked instead.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import re
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from chaos.oracle import SLOWNESS, Verdict
from chaos.place import now, wait_until
from newsletter import bootstrap
from newsletter.mail.inbox import message, messages
from newsletter.papers.calendar import announcement_day, last_announcement
from newsletter.papers.sample import sample_day
from newsletter.papers.store import papers as papers_store
from newsletter.settings import load
from tests.papers.arxiv.fake_feeds import FakeFeeds, FakeItem
from tests.papers.arxiv.fake_query_api import FakeArxiv, FakePaper, Fault
from tests.run.processes import Run, environment, newsletter

# Of few papers a day, so that a digest has room for all of them.
TOPICS = ("3d", "3dgs", "nerf", "rag", "speech", "safety", "robotics", "interpretability", "remote-sensing", "image-generation")
LANGUAGES = ("en", "en", "ja", "zh-CN")
OUTSIDE = ("ARXIV_API_URL", "ARXIV_FEED_URL", "HUGGINGFACE_URL", "TRANSLATORS", "LIBRETRANSLATE_URL")
LONGEST = 240.0
# A mail of more papers is cut where mail programs would: the rest stands on its page.
FITS = 18
FIELD = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
PAPER = re.compile(r"arxiv\.org/abs/(\d{4}\.\d{4,5})")


@dataclass
class Reader:
    """One sign-up; times are in seconds since 1970 (``began``: the service). ``told``: the page spoke of a fetch."""

    email: str
    topics: tuple[str, ...]
    language: str
    began: float
    at: float
    confirmed: float = 0.0
    told: bool = False
    problem: str = ""


def run(*, readers: int, seconds: int, milliseconds: int, refused: int, seed: int = 0) -> Verdict:
    """``readers`` sign up within ``seconds`` of the start, at ``milliseconds`` a request; the first ``refused`` get 503."""
    verdict = Verdict()
    # Other moments each time, unless told.
    dice = random.Random(seed or time.time_ns())
    with tempfile.TemporaryDirectory(prefix="nl-first-") as name, _sources(refused) as outside:
        folder = Path(name)
        # The least that a start has unless it is told otherwise: the first worker sends, whatever the other fetches.
        environ = outside | {"ARXIV_DELAY_SECONDS": str(milliseconds / 1000), "WORKERS": "2"}
        with Run(folder, **environ) as service:
            base, began = service.ready(), time.time()
            people = [
                Reader(
                    f"r{number}@example.org",
                    tuple(dice.sample(TOPICS, dice.randint(1, 3))),
                    dice.choice(LANGUAGES),
                    began,
                    began + dice.uniform(0, seconds),
                )
                for number in range(readers)
            ]
            walks = [threading.Thread(target=_walk, args=(reader, base, folder)) for reader in people]
            for walk in walks:
                walk.start()
            for walk in walks:
                walk.join()
            wait_until(lambda: all(_digests(folder, reader) for reader in people), seconds=LONGEST, pause=1)
            # A second mail would come soon after the first.
            time.sleep(15)
            _judge(verdict, people, folder, environ)
    return verdict


@contextmanager
def _sources(refused: int) -> Iterator[dict[str, str]]:
    if os.environ.get("ARXIV_API_URL"):
        yield {key: os.environ[key] for key in OUTSIDE if key in os.environ}
        return
    papers = _papers()
    # Each ninth is named by the feeds alone: it comes with the last transaction of the fetch.
    api = FakeArxiv([paper for number, paper in enumerate(papers) if number % 9], faults=[Fault.UNAVAILABLE] * refused)
    with api as api_url, FakeFeeds(_items(papers)) as feed_url:
        yield {"ARXIV_API_URL": api_url, "ARXIV_FEED_URL": feed_url, "HUGGINGFACE_URL": ""}


def _papers() -> list[FakePaper]:
    at = now()
    moment = at.replace(minute=0, second=0, microsecond=0)
    while announcement_day(moment) != last_announcement(at):
        moment -= dt.timedelta(hours=1)
    return [
        FakePaper(f"2611.{number:05d}", one.title, one.abstract, moment - dt.timedelta(minutes=number), categories=one.categories)
        for number, one in enumerate((sample.paper for sample in sample_day(dt.date(2026, 6, 26))), 1)
    ]


def _items(papers: list[FakePaper]) -> dict[str, list[FakeItem]]:
    found: dict[str, list[FakeItem]] = defaultdict(list)
    for paper in papers:
        for place, category in enumerate(paper.categories):
            kind = "cross" if place else "new"
            found[category].append(FakeItem(paper.ref, 1, kind, paper.title, paper.abstract, categories=paper.categories))
    return found


def _walk(reader: Reader, base: str, folder: Path) -> None:
    """Signs up when the moment has come, and follows the link in the mail at once."""
    time.sleep(max(0.0, reader.at - time.time()))
    try:
        with requests.Session() as browser:
            choices = {
                "email": reader.email,
                "topics": reader.topics,
                "language": reader.language,
                "timezone": "UTC",
                "hour": "7",
            }
            _post(browser, f"{base}/", f"{base}/subscribe", **choices)
            if not wait_until(lambda: _mails(folder, reader, "/confirm/"), seconds=60, pause=0.3):
                raise RuntimeError("no confirmation")
            [mail, *_] = _mails(folder, reader, "/confirm/")
            link = re.findall(r"http\S+/confirm/[\w-]+", mail[1])[0]
            reader.confirmed = time.time()
            words = _post(browser, link, link)
            reader.told = "/preferences/" in words and ("fetched" in words or "取得" in words or "获取" in words)
    except Exception as error:  # noqa: BLE001 - the verdict names it
        reader.problem = f"{type(error).__name__}: {error}"


def _post(browser: requests.Session, page: str, action: str, **fields: object) -> str:
    found = FIELD.search(browser.get(page, timeout=30).text)
    if found is None:
        raise RuntimeError(f"no form on {page}")
    answer = browser.post(action, data={"csrf_token": found[1], **fields}, timeout=30)
    answer.raise_for_status()
    return answer.text


def _mails(folder: Path, reader: Reader, part: str) -> list[tuple[float, str]]:
    """When the mails with ``part`` came to the reader, and their texts."""
    inbox = folder / "var" / "inbox"
    lines = [line for line in messages(inbox) if line.to == reader.email]
    found = [(line, mail.text) for line in lines if (mail := message(inbox, line.id)) is not None and part in mail.text]
    return [(int(line.id.partition(".")[0]) / 1e9, text) for line, text in reversed(found)]


def _digests(folder: Path, reader: Reader) -> list[tuple[float, str]]:
    return _mails(folder, reader, "/unsubscribe/")


def _judge(verdict: Verdict, people: list[Reader], folder: Path, environ: dict[str, str]) -> None:
    services = bootstrap.build(load(environment(folder, **environ)))
    with services.database.reading() as session:
        day = papers_store.newest_day(session)
    services.database.close()
    said = newsletter(folder, "topics", "matches", "--json", "--date", str(day), **environ).stdout
    matches = json.loads(said or "[]")
    waited = sum(reader.told for reader in people)
    verdict.tell(f"{len(people)} sign-ups, {waited} told of a fetch, {len(matches)} matches of {day}", broken=not matches)
    longest, whole = 0.0, 0
    for reader in people:
        expected = {match["id"] for match in matches if match["topic"] in reader.topics}
        mails = _digests(folder, reader)
        got = set(PAPER.findall(mails[0][1])) if mails else set[str]()
        took = mails[0][0] - reader.confirmed if mails else 0.0
        longest = max(longest, took)
        all_there = got <= expected and len(got) >= min(FITS, len(expected))
        if len(mails) == 1 and all_there and took <= LONGEST * SLOWNESS and not reader.problem:
            whole += 1
            continue
        what = f"{len(mails)} mails, the first with {len(got)} of {len(expected)} papers {took:.0f} s after the click"
        at = f"{reader.confirmed - people[0].began:.0f} s" if reader.confirmed else "never"
        verdict.tell(f"{reader.email} ({reader.language}, {'+'.join(reader.topics)}; {at}): {what} {reader.problem}", broken=True)
    verdict.tell(f"{whole} got all papers in one mail; the longest waited {longest:.0f} s")
