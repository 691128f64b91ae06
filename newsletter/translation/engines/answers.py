"""What an engine's answer must not be: nothing, the source again, an error page or an error sentence.

Engines give such things with status 200, where they pass for translations. Pure; knows no engine and no network.
"""

from __future__ import annotations

import re

from newsletter.errors import PermanentError, TemporaryError

# Sentences of error pages and of chat models that refuse, as they come with status 200.
ERROR_SENTENCES = re.compile(
    r"""\berror\s+[45]\d\d\b | \b[45]\d\d\.?\s*that.s\s+an\s+error | \(server\s+error\) | \binternal\s+server\s+error\b
    | mymemory\s+warning | query\s+length\s+limit | invalid\s+(?:target|source)\s+language
    | too\s+many\s+requests | rate\s+limit\s+exceeded | quota\s+exceeded | invalid\s+api\s+key | \bservice\s+unavailable\b
    | \bbad\s+gateway\b | \bgateway\s+time-?out\b | unusual\s+traffic\s+from\s+your | that.s\s+all\s+we\s+know
    | as\s+an\s+ai\s+language\s+model | ^\s*i.m\s+sorry,?\s+but | ^\s*i\s+can(?:no|.)t\s+(?:help|assist|translate)""",
    re.IGNORECASE | re.VERBOSE,
)
# C0 and C1 controls but white space, and what turns the direction of a whole line.
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
PAGE = re.compile(r"<!doctype|</?(?:html|head|body|title|script|style|center|hr|a|h[1-6]|pre|p)\b[^<>]*>", re.I)
MARKUP = re.compile(r"<!doctype|</?(?:html|head|body|title|div|span|p|br|b|i|a|h[1-6]|pre|script|style|center|hr)\b[^<>]*>", re.I)


class UselessAnswer(TemporaryError):
    """The engine answered, and nothing can be made of it; it is well, and may be asked for less at once."""


class CutOff(PermanentError):
    """The engine's answer ended before its end: the same text would end so again, a shorter one may not."""


def _tidied(text: str) -> str:
    """The lines of ``text`` that say something."""
    lines = (" ".join(line.split()) for line in CONTROLS.sub("", text).splitlines())
    return "\n".join(line for line in lines if line)


def error_text(source: str, result: str) -> bool:
    """True where ``result`` holds a sentence of an error page that ``source`` does not hold."""
    return bool(ERROR_SENTENCES.search(result)) and not ERROR_SENTENCES.search(source)


def has_markup(source: str, result: str) -> bool:
    """True where ``result`` holds more HTML than ``source``."""
    return len(MARKUP.findall(result)) > len(MARKUP.findall(source))


def same_text(source: str, result: str) -> bool:
    """True where the two differ in white space and case at most."""
    return " ".join(source.split()).casefold() == " ".join(result.split()).casefold()


def checked(source: str, result: object, *, engine: str, lines: bool = False) -> str:
    """``result`` where it may be a translation of ``source``: on one line, without control characters; with ``lines`` these stay.

    Raises:
        TemporaryError: it is the text of an error page; the engine may be well again later.
        PermanentError: it is no text, empty, or the source again; the same text would give the same.
    """
    if not isinstance(result, str) or not (text := _tidied(result)):
        raise PermanentError(f"{engine} gave no text")
    if error_text(source, text) or (PAGE.search(text) and not PAGE.search(source)):
        raise TemporaryError(f"{engine} gave an error page in the place of a translation")
    if same_text(source, text):
        raise PermanentError(f"{engine} gave the source back")
    return text if lines else " ".join(text.split())
