"""Builds the parts once per process, after any fork, and hands them out: the one place where they are put together.

What is dear or rarely used is built when it is first asked for.
"""

from __future__ import annotations

import datetime as dt
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsletter.db import Database, connect
from newsletter.errors import SettingsError
from newsletter.operating import runtime
from newsletter.operating.own_files import BRANDING, CATALOGUE, LOGO, MODEL, TEMPLATE, OwnFiles, glossary_of, page_of
from newsletter.settings import ARXIV_DELAY_SECONDS, LOOPBACK, Settings, SmtpServer
from newsletter.values.branding import Branding, Logo
from newsletter.values.papers import ARXIV

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.http.public_pages import Fetcher
    from newsletter.mail.deliveries import Delivery
    from newsletter.mail.dkim import DkimSigner
    from newsletter.mail.rendering.renderer import Renderer
    from newsletter.mail.signed_links import Signer
    from newsletter.papers.arxiv.feeds import FeedSource
    from newsletter.papers.arxiv.oai import OaiSource
    from newsletter.papers.arxiv.query_api import ArxivSource
    from newsletter.papers.sources import Source
    from newsletter.papers.venues.feeds import VenueFeed
    from newsletter.queues import Queues
    from newsletter.settings.sections import VenueAddress
    from newsletter.topics.catalogue import Catalogue
    from newsletter.topics.learned.model import TopicModel
    from newsletter.topics.matching import Matcher
    from newsletter.topics.saved_queries import Prepared
    from newsletter.translation.glossary import Glossary
    from newsletter.translation.translator import Translator
    from newsletter.values.topics import Topic

# Seconds to connect, and between two pieces of an answer.
HASTY = (4.0, 60.0)
# Two weeks of the catalogue's categories are some 10,000 papers, and an ordinary day shall take few requests.
PAGE_SIZE = 1000
# Seconds between two requests to api.biorxiv.org, which names no limit; both servers are behind it and share the slots.
POSTING_DELAY = 1.0
TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


