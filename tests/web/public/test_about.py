"""The pages of words: who runs this, what is kept, how to use it; each with what the code says, so that none can grow old."""

from __future__ import annotations

import datetime as dt

import pytest

from newsletter.daily import own_files
from newsletter.errors import InputError, SettingsError
from newsletter.i18n import translations_for
from newsletter.operating.own_files import page_of
from newsletter.tables.about import NOTHING_SAID
from newsletter.tables.base import Base
from newsletter.topics.saved_queries import found_by, read_line
from newsletter.values.saved_queries import Kind
from newsletter.web.page_context import INTERFACE
from newsletter.web.public.about import EXAMPLES, REFUSED
from newsletter.web.public.privacy import TOLD
from tests.papers.paper_builder import paper
from tests.pictures import mails
from tests.web.conftest import NOW, Site

# For each example a paper that it finds and one that it does not: (title, authors, categories, comment).
FOUND = {
    '"video diffusion"': (("Video diffusion in minutes",), ("Diffusion of video",)),
    "diffusion AND video": (("Diffusion of video",), ("Diffusion of heat",)),
    'nerf OR "gaussian splatting"': (("Gaussian splatting at dawn",), ("Splatting Gaussian noise",)),
    "diffusion AND NOT survey": (("Diffusion of heat",), ("Diffusion: a survey",)),
    "ti:benchmark": (("A benchmark of kites",), ("A paper whose abstract alone has it",)),
    'au:"Ada Lovelace"': (("A", ("Ada Lovelace",)), ("A", ("Ada Byron",))),
    "cat:cs.RO AND grasp*": (("Grasping a cup", (), ("cs.RO",)), ("Grasping a cup", (), ("cs.CV",))),
    "comment:ICLR": (("A", (), (), "Accepted at ICLR 2027"), ("ICLR in the title",)),
    "(nerf OR splat*) AND NOT ti:survey": (("Splats everywhere",), ("Splats: a survey",)),
}


def told(title: str, authors: tuple[str, ...] = (), categories: tuple[str, ...] = (), comment: str = ""):  # type: ignore[no-untyped-def]
    given = {"authors": authors or ("Grace Hopper",), "categories": categories or ("cs.CV",)}
    return paper(1, title=title, abstract="Here a benchmark stands.", comment=comment, announced_on=NOW.date(), **given)


@pytest.mark.parametrize("query", [query for query, _ in EXAMPLES])
def test_each_example_of_the_help_finds_what_it_says_and_not_what_it_does_not(query: str) -> None:
    here, elsewhere = (told(*facts) for facts in FOUND[query])
    assert found_by([read_line(Kind.QUERY, query)], [here, elsewhere]) == [[here]]


@pytest.mark.parametrize("query", REFUSED)
def test_what_the_help_calls_refused_is_refused(query: str) -> None:
    with pytest.raises(InputError):
        read_line(Kind.QUERY, query)


def test_the_help_has_every_example_and_its_answers_in_every_language(small_site: Site) -> None:
    for code in INTERFACE:
        page = small_site.client().get(f"/help?lang={code}")
        assert page.status_code == 200
        for query, meaning in EXAMPLES:
            assert query.replace('"', "&#34;") in page.text
            assert translations_for(code).gettext(meaning) in page.text
        for part in ("topics", "queries", "no-mail", "change", "address", "data", "report"):
            assert page.text.count(f'id="{part}"') == page.text.count(f'href="#{part}"') == 1


def test_every_table_that_holds_something_of_a_person_is_told_of() -> None:
    holding = {name for name, table in Base.metadata.tables.items() if table.info.get("about", NOTHING_SAID).people}
    names = [name for line in TOLD.values() for name in line]
    assert sorted(names) == sorted(holding)


def test_every_page_and_every_mail_leads_to_help_about_and_privacy(small_site: Site) -> None:
    for path in ("/", "/archive", "/nowhere", f"/preferences/{small_site.reader}", f"/unsubscribe/{small_site.leave}"):
        page = small_site.client().get(path).text
        assert all(f'<a href="/{name}">' in page for name in ("help", "about", "privacy")), path
    for name, mail in mails():
        for said in (mail.html, mail.text):
            assert "https://papers.example.org/help" in said, name
            assert "https://papers.example.org/about" in said, name


def give(site: Site, page: str, language: str, text: bytes) -> None:
    own_files.take(site.services, page_of(page, language), text, where="about.md", who="anna", note="", now=NOW)


def test_the_operators_own_words_stand_on_the_page_in_the_readers_language_else_in_english(small_site: Site) -> None:
    client = small_site.client()
    assert "Example Street 1" in client.get("/about").text
    give(
        small_site, "about", "zh-CN", "# 我们\n\n由[图书馆](https://library.example.org)运营。<script>alert(1)</script>".encode()
    )
    give(small_site, "about", "en", b"# Us\n\nRun by the *library*. ![a](https://spy.example.org/a.png)")
    page = client.get("/about?lang=zh-CN").text
    assert "<h2>我们</h2>" in page
    assert 'href="https://library.example.org"' in page
    assert "alert(1)" not in page
    page = client.get("/about?lang=ar").text
    assert '<div class="note" lang="en" dir="ltr">' in page
    assert "<em>library</em>" in page
    assert "<img" not in page, "nothing is loaded from elsewhere"
    own_files.undo(small_site.services, page_of("about", "en"), who="anna", now=NOW + dt.timedelta(hours=1))
    assert "library</em>" not in client.get("/about?lang=en").text
    give(small_site, "privacy", "en", b"We sit in *Example City*.")
    assert "<em>Example City</em>" in client.get("/privacy?lang=en").text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is empty"),
        (b" \n\xef\xbb\xbf", "is empty"),
        (b"caf\xe9", "not written in UTF-8"),
        (b"a" * 20_001, "20001 characters"),
        (b"a\x00b", "control characters"),
    ],
)
def test_a_text_that_cannot_be_shown_changes_nothing_and_one_line_says_why(small_site: Site, text: bytes, said: str) -> None:
    before = small_site.client().get("/about").text
    with pytest.raises(SettingsError, match=said) as caught:
        give(small_site, "about", "en", text)
    assert "about.md" in str(caught.value)
    assert small_site.client().get("/about").text == before


@pytest.mark.parametrize(("page", "language"), [("imprint", "en"), ("about", "tlh"), ("about", "")])
def test_a_page_or_language_that_there_is_not_is_named(small_site: Site, page: str, language: str) -> None:
    with pytest.raises(InputError, match="give one of"):
        give(small_site, page, language, b"Us")
