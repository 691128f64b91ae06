"""A person sees what was made of a paper's texts and why some were refused, rejects it, and has it made anew; money has an end."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import translate, translations
from newsletter.errors import InputError
from newsletter.operating.state import ENGINE_PROBLEMS
from newsletter.papers.store import papers as papers_store
from newsletter.translation.budgets import KeptLimits, LimitReached
from newsletter.values.translations import Field
from tests.daily.ledgers import add
from tests.factories import NOW
from tests.translation.engines.fake_engines import FakeEngines
from tests.translation.test_budgets import JUNE, nothing, used
from tests.translation.test_once import bring

Make = Callable[..., Services]
EVERY = list(Field)


def states(services: Services, ref: str) -> dict[Field, tuple[str, str, tuple[str, ...]]]:
    return {one.field: (one.state, one.engine, one.reasons) for one in translations.show(services, ref, languages=["zh-CN"])}


def test_what_was_refused_says_why_until_it_is_accepted(sqlite_url: str, make_services: Make) -> None:
    with FakeEngines("repeats") as fakes:
        services = make_services(sqlite_url, TRANSLATORS="libre", LIBRETRANSLATE_URL=fakes.libre_url)
        bring(services, 1)
        add(services, "nerf", language="zh-CN", cursor=0)
        assert translate.translate(services, now=NOW).accepted == 0
        with services.database.reading() as session:
            ref = papers_store.papers_by_ids(session, [1])[1].ref
        told = translations.show(services, ref)
        assert {(one.state, one.engine) for one in told} == {("original", "libre")}
        assert all(one.reasons and one.text for one in told), told
        fakes.behave("good")
        assert translations.translate_again(services, ref, languages=[], fields=EVERY, now=NOW) == (3, 3)
        assert states(services, ref) == dict.fromkeys(EVERY, ("published", "libre", ()))

        assert translations.reject(services, ref, languages=["zh-CN"], fields=[Field.TITLE], now=NOW) == 1
        assert states(services, ref)[Field.TITLE] == ("original", "libre", ("rejected",))
        assert translate.translate(services, now=NOW).needed == 0, "what was rejected is not asked for by itself"
        asked = translations.translate_again(services, ref, languages=["zh-CN"], fields=[Field.TITLE], now=NOW)
        assert asked == (1, 1)
        assert states(services, ref)[Field.TITLE][0] == "published"
        with pytest.raises(InputError, match="no paper '9999"):
            translations.show(services, "9999.99999")
        with pytest.raises(InputError, match="language 'xx'"):
            translations.show(services, ref, languages=["xx"])


def test_the_last_words_of_an_engine_are_kept_for_the_doctor(sqlite_url: str, make_services: Make) -> None:
    with FakeEngines("403") as fakes:
        services = make_services(sqlite_url, TRANSLATORS="libre", LIBRETRANSLATE_URL=fakes.libre_url)
        bring(services, 1)
        add(services, "nerf", language="zh-CN", cursor=0)
        report = translate.translate(services, now=NOW)
        assert "403" in report.problems["libre"]
        with services.database.reading() as session:
            assert ENGINE_PROBLEMS.read(session) == report.problems
        assert json.loads(json.dumps(report.problems))
        fakes.behave("good")
        translate.translate(services, now=NOW)
        with services.database.reading() as session:
            assert ENGINE_PROBLEMS.read(session) is None


def test_an_engine_that_has_spent_the_money_of_the_month_is_passed_over(sqlite_url: str, make_services: Make) -> None:
    environ = {"TRANSLATORS": "openai", "OPENAI_API_KEY": "key", "TRANSLATION_TOKEN_PRICES": "openai:2"}
    services = make_services(sqlite_url, **environ, TRANSLATION_MONEY_PER_MONTH="openai:1")
    settings = services.settings.engines
    used(services.database, 499_000, engine="openai")
    limits = KeptLimits(
        services.database, {}, {}, now=lambda: JUNE, money_per_month=settings.money_per_month, prices=settings.character_prices
    )
    limits.take("openai", 1_000, sleep=nothing)
    with pytest.raises(LimitReached, match=r"openai has spent 1\.00 of the 1\.00 of this month"):
        limits.take("openai", 1, sleep=nothing)