@dataclass(frozen=True)
class Services:
    """Everything a use-case needs. One object per process; not to be carried over a fork."""

    settings: Settings
    database: Database

    @cached_property
    def own_files(self) -> OwnFiles:
        """What the operator gave in place of what ships, of this database."""
        return OwnFiles(self.database)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in use: the operator's, else the one that ships. Another object once another is in use."""
        from newsletter.topics.catalogue import load, parse

        return self.own_files.read(CATALOGUE, parse, load)

    @property
    def topics(self) -> Mapping[str, Topic]:
        """All that a reader may have chosen, by slug: the entries of the catalogue in use, then the servers' categories."""
        from newsletter.topics.categories import with_categories

        return with_categories(self.catalogue)

    @property
    def offered(self) -> Mapping[str, Topic]:
        """What can be chosen now: the same without headings, and without categories of servers that are not read."""
        from newsletter.topics.categories import with_categories

        return with_categories(self.catalogue, self.settings.sources)

    @property
    def matcher(self) -> Matcher:
        """The matcher of catalogue and model in use; take it once for work that belongs together."""
        from newsletter.topics.matching import matcher_of

        return matcher_of(self.catalogue, self.model)

    @property
    def model(self) -> TopicModel:
        """What was learned of the topics: here, else what ships."""
        from newsletter.topics.learned.model import load, parse

        return self.own_files.read(MODEL, parse, load)

    @cached_property
    def prepared(self) -> Prepared:
        from newsletter.topics.saved_queries import Prepared

        return Prepared()

    @cached_property
    def translator(self) -> Translator:
        from newsletter.translation.budgets import KeptLimits
        from newsletter.translation.engines.registry import build_engines
        from newsletter.translation.translator import Translator

        settings = self.settings.engines
        limits = KeptLimits(
            self.database,
            settings.calls_per_minute,
            settings.characters_per_month,
            now=lambda: dt.datetime.now(dt.UTC),
            money_per_month=settings.money_per_month,
            prices=settings.character_prices,
        )
        return Translator(
            build_engines(settings),
            concurrency=settings.concurrency,
            glossary=self.glossary,
            limits=limits,
            local_numbers=settings.local_numbers,
        )

    def glossary(self, language: str) -> Glossary:
        """The glossary of a language: the packaged one, overlaid by the operator's."""
        from newsletter.translation.glossary import load_glossary, overlaid

        return self.own_files.read(glossary_of(language), partial(overlaid, language), partial(load_glossary, language))

    def own_page(self, page: str, language: str) -> str:
        """The operator's own words on a page, in Markdown; "" where they gave none in this language."""
        from newsletter.text.own_pages import read_page

        return self.own_files.read(page_of(page, language), read_page, str)

    @cached_property
    def signer(self) -> Signer:
        from newsletter.mail.signed_links import Signer

        return Signer([key.get_secret_value() for key in self.settings.secret_keys])

    @property
    def branding(self) -> Branding:
        """How mails and pages look and speak: the operator's way, else what ships."""
        from newsletter.operating.branding import parse_branding

        return self.own_files.read(BRANDING, parse_branding, Branding)

    @property
    def logo(self) -> Logo | None:
        """The operator's picture in place of the name."""
        from newsletter.operating.branding import parse_logo

        return self.own_files.read(LOGO, parse_logo, lambda: None)

    @property
    def renderer(self) -> Renderer:
        """What renders mails, in the look that is in use; another one once that is another."""
        looks = self.own_files.looks()
        if looks not in self._renderers:
            made = self._make_renderer([name for name, _ in looks])
            self._renderers.clear()
            self._renderers[looks] = made
            return made
        return self._renderers[looks]

    @cached_property
    def _renderers(self) -> dict[tuple[tuple[str, int], ...], Renderer]:
        return {}

    def _make_renderer(self, own: Sequence[str]) -> Renderer:
        from newsletter.mail.rendering.own_templates import read
        from newsletter.mail.rendering.renderer import Look, Renderer, Site

        settings = self.settings
        site = Site(settings.site_name, settings.base_url, settings.imprint, settings.contact_email)
        templates = {
            name.removeprefix(TEMPLATE): self.own_files.read(name, read, lambda: "") for name in own if name.startswith(TEMPLATE)
        }
        look = Look(self.branding, self.logo, {name: text for name, text in templates.items() if text})
        return Renderer(templates=TEMPLATES / "email", cache=settings.data_dir / "cache" / "mjml", site=site, look=look)

    def mail_from(self, language: str) -> str:
        """Who mails in ``language`` are from: as the branding says, where that is at the domain that we sign for."""
        own = self.branding.sender_in(language)
        if not own:
            return self.settings.mail_from
        if "<" not in own:
            return f"{own} <{self._mail_from}>"
        return own if parseaddr(own)[1].rpartition("@")[2].lower() == self.mail_domain.lower() else self.settings.mail_from

    @cached_property
    def dkim(self) -> DkimSigner | None:
        from newsletter.mail.dkim import load_signer

        settings = self.settings
        return load_signer(domain=settings.dkim_domain, selector=settings.dkim_selector, key_file=settings.dkim_key_file)

    @cached_property
    def queues(self) -> Queues:
        from newsletter.queues import Queues

        return Queues(self.settings.redis_url.get_secret_value())

    @cached_property
    def mail_domain(self) -> str:
        """The domain of MAIL_FROM: right side of Message-IDs and what we greet mail servers with."""
        return parseaddr(self.settings.mail_from)[1].rpartition("@")[2] or socket.getfqdn()

    def source(self, server: str = ARXIV, *, attempts: int) -> Source:
        """The papers of ``server``; every request of it waits for its slot over all machines of the installation.

        With few attempts somebody waits before an empty page: a network that swallows packets is given up early.
        """
        from newsletter.http.rate_limit import RateLimit
        from newsletter.http.retrying import HASTY_ATTEMPTS
        from newsletter.http.session import TIMEOUTS

        timeouts = HASTY if attempts <= HASTY_ATTEMPTS else TIMEOUTS
        if server != ARXIV:
            from newsletter.papers.preprints.biorxiv import PostingSource

            url = self.settings.biorxiv_url
            rate_limit = RateLimit(self.database, "biorxiv", 0.0 if urlsplit(url).hostname in LOOPBACK else POSTING_DELAY)
            return PostingSource(server, url, self.contact, rate_limit, attempts=attempts, timeouts=timeouts)
        return self.arxiv(attempts=attempts)

    def arxiv(self, *, attempts: int) -> ArxivSource:
        """The query API, as ``source``; it can be asked for one paper too."""
        from newsletter.http.rate_limit import RateLimit
        from newsletter.http.retrying import HASTY_ATTEMPTS
        from newsletter.http.session import TIMEOUTS
        from newsletter.papers.arxiv.query_api import ArxivSource

        timeouts = HASTY if attempts <= HASTY_ATTEMPTS else TIMEOUTS
        rate_limit = RateLimit(self.database, "arxiv", self.settings.arxiv_delay_seconds)
        return ArxivSource(
            self.settings.arxiv_api_url,
            self.contact,
            rate_limit,
            page_size=PAGE_SIZE,
            attempts=attempts,
            timeouts=timeouts,
            sleep=self._pause,
        )

    def oai(self) -> OaiSource:
        """arXiv by OAI-PMH, behind the same gate as the query API."""
        from newsletter.http.rate_limit import RateLimit
        from newsletter.papers.arxiv.oai import OaiSource

        rate_limit = RateLimit(self.database, "arxiv", self.settings.arxiv_delay_seconds)
        return OaiSource(self.settings.arxiv_oai_url, self.contact, rate_limit, sleep=self._pause)

    def venue(self, feed: VenueAddress, *, attempts: int) -> VenueFeed:
        """The feed of a journal or a venue; all of them share their slots."""
        from newsletter.http.rate_limit import RateLimit
        from newsletter.papers.venues.feeds import VenueFeed

        rate_limit = RateLimit(self.database, "venues", 0.0 if urlsplit(feed.url).hostname in LOOPBACK else POSTING_DELAY)
        return VenueFeed(feed.name, feed.url, self.contact, rate_limit, attempts=min(attempts, 3))

    @cached_property
    def fetcher(self) -> Fetcher:
        """Fetches what editors paste, from public addresses only."""
        from newsletter.http.public_pages import Fetcher

        return Fetcher(self.contact, loopback=self.settings.collection_loopback)

    def feeds(self, *, attempts: int) -> FeedSource | None:
        """The announcement feeds, behind the same gate as the query API; None where they are off."""
        from newsletter.http.rate_limit import RateLimit
        from newsletter.http.retrying import HASTY_ATTEMPTS
        from newsletter.http.session import TIMEOUTS
        from newsletter.papers.arxiv.feeds import FeedSource

        url = self.settings.arxiv_feed_url
        if not url:
            return None
        rate_limit = RateLimit(self.database, "arxiv", self.settings.arxiv_delay_seconds)
        timeouts = HASTY if attempts <= HASTY_ATTEMPTS else TIMEOUTS
        return FeedSource(url, self.contact, rate_limit, attempts=attempts, timeouts=timeouts, sleep=self._pause)

    def _pause(self, seconds: float) -> None:
        """A pause after arXiv failed: shorter, in proportion, where a server on this machine is asked at a shorter delay."""
        time.sleep(seconds * min(1.0, self.settings.arxiv_delay_seconds / ARXIV_DELAY_SECONDS))

    @cached_property
    def contact(self) -> str:
        """Who we are to outside services: CONTACT_EMAIL, else the address of MAIL_FROM."""
        return self.settings.contact_email or parseaddr(self.settings.mail_from)[1]

    @cached_property
    def _mail_from(self) -> str:
        return parseaddr(self.settings.mail_from)[1]

    def smtp_servers(self) -> Sequence[SmtpServer]:
        """The relays in order; the local inbox where none is set. Raises SettingsError where the inbox is not running."""
        if self.settings.smtp_servers:
            return self.settings.smtp_servers
        port = runtime.inbox_port(self.settings.data_dir)
        if port is None:
            raise SettingsError("SMTP_URL is not set and no local inbox is running: set SMTP_URL, or start `newsletter run`")
        return (SmtpServer("127.0.0.1", port),)

    def unsubscribe_address(self, delivery: Delivery) -> str:
        """Where whoever got this delivery unsubscribes by mail; "" where nothing reads what is written there."""
        from newsletter.mail.delivery_links import leaving_token

        return f"u-{leaving_token(self.signer, delivery)}@{self.settings.bounce_domain}" if self.settings.reads_bounces else ""

    def envelope_from(self, delivery: Delivery) -> str:
        """The envelope sender, the same at each try of a delivery; with BOUNCE_DOMAIN it names the delivery (VERP)."""
        from newsletter.mail.delivery_links import bounce_token

        if delivery.envelope_from:
            return delivery.envelope_from
        if not self.settings.bounce_domain:
            return self._mail_from
        return f"b-{bounce_token(self.signer, delivery)}@{self.settings.bounce_domain}"


def build(settings: Settings) -> Services:
    """Opens the database and gives the services, with the addresses of the embedded parts that run on this machine.

    Raises PermanentError where DATABASE_URL cannot be used.
    """
    return Services(runtime.resolved(settings), connect(settings.database_url.get_secret_value()))
