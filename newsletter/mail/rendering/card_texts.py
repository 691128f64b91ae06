"""What the card of a paper says: its texts cut to size, its facts and links, as the templates of mails take them.

Nothing is escaped here, and nothing of a reader is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from newsletter.i18n import interface_language
from newsletter.i18n.phrases import reason_text
from newsletter.languages import SOURCE_LANGUAGE, Language, language_of
from newsletter.mail.rendering.plain_text import cut_to_width, display_width
from newsletter.text.characters import one_line
from newsletter.text.contribution import contribution
from newsletter.text.identifiers import abs_url
from newsletter.text.where_to_read import links_of
from newsletter.values.digests import Entry
from newsletter.values.papers import ARXIV, LinkKind, Paper
from newsletter.values.readers import Layout

# The most characters (and items) that a card shows of each field: it must fit into a mail whatever a field holds.
MOST_TITLE, MOST_ABSTRACT, MOST_NAME, MOST_REASON, MOST_TLDR = 400, 5000, 80, 160, 400
FIRST_AUTHORS, MOST_FOLLOWED, MOST_NOTES = 3, 6, 2
# Columns, a wide character counting two: three lines of a phone, and what a line of the contents has room for.
EXCERPT, SENTENCE_IN_CONTENTS, COMMENT = 138, 90, 72
# A card takes twelve lines or so in any language: where titles are two and sentences long, less of the abstract stands there, or
# nothing, and the day of submission may be left to the paper's page.
ORIGINAL, USUAL_TITLE, USUAL_SENTENCE, LEAST_OF_ABSTRACT = 54, 84, 160, 60
# Languages that take less room than English: there the day of submission has its place in any card.
_DENSE = frozenset(("zh-CN", "zh-TW", "ja", "ko", "ar", "fa", "he"))
# Cyrillic letters are wider than Latin ones by so much.
_WIDER = {"ru": 1.18, "uk": 1.18}
# The same of both sentences in a card without an abstract.
SHORT_SENTENCE, SHORT_ORIGINAL = 104, 72
ENGINES: Mapping[str, str] = {
    "libre": "LibreTranslate",
    "google": "Google Translate",
    "deepl": "DeepL",
    "microsoft": "Microsoft Translator",
    "mymemory": "MyMemory",
}


class Form(StrEnum):
    """How much room a card takes: with the ``whole`` abstract, with three lines of it, or (``short``) with none."""

    WHOLE = "whole"
    FOLDED = "folded"
    SHORT = "short"


def card_context(entry: Entry, base_url: str, *, layout: Layout, form: Form) -> dict[str, object]:
    """All that the templates of a card and its lines need of ``entry``."""
    paper, interface, is_short = entry.paper, interface_language(entry.language), form is Form.SHORT
    page = f"{base_url}/papers/{paper.ref}"
    reason = reason_text(one_line(entry.reason, MOST_REASON), interface.code)
    authors = _authors(entry, first=1 if is_short else FIRST_AUTHORS)
    sentences, texts = _sentences(entry), _texts(entry)
    if form is Form.FOLDED and layout is Layout.STANDARD:
        texts["original"] = cut_to_width(str(texts["original"]), ORIGINAL)
    return (
        texts
        | sentences
        | _cut_sentences(sentences, layout, is_short=is_short, wider=_WIDER.get(entry.language, 1))
        | {"excerpt": _excerpt(entry, texts, sentences["sentence"], layout)}
        | _said_below(sentences["sentence"], texts, form)
        | _links(paper, page, is_short=is_short)
        | {
            "form": form.value,
            "interface": interface,
            "source": language_of(SOURCE_LANGUAGE),
            "layout": layout.value,
            "authors": authors,
            "other_authors": max(0, len(paper.authors) - len(authors)),
            "date": paper.submitted.date(),
            "has_date": not is_short and (layout is not Layout.STANDARD or not texts["original"] or entry.language in _DENSE),
            "version": paper.version,
            "category": one_line(paper.primary_category, 40),
            "identifier": identifier_of(paper),
            "venue": one_line(entry.venue, MOST_NAME),
            "comment": "" if entry.venue or is_short else _comment(paper.comment),
            "reason": one_line(reason, 2 * MOST_REASON),
            "announced": entry.announced.value,
            "withdrawn": paper.withdrawn,
            "sample": paper.is_sample,
            "engine": _engine(entry.engine),
            "page": page if entry.language == SOURCE_LANGUAGE else f"{page}?language={entry.language}",
        }
    )


def _links(paper: Paper, page: str, *, is_short: bool) -> dict[str, object]:
    links = links_of(paper, page)
    # The title of a short card leads to the abstract.
    few = [one for one in links if one[0] not in ("abstract", "html")][:2]
    return {
        "url": abs_url(paper.ref) or page,
        "has_code": any(link.kind is LinkKind.CODE for link in paper.links),
        "links": few if is_short else links,
        # In the text part the id says where abstract, PDF and HTML are: two addresses a paper are enough.
        "notes": [one for one in links if one[0] not in ("pdf", "html")][:MOST_NOTES],
    }


def _texts(entry: Entry) -> dict[str, object]:
    """Title and abstract in the language they are shown in, and the original title where it is shown besides."""
    title, original = one_line(entry.title, MOST_TITLE), one_line(entry.paper.title, MOST_TITLE)
    shown = language_of(entry.language if entry.translated else SOURCE_LANGUAGE)
    return {
        "title": title or original or entry.paper.ref,
        "original": original if entry.translated and original != title else "",
        "shown": shown,
        "side": "left" if shown.direction == "ltr" else "right",
        "abstract": one_line(entry.abstract, MOST_ABSTRACT),
        "translated": entry.translated,
    }


def sentence_of(entry: Entry) -> tuple[str, Language]:
    """What the paper says in one sentence ("" for none), and its language: the reader's, or else, of an original, as written."""
    said = one_line(entry.tldr, MOST_TLDR)
    if said or entry.written_in != SOURCE_LANGUAGE:
        return said, language_of(entry.language if said else SOURCE_LANGUAGE)
    return _original_sentence(entry), language_of(SOURCE_LANGUAGE)


