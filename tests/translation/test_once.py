"""Each text is translated once: again only where the glossary changed about a term in it, never over what people wrote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from newsletter.bootstrap import Services
from newsletter.daily import plan, translate
from newsletter.db import Database
from newsletter.operating.own_files import glossary_of
from newsletter.papers.store import papers as papers_store
from newsletter.translation.store import translations as translations_store
from newsletter.values.mail import DeliveryState
from newsletter.values.translations import Field
from tests.daily.ledgers import TODAY, add, rows, settle
from tests.factories import NOW
from tests.papers.paper_builder import match, paper
from tests.services import give_own
from tests.translation.engines.fake_engines import FakeEngines
from tests.translation.store.test_translations import accept, stored

Make = Callable[..., Services]
ABSTRACT = "Maps of rooms are drawn by small robots. We present a map of prompts for them. It is small."


def bring(services: Services, *numbers: int, abstract: str = ABSTRACT) -> None:
    papers = [
        replace(paper(number), announced_on=TODAY, title=f"Rooms of robots number {number}", abstract=abstract)
        for number in numbers
    ]
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(one, [match(one, "nerf")]) for one in papers], now=NOW)


def test_a_changed_glossary_has_only_the_texts_that_hold_its_terms_translated_anew(database: Database) -> None:
    (one,) = stored(database, replace(paper(1), title="A crop of rooms", abstract="Rooms. Nothing else."))

    def version(glossary: str) -> Callable[[str, str], str]:
        return lambda _language, text: glossary if "crop" in text else ""

    with database.transaction() as session:
        for need in translations_store.needed(session, [(one, "ja")], versions=version("first")):
            translations_store.save(session, [replace(accept(need, "一"), glossary_version=need.glossary_version)], now=NOW)
        assert translations_store.needed(session, [(one, "ja")], versions=version("first")) == []
        (need,) = translations_store.needed(session, [(one, "ja")], versions=version("second"))
        assert (need.field, need.glossary_version) == (Field.TITLE, "second")
        assert translations_store.needed(session, [(one, "ja")]) == [], "readers have the old one until then"
        assert translations_store.translations(session, [one], "ja")[one][Field.TITLE].text == "一"
        assert translations_store.save(session, [replace(accept(need, "二"), glossary_version="second")], now=NOW) == 1
        assert translations_store.translations(session, [one], "ja")[one][Field.TITLE].text == "二"


def test_what_people_wrote_is_never_made_anew(database: Database) -> None:
    (one,) = stored(database, replace(paper(1), title="A crop of rooms", abstract="Rooms."))
    with database.transaction() as session:
        need, *_ = translations_store.needed(session, [(one, "ja")])
        translations_store.save(session, [accept(need, "手で", engine="imported")], now=NOW)
        fields = {need.field for need in translations_store.needed(session, [(one, "ja")], versions=lambda *_: "other")}
        assert Field.TITLE not in fields
        assert translations_store.save(session, [replace(accept(need, "機械"), glossary_version="other")], now=NOW) == 0
        assert translations_store.translations(session, [one], "ja")[one][Field.TITLE].text == "手で"


def test_an_operators_glossary_is_used_and_a_change_of_it_costs_only_its_texts(sqlite_url: str, make_services: Make) -> None:
    with FakeEngines() as fakes:
        environ = {"TRANSLATORS": "libre", "LIBRETRANSLATE_URL": fakes.libre_url}
        services = make_services(sqlite_url, **environ)
        bring(services, 1)
        bring(services, 2, abstract="Rooms are quiet at night. We present a lamp for them. It is small.")
        add(services, "nerf", language="zh-CN", cursor=0)
        assert translate.translate(services, now=NOW).accepted == 6
        calls = fakes.calls()
        give_own(services, glossary_of("zh-CN"), "map of prompts: {put: 提示图}\n")
        report = translate.translate(services, now=NOW)
        assert (report.needed, report.accepted, fakes.calls() - calls) == (2, 2, 2), "the abstract and its summary"
        with services.database.reading() as session:
            found = translations_store.translations(session, [1], "zh-CN")[1]
        assert "提示图" in found[Field.ABSTRACT].text
        assert "提示图" in found[Field.TLDR].text


def test_the_papers_of_most_readers_are_translated_first(sqlite_url: str, make_services: Make) -> None:
    with FakeEngines() as fakes:
        services = make_services(sqlite_url, TRANSLATORS="libre", LIBRETRANSLATE_URL=fakes.libre_url, TRANSLATION_CONCURRENCY="1")
        bring(services, 1)
        two = replace(paper(2), announced_on=TODAY, title="Lamps", abstract="Lamps.")
        with services.database.transaction() as session:
            papers_store.store_papers(session, [(two, [match(two, "slam")])], now=NOW)
        add(services, "nerf", language="ja")
        for _ in range(3):
            add(services, "slam", language="ja")
        translate.translate(services, now=NOW)
    assert fakes.texts[0][2] == "Lamps"


def test_work_that_arrives_late_fills_later_digests_and_never_a_second_mail(database_url: str, make_services: Make) -> None:
    with FakeEngines("500") as fakes:
        services = make_services(database_url, TRANSLATORS="libre", LIBRETRANSLATE_URL=fakes.libre_url)
        bring(services, 1)
        reader = add(services, "nerf", language="ja", cursor=0)
        assert translate.translate(services, now=NOW, patience=3).accepted == 0
        plan.plan(services, now=NOW)
        settle(services, DeliveryState.SENT, now=NOW)
        fakes.behave("good")
        late = add(services, "nerf", language="ja", cursor=0, hour=20)
        later = make_services(database_url, TRANSLATORS="libre", LIBRETRANSLATE_URL=fakes.libre_url)
        assert translate.translate(later, now=NOW + dt.timedelta(hours=1)).accepted == 3
        for hours in (1, 13, 24, 48):
            plan.plan(later, now=NOW + dt.timedelta(hours=hours))
            settle(later, DeliveryState.SENT, now=NOW + dt.timedelta(hours=hours))
        with later.database.reading() as session:
            assert set(translations_store.translations(session, [1], "ja")[1]) == {Field.TITLE, Field.ABSTRACT, Field.TLDR}
    for one in (reader, late):
        holding = [row for row in rows(later, one) if row.contents.get("papers")]
        assert len(holding) == 1, "the paper came once"


def test_what_engines_did_stands_in_the_counts_of_the_installation(sqlite_url: str, make_services: Make) -> None:
    from newsletter.translation.store import usage as usage_store

    with FakeEngines() as fakes:
        fakes.behave("drops", engine="libre")
        services = make_services(
            sqlite_url,
            TRANSLATORS="libre,google",
            LIBRETRANSLATE_URL=fakes.libre_url,
            GOOGLE_TRANSLATE_URL=fakes.google_url,
        )
        bring(services, 1, abstract="We present NeRF-VO for rooms. It needs $3$B parameters. It is small.")
        add(services, "nerf", language="ja", cursor=0)
        translate.translate(services, now=NOW)
        with services.database.reading() as session:
            counts = usage_store.totals(session)
    assert counts["google", "accepted"] + counts.get(("libre", "accepted"), 0) == 3
    assert counts["libre", "rejected placeholders"] >= 1
    assert counts["libre", "calls"] == fakes.calls("libre")
    assert counts["google", "characters"] == sum(len(text) for name, _, text in fakes.texts if name == "google")
