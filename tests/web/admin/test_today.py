"""The first page of operators: what is wrong in the server's own words, how the day's mails went, and the switches of sending."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update

from newsletter.daily.preview import draft
from newsletter.daily.refusals import Refusals
from newsletter.mail.deliveries import RefusingDomain
from newsletter.mail.smtp.replies import Reply, Stage
from newsletter.mail.smtp.same_replies import Judged
from newsletter.mail.store import refusing_domains
from newsletter.operating import state
from newsletter.operating import store as operating_store
from newsletter.operating.heartbeats import Beat, Part
from newsletter.tables.deliveries import DeliveryRow
from newsletter.web.admin.charts import Column, stacked
from tests.web.conftest import DAY, NOW, Site, digest_of, log_in, send, signed_up


def test_the_page_tells_what_is_wrong_and_how_the_mails_went(site: Site) -> None:
    with site.services.database.transaction() as session:
        began = NOW - dt.timedelta(minutes=30)
        operating_store.put_beat(session, Beat(Part.STAGE, "translate", began, NOW, NOW, 1800, "no <engine> answers"))
        held = state.SendingHold(NOW + dt.timedelta(hours=5), "the mail server refuses us: 535 5.7.8 bad <credentials>")
        state.SENDING_HELD.write(session, held, now=NOW)
    log_in(client := site.client())
    page = client.get(f"/admin?date={DAY}&lang=en").text
    assert "things need you." in page
    assert "the stage translate failed: no &lt;engine&gt; answers" in page
    assert "535 5.7.8 bad &lt;credentials&gt;" in page
    assert page.count("<rect") == 1
    assert ": 1 · waiting</title>" in page
    assert "30 min" in page
    assert "给您" not in page
    assert "件事需要处理" in client.get(f"/admin?date={DAY}&lang=zh-CN").text
    assert "件事需要處理" in client.get(f"/admin?date={DAY}&lang=zh-TW").text
    # In no other language are these pages whole, so all of each is English there; what readers see keeps the language.
    for asked, named in (("ja", "日本語"), ("ar", "العربية")):
        shown = client.get(f"/admin?date={DAY}&lang={asked}").text
        assert '<html lang="en" dir="ltr"' in shown
        assert named not in shown
        assert "things need you." in shown
        assert f'<html lang="{asked}"' in client.get("/").text
    assert "<rect" not in client.get("/admin?date=2020-01-01").text
    for wrong in ("2020-13-01", "x" * 500, "0000-00-00", "99999-01-01"):
        assert client.get("/admin", query_string={"date": wrong}).status_code < 500, wrong


def test_one_domain_is_paused_for_a_while_and_let_go_again(small_site: Site) -> None:
    log_in(client := small_site.client())

    def held() -> list[str]:
        with small_site.services.database.reading() as session:
            return [one.domain for one in refusing_domains.held(session, now=dt.datetime.now(dt.UTC))]

    for wrong in ({"domain": "no domain"}, {"domain": ""}, {"hours": "9999"}, {"hours": ""}, {"domain": "x" * 300 + ".org"}):
        fields = {"domain": "qq.com", "hours": "4", **wrong}
        assert send(client, "/admin", "/admin/pause/domain", **fields).status_code == 400, wrong
    assert held() == []
    assert send(client, "/admin", "/admin/pause/domain", domain="@QQ.com", hours="4").status_code == 303
    assert held() == ["qq.com"]
    assert "stopped by operator" in client.get("/admin").text
    assert send(client, "/admin", "/admin/resume/domain", domain="qq.com").status_code == 303
    assert held() == []


@pytest.mark.parametrize("by_operator", [True, False])
def test_a_mail_that_was_in_hand_ends_no_hold_of_an_operator(small_site: Site, *, by_operator: bool) -> None:
    one = RefusingDomain("qq.com", holds=0 if by_operator else 1, held_until=NOW + dt.timedelta(hours=1), reply="x")
    with small_site.services.database.transaction() as session:
        refusing_domains.keep(session, [one], now=NOW)
        refusals = Refusals()
        refusals.read(session, now=NOW)
        accepted = draft({}, language="en", date=DAY, now=NOW, email="reader@qq.com")
        refusals.note([Judged(accepted, Reply(Stage.DOT, 250, "Ok"), None)], now=NOW)
        refusals.keep(session, now=NOW)
        assert bool(refusing_domains.refusing(session)) is by_operator


def test_bars_lie_upon_each_other_up_to_the_highest_column() -> None:
    chart = stacked(
        [Column("a", {"sent": 3, "failed": 1}), Column("b", {"sent": 2}), Column("c", {})], ["sent", "queued", "failed"]
    )
    assert list(chart.kinds) == ["sent", "failed"]
    assert [(bar.kind, bar.y, bar.height) for bar in chart.bars] == [
        ("sent", 10.0, 30.0),
        ("failed", 0.0, 10.0),
        ("sent", 20.0, 20.0),
    ]
    assert stacked([], ["sent"]).bars == []
    alone = stacked([Column("07:00", {"sent": 1})], ["sent"]).bars[0]  # one hour is a bar amid the picture, no wall
    assert (alone.x, alone.width) == (46.0, 8.0)


def test_mails_are_found_shown_without_their_readers_links_and_sent_again(site: Site) -> None:
    log_in(client := site.client())
    other, _ = signed_up(site.services, "other@elsewhere.example")
    delivery = digest_of(site.services, other)
    with site.services.database.transaction() as session:
        failed = {"state": "failed", "reply": "550 5.1.1 no such <user>", "settled_at": NOW}
        session.execute(update(DeliveryRow).where(DeliveryRow.id == delivery).values(failed))

    def found(**query: str) -> str:
        answer = client.get("/admin/deliveries", query_string={"date": DAY.isoformat(), "lang": "en", **query})
        assert answer.status_code == 200, query
        return answer.text.partition("<tbody>")[2]

    assert "other@elsewhere.example" in found()
    assert "reader@example.org" in found()
    for query in ({"state": "failed"}, {"domain": "elsewhere.example"}, {"email": "OTHER@elsewhere.example"}, {"reply": "5.1.1"}):
        assert "other@elsewhere.example" in found(**query), query
        assert "reader@example.org" not in found(**query), query
    assert "550 5.1.1 no such &lt;user&gt;" in found(reply="no such", date="")
    for wrong in ({"date": "x"}, {"state": "lost"}, {"kind": "x"}, {"email": "nobody"}):
        assert client.get("/admin/deliveries", query_string=wrong).status_code == 400, wrong
    assert found(before="0") == ""
    page = client.get(f"/admin/deliveries/{delivery}?lang=en").text
    assert "no such &lt;user&gt;" in page
    assert "List-Unsubscribe" in page
    framed = client.get(f"/admin/deliveries/{delivery}/html")
    assert "sandbox" in framed.headers["Content-Security-Policy"]
    for text in (page, framed.text):
        assert site.reader not in text
        assert "/unsubscribe/" not in text.replace("/unsubscribe/HIDDEN", "")
    for missing in ("999999", "999999/html"):
        assert client.get(f"/admin/deliveries/{missing}").status_code == 400
    where = f"/admin/deliveries?date={DAY}&state=failed"
    assert send(client, where, "/admin/deliveries/resend", date=DAY.isoformat(), state="sent").status_code == 400
    answer = send(client, where, "/admin/deliveries/resend", date=DAY.isoformat(), state="failed", domain="elsewhere.example")
    assert "1 mail is queued again" in client.get(answer.headers["Location"] + "&lang=en").text
    # Somebody else was quicker: nothing is sent twice.
    assert send(client, where, f"/admin/deliveries/{delivery}/resend").status_code == 400
