"""Papers as pages and feeds: nothing of theirs is active, translations stand beside the original, feeds are valid."""

from __future__ import annotations

import datetime as dt
import re
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.archive.feeds.atom import Feed, atom
from newsletter.values.digests import Entry
from tests.services import give_catalogue
from tests.web.conftest import DAY, HOSTILE, Site, paper, stored

FEED = Feed("T", "S", "A", "https://example.org/feeds/x.xml", "https://example.org/topics/x", "https://example.org", "en")


def test_the_archive_lists_days_and_a_day_its_papers(site: Site) -> None:
    client = site.client()
    assert f"/archive/{DAY.isoformat()}" in client.get("/archive").text
    page = client.get(f"/archive/{DAY.isoformat()}").text
    assert "/papers/2606.26101" in page
    assert "/papers/hep-th/9901001" in page
    assert "3D Gaussian Splatting" in page


def test_a_paper_is_found_by_its_id_with_or_without_version_also_by_an_old_one(site: Site) -> None:
    client = site.client()
    for ref in ("2606.26101", "2606.26101v2", "hep-th/9901001", "hep-th/9901001v1"):
        answer = client.get(f"/papers/{ref}")
        assert answer.status_code == 200, ref
        assert "https://arxiv.org/abs/" in answer.text


def test_a_translation_stands_beside_the_original_with_its_language(site: Site) -> None:
    page = site.client().get("/papers/2606.26101?language=zh-CN").text
    assert "高斯泼溅" in page
    assert "We splat Gaussians." in page
    assert 'lang="zh-CN" dir="ltr"' in page
    assert "not translated yet" not in page


def test_an_untranslated_paper_says_so(site: Site) -> None:
    page = site.client().get("/papers/2606.26102?language=zh-CN&lang=en").text
    assert "not translated yet" in page


@pytest.mark.parametrize(
    "path",
    [
        "/papers/2606.26102",
        "/papers/2606.26101?language=zh-CN",
        f"/archive/{DAY}",
        f"/archive/{DAY}?language=zh-CN",
        "/topics/3dgs",
    ],
)
def test_nothing_in_a_title_or_abstract_is_active(site: Site, path: str) -> None:
    page = site.client().get(path).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert " 49 " not in page


def test_a_day_is_cut_into_pages_and_narrowed_to_a_topic(small_site: Site) -> None:
    stored(small_site.services, [paper(f"2606.3{number:04d}") for number in range(60)])
    client = small_site.client()
    first, last = (client.get(f"/archive/{DAY}?page={number}").text for number in (1, "9999999999999999999999"))
    assert first.count('class="paper"') == 30
    assert client.get(f"/archive/{DAY}?page=3").text.count('class="paper"') == 3
    assert re.sub("page=9+", "page=1", last) == first
    assert 'rel="next"' in first
    assert client.get(f"/archive/{DAY}?topic=nerf").text.count('class="paper"') == 0
    assert client.get(f"/archive/{DAY}?topic=3dgs&page=3").text.count('class="paper"') == 3
    assert client.get(f"/archive/{DAY}?topic=nowhere").status_code == 404


def test_samples_are_marked_wherever_they_are_shown(sqlite_url: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from newsletter import bootstrap, settings
    from newsletter.web import create_app

    the = bootstrap.build(settings.load({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path / "data")}))
    stored(the, [paper("sample-01", source="sample")])
    client = create_app(the).test_client()
    for path in ("/papers/sample-01", f"/archive/{DAY}", "/topics/3dgs", "/feeds/3dgs.xml"):
        assert "sample" in client.get(path).text.replace("sample-01", ""), path
    assert "arxiv.org/abs" not in client.get("/papers/sample-01").text
    the.database.close()


# ---------------------------------------------------------------- feeds


@pytest.mark.parametrize("query", ["", "?language=zh-CN", "?language=ar"])
@pytest.mark.parametrize("slug", ["3dgs", "nerf"])
def test_a_feed_is_valid_atom_with_full_content(site: Site, slug: str, query: str) -> None:
    answer = site.client().get(f"/feeds/{slug}.xml{query}")
    assert answer.mimetype == "application/atom+xml"
    parsed = feedparser.parse(answer.data)
    assert not parsed.bozo
    assert parsed.version == "atom10"
    assert parsed.feed.id and parsed.feed.title and parsed.feed.updated_parsed
    assert parsed.feed.links[0]["rel"] == "self"
    assert len(parsed.entries) == (3 if slug == "3dgs" else 0)
    for entry in parsed.entries:
        assert entry.id and entry.title and entry.updated_parsed and entry.authors and entry.content[0].value
        assert "<script>alert" not in entry.content[0].value
    assert len({entry.id for entry in parsed.entries}) == len(parsed.entries)


