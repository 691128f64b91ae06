"""Builds the messages of claimed deliveries: what each kind of mail says to whom, with which links.

Papers, matches and translations are read once for a batch and kept as long as the object, which is one drain; so a digest needs
no query of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import structlog
from sqlalchemy.orm import Session

from newsletter.collection.digest_picks import pick_of
from newsletter.collection.store import nodes as collection_store
from newsletter.digests.composition import compose_digest, compose_entry
from newsletter.digests.sections import SECTIONS, section_name
from newsletter.digests.selection import COLLECTION, FOLLOWED
from newsletter.errors import NewsletterError, TemporaryError
from newsletter.i18n import listed
from newsletter.i18n.phrases import query_name
from newsletter.mail import messages
from newsletter.mail.deliveries import SETTLED, Delivery, NothingLeft, is_empty
from newsletter.mail.delivery_links import view_token
from newsletter.mail.rendering.encoding import Rendered
from newsletter.mail.signed_links import LinkPurpose
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers import links
from newsletter.topics.saved_queries import followed_author, is_named
from newsletter.translation.store import translations as translation_store
from newsletter.values.digests import Digest, Entry, Pick
from newsletter.values.mail import OF_PAPERS, MailKind, Message, ReaderLinks
from newsletter.values.papers import Paper
from newsletter.values.readers import Explanation, Layout
from newsletter.values.topics import Match, Topic
from newsletter.values.translations import Field, Translation

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

ONE_TIME_LINKS = {
    MailKind.CONFIRM: links.Purpose.CONFIRM,
    MailKind.ADDRESS: links.Purpose.ADDRESS,
    MailKind.EDITOR: links.Purpose.EDITOR,
    MailKind.GOODBYE: links.Purpose.RETURN,
    MailKind.DATA: links.Purpose.EXPORT,
    MailKind.ERASE: links.Purpose.ERASE,
}
OF_READERS = (LinkPurpose.PREFERENCES, LinkPurpose.UNSUBSCRIBE, LinkPurpose.FEEDBACK)


def _following(delivery: Delivery) -> str:
    """What makes the page of choices offer to follow the authors that were asked for with this mail."""
    names = delivery.contents.get("follow", ())
    return "?" + urlencode([("follow", name) for name in names]) if names else ""


class MessageBuilder:
    """Turns deliveries into messages; one object per drain, used by one thread."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._papers: dict[int, Paper] = {}
        self._withdrawn: set[int] = set()
        self._matches: dict[int, Sequence[Match]] = {}
        self._translations: dict[str, dict[int, Mapping[Field, Translation]]] = defaultdict(dict)
        self._picks: dict[int, Pick | None] = {}
        self._entries: dict[tuple[str, int, str, tuple[str, ...]], Entry | None] = {}
        self._senders: dict[str, messages.Sender] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._own, self._topics = services.catalogue.by_slug, services.topics

    def build(self, deliveries: Sequence[Delivery], *, now: dt.datetime) -> dict[int, Message | NewsletterError]:
        """The message of each delivery by its id, or the error that kept it from being built; one bad mail stops no other.

        Raises TemporaryError where the database cannot be reached.
        """
        self._load([delivery for delivery in deliveries if delivery.kind in OF_PAPERS])
        secrets = self._mint(deliveries, now=now)
        built: dict[int, Message | NewsletterError] = {}
        for delivery in deliveries:
            try:
                built[delivery.id] = self._message(delivery, secrets.get(delivery.id, ""), now=now)
            except NewsletterError as error:
                log.error("mail cannot be built", delivery=delivery.id, kind=delivery.kind, problem=str(error))
                built[delivery.id] = error
            except Exception as error:
                # A template or a library that breaks over one paper must not stop everybody's mail: this row is tried again
                # later.
                log.exception("mail cannot be built", delivery=delivery.id, kind=delivery.kind)
                built[delivery.id] = TemporaryError(f"the mail cannot be built: {type(error).__name__}")
        return built

    def digest(self, delivery: Delivery) -> Digest:
        """The digest of a frozen row; also for "view in browser" and the preview."""
        self._load([delivery])
        return self._digest(delivery)

    def links_of(self, delivery: Delivery, *, now: dt.datetime) -> ReaderLinks:
        """The signed links of the delivery's subscriber."""
        base, signer = self._services.settings.base_url, self._services.signer
        choices, leave, feedback = (
            signer.link_token(purpose, delivery.link_key, delivery.token_version, day=now.date()) for purpose in OF_READERS
        )
        return ReaderLinks(
            preferences=f"{base}/preferences/{choices}",
            # The page of leaving offers fewer mails instead, for which its own token is not enough.
            unsubscribe=f"{base}/unsubscribe/{leave}?choices={choices}",
            one_click=f"{base}/unsubscribe/{leave}",
            view=f"{base}/view/{view_token(signer, delivery)}" if delivery.id else "",
            token=feedback,
            unsubscribe_address=self._services.unsubscribe_address(delivery) if delivery.id else "",
        )

    def render(
        self, delivery: Delivery, *, reader_links: ReaderLinks, secret: str = "", digest: Digest | None = None
    ) -> Rendered:
        """The delivery's subject, HTML and text; ``secret`` is the one-time token of a mail of a kind in `ONE_TIME_LINKS`.

        ``digest`` is that of the delivery, where it is composed already.
        """
        renderer, base = self._services.renderer, self._services.settings.base_url
        if delivery.kind in OF_PAPERS:
            digest = digest or self.digest(delivery)
            # A digest with papers tells of their topics alone.
            topics = () if digest.count else self._topic_names(delivery)
            return renderer.digest(digest, reader_links, topics=topics)
        facts = {
            MailKind.CONFIRM: {"confirm_url": f"{base}/confirm/{secret}", "moved_from": delivery.contents.get("moved_from", "")},
            MailKind.ADDRESS: {"address_url": f"{base}/address/{secret}"},
            MailKind.DATA: {"data_url": f"{base}/data/{secret}"},
            MailKind.ERASE: {"erase_url": f"{base}/erase/{secret}"},
            MailKind.MOVED: {"moved_to": delivery.contents.get("moved_to", "")},
            MailKind.PREFERENCES: {
                "preferences_url": reader_links.preferences + _following(delivery),
                "authors": listed(delivery.contents.get("authors", ()), delivery.language),
            },
            MailKind.GOODBYE: {"back_url": f"{base}/return/{secret}"},
            MailKind.EDITOR: {
                "editor_url": f"{base}/collection/editor/{secret}",
                "editor_name": delivery.contents.get("editor", ""),
            },
        }
        return renderer.notice(delivery.kind, delivery.language, facts[delivery.kind])

    def _message(self, delivery: Delivery, secret: str, *, now: dt.datetime) -> Message:
        digest = self._digest(delivery) if delivery.kind in OF_PAPERS else None
        if digest and not (digest.count or digest.picks) and not is_empty(delivery.contents):
            raise NothingLeft("its papers are gone")
        reader_links = self.links_of(delivery, now=now)
        rendered = self.render(delivery, reader_links=reader_links, secret=secret, digest=digest)
        pieces = messages.build(
            rendered,
            sender=self._sender(delivery.language),
            recipient=delivery.email,
            message_id=delivery.message_id,
            date=now,
            kind=delivery.kind,
            links=reader_links,
            signer=self._services.dkim,
        )
        sender = self._services.envelope_from(delivery)
        return Message(delivery.id, sender, delivery.email, pieces, dotless=rendered.is_base64)

    def _sender(self, language: str) -> messages.Sender:
        if language not in self._senders:
            settings, mail_from = self._services.settings, self._services.mail_from(language)
            self._senders[language] = messages.Sender(mail_from, settings.site_name, settings.base_url, settings.contact_email)
        return self._senders[language]

    def _mint(self, deliveries: Iterable[Delivery], *, now: dt.datetime) -> dict[int, str]:
        """One-time tokens for the ``deliveries`` that carry one: new ones at each try, because only hashes are kept."""
        waiting = [delivery for delivery in deliveries if delivery.kind in ONE_TIME_LINKS]
        if not waiting:
            return {}
        with self._services.database.transaction() as session:
            return {
                delivery.id: links.mint(
                    session, delivery.subscriber_id, ONE_TIME_LINKS[delivery.kind], now=now, delivery_id=delivery.id
                )
                for delivery in waiting
            }

    def _load(self, digests: Sequence[Delivery]) -> None:
        """Reads what ``digests`` hold and no earlier ones of this drain held."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for delivery in digests:
            # A row whose contents are damaged fails alone, when its own message is built.
            with suppress(TypeError, ValueError):
                wanted[delivery.language].update(paper_id for paper_id, _ in delivery.contents.get("papers", ()))
        self._load_picks({entry for delivery in digests for entry in delivery.contents.get("picked", ())})
        new = {language: ids - self._translations[language].keys() for language, ids in wanted.items()}
        if not any(new.values()):
            return
        with self._services.database.reading() as session:
            self._load_papers(session, sorted(set().union(*new.values()) - self._papers.keys()))
            for language, ids in new.items():
                found = translation_store.translations(session, sorted(ids), language)
                self._translations[language] |= {paper_id: found.get(paper_id, {}) for paper_id in ids}

    def _load_papers(self, session: Session, missing: Sequence[int]) -> None:
        if missing:
            self._papers |= papers_store.papers_by_ids(session, missing)
            self._withdrawn = {paper.id for paper in self._papers.values() if paper.withdrawn}
            self._matches |= papers_store.matches_of(session, missing)

    def _load_picks(self, wanted: set[int]) -> None:
        if missing := wanted - self._picks.keys():
            base = self._services.settings.base_url
            with self._services.database.reading() as session:
                nodes = collection_store.nodes(session, missing)
            self._picks |= {entry: pick_of(nodes[entry], base) if entry in nodes else None for entry in missing}

    def _digest(self, delivery: Delivery) -> Digest:
        contents = delivery.contents
        followed = {slug: name for slug, text in contents.get("own", {}).items() if (name := followed_author(text))}
        # A paper withdrawn since the planning is not mailed any more; a digest that was mailed is shown as it was.
        gone = set() if delivery.state in SETTLED else self._withdrawn
        return compose_digest(
            [(paper_id, topic) for paper_id, topic in contents.get("papers", ())],
            date=dt.date.fromisoformat(delivery.period),
            language=delivery.language,
            entry_of=lambda paper, topic: None if paper in gone else self._entry(delivery.language, paper, topic, followed),
            name_of=lambda slug: self._name_of(delivery, slug),
            section_of=lambda slug: FOLLOWED if slug in followed else slug,
            found=contents.get("found"),
            top=contents.get("top", ()),
            occasion=delivery.kind,
            more=contents.get("more", 0),
            welcome=contents.get("welcome", False),
            layout=Layout(contents.get("layout", Layout.STANDARD)),
            picks=[pick for entry in contents.get("picked", ()) if (pick := self._picks.get(entry)) is not None],
            more_picks=contents.get("more_picked", 0),
            # Mails frozen by an earlier version say no title that a paper is like.
            explanations={paper: Explanation(*why) for paper, *why in contents.get("because", ())},
        )

    def _entry(self, language: str, paper_id: int, topic: str, followed: Mapping[str, str]) -> Entry | None:
        names = self._followed_authors(paper_id, followed) if followed else ()
        key = (language, paper_id, topic, names)
        if key not in self._entries:
            paper = self._papers.get(paper_id)
            self._entries[key] = (
                None
                if paper is None
                else compose_entry(
                    paper,
                    language=language,
                    translations=self._translations[language].get(paper_id, {}),
                    matches=self._matches.get(paper_id, ()),
                    topics=self._named_beside(topic),
                    topic=topic,
                    followed=names,
                )
            )
        return self._entries[key]

    def _named_beside(self, slug: str) -> Mapping[str, Topic]:
        """The topics that a paper under ``slug`` is said to be under: the catalogue's, and of categories that one alone."""
        topic = self._topics.get(slug)
        return self._own if topic is None or slug in self._own else {**self._own, slug: topic}

    def _followed_authors(self, paper_id: int, followed: Mapping[str, str]) -> tuple[str, ...]:
        """The authors of the paper that the reader follows; ``followed`` has their names by the slug of the saved query."""
        found = {followed[match.topic] for match in self._matches.get(paper_id, ()) if match.topic in followed}
        paper = self._papers.get(paper_id)
        if not found or paper is None:
            return ()
        return tuple(author for author in paper.authors if any(is_named(author, name) for name in found))

    def _topic_names(self, delivery: Delivery) -> tuple[str, ...]:
        """What the reader had chosen when the digest was frozen: topics that still exist, then their saved queries."""
        chosen = [slug for slug in delivery.contents.get("topics", ()) if slug in self._topics or slug == COLLECTION]
        return tuple(self._name_of(delivery, slug) for slug in (*chosen, *delivery.contents.get("own", ())))

    def _name_of(self, delivery: Delivery, slug: str) -> str:
        if name := self._names.get((delivery.language, slug)):
            return name
        topic = self._topics.get(slug)
        if slug in SECTIONS:
            name = section_name(slug, delivery.language)
        elif topic is not None:
            name = topic.name(delivery.language)
        else:
            # Readers name their saved queries as they like: nothing is kept of these.
            text = delivery.contents.get("own", {}).get(slug)
            return query_name(text, delivery.language, author=followed_author(text)) if text else slug
        self._names[delivery.language, slug] = name
        return name
