"""Microsoft Translator over its own HTTP API: https://learn.microsoft.com/azure/ai-services/translator/text-translation.

deep-translator 1.11.4 asks for the list of languages before each translation, without a time-out, and turns refusals into
results; so this is a thin adapter of our own.
"""

from __future__ import annotations

from newsletter.languages import SOURCE_LANGUAGE, Language
from newsletter.translation.engines.answers import checked
from newsletter.translation.engines.transfer import exchange_json
from newsletter.translation.protection import Form

NAME = "microsoft"
# A request may have 50,000 characters.
LIMIT = 10_000
# 403 with this code: the free quota is used up.
QUOTA_EXCEEDED = 403


class MicrosoftEngine:
    """The service at ``url`` with a ``key``; keys that belong to a region need its name too."""

    name = NAME
    limit = LIMIT
    forms = (Form.CODE, Form.TAG)

    def __init__(self, url: str, key: str, region: str = "") -> None:
        self._url = url.rstrip("/")
        self._headers = {"Ocp-Apim-Subscription-Key": key}
        if region:
            self._headers["Ocp-Apim-Subscription-Region"] = region

    def translate(self, text: str, language: Language) -> str:
        query = {"api-version": "3.0", "from": SOURCE_LANGUAGE, "to": language.microsoft, "textType": "plain"}
        answer = exchange_json(
            "POST",
            f"{self._url}/translate",
            engine=NAME,
            read=lambda found: found[0]["translations"][0]["text"],
            quota=QUOTA_EXCEEDED,
            params=query,
            json=[{"Text": text}],
            headers=self._headers,
        )
        return checked(text, answer, engine=NAME)
