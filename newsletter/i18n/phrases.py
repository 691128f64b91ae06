"""Phrases that pages and mails share, in the reader's language: why a paper is here, and what a saved query is called."""

from __future__ import annotations

import re

from newsletter.i18n import translations_for
from newsletter.values.readers import Explanation

# "title: splat*, abstract: robot (3x)", and before it the name of the narrower topic that matched.
_PLACES = "title|abstract|author|comment|category"
_PART = re.compile(rf"(?:^|, )(?=(?:{_PLACES}): )")
_FOUND = re.compile(rf"(?P<place>{_PLACES}): (?P<words>.+?)(?: [(][0-9]+x[)])?", re.DOTALL)


def reason_text(reason: str, language: str) -> str:
    """The reason of a match (``title: Gaussian Splatting``) as a sentence; what has another form stands as it is."""
    parts = [part for part in _PART.split(reason) if part]
    found = [_FOUND.fullmatch(part) for part in parts]
    sentences = [
        _reason_part(one["place"], one["words"], language) if one else part for part, one in zip(parts, found, strict=True)
    ]
    if len(found) > 1 and found[0] is None:
        return f"{sentences[0]}: {' · '.join(sentences[1:])}"
    return " · ".join(sentences)


def _reason_part(place: str, words: str, language: str) -> str:
    _ = translations_for(language).gettext
    match place:
        case "title":
            text = _("“%(words)s” in the title")
        case "abstract":
            text = _("“%(words)s” in the abstract")
        case "author":
            text = _("“%(words)s” among the authors")
        case "comment":
            text = _("“%(words)s” in the comment")
        case _:
            text = _("category %(words)s")
    return text % {"words": words}


def query_name(text: str, language: str, *, author: str) -> str:
    """What the group of a saved query is headed: the ``author`` it follows, else (with "") the query as it was written."""
    _ = translations_for(language).gettext
    return _("New by %(name)s") % {"name": author} if author else _("Saved query: %(query)s") % {"query": text}


def explanation_text(explanation: Explanation, language: str) -> str:
    """Why a paper stands higher than it would, as a sentence."""
    translations = translations_for(language)
    if explanation.like:
        return translations.gettext("Like “%(title)s”") % {"title": explanation.like}
    word, count = explanation.word, explanation.count
    if "," in word:
        return translations.gettext("Because of what you like: %(words)s") % {"words": word}
    text = translations.ngettext(
        "Because you liked %(num)s paper on “%(word)s”", "Because you liked %(num)s papers on “%(word)s”", count
    )
    return text % {"num": count, "word": word}
