"""The page of a paper: what it says first, how to cite it, what is like it; and the page of an author's name."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import feedparser
import pytest

from newsletter.papers.store import mailed as mailed_store
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.authors import index_authors
from newsletter.search.store import index_new
from newsletter.tables.papers import AuthorNameRow
from tests.web.conftest import DAY, NOW, Site, paper, stored


def test_the_sentence_stands_before_authors_who_lead_to_their_papers(small_site: Site) -> None:
    text = "Rooms are hard to see. We propose a splat of many rooms at once. It is quick."
    stored(small_site.services, [paper("2606.26500", abstract=text, version=3)])
    page = small_site.client().get("/papers/2606.26500?lang=en").text
    sentence = page.index('<p class="sentence" lang="en" dir="ltr">We propose a splat of many rooms at once.')
    assert page.index("<h1") < sentence < page.index('href="/authors/ada-lovelace?language=en"') < page.index(">Rooms are hard")
    assert [f"/abs/2606.26500v{number}" in page for number in (3, 2, 1)] == [True] * 3


def test_a_paper_is_cited_by_files_and_by_what_its_page_says(small_site: Site) -> None:
    client = small_site.client()
    page = client.get("/papers/2606.26102?lang=en").text
    written = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert written and json.loads(written[1])["author"][0] == {"@type": "Person", "name": "Ada Lovelace"}
    assert '<meta name="citation_author" content="Lovelace, Ada">' in page
    for form, beginning in (("bib", "@misc{"), ("ris", "TY  - "), ("json", "[\n {")):
        answer = client.get(f"/cite/2606.26102.{form}")
        assert answer.text.startswith(beginning)
        assert answer.headers["Content-Disposition"] == f"attachment; filename=2606.26102.{form}"
        assert f'data-copy="/cite/2606.26102.{form}"' in page
    assert client.get("/cite/hep-th/9901001.bib").headers["Content-Disposition"].endswith("hep-th-9901001.bib")


def test_a_page_says_in_how_many_mails_its_paper_stood_and_where(small_site: Site) -> None:
    client = small_site.client()
    assert "readers&#39; mails" not in client.get("/papers/2606.26101?lang=en").text
    with small_site.services.database.transaction() as session:
        found = papers_store.paper_by_ref(session, "2606.26101")
        assert found is not None
        gone, days = found.id + 1000, (DAY, DAY.replace(day=27))
        mailed_store.keep(session, [mailed_store.Mailed(one, day, 8, 9) for one in (found.id, gone) for day in days])
        counted = (mailed_store.Mailed(found.id, days[0], 1234, 3), mailed_store.Mailed(found.id, days[1], 5, 12))
        mailed_store.keep(session, counted)
    page = client.get("/papers/2606.26101?lang=en").text
    assert "Jun 27, 2026: in the mails of 5 readers, at place 12" in page
    assert page.index("Jun 27, 2026: in") < page.index("Jun 26, 2026: in the mails of 1234 readers, at place 3")


def test_a_sample_is_offered_to_nobody_who_cites(site: Site) -> None:
    client = site.client()
    for path in ("/cite/sample-01.bib", "/cite/2606.99999.ris", "/cite/x.json", "/cite/2606.26101.exe", "/cite/%00.bib"):
        assert client.get(path).status_code == 404, path


def test_papers_that_share_what_tells_them_are_related(site: Site) -> None:
    texts = {
        "2606.26501": ("Octopus arms from cameras", "We track octopus suckers with underwater cameras of reefs."),
        "2606.26502": ("Suckers of an octopus", "We count octopus suckers in underwater films."),
        "2606.26503": ("Bridges in wind", "We damp the swinging of bridges with tuned masses."),
    }
    stored(site.services, [paper(ref, title=title, abstract=abstract) for ref, (title, abstract) in texts.items()])
    index_new(site.services.database)
    page = site.client().get("/papers/2606.26501?lang=en").text
    shown = page[page.index("Related papers") :]
    assert "/papers/2606.26502" in shown and "/papers/2606.26503" not in shown


def test_all_papers_of_a_name_stand_on_its_page_whichever_way_they_write_it(site: Site) -> None:
    written = ("Élodie K. Dupont", "Dupont, Elodie K.", "E. K. Dupont")
    stored(site.services, [paper(f"2606.2650{n}", authors=(name, "Bo Li")) for n, name in enumerate(written)])
    client = site.client()
    assert client.get("/authors/Dupont, Elodie K.").headers["Location"] == "/authors/elodie-k-dupont?language=en"
    page = client.get("/authors/elodie-k-dupont?lang=en").text
    assert [f"/papers/2606.2650{n}?" in page for n in range(3)] == [True, True, False]
    assert "people who share a name share this page" in page
    assert 'href="/authors/e-k-dupont?language=en"' in page, "the same with initials may be another"
    feed = feedparser.parse(client.get("/feeds/authors/elodie-k-dupont.xml").data)
    assert not feed.bozo and len(feed.entries) == 2 and feed.feed.links[1]["href"].endswith("/authors/elodie-k-dupont")
    assert json.loads(client.get("/feeds/authors/elodie-k-dupont.json").data)["items"][0]["authors"][0]["name"]


@pytest.mark.parametrize(
    "name", ["%00", "nobody-of-this-name", "...", "x" * 3000, "%F0%9F%A6%91", "..%2F..%2Fetc", "a%0Ab", "%ff"]
)
def test_a_name_that_is_none_is_a_clear_page(small_site: Site, name: str) -> None:
    for path in (f"/authors/{name}", f"/feeds/authors/{name}.xml", f"/feeds/authors/{name}.json"):
        assert small_site.client().get(path).status_code == 404, path


def test_names_follow_new_versions_and_papers_of_before_get_theirs(site: Site) -> None:
    database = site.services.database
    one = paper("2606.26500", authors=("Ada Lovelace", "Mary Somerville"))
    stored(site.services, [one, paper("2606.26501", authors=())])
    with database.transaction() as session:
        papers_store.store_papers(session, [(replace(one, version=2, authors=("Ada Lovelace",)), [])], now=NOW)
    client = site.client()
    assert client.get("/authors/mary-somerville").status_code == 404
    with database.transaction() as session:
        session.query(AuthorNameRow).delete()
    assert client.get("/authors/ada-lovelace").status_code == 404
    assert (index_authors(database), index_authors(database)) == (5, 0)
    assert client.get("/authors/ada-lovelace").text.count('class="paper"') == 4


def test_a_card_is_of_one_direction_whatever_stands_in_it(small_site: Site) -> None:
    page = small_site.client().get(f"/archive/{DAY}?lang=ar").text
    cards = re.findall(r'<li class="paper" dir="(\w+)">', page)
    assert cards == ["ltr"] * 3, "no title here is Arabic"
