"""JSON Feed, the map of the site, what robots are told, and what other sites show of a page."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from newsletter.web.security import TOKEN_PAGES
from tests.web.conftest import DAY, Site


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
