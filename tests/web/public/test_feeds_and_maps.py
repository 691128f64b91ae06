"""JSON Feed, the map of the site, what robots are told, and what other sites show of a page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import feedparser
import pytest

from newsletter.web.security import TOKEN_PAGES
from tests.web.conftest import DAY, Site, over, services_on


@pytest.mark.parametrize("query", ["", "?language=zh-CN"])
def test_a_json_feed_says_what_the_atom_feed_says(site: Site, query: str) -> None:
    answer = site.client().get(f"/feeds/3dgs.json{query}")
    assert answer.mimetype == "application/feed+json"
    feed = json.loads(answer.data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"].endswith(f"/feeds/3dgs.json{query}")
    assert len(feed["items"]) == 3
    for item in feed["items"]:
        assert item["id"].startswith("urn:uuid:")
        assert item["title"] and item["content_html"] and item["date_published"]
        assert "<script>alert" not in item["content_html"]
    if query:
        assert any("高斯泼溅" in item["title"] and item["language"] == "zh-CN" for item in feed["items"])


def test_a_topic_that_is_none_has_no_feed_and_an_unchanged_one_is_not_sent_again(site: Site) -> None:
    client = site.client()
    assert client.get("/feeds/nothing.json").status_code == 404
    mark = client.get("/feeds/3dgs.json").headers["ETag"]
    assert client.get("/feeds/3dgs.json", headers={"If-None-Match": mark}).status_code == 304


def test_every_address_on_the_map_answers(site: Site) -> None:
    client = site.client()
    answer = client.get("/sitemap.xml")
    found = [one.text or "" for one in ET.fromstring(answer.data).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    base = site.services.settings.base_url
    assert {f"{base}/", f"{base}/archive/{DAY}", f"{base}/topics/3dgs", f"{base}/papers/2606.26101"} <= set(found)
    assert all(client.get(address.removeprefix(base)).status_code == 200 for address in found if "/topics/" not in address)


def test_robots_are_kept_from_the_pages_of_people(site: Site) -> None:
    text = site.client().get("/robots.txt").text
    shut = re.findall(r"Disallow: (\S+)", text)
    assert set(TOKEN_PAGES) <= set(shut)
    assert "Sitemap: http://" in text


def test_other_sites_show_a_page_by_its_title_and_summary(site: Site) -> None:
    page = site.client().get("/papers/2606.26101?lang=en").text
    assert '<meta property="og:type" content="article">' in page
    title = re.search(r'<meta property="og:title" content="([^"]+)">', page)
    assert title and "Gaussian" in title.group(1)
    assert re.search(r'<meta property="og:description" content="[^"]{10,}">', page)


def test_ids_of_feeds_and_entries_stay_when_the_service_moves(small_site: Site, tmp_path: Path) -> None:
    """A subscriber of a feed sees nothing twice."""

    def ids(site: Site, form: str) -> list[str]:
        data = site.client().get(f"/feeds/3dgs.{form}").data
        return (
            [one.id for one in feedparser.parse(data).entries]
            if form == "xml"
            else [one["id"] for one in json.loads(data)["items"]]
        )

    moved = over(
        services_on(
            small_site.services.settings.database_url.get_secret_value(),
            tmp_path / "moved",
            BASE_URL="https://new.example.org",
            SUPPRESSION_KEY=small_site.services.settings.suppression_key.get_secret_value(),
        ),
        ("", 1, 1, 1),
    )
    of_feeds = [feedparser.parse(one.client().get("/feeds/3dgs.xml").data).feed.id for one in (small_site, moved)]
    assert of_feeds[0] == of_feeds[1] != feedparser.parse(moved.client().get("/feeds/llm.xml").data).feed.id
    assert ids(small_site, "xml") == ids(moved, "xml") == ids(moved, "json")
    assert len(set(ids(moved, "xml"))) == 3
    moved.services.database.close()


def test_feeds_are_listed_for_all_topics_and_for_what_a_reader_chose(site: Site) -> None:
    client = site.client()
    every = ET.fromstring(client.get("/feeds/topics.opml").data)
    addresses = {one.get("xmlUrl") for one in every.iter("outline") if one.get("xmlUrl")}
    base = site.services.settings.base_url
    assert len(addresses) == len(site.services.catalogue.topics) and f"{base}/feeds/3dgs.xml" in addresses
    answer = client.get(f"/preferences/{site.reader}/feeds.opml")
    assert answer.headers["Cache-Control"] == "no-store"
    own = [one.get("xmlUrl") for one in ET.fromstring(answer.data).iter("outline") if one.get("xmlUrl")]
    assert own == [f"{base}/feeds/{slug}.xml?language=zh-CN" for slug in ("3dgs", "llm")]
    assert client.get("/preferences/nobody/feeds.opml").status_code == 404


def test_json_feeds_are_open_to_other_sites_and_pages_are_not(small_site: Site) -> None:
    client = small_site.client()
    for path in ("/feeds/3dgs.json", "/feeds/authors/ada-lovelace.json"):
        assert client.get(path).headers["Access-Control-Allow-Origin"] == "*"
    for path in ("/", "/feeds/3dgs.xml", f"/preferences/{small_site.reader}", "/topics/3dgs"):
        assert "Access-Control-Allow-Origin" not in client.get(path).headers, path


def test_a_public_page_names_its_address_and_languages_and_a_private_one_none(small_site: Site) -> None:
    client, base = small_site.client(), small_site.services.settings.base_url
    page = client.get(f"/archive/{DAY}?lang=ja&language=ar&code=1&page=1").text
    assert f'<link rel="canonical" href="{base}/archive/{DAY}?page=1&amp;lang=ja">' in page
    assert f'<link rel="alternate" hreflang="x-default" href="{base}/archive/{DAY}?page=1">' in page
    assert page.count("hreflang=") == 6 + 5 and page.count('<meta name="description"') == 1
    assert f'<meta property="og:image" content="{base}/static/og.png' in page
    for path in (
        f"/preferences/{small_site.reader}",
        f"/unsubscribe/{small_site.leave}",
        "/search?q=x",
        "/nowhere",
        "/link",
        "/admin/login",
    ):
        assert "canonical" not in client.get(path).text, path


def test_the_map_says_when_pages_changed(small_site: Site) -> None:
    found = ET.fromstring(small_site.client().get("/sitemap.xml").data)
    changed = {url[0].text: url[1].text for url in found if len(url) > 1}
    base = small_site.services.settings.base_url
    assert changed[f"{base}/papers/2606.26101"] == changed[f"{base}/topics/3dgs"] == str(DAY)
