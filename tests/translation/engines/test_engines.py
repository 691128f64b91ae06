"""The real adapters against fake servers: what they send, what they take, and which error each failure becomes."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import time_machine

from newsletter.errors import PermanentError, SettingsError, TemporaryError
from newsletter.http.responses import retry_after
from newsletter.languages import LANGUAGES, SOURCE_LANGUAGE, language_of
from newsletter.settings import load
from newsletter.settings.sections import ENGINES
from newsletter.translation.engines import transfer
from newsletter.translation.engines.answers import checked
from newsletter.translation.engines.chat import ChatEngine
from newsletter.translation.engines.google import GoogleEngine
from newsletter.translation.engines.libre import LibreEngine
from newsletter.translation.engines.registry import Engine, build_engines
from tests.translation.engines.fake_engines import FakeEngines, translated

TEXT = "A survey of visual navigation"


@pytest.mark.parametrize("code", [language.code for language in LANGUAGES if language.code != SOURCE_LANGUAGE])
def test_every_language_on_offer_can_be_asked_for(engine: Engine, fakes: FakeEngines, code: str) -> None:
    language = language_of(code)
    target = {"libre": language.libre, "google": language.google, "openai": code}[engine.name]
    assert engine.translate(TEXT, language) == translated(TEXT, target)
    assert fakes.texts == [(engine.name, target, TEXT)]


def test_a_text_as_long_as_the_limit_arrives_whole(engine: Engine, fakes: FakeEngines) -> None:
    text = ("words & more + signs % of #all? " * 400)[: engine.limit].strip()
    engine.translate(text, language_of("de"))
    assert [sent for _, _, sent in fakes.texts] == [text]


@pytest.mark.parametrize("behaviour", ["429", "500", "html", "error sentence", "not json", "drop"])
def test_what_may_pass_is_a_temporary_error(engine: Engine, fakes: FakeEngines, behaviour: str) -> None:
    fakes.behave(behaviour)
    with pytest.raises(TemporaryError, match=engine.name) as raised:
        engine.translate(TEXT, language_of("zh-CN"))
    assert TEXT not in str(raised.value)


@pytest.mark.parametrize("behaviour", ["none", "empty", "identity", "403"])
def test_what_would_come_again_is_a_permanent_error(engine: Engine, fakes: FakeEngines, behaviour: str) -> None:
    fakes.behave(behaviour)
    with pytest.raises((PermanentError, TemporaryError) if behaviour == "none" else PermanentError, match=engine.name):
        engine.translate(TEXT, language_of("zh-CN"))


def test_a_server_that_nobody_runs_is_a_temporary_error() -> None:
    for engine in (
        LibreEngine("http://127.0.0.1:9"),
        GoogleEngine("http://127.0.0.1:9/m"),
        ChatEngine("http://127.0.0.1:9", model="m"),
    ):
        with pytest.raises(TemporaryError, match="does not answer"):
            engine.translate(TEXT, language_of("de"))


@pytest.mark.parametrize("wish", ["8", "Fri, 26 Jun 2026 12:00:08 GMT"], ids=["seconds", "date"])
def test_the_time_that_a_server_asks_for_is_handed_on(engine: Engine, fakes: FakeEngines, wish: str) -> None:
    fakes.retry_after = wish
    fakes.behave("429")
    noon = dt.datetime(2026, 6, 26, 12, 0, tzinfo=dt.UTC)
    with time_machine.travel(noon, tick=False), pytest.raises(TemporaryError) as raised:
        engine.translate(TEXT, language_of("de"))
    assert raised.value.retry_after == 8.0


@pytest.mark.parametrize("text", ["", None, "soon", "Wed, 99 Foo"])
def test_a_retry_after_that_says_nothing_counts_as_none(text: str | None) -> None:
    assert retry_after(text) is None


def test_every_call_has_a_time_out(fakes: FakeEngines) -> None:
    fakes.behave("hang")
    with pytest.raises(TemporaryError, match="Timeout"):
        ChatEngine(fakes.openai_url, model="m", time_out=0.2).translate(TEXT, language_of("de"))
    with pytest.raises(TemporaryError, match="Timeout"):
        transfer.exchange("GET", fakes.google_url, engine="google", time_out=(1.0, 0.2))


def test_calls_of_a_thread_go_over_one_connection_until_the_server_ends_it(engine: Engine, fakes: FakeEngines) -> None:
    def ask(behaviour: str) -> None:
        fakes.behave(behaviour)
        engine.translate(TEXT, language_of("de"))

    with ThreadPoolExecutor(1) as thread:
        for _ in range(3):
            thread.submit(ask, "good").result()
        assert len(fakes.connections) == 1
        with pytest.raises(TemporaryError):
            thread.submit(ask, "drop").result()
        thread.submit(ask, "good").result()
    assert len(fakes.connections) == 2


def test_a_key_is_sent_only_where_there_is_one(fakes: FakeEngines) -> None:
    LibreEngine(fakes.libre_url).translate(TEXT, language_of("de"))
    LibreEngine(fakes.libre_url + "/", "secret").translate(TEXT, language_of("de"))
    assert [given.get("api_key") for given in fakes.payloads] == [None, "secret"]


def test_the_lines_of_a_page_are_not_glued_together(fakes: FakeEngines) -> None:
    fakes.behave("line breaks")
    assert GoogleEngine(fakes.google_url).translate("one two", language_of("de")) == "eins zwei"


def test_an_answer_comes_on_one_line_without_control_characters() -> None:
    assert checked("one two", "\u202e eins\x00\u2028 zwei\r\n", engine="libre") == "eins zwei"
    with pytest.raises(PermanentError, match="no text"):
        checked("one two", "\x00 \u202e", engine="libre")


def test_the_settings_name_the_engines_in_order(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path), "TRANSLATORS": "google,libre,openai", "LIBRETRANSLATE_URL": "http://127.0.0.1:1/libre"}
    environ |= {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
    assert [engine.name for engine in build_engines(load(environ).engines)] == ["google", "libre", "openai"]
    assert build_engines(load(environ | {"TRANSLATORS": "none"}).engines) == ()


def test_each_engine_that_may_be_named_has_an_adapter_of_its_name(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path), "TRANSLATORS": ",".join(ENGINES), "LIBRETRANSLATE_URL": "http://127.0.0.1:1"}
    environ |= {"DEEPL_API_KEY": "k", "MICROSOFT_API_KEY": "k", "OPENAI_API_KEY": "k"}
    assert [engine.name for engine in build_engines(load(environ).engines)] == list(ENGINES[1:])


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"TRANSLATORS": "babelfish"}, "TRANSLATORS names 'babelfish'"),
        ({"TRANSLATORS": "deepl"}, "TRANSLATORS names deepl, but DEEPL_API_KEY is not set"),
        ({"TRANSLATORS": "microsoft"}, "MICROSOFT_API_KEY"),
        ({"TRANSLATION_CALLS_PER_MINUTE": "google"}, "TRANSLATION_CALLS_PER_MINUTE holds 'google'"),
        ({"TRANSLATION_CALLS_PER_MINUTE": "google:0"}, "TRANSLATION_CALLS_PER_MINUTE"),
        ({"TRANSLATION_CHARACTERS_PER_MONTH": "bing:5"}, "TRANSLATION_CHARACTERS_PER_MONTH holds 'bing:5'"),
        ({"TRANSLATION_CHARACTERS_PER_MONTH": "deepl:many"}, "'deepl:many'"),
        ({"TRANSLATION_PRICES": "bing:5"}, "TRANSLATION_PRICES holds 'bing:5'"),
        ({"TRANSLATION_PRICES": "deepl:1,5"}, "TRANSLATION_PRICES holds"),
        ({"TRANSLATION_PRICES": "deepl:-1"}, "'deepl:-1'"),
        ({"TRANSLATION_TOKEN_PRICES": "deepl:1"}, "TRANSLATION_TOKEN_PRICES holds 'deepl:1'"),
        ({"TRANSLATION_MONEY_PER_MONTH": "openai:free"}, "'openai:free'"),
        ({"TRANSLATION_MONEY_PER_MONTH": "openai:5"}, "names openai, which has no price"),
        ({"MYMEMORY_EMAIL": "nobody"}, "MYMEMORY_EMAIL"),
        ({"TRANSLATION_CONCURRENCY": "0"}, "TRANSLATION_CONCURRENCY"),
    ],
)
def test_engine_settings_that_cannot_be_right_are_told_by_name(tmp_path: Path, environ: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load({"DATA_DIR": str(tmp_path), **environ})


def test_engines_that_are_configured_are_asked_where_none_is_named(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path), "DEEPL_API_KEY": "abc:fx", "MYMEMORY_EMAIL": "ann@example.org"}
    found = load(environ).engines
    assert found.order == ("deepl", "mymemory", "google")
    assert found.deepl_url == "https://api-free.deepl.com"
    assert found.characters_per_month == {"deepl": 500_000}
    assert load({"DATA_DIR": str(tmp_path)}).engines.order == ("google",)
