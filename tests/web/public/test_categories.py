"""Categories and searches of one's own: found and chosen on the form with and without scripts, shown in mails and archive."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from newsletter.daily import ingest
from newsletter.daily.compose import MessageBuilder
from newsletter.daily.welcome import choose_welcomes
from newsletter.mail.store import ledger
from newsletter.subscribers.import_export import import_csv
from newsletter.subscribers.store import subscribers
from newsletter.subscribers.subscriber import Subscriber
from newsletter.values.mail import MailKind
from newsletter.values.saved_queries import Kind, SavedQuery
from tests.daily.ledgers import fetched
from tests.web.conftest import HOSTILE, NOW, Site, confirm_link, csrf_of, link_of, paper, send

TYPED = {"email": "new@example.org", "language": "en", "hour": "7", "timezone": "UTC"}
PHRASE = '"kite strings"'


def boxes(page: str, name: str = "topics") -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)"', page)


def ticked(page: str) -> set[str]:
    return set(re.findall(r'name="topics" value="([^"]*)" checked', page))


def person(site: Site, email: str = "new@example.org") -> Subscriber:
    with site.services.database.reading() as session:
        found = subscribers.subscriber_by_key(session, email)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("asked", "first", "search"),
    [
        ("cs.cv", "cs.CV", "cs.cv"),
        ("astro-ph", "astro-ph", "astro-ph"),
        ("Algebraic  geometry", "math.AG", "&#34;Algebraic geometry&#34;"),
        ("量子物理", "quant-ph", None),
        ("جبر", "math.AC", None),
        ("الهَندسة الجبرية", "math.AG", None),
        ("CS.SY", "eess.SY", "CS.SY"),
        ("splat", "3dgs", "splat"),
        ("protein folding", None, "&#34;protein folding&#34;"),
        ("models that fold proteins in cells", None, "models AND that AND fold AND proteins AND cells"),
        ("ti:kite AND cat:math.AG", None, "ti:kite AND cat:math.AG"),
        ("≈", None, None),
        ("", None, None),
    ],
)
def test_topics_are_found_in_any_language_and_a_search_stands_for_what_is_none(
    small_site: Site, asked: str, first: str | None, search: str | None
) -> None:
    page = small_site.client().get("/find", query_string={"find": asked, "lang": "en"}).text
    assert [*boxes(page), None][0] == first
    assert [*boxes(page, "search"), None][0] == search


def test_no_topic_is_called_like_an_attack(small_site: Site) -> None:
    assert "<script>alert" not in small_site.client().get("/find", query_string={"find": HOSTILE}).text
    assert small_site.client().get("/find", query_string={"find": "a" * 5000 + " (" * 500}).status_code == 200


def test_without_a_script_what_is_found_comes_with_all_that_was_typed_and_each_topic_once(small_site: Site) -> None:
    client = small_site.client()
    typed = {**TYPED, "topics": ["math.AG", "llm"], "search": [PHRASE], "find": "geometry"}
    page = send(client, "/?lang=en", "/find", **typed).text
    assert {"math.DG", "math.MG", "cs.CG"} <= set(boxes(page))
    assert ticked(page) == {"math.AG", "llm"}
    assert 'value="new@example.org"' in page and 'value="&#34;kite strings&#34;" checked' in page
    assert len(boxes(page)) == len(set(boxes(page)))
    assert "2 topics · 1 search" in page
    # An archive is looked through by its button; Enter in the field of search sends the form, which has no address yet.
    assert "math.AC" in boxes(send(client, "/?lang=en", "/find", **TYPED, finding="math").text)
    entered = send(client, "/?lang=en", "/subscribe", **{**TYPED, "email": "", "find": "quantum physics"})
    assert entered.status_code == 200 and "quant-ph" in boxes(entered.text)
    assert "problem" not in entered.text


def test_a_link_ticks_topics_and_nothing_else(small_site: Site) -> None:
    page = small_site.client().get("/?topics=cs.CV&topics=3dgs&topics=nothing").text
    assert ticked(page) == {"cs.CV", "3dgs"}


def test_who_signs_up_with_a_category_and_a_search_gets_a_mail_of_both(site: Site) -> None:
    client = site.client()
    chosen = {**TYPED, "topics": ["quant-ph", "3dgs"], "search": [PHRASE, PHRASE]}
    assert send(client, "/?lang=en", "/subscribe", **chosen).status_code == 303
    day = dt.datetime.now(dt.UTC)
    fetched(site.services, now=day)
    papers = [
        paper("2611.00001", title="Of spins", abstract="One.", categories=("quant-ph",), announced_on=day.date()),
        paper("2611.00002", title="Of qubits", abstract="Two.", categories=("hep-th", "quant-ph"), announced_on=day.date()),
        paper("2611.00003", title="Of kite strings", abstract="Three.", categories=("math.GT",), announced_on=day.date()),
        paper("2611.00004", title="Of trees", abstract="Four.", categories=("math.CO",), announced_on=day.date()),
    ]
    ingest.store_batch(site.services, papers, now=day)
    client.post(f"/confirm/{confirm_link(site.services, 'new@example.org')}", data={"csrf_token": csrf_of(client, "/")})
    found = person(site)
    assert (found.state, set(found.topics)) == ("confirmed", {"quant-ph", "3dgs"})
    assert found.own == (SavedQuery(Kind.QUERY, PHRASE),)
    choose_welcomes(site.services, now=day, patient=False)
    with site.services.database.reading() as session:
        digest = ledger.deliveries(session, subscriber_id=found.id, kind=MailKind.DIGEST)[-1]
    builder = MessageBuilder(site.services)
    mail = builder.render(digest, reader_links=builder.links_of(digest, now=day))
    assert [group.name for group in builder.digest(digest).groups] == [f"Saved query: {PHRASE}", "Quantum Physics (quant-ph)"]
    assert mail.text.index("Of spins") < mail.text.index("Of qubits"), "its first category comes before cross-lists"
    assert "Of trees" not in mail.text
    page = client.get(f"/preferences/{link_of(site.services, found.id)}?lang=en").text
    assert ticked(page) == {"quant-ph", "3dgs"}, "what is chosen is there to be kept"
    topic = client.get("/topics/QUANT-PH?lang=en").text
    assert "Quantum Physics (quant-ph)" in topic and "Of qubits" in topic and "Of trees" not in topic
    assert "Of spins" in client.get("/feeds/quant-ph.xml").text
    assert [*re.findall("Of [a-z ]+", client.get("/feeds/math.json").text)].count("Of trees") == 1, "an archive as a whole"
    assert client.get("/topics/cs.ZZ").status_code == client.get("/feeds/quant.xml").status_code == 404


def test_categories_come_in_by_a_list_and_those_of_servers_that_are_not_read_are_refused(small_site: Site) -> None:
    lines = ["email,topics", "a@example.org,cs.cv;CS.SY", "b@example.org,biorxiv", "c@example.org,astro-ph;3dgs"]
    known = small_site.services.offered.keys()
    report = import_csv(small_site.services, lines, consent="By hand.", known=known, now=NOW)
    assert [line for line, _ in report.refused] == [3]
    assert set(person(small_site, "a@example.org").topics) == {"cs.CV", "eess.SY"}
    assert set(person(small_site, "c@example.org").topics) == {"astro-ph", "3dgs"}


def test_a_topic_that_is_no_more_does_no_harm_and_goes_with_the_next_saving(small_site: Site) -> None:
    with small_site.services.database.transaction() as session:
        subscribers.replace_topics(session, small_site.reader_id, ["gave-up.XX", "cs.CV"])
    page = small_site.client().get(f"/preferences/{small_site.reader}").text
    assert ticked(page) == {"cs.CV"}
