"""Interface strings: no gap in any catalogue, placeholders kept, dates by custom, English for everybody else."""

from __future__ import annotations

import datetime as dt
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from newsletter.i18n import (
    LOCALES,
    MAIL_LOCALES,
    catalogue_path,
    day_and_month,
    interface_language,
    listed,
    long_date,
    short_date,
    translations_for,
)
from newsletter.i18n.extraction import OPERATORS_LOCALES, Gap, extract, gaps, merged
from newsletter.languages import LANGUAGES
from newsletter.translation.gate.writing import other_writing
from tests.i18n.words import all_words

DAY = dt.date(2026, 11, 21)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s", text))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_string_of_pages_and_mails_is_translated_and_not_fuzzy(locale: str) -> None:
    assert list(gaps(all_words(), locale)) == [], "run `python -m newsletter.i18n` and translate what it names"


def test_no_catalogue_holds_words_of_another_language() -> None:
    read = {locale: read_po(BytesIO(catalogue_path(locale).read_bytes()), locale=locale) for locale in LOCALES}
    texts = {locale: {one.string for one in read[locale] if isinstance(one.string, str)} for locale in LOCALES}
    assert [text for text in texts["zh_Hant_TW"] if other_writing(text, "zh-TW")] == []
    assert [text for text in texts["zh_Hans_CN"] if other_writing(text, "zh-CN")] == []
    for locale, letters in (("ar", "[\u0600-\u06ff]"), ("ja", "[\u3041-\u30ff]")):
        chinese = {text for text in texts[locale] if re.search("[\u4e00-\u9fff]{3}", text) and not re.search(letters, text)}
        assert chinese & texts["zh_Hans_CN"] == set()


@pytest.mark.parametrize("locale", MAIL_LOCALES)
def test_the_frame_of_a_mail_is_in_the_language_of_its_reader(locale: str) -> None:
    mails = [one for one in all_words() if one.id and any("templates/email" in place for place, _ in one.locations)]
    texts = [one.id if isinstance(one.id, str) else one.id[0] for one in mails]
    with catalogue_path(locale).open("rb") as file:
        there = {one.id if isinstance(one.id, str) else one.id[0] for one in read_po(file, locale=locale) if one.string}
    # New words of mails may be English for a while, but not many.
    assert sum(text in there for text in texts) >= 0.9 * len(texts), set(texts) - there
    assert {"Unsubscribe", "View in browser", "In this mail", "Please confirm your address"} <= there


@pytest.mark.parametrize("locale", (*LOCALES, *MAIL_LOCALES))
def test_a_translation_names_no_value_that_its_string_lacks(locale: str) -> None:
    with catalogue_path(locale).open("rb") as file:
        for message in read_po(file, locale=locale):
            if message.id:
                source = message.id if isinstance(message.id, str) else " ".join(message.id)
                for text in (message.string,) if isinstance(message.string, str) else message.string:
                    assert placeholders(text) <= placeholders(source), text
                if isinstance(message.id, str):
                    assert placeholders(message.string) == placeholders(source), message.id


def test_the_extraction_sees_templates_of_mails_and_code() -> None:
    found = {message.id if isinstance(message.id, str) else message.id[0] for message in all_words()}
    assert {"Unsubscribe", "Please confirm your address", "%(num)s paper", "In this mail"} <= found


def test_words_that_operators_alone_see_are_asked_for_in_the_languages_of_their_pages() -> None:
    extracted = all_words()
    extracted.add("A word for operators.", None, [("templates/web/admin/new.html", 0)])
    found = {locale: [gap.text for gap in gaps(extracted, locale)] for locale in LOCALES}
    assert found == {locale: ["A word for operators."] if locale in OPERATORS_LOCALES else [] for locale in LOCALES}


def test_a_missing_and_a_fuzzy_string_are_both_found() -> None:
    extracted = all_words()
    extracted.add("A sentence that nobody has translated.")
    assert Gap("ja", "A sentence that nobody has translated.", "missing") in list(gaps(extracted, "ja"))
    catalogue = merged(all_words(), "ja")
    catalogue.get("Unsubscribe").flags.add("fuzzy")
    assert Gap("ja", "Unsubscribe", "fuzzy") in list(gaps(all_words(), "ja", catalogue=catalogue))


def test_merging_keeps_translations_and_drops_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "templates" / "web").mkdir(parents=True)
    (tmp_path / "templates" / "web" / "page.html").write_text('{{ _("Unsubscribe") }} {{ _("Brand new") }}', encoding="utf-8")
    catalogue = merged(extract(tmp_path), "ja")
    assert {message.id: message.string or "" for message in catalogue if message.id} == {
        "Unsubscribe": "購読を解除",
        "Brand new": "",
    }


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("zh-CN", "退订"),
        ("zh-TW", "取消訂閱"),
        ("ja", "購読を解除"),
        ("ar", "إلغاء الاشتراك"),
        ("de", "Abmelden"),
        ("ru", "Отписаться"),
    ],
)
def test_a_language_with_a_catalogue_is_shown_in_it(code: str, words: str) -> None:
    assert translations_for(code).gettext("Unsubscribe") == words
    assert interface_language(code).code == code


@pytest.mark.parametrize(
    "code", [language.code for language in LANGUAGES if language.babel not in (*LOCALES, *MAIL_LOCALES)] + ["xx", ""]
)
def test_every_other_language_reads_english(code: str) -> None:
    assert translations_for(code).gettext("Unsubscribe") == "Unsubscribe"
    assert interface_language(code).code == "en"


def test_plurals_follow_the_language() -> None:
    arabic = {translations_for("ar").ngettext("%(num)s paper", "%(num)s papers", number) for number in (0, 1, 2, 3, 11, 100)}
    assert len(arabic) == 5
    assert translations_for("ja").ngettext("%(num)s paper", "%(num)s papers", 1) == "論文 %(num)s 件"
    assert translations_for("en").ngettext("%(num)s paper", "%(num)s papers", 2) == "%(num)s papers"


@pytest.mark.parametrize(
    ("code", "full", "medium", "short"),
    [
        ("en", "Saturday, November 21, 2026", "Nov 21, 2026", "Nov 21"),
        ("zh-CN", "2026年11月21日星期六", "2026年11月21日", "11月21日"),
        ("zh-TW", "2026年11月21日 星期六", "2026年11月21日", "11月21日"),
        ("ja", "2026年11月21日土曜日", "2026/11/21", "11月21日"),
        ("de", "Samstag, 21. November 2026", "21.11.2026", "21. Nov."),
        ("ar", "السبت، 21 نوفمبر 2026", "21 نوفمبر 2026", "21 نوفمبر"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(code: str, full: str, medium: str, short: str) -> None:
    assert (long_date(DAY, code), short_date(DAY, code), day_and_month(DAY, code)) == (full, medium, short)


def test_a_date_in_an_unknown_language_is_english() -> None:
    assert short_date(DAY, "xx") == "Nov 21, 2026"


@pytest.mark.parametrize("count", range(5))
def test_a_list_names_each_once_in_every_language(count: int) -> None:
    names = [f"Ada {letter}." for letter in "BCDE"[:count]]
    for language in LANGUAGES:
        shown = listed(names, language.code)
        assert [shown.count(name) for name in names] == [1] * count, (language.code, shown)
        assert bool(count) is bool(shown), language.code
