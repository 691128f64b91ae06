"""MyMemory over its own HTTP API: https://mymemory.translated.net/doc/spec.php.

deep-translator 1.11.4 passes on the service's warnings and refusals, which come with status 200, as translations, and has no
time-out; so this is a thin adapter of our own.
"""

from __future__ import annotations

from typing import Any

from newsletter.errors import PermanentError, TemporaryError
from newsletter.languages import SOURCE_LANGUAGE, Language
from newsletter.translation.engines.answers import checked
from newsletter.translation.engines.transfer import QUOTA_PAUSE, exchange_json
from newsletter.translation.protection import Form

NAME = "mymemory"
# 500 bytes a request; a character of ours may take three.
LIMIT = 450
MOST_BYTES = 500


class MyMemoryEngine:
    """The service at ``url``; with an ``email`` it allows 50,000 characters a day instead of 5,000."""

    name = NAME
    limit = LIMIT
    forms = (Form.CODE, Form.TAG)

    def __init__(self, url: str, email: str = "") -> None:
        self._url = url.rstrip("/")
        self._email = email

    def translate(self, text: str, language: Language) -> str:
        if len(text.encode()) > MOST_BYTES:
            raise PermanentError(f"{NAME} takes {MOST_BYTES} bytes at once")
        query = {"q": text, "langpair": f"{SOURCE_LANGUAGE}|{language.code}"} | ({"de": self._email} if self._email else {})
        status, result, finished = exchange_json("GET", f"{self._url}/get", engine=NAME, read=_read, params=query)
        if status == "429" or finished:
            raise TemporaryError(f"{NAME} says that the day's quota is used up", retry_after=QUOTA_PAUSE)
        if status != "200":
            raise PermanentError(f"{NAME} refuses this text or language ({status})")
        return checked(text, result, engine=NAME)


def _read(found: Any) -> tuple[str, object, bool]:
    """Status, text, and whether the day's quota is used up; statuses come as numbers and as strings."""
    return str(found["responseStatus"]), found["responseData"]["translatedText"], found.get("quotaFinished") is True
