"""Google Translate's mobile page, through deep-translator's knowledge of it.

Its ``translate`` calls ``requests.get`` without a time-out or a session, joins the lines of ``<br>`` without a space, and
gives None where text and result are alike (https://github.com/nidhaloff/deep-translator/blob/master/deep_translator/google.py).
So the subclass keeps what it knows of the page (address, parameters, elements, codes) and replaces that one method.
"""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from deep_translator import GoogleTranslator
from deep_translator.exceptions import BaseError

from newsletter.errors import PermanentError, TemporaryError
from newsletter.languages import SOURCE_LANGUAGE, Language
from newsletter.translation.engines.answers import checked
from newsletter.translation.engines.transfer import exchange
from newsletter.translation.protection import Form

NAME = "google"
# deep-translator refuses 5,000 and more; the text travels in the URL.
LIMIT = 4_500


class GoogleEngine:
    """Google's page at ``url`` (``https://translate.google.com/m``)."""

    name = NAME
    limit = LIMIT
    forms = (Form.CODE, Form.TAG)

    def __init__(self, url: str) -> None:
        self._url = url

    def translate(self, text: str, language: Language) -> str:
        try:
            page = _Page(self._url, language.google)  # holds state, so one for each call
        except BaseError as error:
            raise PermanentError(f"{NAME} does not know the language {language.code}") from error
        return checked(text, page.translate(text), engine=NAME)


class _Page(GoogleTranslator):  # type: ignore[misc]  # the library has no types
    def __init__(self, url: str, target: str) -> None:
        super().__init__(source=SOURCE_LANGUAGE, target=target)
        self._base_url = url

    def translate(self, text: str, **_: object) -> str:
        query = {"tl": self._target, "sl": self._source, self.payload_key: text}
        page = exchange("GET", self._base_url, engine=NAME, params=query)
        soup = BeautifulSoup(page, "html.parser")
        element = soup.find(self._element_tag, self._element_query) or soup.find(self._element_tag, self._alt_element_query)
        if not isinstance(element, Tag):
            raise TemporaryError(f"{NAME} gave a page without a translation")
        for line_break in element.find_all("br"):
            line_break.replace_with("\n")
        return str(element.get_text()).strip()
