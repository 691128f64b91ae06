"""DeepL over its own HTTP API: https://developers.deepl.com/api-reference/translate.

deep-translator 1.11.4 sends the key as ``auth_key`` in the URL of a GET, which DeepL no longer takes, and knows neither of the
two ways to write Chinese; so this is a thin adapter of our own.
"""

from __future__ import annotations

from newsletter.errors import PermanentError
from newsletter.languages import Language
from newsletter.translation.engines.answers import checked
from newsletter.translation.engines.transfer import exchange_json
from newsletter.translation.protection import Form

NAME = "deepl"
# A request may have 128 KiB; an abstract is far shorter, and a longer piece would come back late.
LIMIT = 10_000
QUOTA_EXCEEDED = 456


class DeeplEngine:
    """DeepL at ``url`` (that of the plan) with a ``key``."""

    name = NAME
    limit = LIMIT
    forms = (Form.TAG, Form.CODE)

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._key = key

    def translate(self, text: str, language: Language) -> str:
        if not language.deepl:
            raise PermanentError(f"{NAME} does not know the language {language.code}")
        payload = {"text": [text], "source_lang": "EN", "target_lang": language.deepl}
        headers = {"Authorization": f"DeepL-Auth-Key {self._key}"}
        answer = exchange_json(
            "POST",
            f"{self._url}/v2/translate",
            engine=NAME,
            read=lambda found: found["translations"][0]["text"],
            quota=QUOTA_EXCEEDED,
            json=payload,
            headers=headers,
        )
        return checked(text, answer, engine=NAME)
