"""More or less like this: a link opens a page with the button chosen, a POST keeps it, and all of it can be taken back."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from newsletter.papers.store import papers as papers_store
from newsletter.ranking.opinions import Say
from newsletter.ranking.store import opinions as opinions_store
from newsletter.subscribers import unsubscribe
from newsletter.web.reader.feedback import MOST_LISTED
from tests.web.conftest import NOW, Site, csrf_of, paper, send

REF = "2606.26101"


def said(site: Site) -> dict[str, Say]:
    with site.services.database.reading() as session:
        return {one.ref: one.say for one in opinions_store.opinions(session, site.reader_id)}


def page_of(site: Site, ref: str = REF) -> str:
    return f"/feedback/{site.feedback}/{ref}"


@pytest.mark.parametrize("say", ["more", "less"])
def test_the_link_opens_a_page_with_the_button_chosen_and_changes_nothing(small_site: Site, say: str) -> None:
    before = small_site.rows()
    page = small_site.client().get(f"{page_of(small_site)}?say={say}&lang=en").text
    assert small_site.rows() == before
    chosen = [value for value, rest in re.findall(r'name="say" value="(\w*)"([^>]*)>', page) if "quiet" not in rest]
    assert chosen == [say]
    assert "Gaussian Splatting number 2606.26101" in page


def test_the_button_keeps_it_the_other_changes_it_and_it_can_be_taken_back(site: Site) -> None:
    client = site.client()
    for say, kept in (("more", {REF: Say.MORE}), ("less", {REF: Say.LESS}), ("", {})):
        answer = send(client, page_of(site), say=say)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{page_of(site)}?saved=1")
        assert said(site) == kept
    assert "Taken back." in client.get(f"{page_of(site)}?saved=1&lang=en").text


@pytest.mark.parametrize("ref", ["hep-th/9901001", REF])
def test_every_kind_of_ref_has_its_page(small_site: Site, ref: str) -> None:
    assert send(small_site.client(), page_of(small_site, ref), say="more").status_code == 303
    assert said(small_site) == {ref: Say.MORE}


def test_the_list_and_the_page_of_choices_tell_it_and_take_it_back(small_site: Site) -> None:
    client = small_site.client()
    for ref in (REF, "2606.26102", "hep-th/9901001"):
        send(client, page_of(small_site, ref), say="less")
    for path in (f"/preferences/{small_site.reader}", f"/feedback/{small_site.feedback}"):
        page = client.get(f"{path}?lang=en").text
        assert page.count(">Take back<") == 3
        assert "<script>alert" not in page
    answer = send(
        client, f"/feedback/{small_site.feedback}", f"/feedback/{small_site.feedback}/{REF}", say="", **{"from": "list"}
    )
    assert answer.headers["Location"] == f"/feedback/{small_site.feedback}?saved=1"
    assert REF not in said(small_site)


def test_whoever_said_nothing_finds_no_empty_section_among_their_choices(small_site: Site) -> None:
    client = small_site.client()
    assert "Your ratings" not in client.get(f"/preferences/{small_site.reader}?lang=en").text
    assert "Nothing yet." in client.get(f"/feedback/{small_site.feedback}?lang=en").text


@pytest.mark.parametrize(("path", "status"), [("/feedback/{}/2606.99999", 404), ("/feedback/{}x/2606.26101", 404)])
def test_an_unknown_paper_and_a_broken_link_are_told(small_site: Site, path: str, status: int) -> None:
    assert small_site.client().get(path.format(small_site.reader)).status_code == status


def test_a_word_that_is_no_button_is_refused(small_site: Site) -> None:
    assert send(small_site.client(), page_of(small_site), say="maybe").status_code == 400
    assert said(small_site) == {}


def test_who_has_left_is_shown_the_way_back_and_nothing_is_kept(small_site: Site) -> None:
    client = small_site.client()
    unsubscribe.leave(small_site.services, small_site.reader_id, now=NOW, origin="test")
    assert 'href="/link"' in client.get(page_of(small_site)).text
    client.post(page_of(small_site), data={"csrf_token": csrf_of(client, "/link"), "say": "more"})
    assert said(small_site) == {}


def test_feedback_on_a_paper_goes_with_the_paper(site: Site) -> None:
    send(site.client(), page_of(site), say="more")
    with site.services.database.transaction() as session:
        found = papers_store.paper_by_ref(session, REF)
        assert found is not None
        from sqlalchemy import delete

        from newsletter.tables.papers import PaperRow

        session.execute(delete(PaperRow).where(PaperRow.id == found.id))
    assert said(site) == {}


def test_what_was_said_long_ago_stands_on_the_next_page(small_site: Site) -> None:
    papers = [paper(f"2606.7{n:04d}") for n in range(MOST_LISTED + 5)]
    with small_site.services.database.transaction() as session:
        papers_store.store_papers(session, [(one, []) for one in papers], now=NOW)
        for n, one in enumerate(papers_store.papers_by_refs(session, [one.ref for one in papers]).values()):
            opinions_store.keep(session, small_site.reader_id, one.id, Say.LESS, now=NOW + dt.timedelta(minutes=n))
    listed = [
        re.findall(r'href="/papers/([^"]+)"', small_site.client().get(f"/feedback/{small_site.feedback}?page={page}").text)
        for page in ("1", "2", "9", "nonsense")
    ]
    assert [len(refs) for refs in listed] == [MOST_LISTED, 5, 5, MOST_LISTED]
    assert len({*listed[0], *listed[1]}) == len(papers)
