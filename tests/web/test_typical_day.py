"""The pages of choices say how many papers a typical day brings under a topic."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import typical_day
from tests.papers.paper_builder import match, paper
from tests.web.conftest import NOW, Site

DAYS = [dt.date(2026, 6, 22) + dt.timedelta(days=n) for n in range(3)]


def put(site: Site, counts: dict[str, tuple[int, ...]]) -> None:
    number = 5000
    with site.services.database.transaction() as session:
        for topic, by_day in counts.items():
            for day, count in zip(DAYS, by_day, strict=True):
                for _ in range(count):
                    number += 1
                    one = replace(paper(number), announced_on=day)
                    papers_store.store_papers(session, [(one, [match(one, topic)])], now=NOW)


def test_the_mean_of_the_last_days_is_given_and_what_is_rare_left_out(site: Site) -> None:
    put(site, {"slam": (4, 6, 8), "ocr": (0, 1, 0)})
    with site.services.database.reading() as session:
        found = typical_day(session, days=4)
        assert found["slam"] == round(18 / len(papers_store.announcement_days(session, limit=4)))
        assert "ocr" not in found


def test_it_stands_beside_the_topic_and_is_read_once_in_a_while(small_site: Site) -> None:
    put(small_site, {"slam": (40, 40, 40)})
    client = small_site.client()
    page = client.get("/?lang=en").text
    assert "The figure is how many papers a typical day brings." in page
    shown = page.partition('value="slam"')[2].partition("</label>")[0]
    assert "≈ 30" in shown and "papers a day" in shown, "120 papers on four days"
    put(small_site, {"slam": (0, 0, 0), "video": (9, 9, 9)})
    assert "≈" not in client.get("/?lang=en").text.partition('value="video"')[2].partition("</label>")[0]
