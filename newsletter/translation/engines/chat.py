"""Any OpenAI-compatible chat server, through the ``openai`` client: one text in plain words, or the texts of a paper in JSON.

Ollama, vLLM, OpenAI and Gemini's compatible endpoint differ in one thing here: whether they take a JSON schema. Where one refuses
it, it is asked without from then on. What is asked for stands in ``prompts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from newsletter.errors import PermanentError, TemporaryError
from newsletter.http.responses import retry_after
from newsletter.languages import Language
from newsletter.translation.engines.answers import CONTROLS, checked
from newsletter.translation.engines.prompts import alone, material, read_answer, schema, together
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
SCHEMA_REFUSED = (400, 404, 415, 422, 501)


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
        self._takes_schema = True

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        return OpenAI(base_url=self._base_url, api_key=self._key or "none", timeout=self._time_out, max_retries=0)

    def translate(self, text: str, language: Language) -> str:
        return self.translate_advised(text, language, {})

    def translate_advised(self, text: str, language: Language, terms: Mapping[str, str]) -> str:
        """The translation of one text, with renderings to use by English term."""
        return checked(text, self._said(alone(language, terms), text), engine=NAME)

    def translate_paper(self, texts: Mapping[Field, str], language: Language, terms: Mapping[str, str]) -> dict[Field, str]:
        """The texts of a paper at once, its summary among them; see ``ChatModel``."""
        prompt, message = together(texts, language, terms), material(texts)
        try:
            answer = self._said(prompt, message, **self._format(texts))
        except _SchemaRefused:
            self._takes_schema = False
            answer = self._said(prompt, message)
        found = read_answer(answer, texts, engine=NAME)
        return {field: " ".join(CONTROLS.sub("", text).split()) for field, text in found.items()}

    def _format(self, texts: Mapping[Field, str]) -> dict[str, Any]:
        if not self._takes_schema:
            return {}
        form = {"name": "paper", "schema": schema(texts), "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": form}}

    def _said(self, prompt: str, message: str, **options: Any) -> str:
        from openai import APIConnectionError, APIError, APIStatusError

        try:
            answer = self._client.chat.completions.create(
                model=self._model,
                temperature=TEMPERATURE,
                messages=[{"role": "system", "content": prompt}, {"role": "user", "content": message}],
                **options,
            )
        except APIConnectionError as error:
            raise TemporaryError(f"{NAME} does not answer ({type(error).__name__})") from error
        except APIStatusError as error:
            if options and error.status_code in SCHEMA_REFUSED:
                raise _SchemaRefused from error
            _refuse(error)
        except (APIError, ValueError) as error:
            raise TemporaryError(f"{NAME} answered with something that is no chat answer") from error
        choices = getattr(answer, "choices", None)
        if not choices:
            raise TemporaryError(f"{NAME} answered with something that is no chat answer")
        if choices[0].finish_reason == "length":
            raise PermanentError(f"{NAME} cut its answer off")
        return choices[0].message.content or ""


class _SchemaRefused(Exception):
    """The server takes no JSON schema."""


def _refuse(error: APIStatusError) -> NoReturn:
    if error.status_code in (408, 409, 429) or error.status_code >= 500:
        wait = retry_after(error.response.headers.get("Retry-After"))
        raise TemporaryError(f"{NAME} answered {error.status_code}", retry_after=wait) from error
    raise PermanentError(f"{NAME} answered {error.status_code}") from error
