"""DeepL, Microsoft and MyMemory through our own adapters: what they are sent, and what becomes of what they answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newsletter.errors import PermanentError, TemporaryError
from newsletter.languages import LANGUAGES, language_of
from newsletter.translation.engines.deepl import DeeplEngine
from newsletter.translation.engines.microsoft import MicrosoftEngine
from newsletter.translation.engines.mymemory import MyMemoryEngine
from newsletter.translation.engines.registry import Engine
from newsletter.translation.engines.transfer import Refused
from tests.translation.engines.fake_engines import translated
from tests.translation.engines.fake_services import FakeServices

TEXT = "We present <x0/>, a system of robots & maps."


@pytest.fixture
def fake() -> Iterator[FakeServices]:
    with FakeServices() as services:
        yield services


def engine_of(name: str, fake: FakeServices) -> Engine:
    if name == "deepl":
        return DeeplEngine(fake.url, "key:fx")
    return (
        MicrosoftEngine(fake.url + "/", "key", "westeurope") if name == "microsoft" else MyMemoryEngine(fake.url, "a@example.org")
    )


@pytest.fixture(params=["deepl", "microsoft", "mymemory"])
def engine(request: pytest.FixtureRequest, fake: FakeServices) -> Engine:
    return engine_of(request.param, fake)


@pytest.mark.parametrize("code", ["zh-CN", "zh-TW", "ja", "de", "ar"])
def test_a_text_comes_back_in_its_language(engine: Engine, code: str) -> None:
    target = {"zh-CN": "zh", "zh-TW": "zt"}.get(code, code)
    assert engine.translate(TEXT, language_of(code)) == translated(TEXT, target)


def test_deepl_is_sent_its_key_in_a_header_and_its_own_codes(fake: FakeServices) -> None:
    engine_of("deepl", fake).translate(TEXT, language_of("zh-TW"))
    ((path, query, headers, body),) = fake.requests
    assert (path, query, headers["authorization"]) == ("/v2/translate", {}, "DeepL-Auth-Key key:fx")
    assert body == {"text": [TEXT], "source_lang": "EN", "target_lang": "ZH-HANT"}


def test_microsoft_is_sent_its_key_and_region_in_headers(fake: FakeServices) -> None:
    engine_of("microsoft", fake).translate(TEXT, language_of("zh-CN"))
    ((path, query, headers, body),) = fake.requests
    assert (path, body) == ("/translate", [{"Text": TEXT}])
    assert query == {"api-version": "3.0", "from": "en", "to": "zh-Hans", "textType": "plain"}
    assert (headers["ocp-apim-subscription-key"], headers["ocp-apim-subscription-region"]) == ("key", "westeurope")


def test_mymemory_is_sent_the_address_that_raises_its_limit(fake: FakeServices) -> None:
    engine_of("mymemory", fake).translate(TEXT, language_of("ja"))
    MyMemoryEngine(fake.url).translate(TEXT, language_of("ja"))
    (path, first, _, _), (_, second, _, _) = fake.requests
    assert (path, first) == ("/get", {"q": TEXT, "langpair": "en|ja", "de": "a@example.org"})
    assert "de" not in second


def test_what_a_service_does_not_know_is_not_sent(fake: FakeServices) -> None:
    with pytest.raises(PermanentError, match="fa"):
        engine_of("deepl", fake).translate(TEXT, language_of("fa"))
    with pytest.raises(PermanentError, match="500 bytes"):
        engine_of("mymemory", fake).translate("é" * 300, language_of("de"))
    assert fake.requests == []


@pytest.mark.parametrize("answer", [429, 503, 500, "<html>", "{}", "[]", "null", '{"translations": []}', "[{}]"])
def test_what_may_pass_is_a_temporary_error(engine: Engine, fake: FakeServices, answer: int | str) -> None:
    fake.answers = [answer]
    with pytest.raises(TemporaryError, match=engine.name):
        engine.translate(TEXT, language_of("ja"))


@pytest.mark.parametrize("answer", [400, 401, 404])
def test_a_refusal_is_permanent(engine: Engine, fake: FakeServices, answer: int) -> None:
    fake.answers = [answer]
    with pytest.raises(Refused, match=str(answer)):
        engine.translate(TEXT, language_of("ja"))


QUOTA = '{"responseData": {"translatedText": "MYMEMORY WARNING: ALL USED"}, "responseStatus": 200, "quotaFinished": true}'
LIMITED = '{"responseData": {"translatedText": "x"}, "responseStatus": "429"}'


@pytest.mark.parametrize(("name", "answer"), [("deepl", 456), ("microsoft", 403), ("mymemory", QUOTA), ("mymemory", LIMITED)])
def test_a_used_up_quota_leaves_the_service_alone_for_an_hour(fake: FakeServices, name: str, answer: int | str) -> None:
    fake.answers = [answer]
    with pytest.raises(TemporaryError) as raised:
        engine_of(name, fake).translate(TEXT, language_of("ja"))
    assert raised.value.retry_after == 3600


def test_a_refusal_of_mymemory_with_status_200_is_no_translation(fake: FakeServices) -> None:
    fake.answers = ['{"responseData": {"translatedText": "\'XX\' IS AN INVALID TARGET LANGUAGE"}, "responseStatus": "403"}']
    with pytest.raises(PermanentError, match="403"):
        engine_of("mymemory", fake).translate(TEXT, language_of("ja"))


def test_a_key_that_is_refused_never_stands_in_the_error(fake: FakeServices) -> None:
    fake.answers = [403]
    with pytest.raises(PermanentError) as raised:
        engine_of("deepl", fake).translate(TEXT, language_of("ja"))
    assert "key:fx" not in str(raised.value)


def test_twenty_languages_and_more_are_offered_each_with_its_codes() -> None:
    assert len(LANGUAGES) >= 20
    for codes in zip(*((one.google, one.libre, one.microsoft) for one in LANGUAGES), strict=True):
        assert all(codes) and len(set(codes)) == len(codes)
    assert {one.code for one in LANGUAGES if one.direction == "rtl"} == {"ar", "he", "fa"}
    assert {one.code for one in LANGUAGES if not one.deepl} == {"hi", "fa"}
