"""Builds the parts once per process, after any fork, and hands them out: the one place where they are put together.

What is dear or rarely used is built when it is first asked for.
"""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.db import Database, connect
from newsletter.errors import SettingsError
from newsletter.operating import runtime
from newsletter.operating.own_files import BRANDING, CATALOGUE, FINER_MODEL, LOGO, MODEL, TEMPLATE, OwnFiles, glossary_of, page_of
from newsletter.settings import Settings, SmtpServer
from newsletter.values.branding import Branding, Logo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.http.public_pages import Fetcher
    from newsletter.mail.deliveries import Delivery
    from newsletter.mail.dkim import DkimSigner
    from newsletter.mail.rendering.renderer import Renderer
    from newsletter.mail.signed_links import Signer
    from newsletter.papers.source_clients import SourceClients
    from newsletter.queues import Queues
    from newsletter.text.language_model import LanguageModel
    from newsletter.topics.catalogue import Catalogue
    from newsletter.topics.learned.model import TopicModel
    from newsletter.topics.matching import Matcher
    from newsletter.topics.saved_queries import Prepared
    from newsletter.translation.glossary import Glossary
    from newsletter.translation.translator import Translator
    from newsletter.values.topics import Topic

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

        return matcher_of(self.catalogue, self.model, self.finer_model)

    @property
    def model(self) -> TopicModel:
        """What was learned of the topics: here, else what ships."""
        from newsletter.topics.learned.model import load, parse

        return self.own_files.read(MODEL, parse, load)

    @cached_property
    def language_model(self) -> LanguageModel | None:
        """What makes vectors of whole texts, where the extra ``vectors`` is installed."""
        from newsletter.text.language_model import installed

        return installed()

    @property
    def finer_model(self) -> TopicModel | None:
        """What was learned beside ``model`` for papers with vectors; None where papers get none, or it was not learned anew."""
        from newsletter.topics.learned.model import SHIPPED_FINER, load, parse

        if not self.language_model:
            return None
        shipped = partial(load, SHIPPED_FINER)
        own = self.own_files.read(FINER_MODEL, parse, shipped)
        return next((one for one in (own, shipped()) if one.beside == self.model.version), None)

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

    @cached_property
    def clients(self) -> SourceClients:
        """The clients of arXiv and the other servers of papers."""
        from newsletter.papers.source_clients import SourceClients

        return SourceClients(self.settings, self.database, self.contact)

    @cached_property
    def fetcher(self) -> Fetcher:
        """Fetches what editors paste, from public addresses only."""
        from newsletter.http.public_pages import Fetcher

        return Fetcher(self.contact, loopback=self.settings.collection_loopback)

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
