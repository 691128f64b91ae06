"""What a press on a paper's page does besides more and less: read later, not about this topic, following its authors."""

from __future__ import annotations

import re

import pytest
from bibtexparser.entrypoint import parse_string

from newsletter.papers.store import papers as papers_store
from newsletter.ranking.store import reading as reading_store
from newsletter.subscribers.store import subscribers
from newsletter.values.saved_queries import Kind, SavedQuery
from tests.web.conftest import Site, send

REF = "2606.26101"


def page_of(site: Site) -> str:
    return f"/feedback/{site.feedback}/{REF}"


def on_list(site: Site) -> list[str]:
    with site.services.database.reading() as session:
        papers = papers_store.papers_by_ids(session, reading_store.for_later(session, site.reader_id))
    return sorted(one.ref for one in papers.values())


@pytest.mark.parametrize(
    ("say", "button"), [("more", 'value="more"'), ("later", 'name="later"'), ("off", 'value="3dgs"'), ("follow", 'name="follow"')]
)
def test_the_button_of_the_link_has_the_focus_and_the_words_say_what_a_press_does(
    small_site: Site, say: str, button: str
) -> None:
    before = small_site.rows()
    page = small_site.client().get(f"{page_of(small_site)}?say={say}&lang=en").text
    assert small_site.rows() == before
    assert "Press the button to save." in page
    [focused] = [tag for tag in re.findall(r"<button[^>]*>", page) if "autofocus" in tag]
    assert button in focused


def test_one_press_puts_a_paper_on_the_list_which_is_there_as_bibtex_and_is_emptied_again(small_site: Site) -> None:
    client = small_site.client()
    assert send(client, page_of(small_site), later="1").headers["Location"] == f"{page_of(small_site)}?saved=later"
    assert on_list(small_site) == [REF]
    assert "it is on your list" in client.get(f"{page_of(small_site)}?saved=later&lang=en").text
    assert REF in client.get(f"/later/{small_site.feedback}?lang=en").text
    answer = client.get(f"/later/{small_site.feedback}/papers.bib")
    [entry] = parse_string(answer.text).entries
    assert entry["eprint"] == REF
    assert answer.content_type.startswith("application/x-bibtex")
    send(client, f"/later/{small_site.feedback}", ref=REF)
    assert on_list(small_site) == []
    assert "Nothing yet." in client.get(f"/later/{small_site.feedback}?lang=en").text


def test_a_vote_against_a_topic_is_kept_once_told_to_the_operator_and_taken_back(small_site: Site) -> None:
    client = small_site.client()
    for _ in range(2):
        assert send(client, page_of(small_site), off="3dgs").status_code == 303
    with small_site.services.database.reading() as session:
        [vote] = reading_store.votes(session, most=10)
    assert (vote[0], *vote[2:]) == (REF, "3dgs", 1)
    send(client, page_of(small_site), off="-3dgs")
    with small_site.services.database.reading() as session:
        assert reading_store.votes(session, most=10) == []
    assert send(client, page_of(small_site), off="no-such-topic").status_code == 400


def test_an_author_is_followed_from_the_page_and_nobody_who_is_none(small_site: Site) -> None:
    client = small_site.client()
    with small_site.services.database.reading() as session:
        found = papers_store.paper_by_ref(session, REF)
    assert found is not None
    name = found.authors[0]
    assert send(client, page_of(small_site), follow=name).status_code == 303
    with small_site.services.database.reading() as session:
        reader = subscribers.subscriber(session, small_site.reader_id)
    assert reader is not None
    assert SavedQuery(Kind.AUTHOR, f'au:"{name}"') in reader.own
    assert f"You follow {name}" in client.get(f"{page_of(small_site)}?lang=en").text
    assert send(client, page_of(small_site), follow="Somebody Else").status_code == 400
