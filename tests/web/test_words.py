"""The words on the pages are those that were agreed, and none of them is left out of the translations."""

from __future__ import annotations

from newsletter.subscribers import addresses, choices, consent, preferences, unsubscribe
from newsletter.subscribers.faults import Fault
from newsletter.web.page_context import INTERFACE, listed
from tests.i18n.words import all_words
from tests.web.conftest import Site


def test_what_people_agree_to_stands_beside_the_button(small_site: Site) -> None:
    assert consent.ASKED in small_site.client().get("/?lang=en").text


def test_what_other_parts_say_about_a_field_is_known_to_the_translators() -> None:
    faults = [one for part in (addresses, choices) for one in vars(part).values() if isinstance(one, Fault)]
    said = {unsubscribe.TOO_LATE, preferences.NOT_HERE, *(one.text for one in faults)}
    assert len(said) == 17
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in all_words()}
    assert said <= known


def test_every_page_is_served_in_every_interface_language(small_site: Site) -> None:
    for code in INTERFACE:
        for path in ("/", "/archive", "/papers/2606.26101", f"/preferences/{small_site.reader}", "/link", "/nowhere", "/inbox"):
            answer = small_site.client().get(f"{path}?lang={code}")
            assert answer.status_code in (200, 404)
            assert f'<html lang="{code}"' in answer.text


def test_names_in_a_row_are_told_apart_in_every_language(small_site: Site) -> None:
    found = {}
    for code in INTERFACE:
        with small_site.app.test_request_context(f"/?lang={code}"):
            found[code] = listed(["NeRF", "RAG", "SLAM"]).replace("\u2068", "").replace("\u2069", "")
    assert found == {
        "en": "NeRF, RAG, SLAM",
        "zh-CN": "NeRF、RAG和SLAM",
        "zh-TW": "NeRF、RAG和SLAM",
        "ja": "NeRF、RAG、SLAM",
        "ar": "NeRF وRAG وSLAM",
    }
