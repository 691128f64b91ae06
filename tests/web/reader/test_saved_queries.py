"""Saved queries on the preferences page: kept, tried without being kept, refused with the place of the fault."""

from __future__ import annotations

import pytest

from newsletter.values.saved_queries import Kind, SavedQuery
from tests.web.conftest import NOW, Site, csrf_of, paper, send, stored
from tests.web.test_in_a_browser import address, browser  # noqa: F401 - fixtures
from tests.web.test_sign_up_to_leaving import CHANGES, person

OWN = {"queries": 'splat*\n"video diffusion" AND NOT ti:survey', "authors": "Lovelace, Ada", "excluded": "federated learning"}
KEPT = (
    SavedQuery(Kind.QUERY, "splat*"),
    SavedQuery(Kind.QUERY, '"video diffusion" AND NOT ti:survey'),
    SavedQuery(Kind.AUTHOR, 'au:"Ada Lovelace"'),
    SavedQuery(Kind.EXCLUDE, '"federated learning"'),
)


def page_of(site: Site) -> str:
    return f"/preferences/{site.reader}?lang=en"


def recent(site: Site) -> None:
    """Papers of this week, which queries are tried on."""
    stored(site.services, [paper(f"2611.0000{n}", announced_on=NOW.date(), title=f"Splatting <b>{n}</b>") for n in range(1, 8)])


def test_saved_queries_are_kept_and_shown_as_they_were_written(site: Site) -> None:
    assert send(site.client(), page_of(site), **CHANGES, **OWN, updates="1").status_code == 303
    found = person(site, "reader@example.org")
    assert (found.own, found.updates) == (KEPT, True)
    page = site.client().get(page_of(site)).text
    assert (
        "Ada Lovelace</textarea>" in page
        and "federated learning</textarea>" in page
        and 'name="updates" value="1" checked' in page
    )


def test_saving_without_the_fields_clears_them_and_a_topic_is_needed_again(site: Site) -> None:
    send(site.client(), page_of(site), **CHANGES, **OWN)
    without_topics = {**CHANGES, "topics": []}
    assert send(site.client(), page_of(site), **without_topics, **OWN).status_code == 303
    assert send(site.client(), page_of(site), **without_topics, excluded="survey").status_code == 400
    assert send(site.client(), page_of(site), **CHANGES).status_code == 303
    assert person(site, "reader@example.org").own == ()


def test_a_wrong_query_is_shown_with_its_line_and_place_and_nothing_is_lost(site: Site) -> None:
    answer = send(site.client(), page_of(site), **CHANGES, queries="kites\nti:(kites OR", authors="Ada Lovelace")
    assert answer.status_code == 400
    assert "Line 2: column 13: a term is missing at the end\n    ti:(kites OR\n                ^" in answer.text
    assert "ti:(kites OR</textarea>" in answer.text and "Ada Lovelace</textarea>" in answer.text
    assert person(site, "reader@example.org").own == ()


def test_the_fault_is_told_in_the_language_of_the_page(site: Site) -> None:
    answer = send(site.client(), f"/preferences/{site.reader}?lang=ja", **CHANGES, queries="kites AND")
    assert "1 行目： 10 文字目：末尾に語がありません" in answer.text


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7*7 }}", "x" * 5000, "kites\u202e"])
def test_whatever_is_written_is_refused_or_escaped(small_site: Site, hostile: str) -> None:
    for field in OWN:
        answer = send(small_site.client(), page_of(small_site), **CHANGES, **{field: hostile})
        assert answer.status_code in (303, 400)
        page = answer.text if answer.status_code == 400 else small_site.client().get(page_of(small_site)).text
        assert "<script>alert" not in page and "<img" not in page and "\u202e" not in page


def test_too_many_lines_are_refused(small_site: Site) -> None:
    answer = send(small_site.client(), page_of(small_site), **CHANGES, queries="\n".join(f"word{n}" for n in range(21)))
    assert answer.status_code == 400
    assert "There may be 20 lines here at most" in answer.text


def test_queries_are_tried_and_nothing_is_kept(site: Site) -> None:
    recent(site)
    before = site.rows()
    answer = send(
        site.client(), page_of(site), f"/preferences/{site.reader}/try", **{**OWN, "topics": ["3dgs"]}, max_papers="999"
    )
    assert answer.status_code == 200
    assert "would have brought 7 papers in the last two weeks" in answer.text
    assert "would have kept out 0 papers in the last two weeks" in answer.text
    assert "Splatting &lt;b&gt;7&lt;/b&gt;" in answer.text
    assert 'value="3dgs" checked' in answer.text and 'value="999"' in answer.text, "what else is typed stays"
    assert site.rows() == before


def test_the_script_gets_the_part_alone(site: Site) -> None:
    recent(site)
    client = site.client()
    data = {"csrf_token": csrf_of(client, page_of(site)), "queries": "splat*\n(", "authors": "", "excluded": ""}
    wrong = client.post(f"/preferences/{site.reader}/try", data=data, headers={"X-Part": "trial"})
    assert wrong.status_code == 200 and "Line 2:" in wrong.text and "<html" not in wrong.text
    right = client.post(f"/preferences/{site.reader}/try", data={**data, "queries": "splat*"}, headers={"X-Part": "trial"})
    assert "would have brought 7 papers" in right.text and "<html" not in right.text


def test_a_query_that_brings_a_large_part_of_all_papers_is_not_kept(small_site: Site) -> None:
    papers = [paper(f"2611.{n:05d}", announced_on=NOW.date(), title="Splatting" if n % 2 else "Tides") for n in range(1, 241)]
    stored(small_site.services, papers)
    answer = send(small_site.client(), page_of(small_site), **CHANGES, queries='"we splat"\ntides')
    assert answer.status_code == 400
    assert "would have brought 240 of 240 papers: make it narrower" in answer.text


@pytest.mark.browser
def test_a_query_is_tried_as_it_is_written(small_site: Site, address: str, browser) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    recent(small_site)
    page = browser.new_page()
    failures: list[str] = []
    page.on("console", lambda message: failures.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}{page_of(small_site)}")
    page.click("#own summary")
    page.fill("#queries", "splat*")
    page.wait_for_selector("#trial .trials li")
    assert "would have brought 7 papers in the last two weeks" in page.inner_text("#trial")
    page.fill("#queries", "splat* AND")
    page.wait_for_selector("#trial .problem")
    assert "a term is missing at the end" in page.inner_text("#trial")
    page.fill("#queries", "")
    page.locator("#trial .problem").wait_for(state="detached")
    assert page.inner_text("#trial") == ""
    assert failures == []
    assert person(small_site, "reader@example.org").own == ()
