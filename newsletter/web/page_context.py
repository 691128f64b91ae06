"""How a page reads: its language and direction, its words, dates and figures, and what every template may use.

The language is the visitor's: ``?lang=``, then the cookie that it left, then what the page knows of its subscriber, then
``Accept-Language``; always one of the interface languages.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, get_day_names
from babel.numbers import format_decimal
from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from newsletter.bootstrap import Services
from newsletter.i18n import listed as listed_in
from newsletter.i18n import translations_for
from newsletter.i18n.phrases import reason_text
from newsletter.languages import BY_CODE, LANGUAGES, SOURCE_LANGUAGE, Language, guess_language, language_of
from newsletter.mail.rendering.card_texts import excerpt_of, identifier_of, sentence_of
from newsletter.mail.rendering.mjml import isolated
from newsletter.search.lexicon import Lexicon
from newsletter.search.store import Window, windows
from newsletter.text.author_names import author_key
from newsletter.text.characters import printable
from newsletter.text.formulas import plain
from newsletter.text.identifiers import abs_url, pdf_url
from newsletter.text.preprint_identifiers import licence_name
from newsletter.text.where_to_read import discussed_at, html_url, links_of, versions_of
from newsletter.topics.saved_queries import written
from newsletter.web.cached_counts import KeptForPapers
from newsletter.web.public_addresses import address_of_page
from newsletter.web.security import cookie_name
from newsletter.web.time_zones import shown_zone

INTERFACE = ("en", "zh-CN", "zh-TW", "ja", "ar")
# Operators' pages are whole in these, and in English where another is asked for: half of a page in each helps nobody.
OF_OPERATORS, THEIR_PAGES = ("en", "zh-CN", "zh-TW"), ("/admin", "/setup/")
COOKIE = "lang"
A_YEAR = 365 * 24 * 3600


def services() -> Services:
    """What the process built once; the same for all requests."""
    found: Services = current_app.extensions["newsletter"]
    return found


def papers_a_day() -> dict[str, int]:
    """How many papers a typical day brings, by topic; topics that bring less than one in two days are left out."""
    found: dict[str, int] = current_app.extensions["typical_day"].value(services().database)
    return found


def has_collection() -> bool:
    """Whether there is a collection to offer."""
    found: bool = current_app.extensions["collection_there"].value(services().database)
    return found


def search_lexicon() -> Lexicon:
    """How common words are in the newest papers."""
    found: Lexicon = current_app.extensions["lexicon"].value(services().database)
    return found


def search_windows(session: Session) -> Sequence[Window]:
    """The newest papers, in which a search looks first."""
    kept: KeptForPapers[Sequence[Window]] = current_app.extensions["search_windows"]
    return kept.value(session, windows)


def clock() -> dt.datetime:
    """Now, aware UTC: the pages are an entry point, so they read the clock."""
    return dt.datetime.now(dt.UTC)


def language_cookie() -> str:
    """The name of the cookie that keeps the language chosen."""
    return cookie_name(COOKIE, secure=bool(current_app.config["SESSION_COOKIE_SECURE"]))


def chosen_language() -> str | None:
    """The interface language that the visitor asked for by ``?lang=`` or earlier, None where they did not.

    It is English where this page is not there in the one that they asked for.
    """
    asked = (request.args.get("lang", ""), request.cookies.get(language_cookie(), ""))
    found = next((code for code in asked if code in INTERFACE), None)
    return found if found is None or found in interface_languages() else SOURCE_LANGUAGE


def interface_languages() -> tuple[str, ...]:
    """The codes of the languages that this page can be shown in."""
    return OF_OPERATORS if request.path.startswith(THEIR_PAGES) else INTERFACE


def page_language() -> Language:
    """The language of this page."""
    if "language" not in g:
        g.language = language_of(chosen_language() or guess_interface())
    found: Language = g.language
    return found


def paper_language() -> str:
    """The code of the language that papers are shown in."""
    asked = request.args.get("language", "")
    return asked if asked in BY_CODE else page_language().code


def guess_interface() -> str:
    """The interface language that fits the browser best; English where none does."""
    return guess_language(request.accept_languages, interface_languages())


def prefer_language(code: str) -> None:
    """Lets a page speak its subscriber's language, unless the visitor chose another one."""
    if code in interface_languages() and chosen_language() is None:
        g.language = language_of(code)


def _(text: str, **values: object) -> str:
    """``text`` in the language of the page, with ``%(name)s`` filled."""
    found = _gettext(text)
    return found % values if values else found


def _gettext(text: str) -> str:
    """``text`` in the language of the page."""
    return gettext_in(page_language().code, text)


def gettext_in(code: str, text: str) -> str:
    """``text`` in the language of this code: in the operator's own words where there are any."""
    found: str = services().branding.texts_in(code).get(text) or translations_for(code).gettext(text)
    return found


def ngettext(one: str, many: str, number: int) -> str:
    """``one`` or ``many`` in the language of the page, as fits ``number``, which stands in it for ``%(num)s``."""
    return translations_for(page_language().code).ngettext(one, many, number) % {"num": figure(number)}


def listed(names: Sequence[str]) -> str:
    """``names`` one after the other, as the language of the page lists them."""
    return listed_in(names, page_language().code)


