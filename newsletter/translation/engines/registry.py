"""The engines as the rest of the service sees them: one small protocol, and the list that the settings ask for.

Each adapter turns its library's ways and errors into these; no library is imported here before an engine is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Protocol, runtime_checkable

from newsletter.errors import SettingsError
from newsletter.languages import Language
from newsletter.settings import EngineSettings
from newsletter.translation.protection import Form
from newsletter.values.translations import Field


@runtime_checkable
class ChatModel(Protocol):
    """An engine that takes advice, and the texts of a paper at once."""

    def translate_advised(self, text: str, language: Language, terms: Mapping[str, str]) -> str:
        """As ``Engine.translate``, with renderings (by English term) to use."""

    def translate_paper(self, texts: Mapping[Field, str], language: Language, terms: Mapping[str, str]) -> dict[Field, str]:
        """The translations of ``texts`` by field, with placeholders as they were; ``terms`` are renderings to use.

        For ``Field.TLDR`` it gives one sentence that sums the paper up. Fields that it left out are missing.
        Raises: as ``Engine.translate``.
        """


class Engine(Protocol):
    """Something that translates from English; safe to be called by many threads at once.

    ``limit`` is the most characters per call; ``forms`` are the forms of placeholders to try, the best one first.
    """

    @property
    def name(self) -> str: ...

    @property
    def limit(self) -> int: ...

    @property
    def forms(self) -> tuple[Form, ...]: ...

    def translate(self, text: str, language: Language) -> str:
        """``text`` in ``language``, never empty and never the text itself.

        Raises:
            TemporaryError: the engine is out of reach or asks for patience.
            PermanentError: it cannot translate this text or language, or does not accept our key.
        """


def build_engines(settings: EngineSettings) -> tuple[Engine, ...]:
    """The engines of TRANSLATORS in order; none where it says ``none``. Raises SettingsError for a name without an adapter."""
    return tuple(_build(name, settings) for name in settings.order)


def _build(name: str, settings: EngineSettings) -> Engine:
    if name == "libre":
        from newsletter.translation.engines.libre import LibreEngine

        return LibreEngine(settings.libre_url, settings.libre_key.get_secret_value())
    if name == "google":
        from newsletter.translation.engines.google import GoogleEngine

        return GoogleEngine(settings.google_url)
    if name == "deepl":
        from newsletter.translation.engines.deepl import DeeplEngine

        return DeeplEngine(settings.deepl_url, settings.deepl_key.get_secret_value())
    if name == "microsoft":
        from newsletter.translation.engines.microsoft import MicrosoftEngine

        return MicrosoftEngine(settings.microsoft_url, settings.microsoft_key.get_secret_value(), settings.microsoft_region)
    if name == "mymemory":
        from newsletter.translation.engines.mymemory import MyMemoryEngine

        return MyMemoryEngine(settings.mymemory_url, settings.mymemory_email)
    if name == "openai":
        if find_spec("openai") is None:
            raise SettingsError("TRANSLATORS names openai, whose client is missing: install it (pip install 'newsletter[chat]')")
        from newsletter.translation.engines.chat import ChatEngine

        return ChatEngine(settings.openai_url, settings.openai_key.get_secret_value(), model=settings.openai_model)
    raise SettingsError(f"TRANSLATORS names {name}, for which there is no adapter: take it out")
