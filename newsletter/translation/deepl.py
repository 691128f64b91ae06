"""DeepL over its own HTTP API: https://developers.deepl.com/api-reference/translate.

deep-translator 1.11.4 sends the key as ``auth_key`` in the URL of a GET, which DeepL no longer takes, and knows neither of the
two ways to write Chinese; so this is a thin adapter of our own.
"""

from __future__ import annotations

import json

from newsletter.errors import PermanentError, TemporaryError
from newsletter.languages import Language
from newsletter.translation.answers import checked
from newsletter.translation.protection import Form
from newsletter.translation.transfer import Refused, exchange

NAME = "deepl"
# A request may have 128 KiB; an abstract is far shorter, and a longer piece would come back late.
LIMIT = 10_000
QUOTA_EXCEEDED = 456
# The quota counts by month; it is looked again whether it is a new one, or a larger plan.
QUOTA_PAUSE = 3600.0


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
        try:
            body = exchange("POST", f"{self._url}/v2/translate", engine=NAME, json=payload, headers=headers)
            answer = json.loads(body)["translations"][0]["text"]
        except Refused as error:
            if error.status == QUOTA_EXCEEDED:
                raise TemporaryError(f"{NAME} says that its quota is used up", retry_after=QUOTA_PAUSE) from error
            raise
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise TemporaryError(f"{NAME} answered with something that is no translation") from error
        return checked(text, answer, engine=NAME)