def test_a_feed_in_chinese_holds_the_translation_and_the_original(site: Site) -> None:
    parsed = feedparser.parse(site.client().get("/feeds/3dgs.xml?language=zh-CN").data)
    [entry] = [one for one in parsed.entries if one.link.endswith("2606.26101")]
    assert "高斯泼溅" in entry.title
    assert "高斯泼溅" in entry.content[0].value
    assert "We splat Gaussians." in entry.content[0].value


def test_a_feed_that_has_not_changed_answers_304(site: Site) -> None:
    client = site.client()
    mark = client.get("/feeds/3dgs.xml").headers["ETag"]
    assert client.get("/feeds/3dgs.xml", headers={"If-None-Match": mark}).status_code == 304


TEXTS = st.text(st.characters(codec="utf-8"), max_size=60) | st.just(HOSTILE) | st.just("]]>\x00\x0b\ufffe&amp;")


@given(title=TEXTS, abstract=TEXTS, author=TEXTS, category=TEXTS)
def test_whatever_a_paper_holds_its_feed_is_well_formed(title: str, abstract: str, author: str, category: str) -> None:
    one = paper("2606.26101", title=title, abstract=abstract, authors=(author,), categories=(category,))
    entry = Entry(one, "zh-CN", title, abstract, True, "libre", "3dgs", (title,), "x")
    document = ET.fromstring(atom(FEED, [entry], updated=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)))
    content = document.find("{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}content")
    assert content is not None
    assert "<script" not in (content.text or "")
    assert document.find("{http://www.w3.org/2005/Atom}updated").text == "2026-06-26T00:00:00Z"


def test_every_paper_in_a_list_says_why_it_is_there_in_the_language_of_the_page(small_site: Site) -> None:
    for path in (f"/archive/{DAY}", "/topics/3dgs"):
        assert "“Gaussian Splatting” in the title" in small_site.client().get(f"{path}?lang=en").text
    assert "「Gaussian Splatting」" in small_site.client().get("/papers/2606.26101?lang=ja").text


def test_simple_formulas_are_shown_in_unicode(small_site: Site) -> None:
    stored(small_site.services, [paper("2606.26400", title="A bound of $O(n^2)$", abstract="We show $\\alpha \\leq 2$. " * 30)])
    for path in (f"/archive/{DAY}", "/papers/2606.26400", "/topics/3dgs"):
        page = small_site.client().get(path).text.partition("<pre")[0]  # BibTeX is TeX
        assert "O(n²)" in page
        assert "α ≤ 2" in page
        assert "$O(n" not in page


@pytest.mark.parametrize(("code", "direction"), [("en", "ltr"), ("zh-CN", "ltr"), ("zh-TW", "ltr"), ("ja", "ltr"), ("ar", "rtl")])
def test_a_topic_says_what_it_means_in_the_language_of_the_page(small_site: Site, code: str, direction: str) -> None:
    topic = small_site.services.catalogue.by_slug["slam"]
    page = small_site.client().get(f"/topics/slam?lang={code}").text
    assert f'<p lang="{code}" dir="{direction}">{topic.means[code]}</p>' in page
    assert [text for text in topic.means.values() if text in page] == [topic.means[code]]


@pytest.mark.parametrize("code", ["zh-CN", "ar"])
def test_a_topic_that_says_what_it_means_in_english_only_says_so_on_every_page(small_site: Site, code: str) -> None:
    names = "{en: Kites, zh-CN: 风筝, zh-TW: 風箏, ja: 凧, ar: طائرات ورقية}"
    entry = f"- slug: kites\n  names: {names}\n  means: Seeing kites.\n  categories: [cs.CV]\n  strong: [kite]\n"
    give_catalogue(small_site.services, entry)
    page = small_site.client().get(f"/topics/kites?lang={code}").text
    assert '<p lang="en" dir="ltr">Seeing kites.</p>' in page
