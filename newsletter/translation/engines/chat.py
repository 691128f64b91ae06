"""Any OpenAI-compatible chat server, through the ``openai`` client: one text in plain words, or the texts of a paper in JSON.

Ollama, vLLM, OpenAI and Gemini's compatible endpoint differ here in whether they take a JSON schema, and some models take no
temperature. What one refuses, it is asked without from then on. What is asked for stands in ``prompts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from newsletter.errors import TemporaryError
from newsletter.http.responses import retry_after
from newsletter.languages import Language
from newsletter.translation.engines.answers import CONTROLS, CutOff, checked
from newsletter.translation.engines.prompts import alone, material, read_answer, schema, together
from newsletter.translation.engines.transfer import Refused, own_words
from newsletter.translation.protection import Form
from newsletter.values.translations import Field

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI

NAME = "openai"
# An abstract of arXiv has 1,920 characters at most (https://info.arxiv.org/help/prep.html); models take far more.
LIMIT = 8_000
TIME_OUT = 60.0
TEMPERATURE = 0.0
# How servers refuse a parameter that they do not know.
PARAMETER_REFUSED = (400, 404, 415, 422, 501)


class ChatEngine:
    """The chat server at ``base_url``; local servers need no key."""

    name = NAME
    limit = LIMIT
    forms = (Form.BRACES, Form.CODE)

    def __init__(self, base_url: str, key: str = "", *, model: str, time_out: float = TIME_OUT) -> None:
        self._base_url = base_url
        self._key = key
        self._model = model
        self._time_out = time_out
        self._refused: frozenset[str] = frozenset()

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        return OpenAI(base_url=self._base_url, api_key=self._key or "none", timeout=self._time_out, max_retries=0)

    def translate(self, text: str, language: Language) -> str:
        return self.translate_advised(text, language, {})

    def translate_advised(self, text: str, language: Language, terms: Mapping[str, str]) -> str:
        """The translation of one text, with renderings to use by English term."""
        return checked(text, self._said(alone(language, terms), text), engine=NAME, lines=True)

    def translate_paper(self, texts: Mapping[Field, str], language: Language, terms: Mapping[str, str]) -> dict[Field, str]:
        """The texts of a paper at once, its summary among them; see ``ChatModel``."""
        prompt, message = together(texts, language, terms), material(texts)
        form = {"name": "paper", "schema": schema(texts), "strict": True}
        answer = self._said(prompt, message, response_format={"type": "json_schema", "json_schema": form})
        found = read_answer(answer, texts, engine=NAME)
        return {field: CONTROLS.sub("", text) for field, text in found.items()}

    def _said(self, prompt: str, message: str, **options: Any) -> str:
        """What the model says; what the server does not take of the options is left out from then on."""
        from openai import APIConnectionError, APIError, APIStatusError

        wanted = {name: value for name, value in {"temperature": TEMPERATURE, **options}.items() if name not in self._refused}
        try:
            answer = self._client.chat.completions.create(
                model=self._model,
                messages=[{"role": "system", "content": prompt}, {"role": "user", "content": message}],
                **wanted,
            )
        except APIConnectionError as error:
            raise TemporaryError(f"{NAME} does not answer ({type(error).__name__})") from error
        except APIStatusError as error:
            if name := _refused_option(error, wanted):
                self._refused |= {name}
                return self._said(prompt, message, **options)
            self._refuse(error)
        except (APIError, ValueError) as error:
            raise TemporaryError(f"{NAME} answered with something that is no chat answer") from error
        choices = getattr(answer, "choices", None)
        if not choices:
            raise TemporaryError(f"{NAME} answered with something that is no chat answer")
        if choices[0].finish_reason == "length":
            raise CutOff(f"{NAME} cut its answer off")
        return _text(choices[0].message.content)

    def _refuse(self, error: APIStatusError) -> NoReturn:
        status, said = error.status_code, own_words(error.response.text, secret=self._key)
        if status in (408, 409, 429) or status >= 500:
            wait = retry_after(error.response.headers.get("Retry-After"))
            raise TemporaryError(f"{NAME} answered {status}{said}", retry_after=wait) from error
        raise Refused(f"{NAME} answered {status}{said}", status) from error


def _refused_option(error: APIStatusError, options: Mapping[str, object]) -> str | None:
    """The option that the server does not take: the one that its answer names, else the form of the answer."""
    if error.status_code not in PARAMETER_REFUSED:
        return None
    said = error.response.text.lower()
    named = next((name for name in options if name in said), None)
    return named or ("response_format" if "response_format" in options else None)


def _text(content: object) -> str:
    """The text of a message, which some servers give in parts."""
    if isinstance(content, list):
        return "".join(_text(part.get("text") if isinstance(part, dict) else getattr(part, "text", part)) for part in content)
    return content if isinstance(content, str) else ""
