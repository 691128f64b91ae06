"""The calendar, a day by topic group and narrowed by its address, a topic with its weeks: by address alone, without a script."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import quote

import pytest

from newsletter.papers.store import papers as papers_store
from newsletter.values.papers import LinkKind, PaperLink
from newsletter.values.topics import Match
from newsletter.web.public.archive import by_month, month_of
from newsletter.web.public.days import in_groups
from newsletter.web.public.topic_pages import HEIGHT, WEEKS, bars
from tests.web.conftest import DAY, NOW, Site, paper, stored

OTHER_DAY = dt.date(2026, 5, 29)


def refs(page: str) -> list[str]:
    """The papers on a page, in their order."""
    return re.findall(r'<h3[^>]*><a href="/papers/([^?"]+)', page)


def fill(site: Site) -> None:
    """Papers of another day: one with code at a venue, one of another category, one under no topic."""
    told = {"announced_on": OTHER_DAY, "links": ()}
    code = (PaperLink(LinkKind.CODE, "https://github.com/a/c", "comment"),)
    papers = [
        (paper("2605.20001", **{**told, "links": code}, comment="Accepted at CVPR 2026"), [("3dgs", 2.0), ("llm", 9.0)]),
        (paper("2605.20002", **told, categories=("cs.CL", "cs.LG"), comment="12 pages"), [("llm", 3.0)]),
        (paper("2605.20003", **told), [("slam", 4.0)]),
        (paper("2605.20004", **told), []),
    ]
    with site.services.database.transaction() as session:
        matched = [(one, [Match(one.ref, slug, score, "x") for slug, score in found]) for one, found in papers]
        papers_store.store_papers(session, matched, now=NOW)


NARROWED = [
    ("", ["2605.20001", "2605.20002", "2605.20003", "2605.20004"]),
    ("topic=llm", ["2605.20001", "2605.20002"]),
    ("code=1", ["2605.20001"]),
    ("venue=1", ["2605.20001"]),
    ("category=cs.LG", ["2605.20002"]),
    ("category=cs.LG&code=1", []),
    ("topic=slam&category=cs.CV", ["2605.20003"]),
    ("translated=1&language=zh-CN", []),
    ("category=nothing&page=9999999999999999999999", []),
    (f"category={quote('%00 OR 1=1 --')}", []),
    ("code=1&venue=1&topic=", ["2605.20001"]),
]


def test_a_day_is_narrowed_by_its_address(site: Site) -> None:
    fill(site)
    client = site.client()
    for query, wanted in NARROWED:
        answer = client.get(f"/archive/{OTHER_DAY}?lang=en&{query}")
        assert answer.status_code == 200, query
        assert sorted(refs(answer.text)) == wanted, query
        assert ("No paper of this day is like that" in answer.text) is (not wanted), query
    page = client.get(f"/archive/{OTHER_DAY}?lang=en&code=1&topic=llm").text
    assert "1 of them fits." in page
    assert '<input type="checkbox" name="code" value="1" checked>' in page
    assert '<option value="llm" selected>' in page


def test_the_best_of_each_group_comes_first_and_a_paper_stands_once(small_site: Site) -> None:
    fill(small_site)
    shown = refs(small_site.client().get(f"/archive/{OTHER_DAY}").text)
    assert len(shown) == len(set(shown)) == 4
    assert shown.index("2605.20001") < shown.index("2605.20002"), "the score decides, and the best topic is the place"
    assert shown[-1] == "2605.20004", "what is under no topic comes last"


def test_a_busy_day_begins_with_the_best_of_all_groups(small_site: Site) -> None:
    stored(small_site.services, [paper(f"2606.3{number:04d}") for number in range(60)])
    with small_site.services.database.transaction() as session:
        papers_store.store_papers(session, [(paper("2606.26600"), [Match("2606.26600", "llm", 1.0, "x")])], now=NOW)
    page = small_site.client().get(f"/archive/{DAY}?lang=en").text
    assert "2606.26600" in refs(page)
    assert len(refs(page)) == 16
    assert "and 48 more" in page and "All 64 papers" in page


def test_groups_follow_the_catalogue() -> None:
    from newsletter.topics import catalogue

    topics = catalogue.load().topics
    by_slug = {topic.slug: topic for topic in topics}
    groups = in_groups([1, 2, 3, 4], {1: {"3dgs": 1.0}, 2: {"3dgs": 2.0, "gone": 9.0}, 3: {"gone": 1.0}}, topics)
    assert groups == [(by_slug[by_slug["3dgs"].parent], [2, 1]), (None, [3, 4])]


@pytest.mark.parametrize("month", ["", "2026-05", "2026-13", "0000-00", "9" * 400, "%00", "2031-01"])
def test_the_archive_is_a_calendar_of_months(small_site: Site, month: str) -> None:
    fill(small_site)
    answer = small_site.client().get(f"/archive?lang=en&month={month}")
    if month == "%00":
        assert answer.status_code == 400
        return
    day, other = (OTHER_DAY, DAY) if month == "2026-05" else (DAY, OTHER_DAY)
    assert f'href="/archive/{day}"><span>' in answer.text
    assert f'href="/archive/{other}"><span>' not in answer.text
    assert f"/archive?month={other:%Y-%m}" in answer.text
    assert 'href="/topics/3dgs"' in answer.text


def test_a_month_has_whole_weeks_from_the_first_day_of_the_week_on() -> None:
    days = [(DAY, 7), (OTHER_DAY, 2), (DAY - dt.timedelta(days=1), 5)]
    months = by_month(sorted(days, reverse=True))
    assert months == [(dt.date(2026, 6, 1), 12), (dt.date(2026, 5, 1), 2)]
    june = month_of(dt.date(2026, 6, 1), dict(days), months, first_weekday=6)
    assert [len(week) for week in june.weeks] == [7] * 5
    assert june.weeks[0][:2] == [(None, 0), (dt.date(2026, 6, 1), 0)]
    assert (june.before, june.after, june.count) == (dt.date(2026, 5, 1), None, 12)


def test_a_topic_leads_to_mail_to_its_neighbours_and_to_its_weeks(small_site: Site) -> None:
    client = small_site.client()
    today = NOW.date()
    stored(small_site.services, [paper("2611.20001", announced_on=today)])
    page = client.get("/topics/3dgs?lang=en").text
    assert 'href="/?topics=3dgs"' in page
    assert re.search(r'<nav class="chips" aria-label="Topics beside this one">.*?href="/topics/nerf', page)
    assert page.count("<rect ") == WEEKS and 'role="img" aria-label="Papers a week, the newest last: 0, 0' in page
    front = client.get("/?topics=3dgs&topics=no-such-topic&lang=en").text
    assert re.search(r'<input[^>]*value="3dgs"[^>]*checked', front)


def test_a_chart_has_a_bar_a_week_to_scale() -> None:
    monday = dt.date(2026, 6, 22)
    found = bars({monday: 5, monday - dt.timedelta(weeks=1): 10, monday - dt.timedelta(weeks=40): 99}, today=DAY)
    assert [(bar.count, bar.height) for bar in found[-3:]] == [(0, 1), (10, HEIGHT), (5, HEIGHT // 2)]
    assert len(found) == WEEKS and bars({}, today=DAY) == []
