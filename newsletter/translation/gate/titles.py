"""Signs that together show that a title was answered with a sentence, or with another text's translation. Pure.

Each sign alone stands in good translations too; two of them hardly ever do.
"""

from __future__ import annotations

import re

from newsletter.text.sentences import sentences

_CLOSED = re.compile(r"[.!?:;,]['\")\]]*\s*\Z")
_FULL_STOP = re.compile(r"[.。．｡।۔]\s*\Z")
# How translators part a title where English has a colon.
_COLON = re.compile(r"[:：;；—–―〜~\-?？؟,，、،(（「]")
_QUESTION = re.compile(r"[?？؟]")
_NAMED = re.compile("([\ue000-\uf8ff])\\s*:")
_COMMA = re.compile(r"[,，、،;；]")
# Shares of the usual length between which most titles are; of shorter ones (characters) the length says nothing.
SHORT, LONG, FROM = 0.55, 1.3, 20
SIGNS = 2


def is_title(source: str) -> bool:
    """True for a single sentence that no sign ends."""
    return len(sentences(source)) == 1 and not _CLOSED.search(source)


def answers_another(source: str, result: str, usual: float) -> bool:
    """True where ``result`` has two signs or more that it is no translation of the title ``source``; both with marks.

    ``usual`` is the usual length of a translation as a share of the source's.
    """
    if not is_title(source):
        return False
    named = _NAMED.match(source)
    signs = (
        bool(_FULL_STOP.search(result)),
        ":" in source and not _COLON.search(result),
        bool(named) and not re.match(rf"\W*{named.group(1)}", result) if named else False,
        "?" in source and not _QUESTION.search(result),
        source.count(",") > 1 and not _COMMA.search(result),
        not _has_the_usual_length(source, result, usual),
    )
    return sum(signs) >= SIGNS


def _has_the_usual_length(source: str, result: str, usual: float) -> bool:
    before, after = (len("".join(text.split())) for text in (source, result))
    return before < FROM or SHORT * usual * before <= after <= LONG * usual * before
