"""Interests by example on the page: from a file to a mail that begins with what is like it, and back; and whatever is no such file."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from werkzeug.test import TestResponse

from newsletter.daily import plan
from newsletter.daily.compose import MessageBuilder
from newsletter.daily.rank import rank_readers
from newsletter.mail.store import ledger
from newsletter.ranking.store import examples as examples_store
from newsletter.ranking.store import learned as learned_store
from newsletter.values.mail import MailKind
from tests.web.conftest import DAY, NOW, Site, csrf_of, paper, send, stored

WHALES = ("sing", "dive", "sleep", "feed", "travel", "play", "age", "speak", "listen", "breathe", "fight", "rest")
BIB = "".join(
    f"@article{{w{number},\n title = {{How {{Whales}} {word} in the sea}},\n abstract = {{Whales {word}.}}\n}}\n"
    for number, word in enumerate(WHALES)
)
LATER = dt.timedelta(days=1)


def page_of(site: Site) -> str:
    return f"/preferences/{site.reader}/interests"


def give(site: Site, content: bytes, name: str = "library.bib") -> TestResponse:
    client = site.client()
    token = csrf_of(client, f"{page_of(site)}?lang=en")
    form = {"csrf_token": token, "do": "add", "text": "", "file": (io.BytesIO(content), name)}
    return client.post(f"{page_of(site)}?lang=en", data=form, content_type="multipart/form-data")


def given(site: Site) -> list[str]:
    with site.services.database.reading() as session:
        return [one.title for _, one in examples_store.examples(session, site.reader_id)]


def mail_of(site: Site, day: dt.datetime) -> str:
    """The text of the digest that is planned for the reader on ``day``."""
    rank_readers(site.services, now=day)
    plan.plan(site.services, now=day, date=day.date())
    with site.services.database.reading() as session:
        digest = ledger.deliveries(session, subscriber_id=site.reader_id, kind=MailKind.DIGEST)[-1]
    builder = MessageBuilder(site.services)
    rendered = builder.render(digest, reader_links=builder.links_of(digest, now=day))
    return rendered.text


def announce(site: Site, *titles: str) -> None:
    papers = [
        paper(f"2611.{number:05}", title=title, abstract=f"{title}.", announced_on=NOW.date(), links=())
        for number, title in enumerate(titles, start=10)
    ]
    stored(site.services, papers)


def test_a_file_of_twelve_papers_is_learned_from_begins_the_mail_and_is_taken_back(site: Site) -> None:
    announce(site, "A song of whales at night", *(f"Splatting of {thing}" for thing in ("rooms", "roads", "faces", "hands")))
    assert give(site, BIB.encode()).status_code == 303
    page = site.client().get(f"{page_of(site)}?saved=1&lang=en").text
    assert "Saved." in page and page.count(">Remove<") == 12
    assert "How Whales sing in the sea" in page and 'value="whale"' in page
    mail = mail_of(site, NOW)
    first = mail.index("为您推荐")
    assert first < mail.index("A song of whales at night")
    like = re.search("与“(How Whales .+ in the sea)”相近", mail)
    assert like, mail[:2500]
    number = next(number for number, one in _examples(site) if one == like[1])
    assert send(site.client(), page_of(site), do="remove", example=str(number)).status_code == 303
    assert len(given(site)) == 11
    assert like[1] not in mail_of(site, NOW + LATER) != mail
    assert send(site.client(), page_of(site), do="leave-out", word="whale").status_code == 303
    assert 'value="whale"' not in site.client().get(page_of(site)).text
    assert send(site.client(), page_of(site), do="fewer", choosy="1").status_code == 303
    assert "checked" in site.client().get(page_of(site)).text
    assert send(site.client(), page_of(site), do="forget").status_code == 303
    assert given(site) == [] and "Nothing was learned yet." in site.client().get(f"{page_of(site)}?lang=en").text


def _examples(site: Site) -> list[tuple[int, str]]:
    with site.services.database.reading() as session:
        return [(number, one.title) for number, one in examples_store.examples(session, site.reader_id)]


WRONG = {
    "Latin-1": ("@misc{a,\n title={Körper}}".encode("latin-1"), 400, "line 2 is not UTF-8"),
    "a broken entry": (BIB.encode() + b"@misc{b, title={Tides\n\n@misc{c, title={Seas}}\n", 400, "what begins in line 49"),
    "5,000 ids": ("\n".join(f"2606.{number:05}" for number in range(1, 5001)).encode(), 400, "5000 papers are named, and 500"),
    "BibTeX in RIS": (b"TY  - JOUR\nTI  - Tides\nER  - \n" + BIB.encode(), 400, "what begins in line 4"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", 400, "line 1 is not UTF-8"),
    "nothing": (b"", 400, "no paper is named in it"),
    "a paper that is not here": (b"2606.26101\n2401.00001", 400, "not among the stored papers: 2401.00001"),
    "entries without a title": (b"@misc{a, year={2020}}\n", 400, "no paper is named in it"),
    "JSON far down": (b"[" * 100_000, 400, "no JSON that can be read"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_such_file_is_told_in_a_line_and_nothing_of_it_is_kept(small_site: Site, case: str) -> None:
    content, status, words = WRONG[case]
    answer = give(small_site, content)
    assert answer.status_code == status
    assert words in answer.text
    assert given(small_site) == []


def test_a_file_of_50_mb_is_refused_before_it_is_read(small_site: Site) -> None:
    environ = {"CONTENT_LENGTH": "50000000", "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = small_site.client().post(f"{page_of(small_site)}?lang=en", environ_overrides=environ)
    assert (answer.status_code, "larger than any form" in answer.text) == (413, True)


def test_what_is_learned_for_the_page_is_kept_and_looking_is_limited(small_site: Site) -> None:
    give(small_site, BIB.encode())

    def look() -> TestResponse:
        return small_site.client().get(f"{page_of(small_site)}?lang=en")

    def kept() -> list[str] | None:
        with small_site.services.database.reading() as session:
            return learned_store.kept_words(session, small_site.reader_id)

    assert kept() is None
    page = look().text
    words = kept()
    assert words and re.findall('name="word" value="(.+?)"', page) == words
    before = small_site.rows()
    assert look().text.count('name="word"') == len(words) and small_site.rows() == before
    codes = [look().status_code for _ in range(40)]
    assert (codes[0], codes[-1]) == (200, 429)


def test_words_and_ids_can_be_typed_and_what_is_wrong_with_them_is_told_beside_them(small_site: Site) -> None:
    client = small_site.client()
    assert send(client, page_of(small_site), do="add", text="2606.26101\nI look for how whales sing.").status_code == 303
    assert given(small_site) == ["Gaussian Splatting number 2606.26101", "I look for how whales sing."]
    assert give(small_site, b"tides\x00 of\x1b\xc2\x85 Titan", "words.txt").status_code == 303
    assert given(small_site)[2:] == ["tides of Titan"]
    assert send(client, page_of(small_site), do="add", text="tides\x00").status_code == 400
    answer = send(client, page_of(small_site), do="add", text="2401.00001")
    assert answer.status_code == 400 and ">2401.00001</textarea>" in answer.text


def test_nobody_but_the_reader_sees_it_and_buttons_that_are_not_there_do_nothing(small_site: Site) -> None:
    give(small_site, BIB.encode())
    before = small_site.kept()
    for path in ("/", "/archive", f"/archive/{DAY}", "/papers/2606.26101", "/topics/3dgs", "/feeds/3dgs.xml"):
        assert "Whales" not in small_site.client().get(path).text, path
    assert small_site.client().get(f"/preferences/{small_site.leave}/interests").status_code in (404, 410)
    assert "Whales" not in small_site.client().get(f"/preferences/{small_site.left}/interests").text
    client = small_site.client()
    assert send(client, page_of(small_site), do="everything").status_code == 400
    assert send(client, page_of(small_site), do="remove", example="x").status_code == 400
    assert send(client, page_of(small_site), do="remove", example="999999").status_code == 303
    assert small_site.kept() == before
