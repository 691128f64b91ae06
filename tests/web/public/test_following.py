"""An author is followed from their page: by whoever signs up there, and by a reader through their own link, scripts or not."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from newsletter.daily.compose import MessageBuilder
from newsletter.languages import LANGUAGES
from newsletter.mail.store import ledger
from newsletter.subscribers.store import subscribers
from newsletter.subscribers.subscriber import Subscriber
from newsletter.values.mail import MailKind
from newsletter.values.saved_queries import Kind, SavedQuery
from tests.web.conftest import HOSTILE, NOW, Site, confirm_link, csrf_of, send

ADA = SavedQuery(Kind.AUTHOR, 'au:"Ada Lovelace"')
TYPED = {"language": "en", "hour": "7", "timezone": "UTC", "follow": "Ada Lovelace"}


def person(site: Site, email: str) -> Subscriber:
    with site.services.database.reading() as session:
        found = subscribers.subscriber_by_key(session, email)
    assert found is not None
    return found


def test_who_is_new_signs_up_on_the_authors_page_and_follows(small_site: Site) -> None:
    client = small_site.client()
    link = re.search(r'class="button" rel="nofollow" href="(/\?follow=[^"]+)"', client.get("/authors/ada-lovelace?lang=en").text)
    assert link
    page = client.get(link.group(1)).text
    assert 'name="follow" value="Ada Lovelace" checked' in page and "1 author" in page
    assert send(client, link.group(1), "/subscribe", email="new@example.org", **TYPED).status_code == 303
    client.post(f"/confirm/{confirm_link(small_site.services, 'new@example.org')}", data={"csrf_token": csrf_of(client, "/")})
    found = person(small_site, "new@example.org")
    assert (found.state, found.topics, found.own) == ("confirmed", (), (ADA,))


def test_a_reader_gets_a_link_that_offers_to_follow_and_nothing_changes_before(small_site: Site) -> None:
    client, services = small_site.client(), small_site.services
    with services.database.reading() as session:
        reader = subscribers.subscriber(session, small_site.reader_id)
    assert reader is not None
    assert send(client, "/", "/subscribe", email=reader.email, **TYPED).status_code == 303
    assert person(small_site, reader.email).own == reader.own
    with services.database.reading() as session:
        mail = ledger.deliveries(session, subscriber_id=reader.id, kind=MailKind.PREFERENCES)[-1]
    builder = MessageBuilder(services)
    text = builder.render(mail, reader_links=builder.links_of(mail, now=NOW)).text
    path = re.search(r"/preferences/\S+\?follow=Ada\+Lovelace", text)
    assert path and "用来关注 Ada Lovelace：" in text
    page = client.get(f"{path.group()}&lang=en").text
    assert "Every new paper by Ada Lovelace comes with your mail once you follow." in page
    action = path.group().partition("?")[0]
    answer = send(client, action, f"{action}/follow", follow=["Ada Lovelace", HOSTILE, ""])
    assert answer.status_code == 303
    assert person(small_site, reader.email).own == (*reader.own, ADA)
    assert "once you follow" not in client.get(f"{path.group()}&lang=en").text, "who follows already is not asked again"


def test_a_mail_names_nobody_whom_no_paper_names(small_site: Site) -> None:
    """Whoever types an address may put any words into that field."""
    client, services = small_site.client(), small_site.services
    typed = {**TYPED, "follow": ["Cheap Watches", "alan turing"]}
    assert send(client, "/", "/subscribe", email="reader@example.org", **typed).status_code == 303
    with services.database.reading() as session:
        mail = ledger.deliveries(session, subscriber_id=small_site.reader_id, kind=MailKind.PREFERENCES)[-1]
    builder = MessageBuilder(services)
    rendered = builder.render(mail, reader_links=builder.links_of(mail, now=NOW))
    assert "Alan Turing" in rendered.subject and "Cheap Watches" not in rendered.text
    several = replace(mail, contents={**mail.contents, "authors": ["Ada Lovelace", "Alan Turing", "Grace Hopper"]})
    for language in LANGUAGES:
        text = builder.render(replace(several, language=language.code), reader_links=builder.links_of(mail, now=NOW)).subject
        assert text.count("Grace Hopper") == 1, language.code


def test_the_authors_of_a_paper_are_followed_from_its_page(small_site: Site) -> None:
    client = small_site.client()
    link = re.search(r'href="(/\?follow=[^"]+)"', client.get("/papers/2606.26101?lang=en").text)
    assert link
    page = client.get(unescape(link.group(1))).text
    assert re.findall(r'name="follow" value="([^"]+)" checked', page) == ["Ada Lovelace", "Alan Turing", "Grace Hopper"]


def test_what_is_no_name_is_not_followed(small_site: Site) -> None:
    page = small_site.client().get("/", query_string={"follow": HOSTILE}).text
    assert 'name="follow"' not in page and "<script>alert" not in page


def test_without_a_script_the_one_thing_found_is_ticked_and_of_several_none(small_site: Site) -> None:
    """Signing up for what nobody else reads takes four presses: find, sign up, the link in the mail, confirm."""
    client = small_site.client()
    page = send(client, "/?lang=en", "/find", **{**TYPED, "follow": ""}, find="CRISPR").text
    assert 'name="search" value="CRISPR" checked' in page or 'name="search" value="&#34;CRISPR&#34;" checked' in page
    assert "as ticked below" in page
    page = send(client, "/?lang=en", "/find", **{**TYPED, "follow": ""}, find="algebraic geometry").text
    assert re.findall(r'name="topics" value="([^"]*)" checked', page) == ["math.AG"]
    page = send(client, "/?lang=en", "/find", **{**TYPED, "follow": ""}, find="geometry").text
    assert not re.search(r'name="(topics|search)" value="[^"]*" checked', page)
