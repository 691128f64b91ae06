"""Pages that grow with what somebody did or said stay within 100 kB at their fullest: feedback, choices, trials, inbox, operators."""

from __future__ import annotations

from newsletter.mail.inbox import deliver, inbox_folder
from newsletter.mail.store import ledger
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.opinions import Say
from newsletter.ranking.store import opinions as opinions_store
from newsletter.subscribers.choices import Choices
from newsletter.subscribers.signup import SignUpRequest
from newsletter.subscribers.store import subscribers
from newsletter.subscribers.store.saved_queries import replace_own
from newsletter.topics.saved_queries import LONGEST, read_line
from newsletter.values.mail import MailKind
from newsletter.values.saved_queries import MOST, Kind
from newsletter.values.topics import Match
from newsletter.web.admin.deliveries import LISTED
from newsletter.web.public.inbox import LISTED as INBOX_LISTED
from tests.mail.samples import TITLES
from tests.services import within
from tests.subscribers.subscriber_builder import sign_up
from tests.web.conftest import DAY, NOW, Site, csrf_of, log_in, paper
from tests.web.page_checks import weight
from tests.web.test_page_weight import MOST as MOST_BYTES

SAID = 320
# A long name of a line to keep out, a number in front so that no two are the same.
LINE = "splatting of radiance fields without poses " * 6


def full_reader(site: Site) -> None:
    """The reader of the tests said something of 320 papers and has as many saved queries as may be, each as long as may be."""
    papers = [paper(f"2606.7{n:04d}", title=f"{n} {TITLES['en'] * 3}", announced_on=NOW.date()) for n in range(SAID)]
    lines = [read_line(Kind.QUERY, f'"{n} {LINE}'[: LONGEST - 1].strip() + '"') for n in range(MOST[Kind.QUERY])]
    lines += [read_line(Kind.EXCLUDE, f"{n} {LINE}"[:LONGEST].strip()) for n in range(MOST[Kind.EXCLUDE])]
    lines += [
        read_line(Kind.AUTHOR, f"Ada{chr(97 + n % 26)}{chr(97 + n // 26)} " + "Lovelace " * 10) for n in range(MOST[Kind.AUTHOR])
    ]
    with site.services.database.transaction() as session:
        papers_store.store_papers(session, [(one, [Match(one.ref, "3dgs", 2.0, "title: splat")]) for one in papers], now=NOW)
        for one in papers_store.papers_announced(session, NOW.date()):
            opinions_store.keep(session, site.reader_id, one.id, Say.MORE, now=NOW)
        replace_own(session, site.reader_id, lines, now=NOW)


def test_no_page_of_a_reader_weighs_more_than_100_kb_however_much_they_said_and_asked_for(small_site: Site) -> None:
    full_reader(small_site)
    client = small_site.client()
    topics = [topic.slug for topic in small_site.services.catalogue.topics]
    found = {}
    for path in (f"/feedback/{small_site.feedback}", f"/preferences/{small_site.reader}"):
        for language in ("zh-CN", "ar"):
            found[path, language] = weight(client, client.get(f"{path}?lang={language}").data)
    page = f"/preferences/{small_site.reader}"
    # Each line finds more papers than are shown, and each query is as long as may be.
    fields = {
        "queries": "\n".join(f'"gaussian splatting" OR {"x" * (LONGEST - 30)}{n}' for n in range(MOST[Kind.QUERY])),
        "excluded": "\n".join(f"splatting OR x{n}" for n in range(MOST[Kind.EXCLUDE])),
        "authors": "Ada Lovelace\nAlan Turing",
    }
    data = {"csrf_token": csrf_of(client, page), "topics": topics, **fields}
    for name, headers in (("trial", {}), ("trial for the script", {"X-Part": "trial"})):
        answer = client.post(f"{page}/try?lang=ar", data=data, headers=headers)
        assert answer.status_code == 200
        found[name, "ar"] = len(answer.data) if headers else weight(client, answer.data)
    assert {page: bytes_ for page, bytes_ in found.items() if bytes_ > MOST_BYTES} == {}


def test_no_page_of_an_operator_weighs_more_than_100_kb_however_long_its_lists(small_site: Site) -> None:
    services = small_site.services
    with services.database.transaction() as session:
        for n in range(LISTED + 20):
            email = f"a-long-name-of-a-reader-{n}@papers-of-the-morning.example.org"
            request = SignUpRequest(email, Choices(("3dgs",), "en", "UTC", 7))
            sign_up(within(session, services.settings), request, now=NOW)
            found = subscribers.subscriber_by_key(session, email)
            assert found is not None
            ledger.plan_mail(
                session,
                subscriber_id=found.id,
                kind=MailKind.DIGEST,
                period=DAY.isoformat(),
                priority=2,
                due_at=NOW,
                domain="example.org",
                contents={},
                now=NOW,
            )
    folder = inbox_folder(services.settings.data_dir)
    for n in range(INBOX_LISTED):
        head = f"From: a@example.org\r\nTo: reader-{n}@example.org\r\nSubject: {TITLES['en'] * 3}\r\n\r\n"
        deliver(folder, head.encode(), sender="a@example.org", recipient=f"reader-{n}@example.org")
    client = small_site.client()
    log_in(client)
    paths = [f"/admin?date={DAY}", f"/admin/deliveries?date={DAY}", "/admin/editors", "/inbox"]
    found = {path: weight(client, client.get(path, query_string=None).data) for path in paths}
    assert {page: bytes_ for page, bytes_ in found.items() if bytes_ > MOST_BYTES} == {}
