"""The way of a person: sign up, confirm, change, pause, leave, come back; on both databases."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from newsletter.mail.store import ledger
from newsletter.subscribers.store import subscribers
from newsletter.subscribers.subscriber import Subscriber
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState, MailKind
from tests.daily.ledgers import fetched
from tests.web.conftest import CHOICES, Site, confirm_link, csrf_of, link_of, send, signed_up, view_of

CHANGES = {"topics": ["nerf", "rag"], "language": "ja", "hour": "21", "timezone": "Europe/Berlin", "max_papers": "35"}
CHANGES |= {"weekdays": ["0", "4"], "layout": "bilingual"}


def person(site: Site, email: str) -> Subscriber:
    with site.services.database.reading() as session:
        found = subscribers.subscriber_by_key(session, email)
    assert found is not None
    return found


def topics_of(site: Site, email: str) -> set[str]:
    return set(person(site, email).topics)


def planned(site: Site, email: str) -> list[MailKind]:
    with site.services.database.reading() as session:
        return [one.kind for one in ledger.deliveries(session, subscriber_id=person(site, email).id)]


def test_no_topic_is_ticked_beforehand(site: Site) -> None:
    page = site.client().get("/").text
    assert 'name="topics" value="3dgs"' in page
    assert "checked" not in page


def test_all_that_is_wrong_with_a_sign_up_is_said_at_once(small_site: Site) -> None:
    answer = send(small_site.client(), "/?lang=en", "/subscribe", email="nonsense@@", language="en", timezone="UTC", hour="7")
    assert answer.status_code == 400
    assert "2 things need a look" in answer.text
    assert "Choose at least one topic." in answer.text
    assert "This is no mail address" in answer.text
    assert 'value="nonsense@@"' in answer.text


def test_the_front_page_offers_every_topic_but_headings(site: Site) -> None:
    offered = set(re.findall(r'name="topics" value="([^"]+)"', site.client().get("/").text))
    assert len(offered) >= 40
    assert "vision" not in offered
    assert offered <= set(site.services.catalogue.by_slug)


def test_the_language_to_read_in_is_the_browsers_or_the_one_chosen_for_the_page(site: Site) -> None:
    headers = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
    assert 'value="de" lang="de" selected' in site.client().get("/", headers=headers).text
    assert 'value="ja" lang="ja" selected' in site.client().get("/?lang=ja", headers=headers).text


def test_signing_up_stores_a_pending_person_and_plans_a_confirmation(site: Site) -> None:
    answer = send(site.client(), "/", "/subscribe", **CHOICES)
    assert answer.status_code == 303
    found = person(site, "new@example.org")
    assert (found.state, found.language, found.hour, found.timezone) == ("pending", "zh-CN", 7, "Asia/Shanghai")
    assert topics_of(site, "new@example.org") == {"3dgs", "llm"}
    assert planned(site, "new@example.org") == [MailKind.CONFIRM]


def test_known_pending_left_and_new_addresses_get_the_same_answer(site: Site) -> None:
    answers = set()
    for email in ("new@example.org", "reader@example.org", "waiting@example.org", "left@example.org"):
        client = site.client()
        answer = send(client, "/", "/subscribe", **{**CHOICES, "email": email})
        answers.add(
            (answer.status_code, answer.headers["Location"], re.sub(r'value="[^"]{30,}"', "", client.get("/subscribe").text))
        )
    assert len(answers) == 1


def test_confirming_plans_the_first_digest_and_says_welcome(site: Site) -> None:
    answer = send(site.client(), f"/confirm/{site.confirm}")
    assert answer.status_code == 200
    assert person(site, "waiting@example.org").state == "confirmed"
    assert MailKind.DIGEST in planned(site, "waiting@example.org")
    assert "/preferences/" in answer.text


FETCHING = {
    "en": "being fetched",
    "zh-CN": "正在获取",
    "zh-TW": "正在取得",
    "ja": "取得しています",
    "ar": "جلب أحدث الأوراق",
}


@pytest.mark.parametrize("language", FETCHING)
def test_the_page_says_that_papers_are_being_fetched_and_that_the_mail_comes_after_it(site: Site, language: str) -> None:
    client, page = site.client(), f"/confirm/{site.confirm}?lang={language}"
    answer = send(client, page)
    assert (answer.status_code, FETCHING[language] in answer.text) == (200, True)
    again = client.get(page)
    assert FETCHING[language] in again.text, "also where the link is opened once more"


def test_the_page_speaks_of_no_fetch_where_none_is_under_way(site: Site) -> None:
    fetched(site.services, now=dt.datetime.now(dt.UTC))
    client, page = site.client(), f"/confirm/{site.confirm}?lang=en"
    assert "within about a minute" in send(client, page).text
    assert FETCHING["en"] not in client.get(page).text


def test_confirming_twice_is_kind_and_plans_one_digest(site: Site) -> None:
    client = site.client()
    token = csrf_of(client, f"/confirm/{site.confirm}")
    first = client.post(f"/confirm/{site.confirm}", data={"csrf_token": token})
    second = client.post(f"/confirm/{site.confirm}", data={"csrf_token": token})
    assert first.status_code == 200
    assert second.status_code in (200, 404, 410)
    assert planned(site, "waiting@example.org").count(MailKind.DIGEST) == 1


def test_the_confirm_page_posts_by_itself_only_in_the_browser_that_signed_up(site: Site) -> None:
    here, elsewhere = site.client(), site.client()
    send(here, "/", "/subscribe", **CHOICES)
    page = f"/confirm/{confirm_link(site.services, 'new@example.org')}"
    assert "data-at-once" in here.get(page).text
    assert "data-at-once" not in elsewhere.get(page).text
    send(elsewhere, "/", "/subscribe", **CHOICES)
    assert "data-at-once" not in elsewhere.get(page).text


def test_everything_chosen_can_be_changed(site: Site) -> None:
    path = f"/preferences/{site.reader}"
    answer = send(site.client(), path, **CHANGES)
    assert answer.status_code == 303
    found = person(site, "reader@example.org")
    assert (found.language, found.hour, found.timezone, found.max_papers) == ("ja", 21, "Europe/Berlin", 35)
    assert (found.weekdays, found.layout) == ((0, 4), "bilingual")
    assert topics_of(site, "reader@example.org") == {"nerf", "rag"}
    assert 'role="status"' in site.client().get(answer.headers["Location"]).text


def test_the_preferences_page_shows_what_holds_now_and_hides_the_address(site: Site) -> None:
    page = site.client().get(f"/preferences/{site.reader}?lang=en").text
    assert 'value="3dgs" checked' in page
    assert 'value="Asia/Shanghai" selected' in page
    assert "reader@example.org" not in page
    assert "r…@example.org" in page


def test_a_pause_lasts_until_its_day_and_can_be_taken_back(site: Site) -> None:
    path, until = f"/preferences/{site.reader}", dt.datetime.now(dt.UTC).date() + dt.timedelta(days=7)
    send(site.client(), path, **CHANGES, pause_until=until.isoformat())
    assert person(site, "reader@example.org").paused_until == until
    assert f'value="{until.isoformat()}"' in site.client().get(path).text
    assert send(site.client(), path, **CHANGES, pause_until="").status_code == 303
    assert person(site, "reader@example.org").paused_until is None
    assert person(site, "reader@example.org").state == "confirmed"


def test_a_subscriber_page_speaks_their_language_unless_another_was_chosen(site: Site) -> None:
    path = f"/preferences/{site.reader}"
    assert '<html lang="zh-CN"' in site.client().get(path, headers={"Accept-Language": "en"}).text
    assert '<html lang="ar" dir="rtl"' in site.client().get(path + "?lang=ar").text


# ---------------------------------------------------------------- leaving


BODIES = {
    "urlencoded": {"data": {"List-Unsubscribe": "One-Click"}},
    "multipart": {"data": {"List-Unsubscribe": "One-Click"}, "content_type": "multipart/form-data"},
    "broken multipart": {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=y"},
    "empty": {},
    "no utf-8": {"data": b"List-Unsubscribe=%FF"},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_one_click_answers_200_without_cookie_or_redirect_also_the_second_time(site: Site, body: dict[str, object]) -> None:
    for _ in range(2):
        answer = site.client().post(f"/unsubscribe/{site.leave}", **body)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert person(site, "reader@example.org").state == "unsubscribed"
    assert planned(site, "reader@example.org").count(MailKind.GOODBYE) == 1


def test_one_click_ignores_a_trailing_slash(site: Site) -> None:
    assert site.client().post(f"/unsubscribe/{site.leave}/").status_code == 200
    assert person(site, "reader@example.org").state == "unsubscribed"


def test_leaving_skips_the_digest_that_is_planned(site: Site) -> None:
    site.client().post(f"/unsubscribe/{site.leave}")
    with site.services.database.reading() as session:
        [digest] = ledger.deliveries(session, subscriber_id=site.reader_id, kind=MailKind.DIGEST)
    assert digest.state is DeliveryState.SKIPPED


def test_the_unsubscribe_page_shows_one_button_and_a_gentler_way(site: Site) -> None:
    page = site.client().get(f"/unsubscribe/{site.leave}?choices={site.reader}").text
    assert page.count("<button") == 1
    assert f'href="/preferences/{site.reader}"' in page


def test_somebody_who_leaves_by_the_button_can_undo_it_on_the_page_that_follows(site: Site) -> None:
    action = re.search(r'<form method="post" action="([^"]+)"', site.client().get(f"/unsubscribe/{site.leave}").text)
    assert action is not None
    answer = site.client().post(action.group(1))
    assert answer.status_code == 200
    assert f'action="/unsubscribe/{site.leave}/undo"' in answer.text


def test_the_browser_that_left_undoes_it_with_everything_as_it_was(site: Site) -> None:
    client, page = site.client(), f"/unsubscribe/{site.leave}"
    client.post(f"{page}?page=1")
    assert send(client, page, f"{page}/undo").status_code == 200
    assert person(site, "reader@example.org").state == "confirmed"
    assert topics_of(site, "reader@example.org") == {"3dgs", "llm"}


def test_the_network_of_each_agreement_is_kept_with_it(site: Site) -> None:
    client = site.client()
    page = f"/unsubscribe/{site.leave}"
    client.post(f"{page}?page=1")
    for address, path, to, values in (
        ("203.0.113.7", "/", "/subscribe", CHOICES),
        ("2001:db8:1:2:3::4", f"/confirm/{site.confirm}", None, {}),
        ("::ffff:198.51.100.9", page, f"{page}/undo", {}),
    ):
        client.environ_base["REMOTE_ADDR"] = address
        assert send(client, path, *([to] if to else []), **values).status_code in (200, 303)
    kept = {}
    for email in ("new@example.org", "waiting@example.org", "reader@example.org"):
        with site.services.database.reading() as session:
            *_, last = subscribers.consents(session, person(site, email).id)
        kept[last["action"]] = last["network"]
    assert kept == {"asked": "203.0.113.7", "confirmed": "2001:db8:1:2::/64", "returned": "198.51.100.9"}


# ---------------------------------------------------------------- the link again


def test_asking_for_the_link_answers_alike_and_plans_a_mail_only_for_readers(site: Site) -> None:
    answers = set()
    for email in ("reader@example.org", "nobody@example.org", "left@example.org"):
        answer = send(site.client(), "/link", email=email)
        answers.add((answer.status_code, re.sub(r'value="[^"]{30,}"', "", answer.text)))
    assert len(answers) == 1
    assert MailKind.PREFERENCES in planned(site, "reader@example.org")
    assert MailKind.PREFERENCES not in planned(site, "left@example.org")


def test_a_link_of_somebody_else_is_never_shown_where_one_is_asked_for(site: Site) -> None:
    answer = send(site.client(), "/link", email="reader@example.org")
    assert "/preferences/" not in answer.text


def test_a_void_link_offers_a_new_one(site: Site) -> None:
    with site.services.database.transaction() as session:
        session.get(SubscriberRow, site.reader_id).token_version += 1
    answer = site.client().get(f"/preferences/{site.reader}")
    assert answer.status_code in (404, 410)
    assert 'href="/link"' in answer.text


def test_a_digest_can_be_viewed_in_a_browser_as_it_was_mailed(site: Site) -> None:
    answer = site.client().get(f"/view/{site.view}")
    assert answer.status_code == 200
    assert "高斯泼溅" in answer.text
    assert "<script>alert" not in answer.text
    assert "script" not in answer.headers["Content-Security-Policy"]


def test_a_delivery_link_of_a_mail_that_is_no_digest_shows_nothing(site: Site) -> None:
    with site.services.database.reading() as session:
        [confirm] = ledger.deliveries(session, subscriber_id=person(site, "waiting@example.org").id)
    assert site.client().get(f"/view/{view_of(site.services, confirm.id)}").status_code == 404


def test_two_people_never_share_a_link(site: Site) -> None:
    other, _ = signed_up(site.services, "other@example.org")
    assert link_of(site.services, other) != site.reader
