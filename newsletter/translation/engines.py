"""The engines as the rest of the service sees them: one small protocol, and the list that the settings ask for.

Each adapter turns its library's ways and errors into these; no library is imported here before an engine is asked for.
"""

from __future__ import annotations

from typing import Protocol

from newsletter.errors import SettingsError
from newsletter.languages import Language
from newsletter.settings import Settings
from newsletter.translation.protection import Form


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


def build_engines(settings: Settings) -> tuple[Engine, ...]:
    """The engines of TRANSLATORS in order; none where it says ``none``. Raises SettingsError for a name without an adapter."""
    return tuple(_build(name, settings) for name in settings.translators)


def _build(name: str, settings: Settings) -> Engine:
    if name == "libre":
        from newsletter.translation.libre import LibreEngine

        return LibreEngine(settings.libretranslate_url, settings.libretranslate_api_key)
    if name == "google":
        from newsletter.translation.google import GoogleEngine

        return GoogleEngine(settings.google_translate_url)
    if name == "openai":
        from newsletter.translation.chat import ChatEngine

        return ChatEngine(settings.openai_base_url, settings.openai_api_key, model=settings.openai_model)
    raise SettingsError(f"TRANSLATORS names {name}, for which there is no adapter: choose among libre, google, openai, none")
