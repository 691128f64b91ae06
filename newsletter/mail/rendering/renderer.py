"""Renders digests and notices. It decides what is cut when a mail grows too long, and nothing else.

No network, no database: it gets values, and gives a ``Rendered`` value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock

from jinja2 import Template

from newsletter.errors import PermanentError
from newsletter.i18n import day_and_month, interface_language, translations_for
from newsletter.languages import SOURCE_LANGUAGE, language_of
from newsletter.mail.rendering.card_texts import Form
from newsletter.mail.rendering.cards import FORMS, Card, Cards
from newsletter.mail.rendering.digest_head import head_context, quiet_subject
from newsletter.mail.rendering.digest_parts import PartTemplates, html_part, sections, text_part
from newsletter.mail.rendering.encoding import Rendered
from newsletter.mail.rendering.mjml import compiled_html, load_parts, read_template
from newsletter.mail.rendering.shared_template import Filling, SharedTemplate
from newsletter.mail.signed_links import TOKEN_LENGTH
from newsletter.text.characters import one_line
from newsletter.values.branding import ACCENT, ACCENT_DARK, Branding, Logo
from newsletter.values.digests import Announced, Digest, Pick
from newsletter.values.mail import MailKind, ReaderLinks
from newsletter.values.readers import Layout

# Gmail clips HTML above about 102 kB, https://github.com/hteumeuleu/email-bugs/issues/41: stay well below it.
MOST_BYTES = 90_000
MOST_IMPRINT = 1000
MOST_VALUE = 400
MOST_NOTE = 1000
# The value that each notice needs: a link, or the (masked) address that mails go to now.
NOTICES: Mapping[MailKind, str] = {
    MailKind.CONFIRM: "confirm_url",
    MailKind.PREFERENCES: "preferences_url",
    MailKind.GOODBYE: "back_url",
    MailKind.ADDRESS: "address_url",
    MailKind.MOVED: "moved_to",
    MailKind.EDITOR: "editor_url",
    MailKind.DATA: "data_url",
    MailKind.ERASE: "erase_url",
}

OPTIONAL = {"moved_from": "", "editor_name": "", "authors": ""}

_LATIN = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial"
_SERIF = "'Iowan Old Style', 'Palatino Linotype', Palatino, Charter, Georgia, 'Noto Serif', serif"
# Twenty papers in these are a dozen screens of a phone as they stand: there is no room for more air between the lines of a card.
_LONG_WINDED = ("fr", "ru")
_FONTS = {
    "zh-CN": f"{_LATIN}, 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
    "zh-TW": f"{_LATIN}, 'PingFang TC', 'Microsoft JhengHei', 'Noto Sans CJK TC', sans-serif",
    "ja": f"{_LATIN}, 'Hiragino Sans', 'Yu Gothic', Meiryo, 'Noto Sans CJK JP', sans-serif",
    "ko": f"{_LATIN}, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans CJK KR', sans-serif",
    "ar": "-apple-system, 'Segoe UI', 'Geeza Pro', Tahoma, 'Noto Sans Arabic', 'Noto Naskh Arabic', Arial, sans-serif",
    "fa": "-apple-system, 'Segoe UI', 'Geeza Pro', Tahoma, 'Noto Sans Arabic', 'Noto Naskh Arabic', Arial, sans-serif",
}


@dataclass(frozen=True, slots=True)
class Site:
    """What a mail says about the service. ``base_url`` has no slash at its end; ``imprint`` and ``contact`` may be ""."""

    name: str
    base_url: str
    imprint: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What an operator gave of mails: colours, texts and footers; a logo; sources of templates by name (``confirm-body.txt``)."""

    branding: Branding = field(default_factory=Branding)
    logo: Logo | None = None
    templates: Mapping[str, str] = field(default_factory=dict)


# Where the name of the service stands at the head of a mail.
HEAD = '<p class="m">{{ site.name }}</p>'
LOGO_HEIGHT = 40


@dataclass(frozen=True, slots=True)
class _Templates:
    """One kind of mail in one language."""

    subject: Template
    html: Mapping[str, Template]
    text: Mapping[str, Template]
    html_templates: PartTemplates
    text_templates: PartTemplates
    subjects: SharedTemplate