def number_asked(name: str) -> int | None:
    """The whole number that the address gives as ``name``; None where it gives none, or something else."""
    text = request.args.get(name, "")
    # Not longer: databases take no number of any size.
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


def page_number(count: int) -> int:
    """The page that ``?page=`` asks for of ``count``, from 1 on; the nearest one where there is no such page."""
    return min(max(1, number_asked("page") or 1), count)


def figure(number: int) -> str:
    """``number`` as the language of the page writes it."""
    return _figure(number, page_language().babel)


@lru_cache(maxsize=4096)
def _figure(number: int, locale: str) -> str:
    return format_decimal(number, locale=locale)


def long_date(day: dt.date) -> str:
    """``day`` with its weekday, as the language of the page writes it."""
    return format_date(day, format="full", locale=page_language().babel)


def short_date(day: dt.date) -> str:
    """``day`` without its weekday; from right to left its month is spelt out, because figures and slashes would change places."""
    leftward = page_language().direction == "rtl"
    text = format_date(day, format="long" if leftward else "medium", locale=page_language().babel)
    return f"\u2068{text}\u2069" if leftward else text


def month_name(day: dt.date) -> str:
    """The month of ``day`` with its year, as the language of the page writes it."""
    return format_skeleton("yMMMM", day, locale=page_language().babel)


def week(width: Literal["wide", "abbreviated"] = "wide") -> list[tuple[str, str]]:
    """The days of the week as (number, name), 0 = Monday, in the order in which the language's calendars show them."""
    locale = Locale.parse(page_language().babel)
    names = get_day_names(width, "stand-alone", locale)
    return [(str(day % 7), names[day % 7]) for day in range(locale.first_week_day, locale.first_week_day + 7)]


def moment(time: dt.datetime) -> str:
    """A time in UTC, to the second; from right to left with the month spelt out, as `short_date`."""
    utc = time.astimezone(dt.UTC)
    if page_language().direction == "rtl":
        return f"{short_date(utc.date())} \u2068{utc:%H:%M:%S} UTC\u2069"
    return format_datetime(utc, format="medium", locale=page_language().babel) + " UTC"


def install(app: Flask) -> None:
    """Gives the templates their words, and keeps a language chosen by ``?lang=`` in a cookie."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    environment: Any = app.jinja_env
    environment.install_gettext_callables(
        _gettext,
        lambda one, many, number: translations_for(page_language().code).ngettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.filters.update(long_date=long_date, month_name=month_name, short_date=short_date, moment=moment, figure=figure)
    app.jinja_env.filters.update(plain=plain, isolated=isolated)
    app.jinja_env.globals.update(
        abs_url=abs_url,
        html_url=html_url,
        discussed_at=discussed_at,
        links_of=links_of,
        versions_of=versions_of,
        sentence_of=sentence_of,
        excerpt_of=excerpt_of,
        identifier_of=identifier_of,
        author_key=author_key,
        pdf_url=pdf_url,
        licence_name=licence_name,
        language_of=language_of,
        languages=LANGUAGES,
        interface_languages=lambda: [language_of(code) for code in interface_languages()],
        stamp=_stamp(Path(str(app.static_folder))),
        in_language=in_language,
        public_address=lambda: address_of_page(services().settings, INTERFACE),
        week=week,
        listed=listed,
        shown_zone=lambda name: shown_zone(name, page_language().babel, now=clock()),
        written=written,
        has_collection=has_collection,
        why=lambda reason: reason_text(reason, page_language().code),
    )
    app.context_processor(_installation)
    app.after_request(_keep_language)
    app.after_request(_without_controls)


def _installation() -> dict[str, object]:
    """What every page says of the installation, in the look that is in use now."""
    the = services()
    shown = page_language()
    # Between two sentences, or after a colon: signs of Chinese and Japanese take the room of a letter by themselves.
    gap = "" if shown.code in INTERFACE and shown.spaceless else " "
    return {"page_language": shown, "gap": gap, "site": the.settings, "branding": the.branding, "logo": the.logo}


def in_language(code: str) -> str:
    """The address of this very page in another interface language."""
    kept = {name: value for name, value in request.args.items() if name != "lang"}
    path = request.path if request.method in ("GET", "HEAD") else "/"
    return f"{path}?{urlencode({**kept, 'lang': code})}"


def _stamp(folder: Path) -> str:
    """A mark of what the static files hold, so that a browser may keep them for long."""
    content = b"".join(path.read_bytes() for path in sorted(folder.glob("*.*")))
    return hashlib.sha256(content).hexdigest()[:12]


def is_printable() -> None:
    """Says that this answer was looked through for signs that nobody sees, and need not be again."""
    g.is_printable = True


def _without_controls(response: Response) -> Response:
    """Whatever outside texts came to a page on which way, none turns what stands beside it, or brings signs that nobody sees."""
    if response.mimetype == "text/html" and response.is_sequence and "is_printable" not in g:
        response.set_data(printable(response.get_data(as_text=True)))
    return response


def _keep_language(response: Response) -> Response:
    code = request.args.get("lang", "")
    if code in INTERFACE and request.cookies.get(language_cookie()) != code:
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(language_cookie(), code, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    # Files, the map of the site and the like are the same in every language: nothing asked which one this is.
    if "language" in g:
        response.vary.update(("Accept-Language", "Cookie"))
    return response
