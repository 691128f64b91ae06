"""An engine's answer, cleaned: out of its envelope, without own words and foreign signs, on one line. Pure."""

from __future__ import annotations

import re

from newsletter.languages import Language
from newsletter.translation.cleaning.envelope import unwrapped
from newsletter.translation.cleaning.markup import plain
from newsletter.translation.cleaning.one_title import one_title, without_remark
from newsletter.translation.cleaning.own_words import cut
from newsletter.translation.cleaning.quotes import unquoted

# Where lines were joined: a full-width sign brings its own space.
_AFTER_WIDE = re.compile(r"(?<=[。！？；，、：]) +")


def cleaned(source: str, answer: str, language: Language) -> str:
    """What of ``answer`` is the translation of ``source``, as far as that can be told; both with placeholders or both without."""
    text = plain(source, one_title(source, unwrapped(source, answer), language), language)
    for _ in range(2):
        before, text = text, unquoted(source, cut(source, without_remark(source, text), language))
        if text == before:
            break
    text = " ".join(text.split())
    return _AFTER_WIDE.sub("", text) if language.spaceless and not _AFTER_WIDE.search(source) else text