class Renderer:
    """Renders all kinds of mail; one per process, safe to share between threads. Templates are read when they are first used."""

    def __init__(self, *, templates: Path, cache: Path, site: Site, look: Look | None = None) -> None:
        self._folder, self._cache, self._site, self._look = templates, cache, site, look or Look()
        self._loaded: dict[tuple[MailKind, str], _Templates] = {}
        self._cards: dict[tuple[str, Layout, Form, bool], Cards] = {}
        self._lock = Lock()

    def digest(self, digest: Digest, links: ReaderLinks, *, topics: tuple[str, ...]) -> Rendered:
        """The digest as a mail; ``topics`` are the names of the reader's topics, in their language.

        The HTML has at most 90,000 bytes: first all cards become shorter, then whole ones go, the last of the longest topic
        first, from both parts alike, and are counted in "and N more", which leads to the archive page of the newest
        announcement day among them.
        """
        templates = self._templates(MailKind.DIGEST, digest.language)
        language, context = interface_language(digest.language), self._digest_context(digest, links)
        for form in FORMS[digest.layout]:
            cards = self._cards_of(digest, templates, form=form, token=links.token)
            cards_by_group = [[cards.card(entry) for entry in group.entries] for group in digest.groups]
            context |= head_context(digest, cards_by_group, topics, language)
            shown, filling = sections(digest.groups, cards_by_group, context), Filling.of(context)
            html, size = html_part(templates.html_templates, shown, filling)
            if size <= MOST_BYTES:
                break
        while _cut(cards_by_group, size - MOST_BYTES):
            context |= head_context(digest, cards_by_group, topics, language)
            shown, filling = sections(digest.groups, cards_by_group, context), Filling.of(context)
            html, size = html_part(templates.html_templates, shown, filling)
        heading = translations_for(digest.language).gettext("Links")
        text = text_part(templates.text_templates, shown, filling, heading=heading)
        return Rendered(quiet_subject(templates.subjects.fill(filling)[1], self._site.name), html, text)

    def notice(self, kind: MailKind, language: str, context: Mapping[str, str]) -> Rendered:
        """A short mail: what it needs is in `NOTICES`; a confirmation may have ``moved_from``, the address of mails so far.

        A link to the choices may have ``authors``, whom it offers to follow.

        Raises PermanentError where that value is not given.
        """
        templates = self._templates(kind, language)
        given = {name: one_line(value, MOST_VALUE) for name, value in context.items()}
        whole = {**self._common_context(language), **OPTIONAL, **given, "url": _needed(kind, context)}
        subject = quiet_subject(templates.subject.render(whole), self._site.name)
        return Rendered.of(subject, templates.html["skeleton"].render(whole), templates.text["skeleton"].render(whole))

    def _templates(self, kind: MailKind, language: str) -> _Templates:
        language = language_of(language).code
        with self._lock:
            if (kind, language) not in self._loaded:
                self._loaded[kind, language] = self._load(kind, language)
            return self._loaded[kind, language]

    def _load(self, kind: MailKind, language: str) -> _Templates:
        folder, own = self._folder / kind.value, self._look.templates
        html_of, text_of, subject_of = (own.get(f"{kind}-{file}", "") for file in ("body.mjml", "body.txt", "subject.txt"))
        direction = language_of(language).direction
        source = self._dressed(compiled_html(folder / "body.mjml", cache=self._cache, direction=direction, own=html_of))
        texts = tuple(self._look.branding.texts_in(language).items())
        parts = partial(load_parts, language=language, texts=texts)
        html = parts(source, html=True, confined=bool(html_of))
        text = parts(text_of or read_template(folder / "body.txt"), html=False, confined=bool(text_of))
        common = self._common_context(language)
        subject = parts(subject_of or read_template(folder / "subject.txt"), html=False, confined=bool(subject_of))["skeleton"]
        return _Templates(
            subject=subject,
            html=html,
            text=text,
            html_templates=PartTemplates(html, common, markup=True),
            text_templates=PartTemplates(text, common, markup=False),
            subjects=SharedTemplate(subject, common, markup=False),
        )

    def _dressed(self, html: str) -> str:
        """A compiled template in the colours of the operator, with their logo where the name would stand."""
        branding, logo = self._look.branding, self._look.logo
        html = html.replace(ACCENT, branding.accent).replace(ACCENT_DARK, branding.accent_dark)
        if logo is None:
            return html
        height = min(LOGO_HEIGHT, logo.height)
        size = f'height="{height}" width="{max(1, round(logo.width * height / logo.height))}"'
        picture = f'<img src="{{{{ site.base_url }}}}/logo?v={logo.mark}" alt="{{{{ site.name }}}}" {size} border="0">'
        return html.replace(HEAD, HEAD.replace("{{ site.name }}", picture))

    def _cards_of(self, digest: Digest, templates: _Templates, *, form: Form, token: str) -> Cards:
        kind = (language_of(digest.language).code, digest.layout, form, len(token) == TOKEN_LENGTH)
        with self._lock:
            if kind not in self._cards:
                self._cards[kind] = Cards(
                    html=templates.html,
                    text=templates.text,
                    base_url=self._site.base_url,
                    layout=digest.layout,
                    form=form,
                    feedback=kind[3],
                )
            return self._cards[kind]

    def _common_context(self, language: str) -> dict[str, object]:
        found = language_of(language)
        return {
            "site": self._site,
            "imprint": one_line(_operator(self._site, self._look.branding.footer_in(found.code)), MOST_IMPRINT),
            "language": found,
            "interface": interface_language(language),
            "font": _FONTS.get(found.code, f"{_LATIN}, sans-serif"),
            "heads": _FONTS.get(found.code, _SERIF),
            "leading": "1.7" if found.spaceless or found.direction == "rtl" else "1.55",
            "close": "1.45" if found.spaceless or found.direction == "rtl" else "1.4",
            "air": 0 if found.code in _LONG_WINDED else 3,
            "source": language_of(SOURCE_LANGUAGE),
        }

    def _digest_context(self, digest: Digest, links: ReaderLinks) -> dict[str, object]:
        base, token = self._site.base_url, links.token if len(links.token) == TOKEN_LENGTH else ""
        return {
            "links": links,
            "token": token,
            "feedback_page": f"{base}/feedback/{token}" if token else "",
            "reading_page": f"{base}/later/{token}" if token else "",
            "occasion": digest.occasion.value,
            "explanations": digest.explanations,
            "date": digest.date,
            "day": day_and_month(digest.date, interface_language(digest.language).code),
            **_archive(base, digest),
            "topic_pages": f"{base}/topics",
            "welcome": digest.welcome,
            "picks": [_pick_shown(pick) for pick in digest.picks],
            "more_picks": digest.more_picks,
            "collection": f"{base}/collection",
            "layout": digest.layout.value,
            "samples": any(entry.paper.is_sample for group in digest.groups for entry in group.entries),
        }


