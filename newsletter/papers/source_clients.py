"""The client of each server of papers, put together from the settings: its address, its slots, its time-outs and attempts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from newsletter.db import Database
from newsletter.http.rate_limit import RateLimit
from newsletter.http.retrying import HASTY_ATTEMPTS
from newsletter.http.session import TIMEOUTS
from newsletter.papers.arxiv.feeds import FeedSource
from newsletter.papers.arxiv.oai import OaiSource
from newsletter.papers.arxiv.query_api import ArxivSource
from newsletter.papers.preprints.biorxiv import PostingSource
from newsletter.papers.sources import Source
from newsletter.papers.venues.feeds import VenueFeed
from newsletter.settings import ARXIV_DELAY_SECONDS, LOOPBACK, Settings
from newsletter.settings.sections import VenueAddress
from newsletter.values.papers import ARXIV

# Seconds to connect, and between two pieces of an answer, where somebody waits: a network that swallows packets is left early.
HASTY = (4.0, 60.0)
# Two weeks of the catalogue's categories are some 10,000 papers, and an ordinary day shall take few requests.
PAGE_SIZE = 1000
# Seconds between two requests to api.biorxiv.org, which names no limit; both servers are behind it and share the slots.
POSTING_DELAY = 1.0
# How often the feed of a venue is asked at most: what it shows stays there for weeks.
VENUE_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class SourceClients:
    """Makes a client a call; whoever asks for one closes it. ``contact`` is who we are to the servers.

    Every request of a client waits for its slot over all machines of the installation. ``attempts`` is how often one is sent.
    """

    settings: Settings
    database: Database
    contact: str

    def server(self, name: str = ARXIV, *, attempts: int) -> Source:
        """The papers of the server ``name``."""
        if name == ARXIV:
            return self.arxiv(attempts=attempts)
        url = self.settings.biorxiv_url
        slots = self._slots("biorxiv", url)
        return PostingSource(name, url, self.contact, slots, attempts=attempts, timeouts=_timeouts(attempts))

    def arxiv(self, *, attempts: int) -> ArxivSource:
        """arXiv's query API, which can be asked for one paper too."""
        return ArxivSource(
            self.settings.arxiv_api_url,
            self.contact,
            self._arxiv_slots(),
            page_size=PAGE_SIZE,
            attempts=attempts,
            timeouts=_timeouts(attempts),
            sleep=self._pause,
        )

    def oai(self) -> OaiSource:
        """arXiv by OAI-PMH."""
        return OaiSource(self.settings.arxiv_oai_url, self.contact, self._arxiv_slots(), sleep=self._pause)

    def feeds(self, *, attempts: int) -> FeedSource | None:
        """arXiv's announcement feeds; None where they are off."""
        url = self.settings.arxiv_feed_url
        if not url:
            return None
        return FeedSource(
            url, self.contact, self._arxiv_slots(), attempts=attempts, timeouts=_timeouts(attempts), sleep=self._pause
        )

    def venue(self, feed: VenueAddress, *, attempts: int) -> VenueFeed:
        """The feed of a journal or a venue; all of them share their slots."""
        slots = self._slots("venues", feed.url)
        return VenueFeed(feed.name, feed.url, self.contact, slots, attempts=min(attempts, VENUE_ATTEMPTS))

    def _arxiv_slots(self) -> RateLimit:
        """One gate for all that arXiv is asked, however it is asked."""
        return RateLimit(self.database, "arxiv", self.settings.arxiv_delay_seconds)

    def _slots(self, service: str, url: str) -> RateLimit:
        return RateLimit(self.database, service, 0.0 if urlsplit(url).hostname in LOOPBACK else POSTING_DELAY)

    def _pause(self, seconds: float) -> None:
        """A pause after arXiv failed: shorter, in proportion, where a server on this machine is asked at a shorter delay."""
        time.sleep(seconds * min(1.0, self.settings.arxiv_delay_seconds / ARXIV_DELAY_SECONDS))


def _timeouts(attempts: int) -> tuple[float, float]:
    return HASTY if attempts <= HASTY_ATTEMPTS else TIMEOUTS