def _original_sentence(entry: Entry) -> str:
    return one_line(contribution(entry.paper.title, entry.paper.abstract), MOST_TLDR)


def excerpt_of(entry: Entry, sentence: str, *, columns: int = EXCERPT) -> str:
    """How the abstract begins, or goes on after the sentence where that is its first one: three lines of a phone."""
    abstract = one_line(entry.abstract, MOST_ABSTRACT)
    return cut_to_width(abstract.removeprefix(sentence).lstrip(" .") if sentence else abstract, columns)


def _sentences(entry: Entry) -> dict[str, Any]:
    """The sentence, and the sentence as written for readers of two languages."""
    (sentence, reading), original = sentence_of(entry), _original_sentence(entry)
    return {
        "sentence": sentence,
        "reading": reading,
        "original_sentence": original if original != sentence else "",
    }


def _excerpt(entry: Entry, texts: Mapping[str, object], sentence: str, layout: Layout) -> str:
    """As `excerpt_of`, as far as the card has room below its titles and its sentence; "" where that is less than a line or so."""
    wider = _WIDER.get(entry.language, 1)
    title, original = str(texts["title"]), str(texts["original"]) if layout is not Layout.BILINGUAL else ""
    taken = display_width(original) + sum(
        max(0, round(display_width(text) * wider) - usual) for text, usual in ((title, USUAL_TITLE), (sentence, USUAL_SENTENCE))
    )
    room = round((EXCERPT - taken) / wider)
    return excerpt_of(entry, sentence, columns=room) if room >= LEAST_OF_ABSTRACT else ""


def _said_below(sentence: str, texts: Mapping[str, object], form: Form) -> dict[str, str]:
    """Takes the sentence from above a whole abstract that begins with it."""
    return {"sentence": ""} if form is Form.WHOLE and str(texts["abstract"]).startswith(sentence) else {}


def _cut_sentences(said: Mapping[str, Any], layout: Layout, *, is_short: bool, wider: float) -> dict[str, object]:
    """The sentences as there is room for them; the original one is for readers of two languages."""
    if layout is Layout.BRIEF:
        return {"sentence_line": said["sentence"], "original_sentence": ""}
    original = said["original_sentence"] if layout is Layout.BILINGUAL else ""
    if not is_short:
        return {
            "sentence_line": cut_to_width(said["sentence"], round(SENTENCE_IN_CONTENTS / wider)),
            "original_sentence": original,
        }
    # A short card has the sentence, and is not far from the contents.
    return {
        "sentence": cut_to_width(said["sentence"], SHORT_SENTENCE),
        "sentence_line": "",
        "original_sentence": cut_to_width(original, SHORT_ORIGINAL),
    }


def _authors(entry: Entry, *, first: int) -> list[tuple[str, bool]]:
    """(name, whether the reader follows them): the ``first`` ones, and whoever else is followed."""
    names, followed = entry.paper.authors, set(entry.followed)
    shown = [name for place, name in enumerate(names) if place < first or name in followed]
    return [(one_line(name, MOST_NAME), name in followed) for name in shown[: first + MOST_FOLLOWED]]


def identifier_of(paper: Paper) -> str:
    """The id as people write it: ``arXiv:2606.26101``, a DOI; "" for a sample."""
    if paper.is_sample:
        return ""
    return f"arXiv:{paper.ref}" if paper.source == ARXIV else one_line(paper.ref.partition(":")[2] or paper.ref, MOST_NAME)


def _comment(comment: str) -> str:
    """The comment without its addresses, which stand among the links."""
    bare = re.sub(r"(?:\b[\w ]{1,30}:\s*)?https?://\S+", "", comment)
    return cut_to_width(one_line(bare, 500).strip(" .;,:"), COMMENT)


def _engine(name: str) -> str:
    """The name that people know the engine by: the model for ``openai:model``; ``sample`` is left to the template to word."""
    kind, _, model = name.partition(":")
    return one_line(ENGINES.get(kind) or model or name, MOST_NAME)