def _pick_shown(pick: Pick) -> dict[str, object]:
    names = ("title", "dated", "picked_by")
    short = {name: one_line(getattr(pick, name), MOST_VALUE) for name in names}
    note = [one_line(line, MOST_NOTE) for line in pick.note.splitlines()]
    return short | {"url": pick.url or pick.page, "page": pick.page, "note": note}


def _operator(site: Site, footer: str) -> str:
    """The operator's line, the imprint, and where to write to, which many imprints hold already."""
    contact = "" if site.contact in site.imprint else site.contact
    return " · ".join(filter(None, (footer, site.imprint, contact)))


def _archive(base_url: str, digest: Digest) -> dict[str, object]:
    """Where the papers are that a mail has no room for: on their day's page, or in the archive where they are of several days.

    On a weekend that day is not the date of the mail; papers shown for a new version are of any day.
    """
    entries = [entry for group in digest.groups for entry in group.entries if entry.announced is not Announced.UPDATED]
    days = {entry.paper.announced_on for entry in entries} or {digest.date}
    one_day = len(days) == 1
    return {"archive": archive_url(base_url, max(days)) if one_day else f"{base_url}/archive", "one_day": one_day}


def archive_url(base_url: str, day: dt.date) -> str:
    return f"{base_url}/archive/{day.isoformat()}"


def _needed(kind: MailKind, context: Mapping[str, str]) -> str:
    name = NOTICES.get(kind)
    if name is None or name not in context:
        raise PermanentError(f"the mail {kind.value!r} cannot be written: {name or 'a digest is no notice and'} is missing")
    return context[name]


def _cut(cards_by_group: list[list[Card]], excess: int) -> bool:
    """Takes cards away until ``excess`` bytes are saved; False where nothing is to be taken or nothing is left."""
    if excess <= 0 or not any(cards_by_group):
        return False
    while excess > 0 and any(cards_by_group):
        longest = max(range(len(cards_by_group)), key=lambda place: (len(cards_by_group[place]), place))
        excess -= cards_by_group[longest].pop().size
    return True
