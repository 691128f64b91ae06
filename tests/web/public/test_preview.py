"""Today's mail on the front page: what a new reader would get for the topics ticked, on a page that needs no script."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from newsletter.collection.store import nodes as collection_store
from newsletter.daily.preview import Previews, VisitorChoices
from tests.collection.making import a_section, an_entry
from tests.mail.html_checks import check
from tests.web.conftest import HOSTILE, NOW, Site, csrf_of, paper, send, stored


def shown(client: FlaskClient, *topics: str, language: str = "en", part: bool = False) -> TestResponse:
    data = {"csrf_token": csrf_of(client, "/?lang=en"), "topics": list(topics), "language": language, "email": "typed@example"}
    return client.post("/preview", data=data, headers={"X-Part": "preview"} if part else {})


def test_the_button_shows_the_papers_of_the_newest_day_and_keeps_what_was_typed(site: Site) -> None:
    before = site.rows()
    page = shown(site.client(), "3dgs").text
    assert "Today's mail would bring 3 papers." in page
    assert page.count("Gaussian Splatting number") >= 2
    assert "typed@example" in page
    assert 'value="3dgs" checked' in page
    assert site.rows() == before


def test_the_script_gets_the_part_alone_in_the_language_ticked(site: Site) -> None:
    part = shown(site.client(), "3dgs", language="zh-CN", part=True).text
    assert "<html" not in part
    assert "高斯泼溅" in part
    assert "until then you see the original here" in part, "two of the three are not translated"


def test_the_whole_mail_is_the_mail_and_its_links_lead_to_the_sign_up(site: Site) -> None:
    client = site.client()
    link = re.search(r'href="(/preview/mail[^"]+)"', shown(client, "llm", "3dgs", language="zh-CN", part=True).text)
    assert link is not None
    answer = client.get(link.group(1).replace("&amp;", "&"))
    outline = check(answer.text)
    assert "高斯泼溅" in answer.text
    assert "script" not in answer.headers["Content-Security-Policy"]
    ours = [one for one in outline.values("href") if one.startswith(site.services.settings.base_url)]
    assert ours
    assert {client.get(one.removeprefix(site.services.settings.base_url)).status_code for one in ours} == {200}


@pytest.mark.parametrize(
    ("topics", "language", "words"),
    [
        ((), "en", "Choose at least one topic."),
        (("nothing",), "en", "not offered here any more"),
        ((HOSTILE,), "en", "not offered here any more"),
        (("3dgs",), "xx", "Choose one of the languages"),
    ],
)
def test_what_cannot_be_shown_is_told(small_site: Site, topics: tuple[str, ...], language: str, words: str) -> None:
    client = small_site.client()
    page = shown(client, *topics, language=language)
    assert page.status_code == 400
    assert words in page.text
    part = shown(client, *topics, language=language, part=True)
    assert part.status_code == 200, "a script shows what is told"
    assert words in part.text
    mail = client.get("/preview/mail", query_string={"topics": list(topics), "language": language, "lang": "en"})
    assert mail.status_code == 400
    assert words in mail.text
    assert "<script>alert" not in page.text + part.text + mail.text


def test_a_day_without_papers_on_the_topics_is_told(small_site: Site) -> None:
    assert "on such a day no mail comes" in shown(small_site.client(), "rag").text


def test_no_paper_can_slip_out_of_the_preview(small_site: Site) -> None:
    part = shown(small_site.client(), "3dgs", part=True).text
    assert "<script>alert" not in part
    assert "&lt;script&gt;alert" in part


def test_a_digest_is_kept_for_minutes_and_made_anew_when_papers_come(small_site: Site) -> None:
    time = [0.0]
    previews, services, choices = Previews(timer=lambda: time[0]), small_site.services, VisitorChoices(("3dgs",), "zh-CN")
    first = previews.digest(services, choices, now=NOW)
    time[0] = 4 * 60
    assert previews.digest(services, choices, now=NOW) is first
    time[0] = 5 * 60
    assert previews.digest(services, choices, now=NOW) is not first
    stored(services, [paper("2606.26200")])
    assert previews.digest(services, choices, now=NOW).count == first.count + 1


@pytest.mark.usefixtures("still_clock")
def test_too_many_previews_are_slowed_down(small_site: Site) -> None:
    client = small_site.client()
    token = csrf_of(client, "/")
    data = {"csrf_token": token, "topics": "3dgs", "language": "en"}
    answers = [client.post("/preview", data=data, headers={"X-Part": "preview"}).status_code for _ in range(91)]
    assert answers == [200] * 90 + [429]


def test_who_ticks_the_collection_sees_its_new_entries(site: Site) -> None:
    with site.services.database.transaction() as session:
        section = collection_store.add(session, a_section(), parent=None, who="Ada", now=NOW)
        collection_store.add(session, an_entry("Walking <b>Lights</b>"), parent=section.id, who="Ada", now=NOW)
    client = site.client()
    part = shown(client, "collection", part=True).text
    assert "Walking &lt;b&gt;Lights" in part
    assert "Gaussian" not in part
    mail = client.get("/preview/mail?topics=collection&topics=3dgs&language=en")
    assert mail.status_code == 200
    assert "Walking &lt;b&gt;Lights" in mail.text
    assert "Gaussian Splatting number" in mail.text


def test_a_sign_up_that_fails_says_nothing_of_the_preview(small_site: Site) -> None:
    page = send(small_site.client(), "/", "/subscribe", email="new@example.org").text
    assert 'id="topics-problem"' in page
    assert 'id="preview-told"' not in page
