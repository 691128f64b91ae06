"""The check of an operator's own template of the digest, before it is taken: a made-up mail in every language and layout.

It must hold all that a digest is for: each paper, the way to the choices and out, the parts that cards are shared by. What
mail programs take out or cut off is refused.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateError

from newsletter.errors import PermanentError, SettingsError
from newsletter.languages import LANGUAGES, SOURCE_LANGUAGE
from newsletter.mail.rendering.encoding import Rendered
from newsletter.mail.rendering.mjml import split_parts
from newsletter.mail.rendering.renderer import MOST_BYTES, Look, Renderer, Site
from newsletter.mail.signed_links import TOKEN_LENGTH
from newsletter.values.digests import Announced, Digest, Entry, Group, Pick
from newsletter.values.mail import MailKind, ReaderLinks
from newsletter.values.papers import LinkKind, Paper, PaperLink
from newsletter.values.readers import Explanation, Layout

KIND = MailKind.DIGEST
SITE = Site("Paper Morning", "https://papers.example.org", "Example Society", "papers@example.org")
LINKS = ReaderLinks(
    preferences="https://papers.example.org/preferences/aaaa",
    unsubscribe="https://papers.example.org/unsubscribe/bbbb",
    view="https://papers.example.org/view/cccc",
    token="sample".ljust(TOKEN_LENGTH, "-"),
)
# Signs that would end a paragraph or begin a link where a template forgets to escape.
HOSTILE = "A <b>title</b> & “signs”"
PAPERS, GROUPS = 12, 3
# The languages whose templates differ most: the source, one without spaces, one from right to left.
THOROUGH = ("en", "zh-CN", "ar")
# What mail programs take out of a mail, or run nowhere: https://www.caniemail.com/
REFUSED = re.compile(r"<(script|iframe|form|input|object|embed|base)\b|\son\w+\s*=", re.IGNORECASE)


def check_parts(source: str, where: str, *, ours: str) -> None:
    """Raises SettingsError for a template that lacks a part that ``ours`` has: without one its cards have no place."""
    there = split_parts(source)
    for part in split_parts(ours):
        if part not in there:
            raise SettingsError(
                f"{where} has no part {part}: write <!-- part {part} --> … <!-- end {part} --> around it, as ours has"
            )


def try_out(name: str, source: str, where: str, *, templates: Path) -> None:
    """Renders a made-up digest of each kind in every language. Raises SettingsError saying in which one what breaks."""
    with tempfile.TemporaryDirectory() as folder:
        made = Renderer(templates=templates, cache=Path(folder), site=SITE, look=Look(templates={name: source}))
        for language in (one.code for one in LANGUAGES):
            for digest in _samples(language):
                what = f"{digest.occasion} ({digest.layout}) in {language}"
                try:
                    mail = made.digest(digest, LINKS, topics=("Radiance fields",))
                except (
                    PermanentError,
                    TemplateError,
                    ValueError,
                    TypeError,
                    ArithmeticError,
                    LookupError,
                    AttributeError,
                ) as error:
                    told = " ".join(str(error).split())[:200]
                    raise SettingsError(f"{where} breaks the {what}: {told}") from error
                if fault := next(_faults(mail, digest), ""):
                    raise SettingsError(f"{where}: the {what} {fault}")


def _faults(mail: Rendered, digest: Digest) -> Iterator[str]:
    if not mail.subject.strip():
        yield "has an empty subject"
    if found := REFUSED.search(mail.html):
        yield f"has {found[0].strip()!r}, which mail programs take out: leave it out"
    if "<b>title</b>" in mail.html:
        yield "shows titles without escaping them: take `| safe` away"
    if len(mail.html.encode()) > MOST_BYTES:
        yield f"has {len(mail.html.encode())} bytes with {digest.count} papers: {MOST_BYTES} at most, or Gmail cuts it off"
    yield from _missing("HTML", mail.html, digest)
    yield from _missing("plain text", mail.text, digest)


def _missing(part: str, text: str, digest: Digest) -> Iterator[str]:
    """What a reader would look for in vain in one part of the mail."""
    for link in (LINKS.preferences, LINKS.unsubscribe):
        # The link to a pause begins with that to the choices.
        if not re.search(re.escape(link) + r"(?![\w/])", text):
            yield f"has no link to {link.split('/')[3]} in its {part}: write {{{{ links.{link.split('/')[3]} }}}}"
    missing = [entry.paper.ref for group in digest.groups for entry in group.entries if entry.paper.ref not in text]
    if missing:
        yield f"leaves {len(missing)} of {digest.count} papers out of its {part}: write {{{{ url }}}} in cards and lines"


def _samples(language: str) -> Iterator[Digest]:
    """A day's mail; in `THOROUGH` of each layout, with the best of a week, a reader's list, and a first mail without a paper."""
    day = dt.date(2026, 6, 26)
    groups = tuple(_group(number, language) for number in range(GROUPS))
    pick = Pick(HOSTILE, "https://example.org/pick", f"{SITE.base_url}/collection/1", "CVPR 2026", "Ada", "A note.")
    why = {1: Explanation("rendering", 3), 2: Explanation("", 0, HOSTILE)}
    thorough = language in THOROUGH
    for layout in Layout if thorough else (Layout.STANDARD,):
        yield Digest(
            day, language, groups, more=3, welcome=True, layout=layout, picks=(pick,), more_picks=2, explanations=why, top=(1, 2)
        )
    if thorough:
        for occasion in (MailKind.WEEKLY, MailKind.READING):
            yield Digest(day, language, groups, occasion=occasion)
        yield Digest(day, language, (), welcome=True)


def _group(number: int, language: str) -> Group:
    size = PAPERS // GROUPS
    entries = tuple(_entry(number * size + place + 1, language) for place in range(size))
    return Group(f"topic-{number}", f"Topic {number} & more", entries, found=size + number)


def _entry(number: int, language: str) -> Entry:
    posted = dt.datetime(2026, 6, 25, 12, tzinfo=dt.UTC)
    paper = Paper(
        ref=f"2606.{number:05d}", version=1 + number % 2, title=f"{HOSTILE} {number}", abstract="We render scenes at once. " * 12,
        authors=("Ada Lovelace", "Alan Turing", "Emmy Noether"), categories=("cs.CV",), submitted=posted, updated=posted,
        announced_on=posted.date(), links=(PaperLink(LinkKind.CODE, "https://example.org/code", "comment"),),
        withdrawn=number == PAPERS, id=number, number=number,
    )  # fmt: skip
    translated = language != SOURCE_LANGUAGE and number % 2 == 0
    return Entry(
        paper, language, paper.title, paper.abstract, translated or language == SOURCE_LANGUAGE, "libre" if translated else "",
        "topic", ("Topic",), "title: rendering", announced=list(Announced)[number % len(Announced)], tldr="It renders at once.",
        venue="CVPR 2026" if number % 3 == 0 else "", followed=("Ada Lovelace",),
    )  # fmt: skip
