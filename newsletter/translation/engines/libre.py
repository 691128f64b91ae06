"""LibreTranslate, through deep-translator's adapter where that can do it.

The adapter sends the text as URL parameters (2 to 8 KB are common limits of servers), has no time-out, and refuses languages
that the server knows but its own table does not (zt, nl, uk ...; it also asks for a key where the server wants none). So the
subclass takes our codes as they are and sends JSON: https://libretranslate.com/docs/#/translate/post_translate
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from deep_translator import LibreTranslator

from newsletter.errors import TemporaryError
from newsletter.languages import SOURCE_LANGUAGE, Language
from newsletter.translation.engines.answers import checked
from newsletter.translation.engines.transfer import exchange
from newsletter.translation.protection import Form

NAME = "libre"
# The limit of a server is its operator's choice (--char-limit); public ones take 2,000 to 5,000 characters.
LIMIT = 1_900
NO_KEY = "none"


class LibreEngine:
    """A LibreTranslate server at ``url``, with or without a key."""

    name = NAME
    limit = LIMIT
    # A code word comes back untouched also where tags get spaces and braces are widened (measured with made-up engines).
    forms = (Form.CODE, Form.TAG)

    def __init__(self, url: str, key: str = "") -> None:
        self._url = url.rstrip("/") + "/"
        self._key = key

    def translate(self, text: str, language: Language) -> str:
        server = _Server(source=SOURCE_LANGUAGE, target=language.libre, api_key=self._key or NO_KEY, custom_url=self._url)
        return checked(text, server.translate(text), engine=NAME)


class _Server(LibreTranslator):  # type: ignore[misc]  # the library has no types
    def _map_language_to_code(self, *languages: str) -> Iterator[str]:
        yield from languages

    def translate(self, text: str, **_: object) -> object:
        payload = {"q": text, "source": self._source, "target": self._target, "format": "text"}
        if self.api_key != NO_KEY:
            payload["api_key"] = self.api_key
        body = exchange("POST", self._base_url + "translate", engine=NAME, json=payload)
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise TemporaryError(f"{NAME} answered with something that is not JSON") from error
        return answer.get("translatedText") if isinstance(answer, dict) else None
